/* SPDX-License-Identifier: MIT */
/* What of an input is shown. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/options.h"
#include "mcat/range.h"

static bool parse_number(const char *text, uint64_t *value)
{
    return number(text, "bkKMGTPEZY0", value) != NUMBER_INVALID;
}

bool range_parse(const char *text, struct range_options *options)
{
    const char *colon = strchr(text, ':');
    if (!colon)
        return false;
    char *first = xstrdup(text);
    first[colon - text] = '\0';
    options->given =
        parse_number(first, &options->offset) && parse_number(colon + 1, &options->length);
    free(first);
    return options->given;
}

int range_skip(struct mm_scan *scan, uint64_t begin)
{
    if (mm_scan_mapped(scan))
        return mm_scan_seek(scan, begin);
    while (mm_scan_offset(scan) < begin) {
        struct mm_view view;
        int error = mm_scan_more(scan, 1, &view);
        if (error || view.len == 0)
            return error;
        uint64_t left = begin - mm_scan_offset(scan);
        mm_scan_consume(scan, view.len < left ? view.len : (size_t)left);
    }
    return 0;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a < UINT64_MAX - b ? a + b : UINT64_MAX;
}

/* Move *at, which is not before `start`, on to where a line begins, or to the end. */
static int find_line(struct mm_scan *scan, uint64_t start, uint64_t *at)
{
    struct mm_view view;
    if (*at == start)
        return 0;
    int error = mm_scan_seek(scan, *at - 1);
    while (!error && (error = mm_scan_more(scan, 1, &view)) == 0 && view.len > 0) {
        const unsigned char *newline = memchr(view.data, '\n', view.len);
        size_t len = newline ? (size_t)(newline + 1 - view.data) : view.len;
        mm_scan_consume(scan, len);
        if (newline)
            break;
    }
    if (!error)
        *at = mm_scan_offset(scan);
    return error;
}

int range_find(struct mm_scan *scan, const struct range_options *options, struct range *range)
{
    uint64_t start = mm_scan_offset(scan);
    struct range found = {start, UINT64_MAX};
    int error = 0;
    if (options->part.count > 0) {
        if (!mm_scan_mapped(scan))
            return -ESPIPE;
        uint64_t size = mm_scan_size(scan) > start ? mm_scan_size(scan) - start : 0;
        found.begin = start + part_begin(&options->part, size);
        found.end = start + part_end(&options->part, size);
        error = find_line(scan, start, &found.begin);
        if (!error && options->part.number < options->part.count)
            error = find_line(scan, start, &found.end);
    } else if (options->given) {
        found.begin = sum(start, options->offset);
        found.end = sum(found.begin, options->length);
    }
    if (!error)
        *range = found;
    return error;
}
