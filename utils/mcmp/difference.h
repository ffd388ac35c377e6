/* SPDX-License-Identifier: MIT */
/* Where two runs of bytes first differ. */
#ifndef MCMP_DIFFERENCE_H
#define MCMP_DIFFERENCE_H

#include <stddef.h>

/* difference_find -- how many bytes, of `len`, are the same before the first that differs. */
size_t difference_find(const unsigned char *a, const unsigned char *b, size_t len);

/*
 * difference_count -- as difference_find; *newlines grows by how many of these bytes are
 * newlines.  What waits for memory has the time to count: so no byte is loaded twice.
 */
size_t difference_count(const unsigned char *a, const unsigned char *b, size_t len,
                        size_t *newlines);

#endif
