/* SPDX-License-Identifier: MIT */
/* A thread for the kernel's share of the work, on another core while the caller does his own. */
#ifndef LIBMM_HELPER_H
#define LIBMM_HELPER_H

struct helper;

/*
 * mm__helper_new -- a thread that calls work(argument, turn) for each turn begun, one by one.
 *
 * Turns count from 0.  No signal but SIGBUS is taken there.  NULL without memory or a thread.
 */
struct helper *mm__helper_new(void (*work)(void *, unsigned), void *argument);

/*
 * mm__helper_begin -- let there be one turn more.
 * mm__helper_wait -- until no more than `turns` of those begun are not yet done.
 *
 * In a child of fork(2), which has not the thread, neither does anything.
 */
void mm__helper_begin(struct helper *helper);
void mm__helper_wait(struct helper *helper, unsigned turns);

/* mm__helper_free -- wait for all turns, end the thread, and forget.  NULL is fine. */
void mm__helper_free(struct helper *helper);

#endif
