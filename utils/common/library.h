/* SPDX-License-Identifier: MIT */
/* Libraries that cost more to load than a short run takes: loaded when first needed. */
#ifndef COMMON_LIBRARY_H
#define COMMON_LIBRARY_H

#include <stdbool.h>

/* One function of a library, and the pointer to call it by. */
struct library_function {
    const char *name;
    void *pointer; /* the address of the caller's function pointer */
};

/*
 * library_load -- open `file` ("libx.so.1") and find its functions, up to a row without a name.
 *
 * The library stays loaded.  Returns false, with no pointer changed, when it or one of the
 * functions is not there.
 */
bool library_load(const char *file, const struct library_function *functions);

#endif
