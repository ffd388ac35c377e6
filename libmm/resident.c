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

#ifndef SYS_cachestat
#define SYS_cachestat 451 /* since Linux 6.5, the same number everywhere */
#endif

#define WINDOW  ((uint64_t)1 << 30)
#define AT_ONCE ((size_t)4096) /* pages asked for in one call */

/*
 * mincore(2) answers "all" for a file that the caller neither owns nor may write, so
 * that nobody can watch what others read.  The same question, asked beforehand.
 */
static bool may_ask(int fd)
{
    struct stat st;
    char self[32];
    if (fd < 0)
        return true;
    if (fstat(fd, &st) != 0)
        return false;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return st.st_uid == geteuid() || geteuid() == 0 ||
           faccessat(AT_FDCWD, self, W_OK, AT_EACCESS) == 0;
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

int mm_file_resident(int fd, uint64_t off, uint64_t len, struct mm_resident *resident)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return -errno;
    uint64_t size = (uint64_t)st.st_size;
    if (S_ISBLK(st.st_mode)) {
        off_t stands = lseek(fd, 0, SEEK_CUR), end = lseek(fd, 0, SEEK_END);
        if (stands < 0 || end < 0)
            return -errno;
        lseek(fd, stands, SEEK_SET);
        size = (uint64_t)end;
    }
    if (off > size)
        return -EINVAL;
    if (len == 0 || len > size - off)
        len = size - off;
    uint64_t page = mm_page_size();
    uint64_t skip = off % page;
    struct mm_resident found = {.pages = (skip + len + page - 1) / page};
    int error = 0;
    if (len > 0) {
        if (!may_ask(fd))
            return -EPERM;
        error = by_cachestat(fd, off - skip, skip + len, &found);
        if (error == -ENOSYS || error == -EOPNOTSUPP)
            error = by_mapping(fd, off - skip, skip + len, &found);
    }
    if (!error)
        *resident = found;
    return error;
}
