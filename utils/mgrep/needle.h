/* SPDX-License-Identifier: MIT */
/* One of the byte strings that are looked for together. */
#ifndef MGREP_NEEDLE_H
#define MGREP_NEEDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct needle {
    const unsigned char *bytes; /* lent; in lower case where letters match in either case */
    size_t len;
};

/* needle_at -- does it stand at `at`?  With `fold` ASCII letters match in either case. */
static inline bool needle_at(const struct needle *needle, bool fold, const unsigned char *at)
{
    if (!fold)
        return memcmp(at, needle->bytes, needle->len) == 0;
    for (size_t i = 0; i < needle->len; i++) {
        unsigned char c = at[i];
        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        if (c != needle->bytes[i])
            return false;
    }
    return true;
}

#endif
