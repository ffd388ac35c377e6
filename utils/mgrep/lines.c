/* SPDX-License-Identifier: MIT */
/* The lines of the small files that options name. */
#include <string.h>

#include "common/input.h"
#include "mgrep/lines.h"

int lines_read(const char *name, void (*line)(void *context, const char *text, size_t len),
               void *context)
{
    struct mm_scan *scan;
    struct mm_view view;
    struct input input;
    size_t want = 1;
    int error = mm_scan_new(0, &scan);
    if (error)
        return error;
    error = input_open(&input, name, scan);
    if (error)
        goto out;
    while ((error = mm_scan_more(scan, want, &view)) == 0 && view.len > 0) {
        const char *text = (const char *)view.data;
        const char *newline = memchr(text, '\n', view.len);
        if (!newline && view.len >= want) {
            want = view.len + 1;
            continue;
        }
        size_t len = newline ? (size_t)(newline - text) : view.len;
        line(context, text, len);
        mm_scan_consume(scan, len + (newline != NULL));
        want = 1;
    }
    if (!error)
        error = mm_scan_check(scan);
    input_close(&input, mm_scan_offset(scan));
out:
    mm_scan_free(scan);
    return error;
}
