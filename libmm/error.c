/* SPDX-License-Identifier: MIT */
/* The words for what a mapping can run into, and the library's version. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libmm/mm.h>

static _Thread_local char text[200];

/* Why memory is refused depends on what the kernel promises. */
static const char *no_memory(void)
{
    struct mm_overcommit now;
    const char *plain = "no memory or address space for a mapping of that size";
    if (mm_overcommit_read(&now) != 0)
        return plain;
    switch (now.mode) {
    case MM_OVERCOMMIT_NEVER:
        snprintf(text, sizeof text,
                 "%s (vm.overcommit_memory is 2: %" PRIu64 " of %" PRIu64 " KiB are promised)",
                 plain, now.committed / 1024, now.limit / 1024);
        break;
    case MM_OVERCOMMIT_ALWAYS:
        snprintf(text, sizeof text,
                 "%s (vm.overcommit_memory is 1: only address space or a limit can lack)", plain);
        break;
    default:
        snprintf(text, sizeof text,
                 "%s (vm.overcommit_memory is 0: what obviously cannot fit is refused)", plain);
        break;
    }
    return text;
}

static const char *no_lock(void)
{
    struct mm_lock now;
    if (mm_lock_read(&now) != 0 || now.limit == UINT64_MAX)
        return "more than may be locked in memory (RLIMIT_MEMLOCK)";
    snprintf(text, sizeof text,
             "more than may be locked in memory (RLIMIT_MEMLOCK is %" PRIu64 " KiB, %" PRIu64
             " KiB are locked)",
             now.limit / 1024, now.locked / 1024);
    return text;
}

const char *mm_strerror(int error)
{
    if (error < 0)
        error = -error;
    switch (error) {
    case ESTALE:
        return "file shrank while mapped";
    case EIO:
        return "medium failed under the mapping (Input/output error)";
    case ENOMEM:
        return no_memory();
    case ENOLCK:
        return no_lock();
    case EBUSY:
        return "mapping is in use";
    default:
        return strerror(error);
    }
}

const char *mm_version(void)
{
    return MM_VERSION;
}
