/* SPDX-License-Identifier: MIT */
/* --parents: the directories that lead to a copy, made as those that lead to its source. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/attributes.h"
#include "mcopy/parents.h"
#include "mcopy/report.h"
#include "mcopy/xattrs.h"

/* The innermost directory first. */
struct parents {
    struct parents *outer;
    struct stat st; /* of the source's; the mode that is to be set where `restore` */
    bool restore;
    size_t source; /* where the source's name begins in the path */
    char path[];
};

static bool keeps_some(const struct options *o)
{
    return o->preserve_owner || o->preserve_mode || o->preserve_times;
}

static bool trouble(const char *what, const char *path, int error)
{
    message("%s %s: %s", what, quote_always(path), strerror(error));
    return false;
}

/* Remember the directory for its attributes; false where the source has none. */
static bool remember(const char *path, size_t source, struct parents **made)
{
    struct stat st;
    int error = stat(path + source, &st) != 0 ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
    if (error)
        return trouble("failed to get attributes of", path + source, error);
    size_t size = strlen(path) + 1;
    struct parents *one = xmalloc(sizeof *one + size);
    *one = (struct parents){.outer = *made, .st = st, .source = source};
    memcpy(one->path, path, size);
    *made = one;
    return true;
}

static bool make_one(const struct options *o, struct parents *one)
{
    mode_t mode = one->st.st_mode & 07777;
    /* As in attributes_first(), but that only a mode that is kept is opened with care. */
    mode_t withheld = mode & (o->preserve_owner ? 077 : o->preserve_mode ? 022 : 0);
    mode_t first = (o->default_mode ? 0777 : mode) & ~withheld;
    struct stat st;
    if (mkdir(one->path, first) != 0)
        return trouble("cannot make directory", one->path, errno);
    report_parent(o, one->path + one->source, one->path);
    if (lstat(one->path, &st) != 0)
        return trouble("failed to get attributes of", one->path, errno);
    mode_t now = st.st_mode & 07777;
    if (!o->preserve_mode) {
        withheld &= ~attributes_umask();
        if ((withheld & ~now) || (now & S_IRWXU) != S_IRWXU) {
            one->st.st_mode = now | withheld;
            one->restore = true;
        }
    }
    if ((now & S_IRWXU) != S_IRWXU && chmod(one->path, now | S_IRWXU) != 0)
        return trouble("setting permissions for", one->path, errno);
    return true;
}

/* One directory of the path. */
static bool visit(const struct options *o, const char *path, size_t source, bool *is_new,
                  struct parents **made)
{
    struct stat st;
    bool missing = stat(path, &st) != 0;
    if ((missing || keeps_some(o)) && !remember(path, source, made))
        return false;
    *is_new = missing;
    if (missing)
        return make_one(o, *made);
    if (S_ISDIR(st.st_mode))
        return true;
    message("%s exists but is not a directory", quote_always(path));
    return false;
}

bool parents_make(const struct options *options, const char *to, size_t source, bool *is_new,
                  struct parents **made)
{
    *made = NULL;
    *is_new = false;
    char *path = xstrdup(to);
    char *last = strrchr(path + source, '/');
    bool good = true;
    while (last > path + source && last[-1] == '/')
        last--;
    if (last) {
        *last = '\0';
        struct stat st;
        if (stat(path, &st) == 0) {
            good = S_ISDIR(st.st_mode);
            if (!good)
                message("%s exists but is not a directory", quote_always(path));
            last = NULL;
        }
    }
    /* From the outermost one on that is not there. */
    for (char *at = path + source; good && last; at++) {
        if (at < last && *at != '/')
            continue;
        char kept = *at;
        *at = '\0';
        if (at > path && at[-1] != '/')
            good = visit(options, path, source, is_new, made);
        *at = kept;
        if (at == last)
            break;
    }
    free(path);
    return good;
}

static bool settle_one(const struct options *o, const struct parents *one)
{
    const struct timespec times[2] = {one->st.st_atim, one->st.st_mtim};
    if (o->preserve_times && utimensat(AT_FDCWD, one->path, times, 0) != 0)
        return trouble("failed to preserve times for", one->path, errno);
    if (o->preserve_owner && lchown(one->path, one->st.st_uid, one->st.st_gid) != 0) {
        if ((errno != EPERM && errno != EINVAL) || geteuid() == 0)
            return trouble("failed to preserve ownership for", one->path, errno);
        (void)!lchown(one->path, (uid_t)-1, one->st.st_gid);
    }
    if (!o->preserve_mode && !one->restore)
        return true;
    /* As attributes_path() does: a mode without set-id and sticky bits leaves them alone. */
    mode_t mode = one->st.st_mode & 07777;
    struct stat now;
    if (o->preserve_mode && !(mode & 07000) && stat(one->path, &now) == 0)
        mode |= now.st_mode & 07000;
    if (chmod(one->path, mode) != 0)
        return trouble(o->preserve_mode ? "preserving permissions for"
                                        : "failed to preserve permissions for",
                       one->path, errno);
    int error = o->preserve_mode ? lists_copy(&(struct target){-1, one->path + one->source},
                                              &(struct target){-1, one->path}, true)
                                 : 0;
    return !error || trouble("preserving permissions for", one->path, -error);
}

bool parents_finish(const struct options *options, struct parents *made, bool settle)
{
    bool good = true;
    while (made) {
        struct parents *outer = made->outer;
        if (settle && good)
            good = settle_one(options, made);
        free(made);
        made = outer;
    }
    return good;
}
