/* SPDX-License-Identifier: MIT */
/* Owner, mode, times, access control lists and extended attributes of a copy. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/attributes.h"
#include "mcopy/xattrs.h"

#define GROUP_AND_OTHERS (S_IRWXG | S_IRWXO)

mode_t attributes_umask(void)
{
    static mode_t mask;
    static bool known;
    if (!known) {
        mask = umask(0);
        umask(mask);
        known = true;
    }
    return mask;
}

/* What a new file is not given before its owner and its content are right. */
static mode_t withheld(const struct options *o, const struct stat *st)
{
    mode_t bits = o->preserve_owner      ? GROUP_AND_OTHERS
                  : S_ISDIR(st->st_mode) ? S_IWGRP | S_IWOTH
                                         : 0;
    return st->st_mode & bits;
}

mode_t attributes_first(const struct options *options, const struct stat *st)
{
    mode_t kept = S_ISREG(st->st_mode) ? 0777 : 07777;
    mode_t mode = st->st_mode & kept & ~withheld(options, st);
    /* Who may not write to a file may not give it attributes. */
    if (S_ISREG(st->st_mode) && options->preserve_xattr)
        mode |= S_IWUSR;
    return mode;
}

static int change_mode(const struct target *to, mode_t mode)
{
    return to->fd >= 0 ? fchmod(to->fd, mode) : chmod(to->name, mode);
}

static int change_owner(const struct target *to, uid_t uid, gid_t gid)
{
    return to->fd >= 0 ? fchown(to->fd, uid, gid) : lchown(to->name, uid, gid);
}

/* Only the superuser is expected to be able to. */
static bool owner_may_stay(int error)
{
    return (error == EPERM || error == EINVAL) && geteuid() != 0;
}

/*
 * Give an existing file only the rights that both its old and its new owner's bits allow, while
 * it changes hands.
 */
static bool narrow(const struct target *to, const struct stat *st, const struct stat *was)
{
    mode_t mode = was->st_mode & st->st_mode & S_IRWXU;
    if (change_mode(to, mode) == 0 || owner_may_stay(errno))
        return true;
    message("clearing permissions for %s: %s", quote_always(to->name), strerror(errno));
    return false;
}

enum owner { OWNER_KEPT, OWNER_OTHER, OWNER_TROUBLE };

static enum owner keep_owner(const struct options *o, const struct stat *st,
                             const struct target *to, const struct stat *was, bool is_new)
{
    if (was->st_uid == st->st_uid && was->st_gid == st->st_gid)
        return OWNER_KEPT;
    if (!is_new && o->preserve_mode && !narrow(to, st, was))
        return OWNER_TROUBLE;
    if (change_owner(to, st->st_uid, st->st_gid) == 0)
        return OWNER_KEPT;
    int error = errno;
    if (error == EPERM || error == EINVAL)
        (void)!change_owner(to, (uid_t)-1, st->st_gid); /* at least the group */
    if (owner_may_stay(error))
        return OWNER_OTHER;
    message("failed to preserve ownership for %s: %s", quote_always(to->name), strerror(error));
    return OWNER_TROUBLE;
}

static bool keep_times(const struct stat *st, const struct target *to)
{
    const struct timespec times[2] = {st->st_atim, st->st_mtim};
    int result = to->fd >= 0 ? futimens(to->fd, times)
                             : utimensat(AT_FDCWD, to->name, times,
                                         S_ISLNK(st->st_mode) ? AT_SYMLINK_NOFOLLOW : 0);
    if (result == 0)
        return true;
    message("preserving times for %s: %s", quote_always(to->name), strerror(errno));
    return false;
}

/*
 * The set-id and sticky bits that a file has: cp sets a mode without any by its access control
 * list, which leaves these alone, as does a directory's that got them from the one above.
 */
static mode_t special_bits(const struct target *to)
{
    struct stat st;
    int result = to->fd >= 0 ? fstat(to->fd, &st) : lstat(to->name, &st);
    return result == 0 ? st.st_mode & 07000 : 0;
}

