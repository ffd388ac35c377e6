/* SPDX-License-Identifier: MIT */
/*
 * One byte string, searched at the speed of memory: where both of its two rarest bytes
 * stand at their distance, the rest is compared.
 */
#ifndef MGREP_LITERAL_H
#define MGREP_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

struct literal {
    const unsigned char *bytes; /* lent; in lower case where `fold` */
    size_t len;                 /* at least 1 */
    bool fold;                  /* ASCII letters match in either case */
    size_t first, second;       /* where the two rarest bytes stand, second the rarer */
};

/* literal_prepare -- choose the bytes to look for.  `bytes` are lent as long as *literal is used.
 */
void literal_prepare(struct literal *literal, const unsigned char *bytes, size_t len, bool fold);

/*
 * literal_tune -- choose the two bytes anew: those that stand at their distance least often
 * in a sample of the text, a few KiB of it.
 */
void literal_tune(struct literal *literal, const unsigned char *sample, size_t len);

/* literal_find -- the first occurrence that lies wholly in [from, end), or NULL. */
const unsigned char *literal_find(const struct literal *literal, const unsigned char *from,
                                  const unsigned char *end);

/* literal_find_portable -- the same in plain C: the twin that the vectors are tested with. */
const unsigned char *literal_find_portable(const struct literal *literal, const unsigned char *from,
                                           const unsigned char *end);

/* literal_rank -- how common a byte is in text, 0 for the rarest to 255. */
unsigned literal_rank(unsigned char byte);

#endif
