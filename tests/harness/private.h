/* SPDX-License-Identifier: MIT */
/* What the harness's own files share. */
#ifndef HARNESS_PRIVATE_H
#define HARNESS_PRIVATE_H

#include "harness.h"

struct sandbox {
    char path[4096];
    int fd;
    struct kept *kept;         /* memory to free */
    struct process *processes; /* those that may still run */
};

/* processes_kill -- end and reap what a test that failed left running. */
void processes_kill(struct sandbox *box);

#endif
