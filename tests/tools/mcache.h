/* SPDX-License-Identifier: MIT */
/* What the tests of mcache share: files with known pages in memory, and the kernel's answer. */
#ifndef TOOLS_MCACHE_H
#define TOOLS_MCACHE_H

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "harness.h"

#define TRY "Try 'mcache --help' for more information.\n"
#define MIB ((size_t)1 << 20)

/* A sanitizer makes mlock(2) do nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* open_file -- a file of the box, to be read page by page without read-ahead. */
static inline int open_file(struct sandbox *box, const char *name)
{
    int fd = open(box_path(box, name), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM), 0);
    return fd;
}

/* drop -- have no page of a file in memory. */
static inline void drop(struct sandbox *box, const char *name)
{
    int fd = open_file(box, name);
    assert_int_equal(fdatasync(fd), 0);
    assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    close(fd);
}

/* cold -- a new file of so many bytes, on the medium and not in memory. */
static inline void cold(struct sandbox *box, const char *name, size_t len)
{
    struct statfs fs;
    assert_int_equal(statfs(box_path(box, "."), &fs), 0);
    if (fs.f_type == TMPFS_MAGIC)
        skip_aloud("a tmpfs has nowhere to evict pages to");
    box_fill(box, name, box_lines(box, len));
    drop(box, name);
}

/*
 * warm -- bring pages `first` to `first` + `count` - 1 into memory, and no others.
 *
 * Pages that are read again count as in use, and are not the first to be reclaimed.
 */
static inline void warm(struct sandbox *box, const char *name, size_t first, size_t count)
{
    enum { TIMES = 3 };
    char byte;
    int fd = open_file(box, name);
    for (int time = 0; time < TIMES; time++)
        for (size_t page = first; page < first + count; page++)
            assert_int_equal(pread(fd, &byte, 1, (off_t)(page * PAGE)), 1);
    close(fd);
}

/* present -- the kernel's own answer, by mincore(2): '1' or '0' for each page. */
static inline const char *present(struct sandbox *box, const char *name)
{
    struct stat st;
    int fd = open_file(box, name);
    assert_int_equal(fstat(fd, &st), 0);
    size_t pages = ((size_t)st.st_size + PAGE - 1) / PAGE;
    char *answer = box_keep(box, pages + 1);
    if (pages > 0) {
        void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
        assert_true(map != MAP_FAILED);
        assert_int_equal(mincore(map, (size_t)st.st_size, (unsigned char *)answer), 0);
        munmap(map, (size_t)st.st_size);
    }
    for (size_t i = 0; i < pages; i++)
        answer[i] = answer[i] & 1 ? '1' : '0';
    answer[pages] = '\0';
    close(fd);
    return answer;
}

/* resident -- how many pages that are. */
static inline size_t resident(struct sandbox *box, const char *name)
{
    size_t sum = 0;
    for (const char *page = present(box, name); *page; page++)
        sum += *page == '1';
    return sum;
}

/* real_path -- of the box, as a process finds it that asks for its working directory. */
static inline const char *real_path(struct sandbox *box)
{
    char *found = realpath(box_path(box, "."), NULL);
    assert_non_null(found);
    const char *path = box_format(box, "%s", found);
    free(found);
    return path;
}

/* tool -- where mcache is. */
static inline const char *tool(struct sandbox *box)
{
    const char *bin = getenv("MMUTILS_BIN");
    return box_format(box, "%s/mcache", bin && *bin ? bin : MMUTILS_BUILT);
}

/* as_somebody -- how a shell runs mcache for a user who owns nothing of root's. */
static inline const char *as_somebody(struct sandbox *box)
{
    if (geteuid() != 0)
        return tool(box);
    if (access("/usr/bin/setpriv", X_OK) != 0)
        skip_aloud("setpriv is absent");
    box_mode(box, ".", 0755);
    const char *as = box_format(box,
                                "/usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups "
                                "-- %s",
                                tool(box));
    struct run r = box_run(box, "/bin/sh", "-c", box_format(box, "%s --version", as), NULL);
    if (r.status != 0)
        skip_aloud("another user cannot run what was built here");
    return as;
}

#endif
