/* SPDX-License-Identifier: MIT */
/* What of an input is shown. */
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

int range_find(struct mm_scan *scan, const struct range_options *options, struct range *range)
{
    uint64_t start = mm_scan_offset(scan);
    struct range found = {start, UINT64_MAX};
    int error = 0;
    if (options->part.count > 0) {
        error = part_lines(&options->part, scan, '\n', &found.begin, &found.end);
        if (options->part.number == options->part.count)
            found.end = UINT64_MAX; /* the last part grows with the file */
    } else if (options->given) {
        found.begin = sum(start, options->offset);
        found.end = sum(found.begin, options->length);
    }
    if (!error)
        *range = found;
    return error;
}
