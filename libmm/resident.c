/* SPDX-License-Identifier: MIT */
/* Which pages of a map or a file are in memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "map.h"
#include "resident.h"

#ifndef SYS_cachestat
#define SYS_cachestat 451 /* since Linux 6.5, the same number everywhere */
#endif

#define WINDOW  ((uint64_t)1 << 30)
#define AT_ONCE ((size_t)4096) /* pages asked for in one call */

/*
 * mincore(2) answers "all" for a file that the caller neither owns nor may write, so
 * that nobody can watch what others read.  The same question, asked beforehand.
 */
static bool may_ask_of(int fd, uid_t owner)
{
    char self[32];
    uid_t caller = geteuid();
    if (owner == caller || caller == 0)
        return true;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return faccessat(AT_FDCWD, self, W_OK, AT_EACCESS) == 0;
}

static bool may_ask(int fd)
{
    struct stat st;
    return fd < 0 || (fstat(fd, &st) == 0 && may_ask_of(fd, st.st_uid));
}

int mm_map_resident(const struct mm_map *map, size_t off, size_t len, unsigned char *present,
                    struct mm_resident *resident)
{
    unsigned char *start;
    size_t size, page = mm_page_size();
    int error = mm__map_range(map, off, len, &start, &size);
    if (error)
        return error;
    if (!may_ask(mm__map_fd(map)))
        return -EPERM;
    struct mm_resident found = {.pages = size / page};
    unsigned char some[AT_ONCE];
    for (size_t done = 0; done < found.pages; done += AT_ONCE) {
        size_t pages = found.pages - done < AT_ONCE ? (size_t)(found.pages - done) : AT_ONCE;
        if (mincore(start + done * page, pages * page, some) != 0)
            return -errno;
        for (size_t i = 0; i < pages; i++) {
            found.cached += some[i] & 1;
            if (present)
                present[done + i] = some[i] & 1;
        }
    }
    *resident = found;
    return 0;
}

/* The kernel's own counts.  Returns -ENOSYS before Linux 6.5. */
static int by_cachestat(int fd, uint64_t off, uint64_t len, struct mm_resident *resident)
{
    struct {
        uint64_t off, len;
    } range = {off, len};
    struct {
        uint64_t cached, dirty, writeback, evicted, recently_evicted;
    } counts;
    if (syscall(SYS_cachestat, fd, &range, &counts, 0) != 0)
        return -errno;
    resident->cached = counts.cached;
    resident->dirty = counts.dirty;
    resident->writeback = counts.writeback;
    resident->evicted = counts.evicted;
    resident->detailed = true;
    return 0;
}

static int by_mapping(int fd, uint64_t off, uint64_t len, struct mm_resident *resident)
{
    struct mm_map *map;
    int error = mm_map_file(fd, off, 0, 0, &map);
    if (error)
        return error;
    for (uint64_t done = 0; !error && done < len; done += WINDOW) {
        struct mm_resident part;
        size_t size = (size_t)(len - done < WINDOW ? len - done : WINDOW);
        error = mm_map_slide(map, fd, off + done, size);
        if (!error)
            error = mm_map_resident(map, 0, size, NULL, &part);
        if (!error)
            resident->cached += part.cached;
    }
    mm_map_close(map);
    return error;
}

/* As mm__file_pages(), with the file's status at hand. */
static int pages_of(int fd, const struct stat *st, uint64_t off, uint64_t len, uint64_t *begin,
                    uint64_t *end)
{
    uint64_t size = (uint64_t)st->st_size;
    if (S_ISBLK(st->st_mode)) {
        off_t stands = lseek(fd, 0, SEEK_CUR), last = lseek(fd, 0, SEEK_END);
        if (stands < 0 || last < 0)
            return -errno;
        lseek(fd, stands, SEEK_SET);
        size = (uint64_t)last;
    }
    if (off > size)
        return -EINVAL;
    uint64_t page = mm_page_size(), until = len == 0 || len > size - off ? size : off + len;
    *begin = off == until ? off : off / page * page;
    *end = off == until ? off : (until + page - 1) / page * page;
    return 0;
}

int mm__file_pages(int fd, uint64_t off, uint64_t len, uint64_t *begin, uint64_t *end)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? pages_of(fd, &st, off, len, begin, end) : -errno;
}

/* The same, of a file that the caller may be told of. */
static int pages_to_tell(int fd, const struct stat *st, uint64_t off, uint64_t len, uint64_t *begin,
                         uint64_t *end)
{
    int error = pages_of(fd, st, off, len, begin, end);
    return error || *begin == *end || may_ask_of(fd, st->st_uid) ? error : -EPERM;
}

/* The counts of whole pages. */
static int count(int fd, uint64_t begin, uint64_t end, struct mm_resident *resident)
{
    struct mm_resident found = {.pages = (end - begin) / mm_page_size()};
    int error = begin == end ? 0 : by_cachestat(fd, begin, end - begin, &found);
    if (error == -ENOSYS || error == -EOPNOTSUPP)
        error = by_mapping(fd, begin, end - begin, &found);
    if (!error)
        *resident = found;
    return error;
}

int mm_file_resident_known(int fd, const struct stat *st, uint64_t off, uint64_t len,
                           struct mm_resident *resident)
{
    uint64_t begin, end;
    int error = pages_to_tell(fd, st, off, len, &begin, &end);
    return error ? error : count(fd, begin, end, resident);
}

int mm_file_resident(int fd, uint64_t off, uint64_t len, struct mm_resident *resident)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? mm_file_resident_known(fd, &st, off, len, resident) : -errno;
}

/*
 * The first page from *begin on that is in memory, or that is not; *begin becomes `end` where
 * there is none.  Ranges that double are asked for, and the first that holds such a page is
 * halved: a hole of a terabyte takes a few dozen calls.
 */
static int find(int fd, uint64_t *begin, uint64_t end, bool cached)
{
    uint64_t page = mm_page_size(), from = *begin, step = page;
    bool there = false; /* between from and from + step */
    while (from < end && (!there || step > page)) {
        uint64_t ask = there ? step / page / 2 * page : step < end - from ? step : end - from;
        struct mm_resident part;
        int error = count(fd, from, from + ask, &part);
        if (error)
            return error;
        if (cached ? part.cached > 0 : part.cached < part.pages) {
            there = true;
            step = ask;
        } else {
            from += ask;
            step = there ? step - ask : step * 2;
        }
    }
    *begin = from;
    return 0;
}

int mm_file_resident_run(int fd, uint64_t off, struct mm_run *run)
{
    struct stat st;
    uint64_t begin, end, until;
    if (fstat(fd, &st) != 0)
        return -errno;
    int error = pages_to_tell(fd, &st, off, 0, &begin, &end);
    if (!error)
        error = find(fd, &begin, end, true);
    until = begin;
    if (!error)
        error = find(fd, &until, end, false);
    if (!error)
        *run = (struct mm_run){begin, until - begin};
    return error;
}
