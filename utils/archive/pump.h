/* SPDX-License-Identifier: MIT */
/* A process between a stream and the one that decodes. */
#ifndef ARCHIVE_PUMP_H
#define ARCHIVE_PUMP_H

#include "archive/decode.h"

#define BY_SIGNAL 128 /* an exit status above tells of a signal that ended a process below */

/*
 * pump -- be the process: it may read what cannot be mapped, and looks at nothing.
 *
 * The one that decodes is its child, and each ends with the other, in the same way.
 */
_Noreturn void pump(struct job *job, struct mm_scan *stream);

/* pump_status -- how a process ended, as waitpid(2) tells, as an exit status. */
int pump_status(int status);

#endif
