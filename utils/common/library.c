/* SPDX-License-Identifier: MIT */
/* Libraries that are loaded when first needed. */
#include <dlfcn.h>
#include <string.h>

#include "common/library.h"

bool library_load(const char *file, const struct library_function *functions)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return false;
    for (const struct library_function *f = functions; f->name; f++) {
        if (!dlsym(library, f->name)) {
            dlclose(library);
            return false;
        }
    }
    for (const struct library_function *f = functions; f->name; f++) {
        void *address = dlsym(library, f->name);
        memcpy(f->pointer, &address, sizeof address); /* ISO C has no cast from void * for this */
    }
    return true;
}
