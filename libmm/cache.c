/* SPDX-License-Identifier: MIT */
/* The page cache, changed: pages of a file loaded, and evicted. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "resident.h"

/*
 * MADV_WILLNEED reads no more at once than the device's read-ahead; 128 KiB is the least that
 * is set as a rule.
 */
#define AT_ONCE ((size_t)128 << 10)

/* Have all pages of the map in memory. */
static int load(struct mm_map *map, bool exactly)
{
    size_t len = mm_map_len(map), page = mm_page_size();
    struct mm_fault fault;
    /*
     * Else the kernel reads ahead, in folios that grow; but not as it does for a sequential map,
     * whose pages are the first to go when memory is short.
     */
    int error = exactly ? mm_map_advise(map, 0, len, MM_ADVICE_RANDOM) : 0;
    for (size_t off = 0; !error && exactly && off < len; off += AT_ONCE)
        error =
            mm_map_advise(map, off, len - off < AT_ONCE ? len - off : AT_ONCE, MM_ADVICE_WILLNEED);
    if (error)
        return error;
    /* What this leaves out, also on a kernel that does not know it, the loads bring or lose. */
    mm_map_advise(map, 0, len, MM_ADVICE_POPULATE_READ);
    const volatile unsigned char *data = mm_map_data(map);
    for (size_t off = 0; off < len; off += page)
        (void)data[off];
    return mm_map_fault(map, &fault);
}

int mm_file_load(int fd, uint64_t off, uint64_t len, unsigned flags)
{
    uint64_t begin = 0, end = 0, whole = 0, start;
    if (flags & ~MM_LOAD_AROUND)
        return -EINVAL;
    int error = mm__file_pages(fd, off, len, &begin, &end);
    if (!error)
        error = mm__file_pages(fd, off, 0, &start, &whole);
    bool around = flags & MM_LOAD_AROUND || (begin == 0 && end == whole);
    struct mm_map *map;
    if (error || begin == end || (error = mm_map_file(fd, begin, 0, 0, &map)) != 0)
        return error;
    for (uint64_t at = begin; !error && at < end; at += MM_SCAN_WINDOW) {
        size_t window = (size_t)(end - at < MM_SCAN_WINDOW ? end - at : MM_SCAN_WINDOW);
        error = mm_map_slide(map, fd, at, window);
        if (!error)
            error = load(map, !around);
    }
    mm_map_close(map);
    return error;
}

int mm_file_evict(int fd, uint64_t off, uint64_t len, unsigned flags)
{
    uint64_t begin, end;
    if (flags & ~MM_EVICT_SYNC)
        return -EINVAL;
    int error = mm__file_pages(fd, off, len, &begin, &end);
    if (error || begin == end)
        return error;
    if (flags & MM_EVICT_SYNC && fdatasync(fd) != 0)
        return -errno;
    return -posix_fadvise(fd, (off_t)begin, (off_t)(end - begin), POSIX_FADV_DONTNEED);
}
