/* SPDX-License-Identifier: MIT */
/* How the kernel promises memory that it may not have. */
#include <libmm/mm.h>

#include "proc.h"

int mm_overcommit_read(struct mm_overcommit *overcommit)
{
    int64_t mode, limit, committed;
    int error = mm__proc_number("/proc/sys/vm/overcommit_memory", "", &mode);
    if (!error)
        error = mm__proc_number("/proc/meminfo", "CommitLimit:", &limit);
    if (!error)
        error = mm__proc_number("/proc/meminfo", "Committed_AS:", &committed);
    if (error)
        return error;
    *overcommit = (struct mm_overcommit){
        .mode = mode == 1   ? MM_OVERCOMMIT_ALWAYS
                : mode == 2 ? MM_OVERCOMMIT_NEVER
                            : MM_OVERCOMMIT_HEURISTIC,
        .limit = (uint64_t)limit * 1024,
        .committed = (uint64_t)committed * 1024,
    };
    return 0;
}
