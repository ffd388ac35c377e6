/* SPDX-License-Identifier: MIT */
/* libarchive, loaded when it is first needed. */
#include <dlfcn.h>
#include <string.h>

#include "archive/functions.h"

#define NAME(name)  "archive_" #name,
#define PLACE(name) &functions.name,

const struct functions *functions_load(void)
{
    static struct functions functions;
    static const char *const names[] = {FUNCTIONS(NAME)};
    static void *const places[] = {FUNCTIONS(PLACE)};
    static void *library;
    if (library)
        return &functions;
    void *opened = dlopen(ARCHIVE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; opened && i < sizeof names / sizeof *names; i++) {
        void *address = dlsym(opened, names[i]);
        if (!address) {
            dlclose(opened);
            return NULL;
        }
        memcpy(places[i], &address, sizeof address); /* ISO C has no cast from void * for this */
    }
    library = opened;
    return opened ? &functions : NULL;
}
