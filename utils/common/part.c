/* SPDX-License-Identifier: MIT */
/* Part K of N. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/options.h"
#include "common/part.h"

static bool is_number(const char *text, uint64_t *value)
{
    return *text >= '0' && *text <= '9' && number(text, "", value) == NUMBER_OK;
}

bool part_parse(const char *text, struct part *part)
{
    const char *slash = strchr(text, '/');
    if (!slash)
        return false;
    char *first = xstrdup(text);
    first[slash - text] = '\0';
    struct part parsed;
    bool good = is_number(first, &parsed.number) && is_number(slash + 1, &parsed.count) &&
                parsed.number >= 1 && parsed.number <= parsed.count;
    free(first);
    if (good)
        *part = parsed;
    return good;
}

static uint64_t begin_of(uint64_t number, uint64_t count, uint64_t size)
{
    uint64_t each = size / count > 0 ? size / count : 1;
    uint64_t begin;
    if (__builtin_mul_overflow(number - 1, each, &begin) || begin > size)
        return size;
    return begin;
}

uint64_t part_begin(const struct part *part, uint64_t size)
{
    return begin_of(part->number, part->count, size);
}

uint64_t part_end(const struct part *part, uint64_t size)
{
    return part->number == part->count ? size : begin_of(part->number + 1, part->count, size);
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
    uint64_t first = part_begin(part, size - start), stop = part_end(part, size - start);
    int error = 0;
    *end = size;
    if (start + stop < size)
        error = line_begin(scan, eol, start, start + stop, end);
    if (!error)
        error = line_begin(scan, eol, start, start + first, begin);
    return error ? error : mm_scan_seek(scan, *begin);
}
