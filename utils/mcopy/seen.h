/* SPDX-License-Identifier: MIT */
/* Files that a run has met, and what became of them. */
#ifndef MCOPY_SEEN_H
#define MCOPY_SEEN_H

#include <stdbool.h>
#include <sys/stat.h>

/* A file that was met, under a name or not, and where its copy went. */
struct seen {
    dev_t dev;
    ino_t ino;
    const char *name; /* NULL: under any; else `to` */
    char *to;
    bool made;         /* it is itself a directory that the run made */
    struct seen *next; /* for seen_entry(): of another name */
};

/*
 * seen_recall -- what is remembered of a file (`name`: of that name), or NULL.
 * seen_remember -- the same; where there is nothing, `to` from now on.
 * seen_made -- a directory that the run has made itself, as `path`.
 * seen_forget -- no more.
 *
 * `*root` is NULL for a set of none.
 */
const struct seen *seen_recall(void *const *root, const struct stat *st, const char *name);
const struct seen *seen_remember(void **root, const struct stat *st, bool named, const char *to);
void seen_made(void **root, const struct stat *st, const char *path);
void seen_forget(void **root, const struct stat *st);
void seen_free(void *root);

/* seen_entry -- was the file met under this name, however spelled?  It is from now on. */
bool seen_entry(void **root, const struct stat *st, const char *name);

/* same_inode -- do both describe one inode? */
static inline bool same_inode(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * same_entry -- are both names the same entry of the same directory?
 *
 * A directory that is named by a symbolic link is not the one that it leads to, as in cp; but for
 * the target directory `into` (or NULL) that `to` is in.
 */
bool same_entry(const char *from, const char *to, const char *into);

#endif
