/* SPDX-License-Identifier: MIT */
/* Where the part of an input that is printed begins. */
#include <errno.h>
#include <string.h>

#include "common/count.h"
#include "mtail/mtail.h"

#define FIRST_BLOCK  ((size_t)64 << 10)  /* searched backwards first; usually it is enough */
#define STREAM_CHUNK ((size_t)64 << 10)  /* read behind what is kept of a stream */
#define RING_FULL    ((size_t)128 << 10) /* where a chunk may not fit without a larger ring */

/* The offset behind the `count`th line end; `len` if there are fewer. */
static size_t behind_first(const unsigned char *data, size_t len, uint64_t count, unsigned char end)
{
    const unsigned char *p = data;
    for (; count > 0; count--) {
        p = memchr(p, end, len - (size_t)(p - data));
        if (!p++)
            return len;
    }
    return (size_t)(p - data);
}

/* The offset behind the `count`th line end from the back, count > 0; 0 if there are fewer. */
static size_t behind_last(const unsigned char *data, size_t len, uint64_t count, unsigned char end)
{
    for (;;) {
        const unsigned char *p = memrchr(data, end, len);
        if (!p)
            return 0;
        if (--count == 0)
            return (size_t)(p - data) + 1;
        len = (size_t)(p - data);
    }
}

/*
 * Seek to the last `count` lines of the file's bytes from `start` to `end`.
 *
 * Blocks are counted from their front, which is where read-ahead goes, and only
 * the one where the output begins is searched from its back.
 */
static int seek_lines(struct mm_scan *scan, uint64_t start, uint64_t end, uint64_t count,
                      unsigned char line_end)
{
    /* A line end that ends the file ends the last line; it does not begin another one. */
    uint64_t high = end - 1;
    size_t block = FIRST_BLOCK;
    while (count > 0 && high > start) {
        size_t len = high - start < block ? (size_t)(high - start) : block;
        uint64_t low = high - len;
        struct mm_view view;
        int error = mm_scan_seek(scan, low);
        if (!error)
            error = mm_scan_more(scan, len, &view);
        if (!error && view.len < len)
            error = -ESTALE;
        if (error)
            return error;
        uint64_t lines = count_byte(view.data, len, line_end);
        if (lines >= count)
            return mm_scan_seek(scan, low + behind_last(view.data, len, count, line_end));
        count -= lines;
        high = low;
        if (block < MM_SCAN_WINDOW)
            block *= 2;
    }
    return mm_scan_seek(scan, count > 0 ? start : end);
}

/* The offset behind the first `units` bytes, or line ends. */
static size_t behind_units(const struct mm_view *view, const struct options *o, uint64_t units)
{
    return o->bytes ? (size_t)units : behind_first(view->data, view->len, units, o->line_end);
}

/*
 * Read a stream to its end, and keep its last `o->count` lines or bytes.
 *
 * The newest stay in the scan's ring.  What it is too small for goes to blocks: little is
 * never copied, and much is once.  While the stream goes on, `o->count` whole lines and the
 * beginning of one more are kept: it is the end that tells whether that one counts.
 */
static int hold_last(struct mm_scan *scan, const struct options *o, struct hold *hold,
                     uint64_t *until)
{
    struct mm_view view = {0};
    uint64_t units = 0; /* bytes, or line ends, in the ring */
    bool unfinished = false;
    for (bool more = true; more;) {
        size_t old = view.len;
        int error = mm_scan_more(scan, old + STREAM_CHUNK, &view);
        if (error)
            return error;
        more = view.len >= old + STREAM_CHUNK;
        size_t added = view.len - old;
        units += o->bytes ? added : count_byte(view.data + old, added, o->line_end);
        if (added > 0)
            unfinished = !o->bytes && view.data[view.len - 1] != o->line_end;
        if (!more || view.len < RING_FULL)
            continue;
        size_t drop;
        if (units > o->count) { /* here is enough: the blocks may go */
            uint64_t excess = units - o->count;
            if (o->bytes || excess <= o->count)
                drop = behind_units(&view, o, excess);
            else
                drop = behind_last(view.data, view.len, o->count + 1, o->line_end);
            hold_drop(hold, UINT64_MAX);
            units = o->count;
        } else { /* by whole lines, so that they can be printed from the blocks */
            const unsigned char *end = memrchr(view.data, o->line_end, view.len);
            drop = end ? (size_t)(end - view.data) + 1 : view.len;
            hold_add(hold, view.data, drop, o->bytes ? drop : units);
            units = o->bytes ? view.len - drop : 0;
            if (hold->units > o->count)
                hold_drop(hold, hold->units - o->count);
        }
        mm_scan_consume(scan, drop);
        view.len -= drop;
    }

    uint64_t all = hold->units + units + unfinished;
    uint64_t excess = hold_drop(hold, all > o->count ? all - o->count : 0);
    struct mm_view first = hold_view(hold);
    if (first.len > 0 && excess > 0) {
        hold_consume(hold, behind_units(&first, o, excess));
    } else {
        size_t drop = behind_units(&view, o, excess);
        mm_scan_consume(scan, drop);
        view.len -= drop;
    }
    *until = mm_scan_offset(scan) + view.len;
    return 0;
}

/* Pass over `count` lines or bytes. */
static int skip_first(struct mm_scan *scan, const struct options *o, uint64_t count,
                      uint64_t *until)
{
    if (o->bytes && mm_scan_mapped(scan)) {
        uint64_t at = mm_scan_offset(scan);
        return mm_scan_seek(scan, count < INT64_MAX - at ? at + count : INT64_MAX);
    }
    while (count > 0) {
        struct mm_view view;
        int error = mm_scan_more(scan, 1, &view);
        if (error)
            return error;
        if (view.len == 0) { /* a terminal would have to be told a second time */
            *until = mm_scan_offset(scan);
            return 0;
        }
        uint64_t passed = view.len;
        size_t drop = view.len;
        if (o->bytes) {
            if (passed > count)
                passed = drop = (size_t)count;
        } else if ((passed = count_byte(view.data, view.len, o->line_end)) >= count) {
            passed = count;
            drop = behind_first(view.data, view.len, count, o->line_end);
        }
        mm_scan_consume(scan, drop);
        count -= passed;
    }
    return 0;
}

/*
 * Let the scan stand where the output begins; it ends before byte *until.
 *
 *               file                                   stream
 *   -n NUM      searched backwards from its end        read to its end, the last kept
 *   -c NUM      its size tells                         the same
 *   -n +NUM     searched forwards                      the same
 *   -c +NUM     the offset is known                    that much is read and dropped
 */
int find_start(struct mm_scan *scan, const struct options *o, struct hold *hold, uint64_t *until)
{
    *until = UINT64_MAX;
    if (o->from_start)
        return skip_first(scan, o, o->count > 0 ? o->count - 1 : 0, until);
    if (!mm_scan_mapped(scan))
        return hold_last(scan, o, hold, until);

    uint64_t start = mm_scan_offset(scan), end = mm_scan_size(scan);
    *until = end;
    if (start >= end)
        return 0;
    if (o->bytes)
        return mm_scan_seek(scan, o->count < end - start ? end - o->count : start);
    return seek_lines(scan, start, end, o->count, o->line_end);
}
