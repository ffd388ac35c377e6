/* SPDX-License-Identifier: MIT */
/* Numbers out of /proc. */
#ifndef LIBMM_PROC_H
#define LIBMM_PROC_H

#include <stdint.h>

/*
 * mm__proc_number -- the decimal number behind `field` ("VmLck:") in a file of /proc; with
 * an empty field, the one that the file begins with.
 *
 * Returns 0, or what open(2) and read(2) say, or -ENODATA where there is none.
 */
int mm__proc_number(const char *path, const char *field, int64_t *number);

#endif
