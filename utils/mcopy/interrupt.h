/* SPDX-License-Identifier: MIT */
/* The end by a signal: nothing half is left where it could be taken for a copy. */
#ifndef MCOPY_INTERRUPT_H
#define MCOPY_INTERRUPT_H

struct mm_output;

/*
 * interrupt_hold -- a signal that would end the program waits until interrupt_release().
 *
 * To be held while an output is made or closed, and then only.
 */
void interrupt_hold(void);
void interrupt_release(void);

/* interrupt_watch -- what a signal ends first; NULL for nothing. */
void interrupt_watch(struct mm_output *output);

#endif
