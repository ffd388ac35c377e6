/* SPDX-License-Identifier: MIT */
/*
 * How far the work has come: one line on standard error, where that is a terminal.
 *
 *     mcopy: 1.2 GiB of 4.0 GiB, 30 %, 512 MiB/s, 0:06 left
 *     mgrep: 1.2 GiB, 512 MiB/s, 0:02                     the total is unknown
 *
 * It appears after half a second, so that short work shows nothing, is drawn anew at
 * most five times a second, makes way for messages and for what a stream writes to a
 * terminal, and is gone at the end.  It is drawn by those who add to it, so that it
 * stands still while they wait.  A program in the background draws nothing.
 *
 * There is one line, as there is one standard error.  Without progress_start(), or where
 * standard error is no terminal, the other functions do nothing.
 *
 * A tool that counts files as well, progress_files(), has a bar behind the line,
 *
 *     mcopy: 12 of 40 files, 1.2 GiB of 4.0 GiB, 30 %, 512 MiB/s, 0:06 left [##....]
 *
 * where there is no terminal, lines without it, each five seconds and at the end, and one more
 * for each SIGUSR1.
 */
#ifndef COMMON_PROGRESS_H
#define COMMON_PROGRESS_H

#include <stdint.h>

/* progress_start -- work of `total` bytes begins; 0: nobody knows. */
void progress_start(uint64_t total);

/* progress_files -- the same, of so many files, on a terminal or not, and on SIGUSR1. */
void progress_files(uint64_t total, uint64_t files);

/*
 * progress_add -- so many bytes more are done.
 *
 * May be called by several threads.  It asks for the time, so call it for some KiB at once.
 */
void progress_add(uint64_t bytes);

/*
 * progress_skip_to -- the work stands at byte `position` of the total.
 *
 * Bytes before it that were not added were skipped: they are no part of the rate.
 * Not to be called while another thread adds.
 */
void progress_skip_to(uint64_t position);

/*
 * progress_done -- so many files more are done.
 * progress_skip -- so many bytes more need not be.
 */
void progress_done(uint64_t files);
void progress_skip(uint64_t bytes);

/*
 * progress_hide -- in a process that was forked: the line is its parent's.  What is added is
 * only counted from now on.
 *
 * progress_take -- how much was since the last call.
 */
void progress_hide(void);
uint64_t progress_take(void);

/* progress_end -- the work is done: take the line away. */
void progress_end(void);

#endif
