/* SPDX-License-Identifier: MIT */
/*
 * What a program compiled against libmm.so.0 has taken over from the header: sizes,
 * places, numbers.  A line that no longer holds breaks it.  At run time: the version.
 */
#include <stdio.h>
#include <string.h>

#include <libmm/mm.h>

#define PLACE(type, member, at) _Static_assert(offsetof(struct type, member) == (at), #member)
#define SIZE(type, size)        _Static_assert(sizeof(struct type) == (size), #type)
#define NUMBER(name, value)     _Static_assert((name) == (value), #name)

SIZE(mm_fault, 16);
PLACE(mm_fault, error, 0);
PLACE(mm_fault, offset, 8);

SIZE(mm_view, 16);
PLACE(mm_view, data, 0);
PLACE(mm_view, len, 8);

SIZE(mm_span, 16);
PLACE(mm_span, data, 0);
PLACE(mm_span, len, 8);

SIZE(mm_lock, 16);
PLACE(mm_lock, locked, 0);
PLACE(mm_lock, limit, 8);

SIZE(mm_resident, 48);
PLACE(mm_resident, pages, 0);
PLACE(mm_resident, cached, 8);
PLACE(mm_resident, dirty, 16);
PLACE(mm_resident, writeback, 24);
PLACE(mm_resident, evicted, 32);
PLACE(mm_resident, detailed, 40);

SIZE(mm_run, 16);
PLACE(mm_run, off, 0);
PLACE(mm_run, len, 8);

SIZE(mm_oom, 8);
PLACE(mm_oom, score, 0);
PLACE(mm_oom, adjust, 4);

SIZE(mm_overcommit, 24);
PLACE(mm_overcommit, mode, 0);
PLACE(mm_overcommit, limit, 8);
PLACE(mm_overcommit, committed, 16);

NUMBER(MM_MAP_WRITE, 0x01);
NUMBER(MM_MAP_EXEC, 0x02);
NUMBER(MM_MAP_SHARED, 0x04);
NUMBER(MM_MAP_NORESERVE, 0x08);
NUMBER(MM_MAP_NOACCESS, 0x10);
NUMBER(MM_MAP_ZERO, 0x20);
NUMBER(MM_MAP_FENCED, 0x40);
NUMBER(MM_RESIZE_STAY, 0x1);
NUMBER(MM_SYNC_ASYNC, 0x1);
NUMBER(MM_SYNC_WAIT, 0x2);
NUMBER(MM_SYNC_INVALIDATE, 0x4);
NUMBER(MM_LOCK_CURRENT, 0x1);
NUMBER(MM_LOCK_FUTURE, 0x2);
NUMBER(MM_LOCK_ON_FAULT, 0x4);
NUMBER(MM_LOAD_AROUND, 0x1);
NUMBER(MM_EVICT_SYNC, 0x1);
NUMBER(MM_OUTPUT_REPLACE, 0x1);
NUMBER(MM_SCAN_HERE, UINT64_MAX);

NUMBER(MM_ADVICE_NORMAL, 0);
NUMBER(MM_ADVICE_RANDOM, 1);
NUMBER(MM_ADVICE_SEQUENTIAL, 2);
NUMBER(MM_ADVICE_WILLNEED, 3);
NUMBER(MM_ADVICE_DONTNEED, 4);
NUMBER(MM_ADVICE_POPULATE_READ, 5);
NUMBER(MM_ADVICE_POPULATE_WRITE, 6);
NUMBER(MM_ADVICE_COLD, 7);
NUMBER(MM_ADVICE_PAGEOUT, 8);
NUMBER(MM_ADVICE_HUGEPAGE, 9);
NUMBER(MM_OVERCOMMIT_HEURISTIC, 0);
NUMBER(MM_OVERCOMMIT_ALWAYS, 1);
NUMBER(MM_OVERCOMMIT_NEVER, 2);

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(mm_version(), argv[1]) == 0)
        return 0;
    fprintf(stderr, "mm_version() is %s\n", mm_version());
    return 1;
}
