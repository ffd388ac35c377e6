/* SPDX-License-Identifier: MIT */
/* Is what stands in a copy what the source has?  For --verify and --resume. */
#ifndef MCOPY_COMPARE_H
#define MCOPY_COMPARE_H

#include "common/input.h"

/*
 * compare_begin -- how many bytes the file `fd`, from its first one on, has in common with the
 * source, of at most `end`; both are mapped anew.
 *
 * Returns false after trouble with either, `to` or the source, which was reported.
 */
bool compare_begin(struct input *source, int fd, const char *to, uint64_t end, uint64_t *same);

#endif
