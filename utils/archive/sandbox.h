/* SPDX-License-Identifier: MIT */
/* What a process may still do that decodes what others made: use its memory, wait, and end. */
#ifndef ARCHIVE_SANDBOX_H
#define ARCHIVE_SANDBOX_H

#include <stdbool.h>

/* sandbox_is_there -- can this kernel keep a process to a few system calls? */
bool sandbox_is_there(void);

/*
 * sandbox_enter -- from here on, this process may make no system call but those for anonymous
 * memory that holds no code, futex(2), clock_gettime(2), the return of a signal handler, and
 * the end.  Any other call ends it by SIGSYS.
 *
 * Returns 0 or -errno.
 */
int sandbox_enter(void);

#endif
