/* SPDX-License-Identifier: MIT */
/*
 * Random moments.  FAULT_RUNS says how often a test is repeated (5), and FAULT_SEED where
 * the delays begin.
 */
#ifndef FAULT_CHANCE_H
#define FAULT_CHANCE_H

unsigned runs(void);

/* delay -- for up to so many microseconds. */
void delay(long most_microseconds);

#endif
