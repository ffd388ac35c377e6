/* SPDX-License-Identifier: MIT */
/* A copy and its source, byte by byte. */
#include <string.h>

#include "common/message.h"

#include "mcopy/compare.h"

/* Bytes of both from where they stand on; lost bytes are no difference. */
struct sides {
    struct input source, copy;
    uint64_t end;
};

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Go past what is a hole in both.  Returns whether there was one. */
static bool skip_hole(struct sides *s)
{
    uint64_t at = mm_scan_offset(s->source.scan), source, copy;
    if (!mm_scan_hole(s->source.scan, &source) || !mm_scan_hole(s->copy.scan, &copy))
        return false;
    at += least(least(source, copy), s->end - at);
    return mm_scan_seek(s->source.scan, at) == 0 && mm_scan_seek(s->copy.scan, at) == 0;
}

static size_t first_difference(const unsigned char *a, const unsigned char *b, size_t len)
{
    if (memcmp(a, b, len) == 0)
        return len;
    size_t i = 0;
    while (a[i] == b[i])
        i++;
    return i;
}

/* The next run of bytes; *equal of its *len are the same.  A *len of 0 is an end. */
static void compare_views(struct sides *s, int *source_error, int *copy_error, size_t *equal,
                          size_t *len)
{
    struct mm_view a, b;
    *equal = *len = 0;
    *source_error = mm_scan_more(s->source.scan, 1, &a);
    if (!*source_error)
        *copy_error = mm_scan_more(s->copy.scan, 1, &b);
    if (*source_error || *copy_error)
        return;
    *len = (size_t)least(least(a.len, b.len), s->end - mm_scan_offset(s->source.scan));
    *equal = first_difference(a.data, b.data, *len);
    *source_error = mm_scan_check(s->source.scan);
    *copy_error = mm_scan_check(s->copy.scan);
    mm_scan_consume(s->source.scan, *equal);
    mm_scan_consume(s->copy.scan, *equal);
}

bool compare_begin(struct input *source, int fd, const char *to, uint64_t end, uint64_t *same)
{
    static struct mm_scan *scan;
    if (!scan && mm_scan_new(0, &scan) != 0)
        xfail(1, "memory exhausted");
    struct sides s = {*source, {.operand = to, .fd = fd, .scan = scan}, end};
    int copy_error = mm_scan_open(scan, fd, 0), source_error = mm_scan_seek(source->scan, 0);
    while (!source_error && !copy_error && mm_scan_offset(scan) < end) {
        size_t equal, len;
        if (skip_hole(&s))
            continue;
        compare_views(&s, &source_error, &copy_error, &equal, &len);
        if (equal < len || len == 0)
            break;
    }
    *same = mm_scan_offset(scan);
    mm_scan_close(scan);
    if (source_error)
        input_trouble(source, quote_always(source->operand), source_error);
    else if (copy_error)
        input_trouble(&s.copy, quote_always(to), copy_error);
    return !source_error && !copy_error;
}
