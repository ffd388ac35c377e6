/* SPDX-License-Identifier: MIT */
/* --include and --exclude: which names are looked at. */
#include <fnmatch.h>
#include <stddef.h>
#include <stdlib.h>

#include "common/message.h"
#include "mcache/globs.h"

struct glob {
    const char *text;
    bool include;
};

struct globs {
    struct glob *list;
    size_t count, includes;
};

void globs_add(struct globs **globs, const char *glob, bool include)
{
    if (!*globs) {
        *globs = xmalloc(sizeof **globs);
        **globs = (struct globs){0};
    }
    struct globs *all = *globs;
    all->list = xrealloc(all->list, (all->count + 1) * sizeof *all->list);
    all->list[all->count++] = (struct glob){glob, include};
    all->includes += include;
}

bool globs_skip(const struct globs *globs, const char *name, bool directory)
{
    if (!globs)
        return false;
    bool wanted = directory || globs->includes == 0;
    for (size_t i = 0; i < globs->count; i++) {
        const struct glob *glob = &globs->list[i];
        if ((directory && glob->include) || fnmatch(glob->text, name, 0) != 0)
            continue;
        if (!glob->include)
            return true;
        wanted = true;
    }
    return !wanted;
}

void globs_free(struct globs *globs)
{
    if (globs)
        free(globs->list);
    free(globs);
}
