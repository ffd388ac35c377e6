/* SPDX-License-Identifier: MIT */
/* In place of decode.c where libarchive's headers were not there at build time. */
#include <unistd.h>

#include "archive/decode.h"

bool decode_prepare(void)
{
    return false;
}

_Noreturn void decode(const struct job *job)
{
    (void)job;
    _exit(1);
}
