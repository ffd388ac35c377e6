/* SPDX-License-Identifier: MIT */
/* The words for what a mapping can run into, and the library's version. */
#include <errno.h>
#include <string.h>

#include <libmm/mm.h>

const char *mm_strerror(int error)
{
    switch (error < 0 ? -error : error) {
    case ESTALE:
        return "file shrank while mapped";
    case EIO:
        return "medium failed under the mapping (Input/output error)";
    case ENOMEM:
        return "no memory or address space for a mapping of that size";
    default:
        return strerror(error < 0 ? -error : error);
    }
}

const char *mm_version(void)
{
    return MM_VERSION;
}
