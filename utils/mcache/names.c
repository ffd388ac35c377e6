/* SPDX-License-Identifier: MIT */
/* The lines of a file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmm/mm.h>

#include "common/input.h"
#include "common/message.h"
#include "mcache/names.h"

/* The next line is at the view's beginning and so long; its end is included, if it has one. */
static int next_line(struct mm_scan *scan, char end, struct mm_view *view, size_t *len)
{
    size_t looked = 0;
    for (;;) {
        int error = mm_scan_more(scan, looked + 1, view);
        if (error)
            return error;
        const unsigned char *found = NULL;
        if (view->len > looked)
            found = memchr(view->data + looked, end, view->len - looked);
        if (found || view->len <= looked) {
            *len = found ? (size_t)(found - view->data) + 1 : view->len;
            return 0;
        }
        looked = view->len;
    }
}

int lines_each(const char *file, char end, bool (*each)(void *context, char *line, size_t len),
               void *context)
{
    struct mm_scan *scan;
    struct input input;
    struct mm_view view;
    char *line = NULL;
    size_t len, room = 0;
    int error = mm_scan_new(0, &scan);
    if (error)
        xfail(exit_trouble, "memory exhausted");
    error = input_open(&input, file, scan);
    if (error) {
        mm_scan_free(scan);
        return error;
    }
    while ((error = next_line(scan, end, &view, &len)) == 0 && len > 0) {
        if (room < len + 1) {
            room = 2 * len + 64;
            line = xrealloc(line, room);
        }
        memcpy(line, view.data, len);
        error = mm_scan_check(scan);
        if (error)
            break;
        mm_scan_consume(scan, len);
        len -= line[len - 1] == end;
        line[len] = '\0';
        if (!each(context, line, len))
            break;
    }
    input_close(&input, mm_scan_offset(scan));
    mm_scan_free(scan);
    free(line);
    return error;
}

struct names {
    void (*each)(void *context, const char *name);
    void *context;
};

static bool pass(void *context, char *line, size_t len)
{
    const struct names *names = context;
    if (len > 0)
        names->each(names->context, line);
    return true;
}

int names_each(const char *file, bool nul, void (*each)(void *context, const char *name),
               void *context)
{
    struct names names = {each, context};
    return lines_each(file, nul ? '\0' : '\n', pass, &names);
}
