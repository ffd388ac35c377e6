/* SPDX-License-Identifier: MIT */
/* Owner, mode, times, access control lists and extended attributes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/mcopy.h"

/*
 * A file by descriptor, or by name where `fd` is -1 (then links are not followed):
 * the calls for both, so that the rules stand once.
 */
struct target {
    int fd;
    const char *name;
};

static ssize_t get(const struct target *t, const char *name, void *value, size_t size)
{
    return t->fd >= 0 ? fgetxattr(t->fd, name, value, size) : lgetxattr(t->name, name, value, size);
}

static ssize_t list(const struct target *t, char *names, size_t size)
{
    return t->fd >= 0 ? flistxattr(t->fd, names, size) : llistxattr(t->name, names, size);
}

static int set(const struct target *t, const char *name, const void *value, size_t size)
{
    return t->fd >= 0 ? fsetxattr(t->fd, name, value, size, 0)
                      : lsetxattr(t->name, name, value, size, 0);
}

/* The lists belong to the mode (-p), all other attributes to -a. */
static bool wanted(const struct options *options, const char *name)
{
    if (strncmp(name, "system.posix_acl_", 17) == 0)
        return true;
    return options->preserve_xattr && strncmp(name, "system.", 7) != 0;
}

/* What the destination's file system does not take is left out without a word, as by cp -a. */
static void copy_xattrs(const struct options *options, const struct target *from,
                        const struct target *to)
{
    ssize_t size = list(from, NULL, 0);
    if (size <= 0)
        return;
    char *names = xmalloc((size_t)size);
    size = list(from, names, (size_t)size);
    for (const char *name = names; size > 0 && name < names + size; name += strlen(name) + 1) {
        if (!wanted(options, name))
            continue;
        ssize_t len = get(from, name, NULL, 0);
        if (len < 0)
            continue;
        void *value = xmalloc((size_t)len);
        len = get(from, name, value, (size_t)len);
        if (len >= 0)
            set(to, name, value, (size_t)len);
        free(value);
    }
    free(names);
}

static bool copy_all(const struct options *options, const struct target *from,
                     const struct stat *st, const struct target *to)
{
    if (!options->preserve)
        return true;
    int nofollow = AT_SYMLINK_NOFOLLOW;
    mode_t mode = st->st_mode & 07777;
    bool good = true;
    int result = to->fd >= 0 ? fchown(to->fd, st->st_uid, st->st_gid)
                             : lchown(to->name, st->st_uid, st->st_gid);
    if (result != 0 && geteuid() == 0) {
        message("failed to preserve ownership for %s: %s", quote_always(to->name), strerror(errno));
        good = false;
    } else if (result != 0) {
        /* An ordinary user's copy is the user's own: no set-id bit for another owner. */
        mode &= (mode_t) ~(S_ISUID | S_ISGID);
    }
    if (!S_ISLNK(st->st_mode)) {
        result = to->fd >= 0 ? fchmod(to->fd, mode) : chmod(to->name, mode);
        if (result != 0) {
            message("preserving permissions for %s: %s", quote_always(to->name), strerror(errno));
            good = false;
        }
    }
    copy_xattrs(options, from, to);
    const struct timespec times[2] = {st->st_atim, st->st_mtim};
    result = to->fd >= 0 ? futimens(to->fd, times) : utimensat(AT_FDCWD, to->name, times, nofollow);
    if (result != 0) {
        message("preserving times for %s: %s", quote_always(to->name), strerror(errno));
        good = false;
    }
    return good;
}

bool attributes_file(const struct options *options, int from, const struct stat *st, int fd,
                     const char *name)
{
    return copy_all(options, &(struct target){from, NULL}, st, &(struct target){fd, name});
}

bool attributes_path(const struct options *options, const char *from, const struct stat *st,
                     const char *to)
{
    return copy_all(options, &(struct target){-1, from}, st, &(struct target){-1, to});
}

/* As far as the user may: what is written over in place would keep them. */
void attributes_inherit(int old, const struct stat *st, int fd)
{
    static const struct options lists = {.preserve_xattr = true};
    bool own = fchown(fd, st->st_uid, st->st_gid) == 0;
    fchmod(fd, st->st_mode & (own ? 07777 : 0777));
    copy_xattrs(&lists, &(struct target){old, NULL}, &(struct target){fd, NULL});
}
