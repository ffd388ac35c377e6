/* SPDX-License-Identifier: MIT */
/* What the neighbours of resident.c ask of a file. */
#ifndef LIBMM_RESIDENT_H
#define LIBMM_RESIDENT_H

#include <stdint.h>

/*
 * mm__file_pages -- widen `len` bytes of a file from `off` on to whole pages, and cut them at
 * its end; length 0 is all up to there.
 *
 * Returns 0, with bytes in *begin and *end, -EINVAL where `off` is behind the end, or what
 * fstat(2) and lseek(2) say.
 */
int mm__file_pages(int fd, uint64_t off, uint64_t len, uint64_t *begin, uint64_t *end);

#endif
