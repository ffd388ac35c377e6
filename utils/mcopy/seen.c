/* SPDX-License-Identifier: MIT */
/* Files that a run has met, and what became of them. */
#include <libgen.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"

#include "mcopy/seen.h"

static int compare(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->ino != y->ino)
        return x->ino < y->ino ? -1 : 1;
    if (x->dev != y->dev)
        return x->dev < y->dev ? -1 : 1;
    return x->name && y->name ? strcmp(x->name, y->name) : 0;
}

const struct seen *seen_recall(void *const *root, const struct stat *st, const char *name)
{
    struct seen key = {.dev = st->st_dev, .ino = st->st_ino, .name = name};
    void *found = tfind(&key, root, compare);
    return found ? *(struct seen **)found : NULL;
}

static struct seen *new_seen(const struct stat *st, bool named, const char *to)
{
    struct seen *made = xmalloc(sizeof *made);
    *made = (struct seen){.dev = st->st_dev, .ino = st->st_ino, .to = xstrdup(to)};
    made->name = named ? made->to : NULL;
    return made;
}

const struct seen *seen_remember(void **root, const struct stat *st, bool named, const char *to)
{
    const struct seen *known = seen_recall(root, st, named ? to : NULL);
    if (known)
        return known;
    struct seen *made = new_seen(st, named, to);
    if (!tsearch(made, root, compare))
        xfail(1, "memory exhausted");
    return NULL;
}

void seen_made(void **root, const struct stat *st, const char *path)
{
    seen_remember(root, st, false, path);
    ((struct seen *)seen_recall(root, st, NULL))->made = true;
}

static void free_seen(void *node)
{
    for (struct seen *seen = node, *next; seen; seen = next) {
        next = seen->next;
        free(seen->to);
        free(seen);
    }
}

void seen_forget(void **root, const struct stat *st)
{
    const struct seen *known = seen_recall(root, st, NULL);
    if (!known)
        return;
    tdelete(known, root, compare);
    free_seen((void *)known);
}

void seen_free(void *root)
{
    tdestroy(root, free_seen);
}

bool seen_entry(void **root, const struct stat *st, const char *name)
{
    struct seen *seen = (struct seen *)seen_remember(root, st, false, name);
    for (; seen; seen = seen->next) {
        if (same_entry(seen->to, name, NULL))
            return true;
        if (!seen->next) {
            seen->next = new_seen(st, false, name);
            return false;
        }
    }
    return false;
}

/* The directory part of a name; of a name below `into`, that is followed. */
static bool parent_of(const char *name, const char *into, struct stat *st)
{
    char *copy = xstrdup(name);
    const char *parent = dirname(copy);
    size_t len = into ? strlen(into) : 0;
    while (len > 1 && into[len - 1] == '/')
        len--;
    bool follow = into && strncmp(parent, into, len) == 0 && parent[len] == '\0';
    bool found = (follow ? stat(parent, st) : lstat(parent, st)) == 0;
    free(copy);
    return found;
}

bool same_entry(const char *from, const char *to, const char *into)
{
    char *copy_a = xstrdup(from), *copy_b = xstrdup(to);
    struct stat a, b;
    bool result = strcmp(basename(copy_a), basename(copy_b)) == 0 && parent_of(from, NULL, &a) &&
                  parent_of(to, into, &b) && same_inode(&a, &b);
    free(copy_a);
    free(copy_b);
    return result;
}
