/* SPDX-License-Identifier: MIT */
/* A library of its own, so that a fault happens in code that is not ours. */
#include "sum.h"

uint64_t sum_bytes(const void *data, size_t len)
{
    const unsigned char *bytes = data;
    uint64_t sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += bytes[i];
    return sum;
}
