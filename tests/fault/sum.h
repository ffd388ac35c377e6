/* SPDX-License-Identifier: MIT */
/* A library that reads memory and knows nothing of libmm, as a decoder would. */
#ifndef FAULT_SUM_H
#define FAULT_SUM_H

#include <stddef.h>
#include <stdint.h>

/* sum_bytes -- of `len` bytes. */
uint64_t sum_bytes(const void *data, size_t len);

#endif
