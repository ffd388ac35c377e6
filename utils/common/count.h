/* SPDX-License-Identifier: MIT */
/* How often a byte occurs. */
#ifndef COMMON_COUNT_H
#define COMMON_COUNT_H

#include <stddef.h>

/* count_byte -- how many of the `len` bytes from `data` on are `byte`. */
size_t count_byte(const unsigned char *data, size_t len, unsigned char byte);

#endif
