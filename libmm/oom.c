/* SPDX-License-Identifier: MIT */
/* How likely the OOM killer takes a process. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "proc.h"

#define OLD_NEVER  (-17) /* the kernel's OOM_DISABLE and OOM_ADJUST_MAX */
#define OLD_FIRST  15
#define ADJUST_MAX 1000

static void path_of(pid_t pid, const char *file, char path[64])
{
    if (pid == 0)
        snprintf(path, 64, "/proc/self/%s", file);
    else
        snprintf(path, 64, "/proc/%d/%s", (int)pid, file);
}

int mm_oom_read(pid_t pid, struct mm_oom *oom)
{
    char path[64];
    int64_t score, adjust;
    path_of(pid, "oom_score", path);
    int error = mm__proc_number(path, "", &score);
    path_of(pid, "oom_score_adj", path);
    if (!error)
        error = mm__proc_number(path, "", &adjust);
    if (error)
        return error;
    *oom = (struct mm_oom){(int)score, (int)adjust};
    return 0;
}

int mm_oom_adjust(pid_t pid, int adjust)
{
    if (adjust < -ADJUST_MAX || adjust > ADJUST_MAX)
        return -EINVAL;
    char path[64], text[16];
    path_of(pid, "oom_score_adj", path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int len = snprintf(text, sizeof text, "%d", adjust);
    int error = write(fd, text, (size_t)len) < 0 ? -errno : 0;
    close(fd);
    return error;
}

int mm_oom_from_old(int old, int *adjust)
{
    if (old < OLD_NEVER || old > OLD_FIRST)
        return -EINVAL;
    *adjust = old == OLD_FIRST ? ADJUST_MAX : old * ADJUST_MAX / -OLD_NEVER;
    return 0;
}
