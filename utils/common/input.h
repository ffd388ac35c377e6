/* SPDX-License-Identifier: MIT */
/* Operands to inputs. */
#ifndef COMMON_INPUT_H
#define COMMON_INPUT_H

#include <stdbool.h>

#include <libmm/mm.h>

struct members;

struct input {
    const char *operand; /* as given; "-" is standard input */
    int fd;
    bool standard;           /* the descriptor is standard input, and stays open */
    struct mm_scan *scan;    /* lent by the caller */
    struct members *members; /* the archive that it is in, see members.h; NULL: none */
};

/*
 * input_open -- open `operand` ("-": standard input, from where it stands) and
 * let `scan` see it.
 *
 * Returns 0 or -errno; then nothing is open.
 */
int input_open(struct input *input, const char *operand, struct mm_scan *scan);

/*
 * input_close -- let go.  A standard input that is a file is left standing at
 * `offset` bytes, where the peer would leave it.
 */
void input_close(struct input *input, uint64_t offset);

/*
 * input_trouble -- the message for an error of a scan of this input:
 * "tool: name: file shrank while mapped, at byte N".
 */
void input_trouble(const struct input *input, const char *name, int error);

#endif
