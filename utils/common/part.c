/* SPDX-License-Identifier: MIT */
/* One of several parts of a file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/part.h"

bool part_read(const char *text, struct part *part)
{
    char number_text[32];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : sizeof number_text;
    if (len >= sizeof number_text)
        return false;
    memcpy(number_text, text, len);
    number_text[len] = '\0';
    struct part read;
    if (number(number_text, "", &read.number) != NUMBER_OK ||
        number(slash + 1, "", &read.count) != NUMBER_OK || read.number == 0 ||
        read.number > read.count)
        return false;
    *part = read;
    return true;
}

void part_bytes(const struct part *part, uint64_t size, uint64_t *begin, uint64_t *end)
{
    uint64_t each = size / part->count;
    if (each == 0)
        each = 1;
    *begin = part->number - 1 < size / each ? (part->number - 1) * each : size;
    *end = part->number < part->count && part->number < size / each ? part->number * each : size;
}

/* Where the first line begins that begins at `from` or later, but not before `start`. */
static int line_begin(struct mm_scan *scan, unsigned char eol, uint64_t start, uint64_t from,
                      uint64_t *begin)
{
    int error = mm_scan_seek(scan, from > start ? from - 1 : start);
    struct mm_view view = {0};
    *begin = start;
    while (!error && from > start && (error = mm_scan_more(scan, 1, &view)) == 0) {
        const unsigned char *found = memchr(view.data, eol, view.len);
        *begin = mm_scan_offset(scan) + (found ? (uint64_t)(found + 1 - view.data) : view.len);
        if (found || view.len == 0)
            break;
        mm_scan_consume(scan, view.len);
    }
    return error;
}

int part_lines(const struct part *part, struct mm_scan *scan, unsigned char eol, uint64_t *begin,
               uint64_t *end)
{
    if (!mm_scan_mapped(scan))
        return -ESPIPE;
    uint64_t start = mm_scan_offset(scan), size = mm_scan_size(scan);
    if (size < start)
        size = start;
    uint64_t first, stop;
    part_bytes(part, size - start, &first, &stop);
    int error = 0;
    *end = size;
    if (start + stop < size)
        error = line_begin(scan, eol, start, start + stop, end);
    if (!error)
        error = line_begin(scan, eol, start, start + first, begin);
    return error ? error : mm_scan_seek(scan, *begin);
}
