/* SPDX-License-Identifier: MIT */
/* How much memory a decoder may take. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "archive/limit.h"

#define MORE ((uint64_t)256 << 20)

/* What RLIMIT_DATA counts so far, in bytes: the sixth number of /proc/self/statm is pages. */
static uint64_t data_size(void)
{
    struct mm_scan *scan;
    struct mm_view view;
    uint64_t pages = 0;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || mm_scan_new(0, &scan) != 0)
        return 0;
    if (mm_scan_open(scan, fd, 0) == 0 && mm_scan_more(scan, 256, &view) == 0 && view.len < 256) {
        char text[256], *at = text;
        memcpy(text, view.data, view.len);
        text[view.len] = '\0';
        for (int i = 0; i < 6; i++)
            pages = strtoull(at, &at, 10);
    }
    mm_scan_free(scan);
    close(fd);
    return pages * mm_page_size();
}

void limit_memory(void)
{
    uint64_t now = data_size();
    struct rlimit limit;
    mm_oom_adjust(0, 1000);
    if (now == 0 || getrlimit(RLIMIT_DATA, &limit) != 0)
        return;
    if (limit.rlim_cur > now + MORE) {
        limit.rlim_cur = now + MORE;
        setrlimit(RLIMIT_DATA, &limit);
    }
}
