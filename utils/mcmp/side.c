/* SPDX-License-Identifier: MIT */
/* One of the two files that are compared. */
#include <errno.h>
#include <string.h>

#include "common/members.h"
#include "common/message.h"
#include "mcmp/compare.h"
#include "mcmp/side.h"

int side_trouble(const struct side *side, int error)
{
    input_trouble(&side->input, quote_controls(side->input.operand), error);
    return TROUBLE;
}

/* Of an archive: the member that was named. */
static int open_member(struct side *side)
{
    if (members_next(side->members, &side->input))
        return members_exact(side->members) ? 0 : -EISDIR;
    bool good = members_close(side->members);
    side->members = NULL;
    return good ? -EISDIR : TOLD;
}

int side_open(struct side *side, const char *name, const struct options *options)
{
    const char *(*quoted)(const char *) = options->report == STATUS ? NULL : quote_controls;
    side->members = NULL;
    int error = members_open(&options->archives, name, NULL, side->scan, quoted, &side->input,
                             &side->members);
    if (!error && side->members)
        error = open_member(side);
    if (error && side->members) {
        members_close(side->members);
        side->members = NULL;
    }
    side->start = error ? 0 : mm_scan_offset(side->scan);
    return error;
}

int side_skip(struct side *side, uint64_t len)
{
    struct mm_scan *scan = side->scan;
    int error = 0;
    if (mm_scan_mapped(scan)) {
        side->start += len;
        error = mm_scan_seek(scan, side->start);
    }
    while (!error && !mm_scan_mapped(scan) && len > 0) {
        struct mm_view view;
        error = mm_scan_more(scan, 1, &view);
        if (error || view.len == 0)
            break;
        size_t part = view.len < len ? view.len : (size_t)len;
        mm_scan_consume(scan, part);
        len -= part;
    }
    return error ? side_trouble(side, error) : EQUAL;
}

uint64_t side_length(const struct side *side)
{
    if (!mm_scan_mapped(side->scan))
        return UINT64_MAX;
    uint64_t size = mm_scan_size(side->scan);
    return size > side->start ? size - side->start : 0;
}

bool sides_same(const struct side *a, const struct side *b)
{
    const struct stat *x = mm_scan_stat(a->scan), *y = mm_scan_stat(b->scan);
    /* What is decoded has no status of its own. */
    return x->st_mode != 0 && x->st_dev == y->st_dev && x->st_ino == y->st_ino &&
           a->start == b->start && mm_scan_mapped(a->scan) == mm_scan_mapped(b->scan);
}
