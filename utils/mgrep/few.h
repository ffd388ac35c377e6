/* SPDX-License-Identifier: MIT */
/*
 * A few strings, any of which is looked for, at about half the speed of one.
 *
 * Three bytes of each string stand for it.  Two table look-ups a byte, by its lower and
 * its upper half, tell of 32 places at a time at which of them such three bytes stand.
 */
#ifndef MGREP_FEW_H
#define MGREP_FEW_H

#include "mgrep/needle.h"

#define FEW_MAX 16

struct few;

/*
 * few_new -- prepare to look for `count` strings, at most FEW_MAX and none empty; with `fold`
 * ASCII letters match in either case.
 */
struct few *few_new(const struct needle *needles, size_t count, bool fold);

void few_free(struct few *few);

/*
 * few_tune -- choose anew the bytes that stand for the strings: those that a sample of the
 * text, a few KiB of it, holds least often.
 */
void few_tune(struct few *few, const unsigned char *sample, size_t len);

/*
 * few_find -- a byte of the first line of [from, end) that holds one of the strings, or NULL.
 * It may be used by several threads at a time.
 */
const unsigned char *few_find(const struct few *few, const unsigned char *from,
                              const unsigned char *end);

/* few_find_portable -- the same in plain C: the twin that the vectors are tested with. */
const unsigned char *few_find_portable(const struct few *few, const unsigned char *from,
                                       const unsigned char *end);

#endif
