/* SPDX-License-Identifier: MIT */
/* What the tests of scans share. */
#ifndef UNIT_SCANS_H
#define UNIT_SCANS_H

#include "files.h"

/* The whole input in views of at least `want` bytes, compared with what it should be. */
static inline void assert_scans_as(struct mm_scan *scan, size_t want, struct bytes expected)
{
    size_t seen = 0;
    struct mm_view view;
    for (;;) {
        assert_int_equal(mm_scan_more(scan, want, &view), 0);
        assert_int_equal(mm_scan_offset(scan), seen);
        if (view.len == 0)
            break;
        assert_true(view.len >= want || seen + view.len == expected.len);
        size_t part = view.len < want ? view.len : want;
        assert_memory_equal(view.data, (const char *)expected.data + seen, part);
        mm_scan_consume(scan, part);
        seen += part;
    }
    assert_int_equal(seen, expected.len);
    assert_int_equal(mm_scan_check(scan), 0);
}

static inline struct mm_scan *new_scan(size_t window)
{
    struct mm_scan *scan;
    assert_int_equal(mm_scan_new(window, &scan), 0);
    return scan;
}

/* What unit tests give to a scan whose next window a thread is to fault in. */
#define HELPED_WINDOW ((size_t)4 << 20)

/* A new file of `windows` such windows and a bit, written page by page. */
static inline int open_paged(struct sandbox *box, size_t windows, struct bytes *content)
{
    *content = box_lines(box, windows * HELPED_WINDOW + 77);
    int fd = open_filled(box, "paged", text(""));
    for (size_t at = 0; at < content->len; at += PAGE) {
        size_t part = content->len - at < PAGE ? content->len - at : PAGE;
        assert_int_equal(write(fd, (const char *)content->data + at, part), part);
    }
    return fd;
}

/* A child that writes `content` into a pipe whose reading end is returned. */
static inline int pipe_with(struct bytes content)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    if (fork() == 0) {
        close(ends[0]);
        for (size_t done = 0; done < content.len;) {
            ssize_t put = write(ends[1], (const char *)content.data + done, content.len - done);
            if (put < 0)
                _exit(1);
            done += (size_t)put;
        }
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

#endif
