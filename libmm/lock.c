/* SPDX-License-Identifier: MIT */
/* Pages that stay in memory, and how many a process may have. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "map.h"
#include "proc.h"

int mm_lock_read(struct mm_lock *lock)
{
    struct rlimit limit;
    int64_t locked;
    int error = mm__proc_number("/proc/self/status", "VmLck:", &locked);
    if (error)
        return error;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
        return -errno;
    lock->locked = (uint64_t)locked * 1024;
    lock->limit = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
    return 0;
}

/* May this process lock whatever it wants, at least in its own user namespace? */
static bool is_privileged(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    return syscall(SYS_capget, &header, data) == 0 &&
           data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK);
}

int mm_lock_room(uint64_t *room)
{
    struct mm_lock lock;
    int error = mm_lock_read(&lock);
    if (error)
        return error;
    if (lock.limit == UINT64_MAX || is_privileged())
        *room = UINT64_MAX;
    else
        *room = lock.limit > lock.locked ? lock.limit - lock.locked : 0;
    return 0;
}

int mm_lock_of(pid_t pid, uint64_t *locked)
{
    char path[64];
    int64_t kib;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    int error = mm__proc_number(path, "VmLck:", &kib);
    if (!error)
        *locked = (uint64_t)kib * 1024;
    return error;
}

/* mlock(2) has one error for a limit that is passed and for pages that cannot be had. */
static int explain(int error, uint64_t more)
{
    struct mm_lock lock;
    if (error == EPERM)
        return -ENOLCK;
    if (error == EAGAIN)
        return -ENOMEM;
    if (error == ENOMEM && mm_lock_read(&lock) == 0 && lock.limit != UINT64_MAX &&
        lock.locked + more > lock.limit)
        return -ENOLCK;
    return -error;
}

int mm_map_lock(struct mm_map *map, size_t off, size_t len, unsigned flags)
{
    unsigned char *start;
    size_t size;
    if (flags & ~MM_LOCK_ON_FAULT)
        return -EINVAL;
    int error = mm__map_range(map, off, len, &start, &size);
    if (error || size == 0)
        return error;
    if (mlock2(start, size, flags & MM_LOCK_ON_FAULT ? MLOCK_ONFAULT : 0) != 0)
        return explain(errno, size);
    return 0;
}

int mm_map_unlock(struct mm_map *map, size_t off, size_t len)
{
    unsigned char *start;
    size_t size;
    int error = mm__map_range(map, off, len, &start, &size);
    if (error || size == 0)
        return error;
    return munlock(start, size) == 0 ? 0 : -errno;
}

int mm_lock_all(unsigned flags)
{
    if (!(flags & (MM_LOCK_CURRENT | MM_LOCK_FUTURE)) ||
        (flags & ~(MM_LOCK_CURRENT | MM_LOCK_FUTURE | MM_LOCK_ON_FAULT)))
        return -EINVAL;
    int how = (flags & MM_LOCK_CURRENT ? MCL_CURRENT : 0) |
              (flags & MM_LOCK_FUTURE ? MCL_FUTURE : 0) |
              (flags & MM_LOCK_ON_FAULT ? MCL_ONFAULT : 0);
    if (mlockall(how) == 0)
        return 0;
    /* All that is mapped would have been locked. */
    int error = errno;
    int64_t mapped = 0;
    mm__proc_number("/proc/self/status", "VmSize:", &mapped);
    return explain(error, (uint64_t)mapped * 1024);
}

int mm_unlock_all(void)
{
    return munlockall() == 0 ? 0 : -errno;
}
