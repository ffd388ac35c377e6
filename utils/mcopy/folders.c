/* SPDX-License-Identifier: MIT */
/* The directories of an archive. */
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/attributes.h"
#include "mcopy/folders.h"

struct folder {
    char *name;
    bool made;
    bool known;
    struct stat st;
    struct folder *before; /* the one that was met before it */
};

struct folders {
    void *by_name;
    struct folder *last;
};

struct folders *folders_new(void)
{
    struct folders *folders = xmalloc(sizeof *folders);
    *folders = (struct folders){0};
    return folders;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct folder *)a)->name, ((const struct folder *)b)->name);
}

static struct folder *find(struct folders *folders, const char *name)
{
    struct folder key = {.name = xstrdup(name)};
    void *found = tfind(&key, &folders->by_name, compare);
    free(key.name);
    if (found)
        return *(struct folder **)found;
    struct folder *folder = xmalloc(sizeof *folder);
    *folder = (struct folder){.name = xstrdup(name), .before = folders->last};
    folders->last = folder;
    if (!tsearch(folder, &folders->by_name, compare))
        xfail(1, "memory exhausted");
    return folder;
}

void folders_made(struct folders *folders, const char *name)
{
    find(folders, name)->made = true;
}

void folders_known(struct folders *folders, const char *name, const struct stat *st)
{
    struct folder *folder = find(folders, name);
    folder->known = true;
    folder->st = *st;
}

/* Returns whether the owner is the one that is to be; false in *good after trouble. */
static bool keep_owner(const struct stat *st, int fd, const char *path, bool *good)
{
    struct stat now;
    if (fstat(fd, &now) == 0 && now.st_uid == st->st_uid && now.st_gid == st->st_gid)
        return true;
    if (fchown(fd, st->st_uid, st->st_gid) == 0)
        return true;
    int error = errno;
    (void)!fchown(fd, (uid_t)-1, st->st_gid); /* at least the group */
    if ((error == EPERM || error == EINVAL) && geteuid() != 0)
        return false; /* only the superuser is expected to be able to */
    message("failed to preserve ownership for %s: %s", quote_always(path), strerror(error));
    *good = false;
    return false;
}

bool member_attributes(const struct options *options, const struct stat *st, int fd,
                       const char *path, const mode_t *mode)
{
    bool good = true, own = true;
    if (options->preserve_owner)
        own = keep_owner(st, fd, path, &good);
    mode_t kept = st->st_mode & (own ? 07777 : 0777);
    if ((options->preserve_mode || mode) &&
        fchmod(fd, options->preserve_mode ? kept : *mode) != 0) {
        message("preserving permissions for %s: %s", quote_always(path), strerror(errno));
        good = false;
    }
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, st->st_mtim};
    if (options->preserve_times && futimens(fd, times) != 0) {
        message("preserving times for %s: %s", quote_always(path), strerror(errno));
        good = false;
    }
    return good;
}

static bool settle(const struct options *o, const struct folder *folder, int fd, const char *path)
{
    struct stat now;
    if (fstat(fd, &now) != 0) {
        message("cannot stat %s: %s", quote_always(path), strerror(errno));
        return false;
    }
    /* A set-group-id bit comes from the directory above. */
    mode_t all = folder->known && !o->default_mode ? folder->st.st_mode & 01777 : 0777;
    mode_t mode = (all & ~attributes_umask()) | (now.st_mode & S_ISGID);
    if (folder->known)
        return member_attributes(o, &folder->st, fd, path, folder->made ? &mode : NULL);
    if (fchmod(fd, mode) == 0)
        return true;
    message("setting permissions for %s: %s", quote_always(path), strerror(errno));
    return false;
}

bool folders_settle(struct folders *folders, const struct options *options, struct inside *inside,
                    const char *path)
{
    bool good = true;
    for (struct folder *folder = folders->last; folder; folder = folder->before) {
        const char *base;
        char *whole = xmalloc(strlen(path) + strlen(folder->name) + 2);
        sprintf(whole, "%s%s%s", path, *folder->name ? "/" : "", folder->name);
        int dir = inside_enter(inside, folder->name, false, &base), fd = dir;
        if (dir >= 0)
            fd = openat(dir, *base ? base : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) {
            message("cannot stat %s: %s", quote_always(whole), strerror(dir < 0 ? -dir : errno));
            good = false;
        } else {
            good &= settle(options, folder, fd, whole);
            close(fd);
        }
        free(whole);
    }
    return good;
}

void folders_free(struct folders *folders)
{
    while (folders->last) {
        struct folder *folder = folders->last;
        folders->last = folder->before;
        tdelete(folder, &folders->by_name, compare);
        free(folder->name);
        free(folder);
    }
    free(folders);
}
