/* SPDX-License-Identifier: MIT */
/* What is made of an entry without copying bytes: links and special files. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/attributes.h"
#include "mcopy/report.h"
#include "mcopy/seen.h"
#include "mcopy/tally.h"
#include "mcopy/tree.h"

/* A name in the directory of `path` that nobody else uses. */
static char *hidden_beside(const char *path)
{
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return NULL;
    const char *slash = strrchr(path, '/');
    int dir = slash ? (int)(slash + 1 - path) : 0;
    char *name = xmalloc((size_t)dir + 24);
    sprintf(name, "%.*s.mm-%016llx", dir, path, (unsigned long long)random);
    return name;
}

/* A link to `first`: symbolic, or another name.  Returns 0 or an errno value. */
static int link_once(const char *first, bool symbolic, int how, const char *to)
{
    int result = symbolic ? symlink(first, to) : linkat(AT_FDCWD, first, AT_FDCWD, to, how);
    return result == 0 ? 0 : errno;
}

/*
 * The same, over what is there if `replace`: there is a file of that name at any time.
 * Returns 0, -1 where a file was replaced, or an errno value.
 */
static int link_to(const char *first, bool symbolic, int how, const char *to, bool replace)
{
    int error = link_once(first, symbolic, how, to);
    if (error != EEXIST || !replace)
        return error;
    char *hidden = hidden_beside(to);
    error = hidden ? link_once(first, symbolic, how, hidden) : errno;
    if (!error) {
        error = rename(hidden, to) == 0 ? -1 : errno;
        unlink(hidden); /* it is still there where both were one file */
    }
    free(hidden);
    return error;
}

bool make_hard(const struct options *options, const char *first, bool follow, const char *to,
               bool replace, bool tell)
{
    int error = link_to(first, false, follow ? AT_SYMLINK_FOLLOW : 0, to, replace);
    if (error > 0) {
        message("cannot create hard link %s to %s: %s", quote_always(to), quote_always(first),
                strerror(error));
        return false;
    }
    if (error < 0 && tell)
        report_removed(options, to);
    tally.hard_links++;
    return true;
}

/* Would a relative name, taken from where `to` stands, be the same as taken from here? */
static bool stands_here(const char *to)
{
    char *copy = xstrdup(to);
    const char *dir = dirname(copy);
    struct stat here, there;
    bool result = strcmp(dir, ".") == 0 || stat(".", &here) != 0 || stat(dir, &there) != 0 ||
                  same_inode(&here, &there);
    free(copy);
    return result;
}

bool make_symbolic(const struct options *options, const struct entry *e)
{
    if (*e->from != '/' && !stands_here(e->to)) {
        message("%s: can make relative symbolic links only in current directory", quote(e->to));
        return false;
    }
    int error = link_to(e->from, true, 0, e->to, options->force);
    if (error > 0) {
        message("cannot create symbolic link %s to %s: %s", quote_always(e->to),
                quote_always(e->from), strerror(error));
        return false;
    }
    tally.symlinks++;
    return attributes_link(options, e->from, &e->st, e->to);
}

/* Where a link leads; NULL leaves errno saying why that is not known. */
static char *read_link(const char *path, size_t size)
{
    size_t room = size + 1;
    char *target = xmalloc(room);
    ssize_t len;
    /* /proc's links say 0 and are longer. */
    while ((len = readlink(path, target, room)) >= 0 && (size_t)len == room)
        target = xrealloc(target, room *= 2);
    if (len >= 0) {
        target[len] = '\0';
        return target;
    }
    int error = errno;
    free(target);
    errno = error;
    return NULL;
}

/* Is the destination the desired link already? */
static bool is_made(const struct entry *e, const char *target)
{
    if (e->is_new || !S_ISLNK(e->there.st_mode))
        return false;
    char *there = read_link(e->to, (size_t)e->there.st_size);
    bool result = there && strcmp(there, target) == 0;
    free(there);
    return result;
}

bool make_link(const struct options *options, const struct entry *e)
{
    char *target = read_link(e->from, (size_t)e->st.st_size);
    if (!target) {
        message("cannot read symbolic link %s: %s", quote_always(e->from), strerror(errno));
        return false;
    }
    int error = link_to(target, true, 0, e->to, options->force);
    if (error > 0 && options->update && is_made(e, target))
        error = 0;
    free(target);
    if (error > 0) {
        message("cannot create symbolic link %s: %s", quote_always(e->to), strerror(error));
        return false;
    }
    tally.symlinks++;
    return attributes_link(options, e->from, &e->st, e->to);
}

bool make_special(const struct options *options, const struct entry *e)
{
    mode_t kind = e->st.st_mode & S_IFMT;
    struct stat made;
    if (mknod(e->to, kind | attributes_first(options, &e->st), e->st.st_rdev) != 0) {
        message(S_ISFIFO(kind) ? "cannot create fifo %s: %s" : "cannot create special file %s: %s",
                quote_always(e->to), strerror(errno));
        return false;
    }
    if (lstat(e->to, &made) != 0) {
        message("cannot stat %s: %s", quote_always(e->to), strerror(errno));
        return false;
    }
    tally.special++;
    return attributes_path(options, e->from, &e->st, e->to, &made);
}