/* `made` is what a new file was when it was made, NULL: it was there. */
static bool set_mode(const struct options *o, const struct target *from, const struct stat *st,
                     mode_t mode, const struct target *to, const struct stat *made)
{
    bool directory = S_ISDIR(st->st_mode);
    int result = 0;
    if (o->preserve_mode) {
        if (!(mode & 07000))
            mode |= special_bits(to);
        result = change_mode(to, mode);
        if (result == 0 && (errno = -lists_copy(from, to, directory)) != 0)
            result = -1;
    } else if (!made) {
        return true;
    } else if (o->default_mode) {
        mode_t all = directory || S_ISSOCK(st->st_mode) ? 0777 : 0666;
        lists_remove(to, directory);
        result = change_mode(to, (all & ~attributes_umask()) | special_bits(to));
    } else {
        mode_t now = made->st_mode & 07777;
        mode_t final = now | (withheld(o, st) & ~attributes_umask());
        if (!(st->st_mode & S_IWUSR) && S_ISREG(st->st_mode))
            final &= ~(mode_t)S_IWUSR;
        if (final != now || (directory && (now & S_IRWXU) != S_IRWXU))
            result = change_mode(to, final);
    }
    if (result == 0)
        return true;
    message("preserving permissions for %s: %s", quote_always(to->name), strerror(errno));
    return false;
}

static bool copy_all(const struct options *o, const struct target *from, const struct stat *st,
                     const struct target *to, const struct stat *was, bool is_new)
{
    bool good = !o->preserve_times || keep_times(st, to);
    mode_t mode = st->st_mode & 07777;
    if (o->preserve_owner) {
        enum owner owner = keep_owner(o, st, to, was, is_new);
        if (owner == OWNER_TROUBLE)
            return false;
        /* Another owner's copy has no rights of its own to give. */
        if (owner == OWNER_OTHER)
            mode &= 0777;
    }
    if (o->preserve_xattr && !xattrs_copy(o, from, to) && o->require_xattr)
        good = false;
    return set_mode(o, from, st, mode, to, is_new ? was : NULL) && good;
}

bool attributes_file(const struct options *options, const char *from, int source,
                     const struct stat *st, const char *to, int fd, bool is_new)
{
    /* A new file has its mode already where nothing was withheld. */
    bool needed = options->preserve_owner || options->preserve_mode || options->preserve_times ||
                  options->preserve_xattr || (is_new && options->default_mode);
    struct stat was;
    if (!needed)
        return true;
    if (fstat(fd, &was) != 0) {
        message("cannot fstat %s: %s", quote_always(to), strerror(errno));
        return false;
    }
    return copy_all(options, &(struct target){source, from}, st, &(struct target){fd, to}, &was,
                    is_new);
}

bool attributes_path(const struct options *options, const char *from, const struct stat *st,
                     const char *to, const struct stat *made)
{
    struct stat was;
    if (!made && options->preserve_owner && lstat(to, &was) != 0) {
        message("cannot stat %s: %s", quote_always(to), strerror(errno));
        return false;
    }
    return copy_all(options, &(struct target){-1, from}, st, &(struct target){-1, to},
                    made ? made : &was, made);
}

bool attributes_link(const struct options *options, const char *from, const struct stat *st,
                     const char *to)
{
    const struct target copy = {-1, to};
    if (options->preserve_owner && S_ISLNK(st->st_mode) &&
        lchown(to, st->st_uid, st->st_gid) != 0 && !owner_may_stay(errno)) {
        message("failed to preserve ownership for %s: %s", quote_always(to), strerror(errno));
        return false;
    }
    const struct timespec times[2] = {st->st_atim, st->st_mtim};
    if (options->preserve_times && utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW) != 0) {
        message("preserving times for %s: %s", quote_always(to), strerror(errno));
        return false;
    }
    return !options->preserve_xattr || xattrs_copy(options, &(struct target){-1, from}, &copy) ||
           !options->require_xattr;
}

/* As far as the user may: what is written over in place would keep them. */
void attributes_inherit(int old, const struct stat *st, int fd)
{
    static const struct options quiet = {.quiet_xattr = true};
    const struct target from = {old, NULL}, to = {fd, NULL};
    bool own = fchown(fd, st->st_uid, st->st_gid) == 0;
    fchmod(fd, st->st_mode & (own ? 07777 : 0777));
    lists_copy(&from, &to, false);
    xattrs_copy(&quiet, &from, &to);
}
