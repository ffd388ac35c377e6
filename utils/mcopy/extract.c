/* SPDX-License-Identifier: MIT */
/*
 * Members made.  What their names say is not trusted: they are gone down part by part, from the
 * destination's descriptor, and no link is followed on the way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/extract.h"
#include "mcopy/member.h"
#include "mcopy/report.h"
#include "mcopy/seen.h"
#include "mcopy/tally.h"

static char *join(const char *dir, const char *name)
{
    size_t len = strlen(dir);
    bool slash = len > 0 && *name && dir[len - 1] != '/';
    char *path = xmalloc(len + strlen(name) + 2);
    sprintf(path, "%s%s%s", dir, slash ? "/" : "", name);
    return path;
}

void extract_made(void *context, const char *name)
{
    struct extract *u = context;
    folders_made(u->folders, name);
    tally.directories++;
}

/* Where a name of the archive goes, clean and below u->path; NULL: it would lead out. */
static char *place(const struct extract *u, const char *name)
{
    size_t len = strlen(u->select);
    char *clean = inside_clean(name), *whole = NULL;
    bool below = clean && strncmp(clean, u->select, len) == 0 &&
                 (len == 0 || clean[len] == '/' || clean[len] == '\0');
    if (below) {
        const char *rest = clean + len + (len > 0 && clean[len] == '/');
        char *joined = join(u->prefix, rest);
        whole = inside_clean(joined);
        free(joined);
    }
    free(clean);
    return whole;
}

/* Enter the directory that a name is in.  Returns its descriptor, or -1 after a message. */
static int enter(struct extract *u, const char *from, const char *name, bool make,
                 const char **base)
{
    int dir = inside_enter(u->inside, name, make, base);
    if (dir >= 0)
        return dir;
    char *stopped = join(u->path, inside_stopped(u->inside));
    if (dir == -ELOOP)
        message("will not unpack %s through symbolic link %s", quote_always(from),
                quote_always(stopped));
    else if (dir == -ENOTDIR)
        message("cannot unpack %s: %s: %s", quote_always(from), quote_always(stopped),
                strerror(ENOTDIR));
    else
        message("cannot create directory %s: %s", quote_always(stopped), strerror(-dir));
    free(stopped);
    return -1;
}

static bool make_directory(struct extract *u, struct member *m, const char *name)
{
    bool made = *name && mkdirat(m->dir, m->base, 0700) == 0;
    if (made) {
        extract_made(u, name);
        report_copied(u->options, m->from, m->to, NULL);
    } else if (*name && errno != EEXIST) {
        message("cannot create directory %s: %s", quote_always(m->to), strerror(errno));
        return false;
    } else if (*name && (fstatat(m->dir, m->base, &m->old, AT_SYMLINK_NOFOLLOW) != 0 ||
                         !S_ISDIR(m->old.st_mode))) {
        message("cannot overwrite non-directory %s with directory %s", quote_always(m->to),
                quote_always(m->from));
        return false;
    }
    folders_known(u->folders, name, &m->st);
    return true;
}

/* Another name of a member that was made; or, with bytes, those of all its names. */
static bool make_hard_link(struct extract *u, struct member *m, const char *link, bool bytes)
{
    const char *base;
    char *name = place(u, link), *target = name ? join(u->path, name) : NULL;
    bool good = false;
    if (!name) {
        message("will not unpack %s: it is a hard link to %s, outside of what is copied",
                quote_always(m->from), quote_always(link));
        return false;
    }
    /* What the walk to the target may leave must stay. */
    int dir = fcntl(m->dir, F_DUPFD_CLOEXEC, 0);
    int there = dir < 0 ? -1 : enter(u, m->from, name, false, &base), fd = -1;
    m->dir = dir;
    if (there >= 0 && bytes) {
        struct stat st;
        fd = openat(there, base, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) != 0 || !seen_recall(&u->empty, &st, NULL))
            message("will not unpack %s: it would write over %s", quote_always(m->from),
                    quote_always(target));
        else
            good = member_fill(m, u->members, fd) && member_hard(m, there, base, target);
    } else if (there >= 0) {
        good = member_hard(m, there, base, target);
    }
    if (fd >= 0)
        close(fd);
    if (dir >= 0)
        close(dir);
    free(target);
    free(name);
    return good;
}

static bool make_file(struct extract *u, struct member *m, const struct decoder_member *known)
{
    struct stat made;
    if (!member_file(m, u->members, known, &made))
        return false;
    if (made.st_size == 0)
        seen_made(&u->empty, &made, m->to);
    return true;
}

/* What is not a directory. */
static bool make_other(struct extract *u, struct member *m, const struct decoder_member *known,
                       const char *link)
{
    mode_t mode = known->mode;
    struct input input;
    bool hard = known->hard_link && *link;
    bool bytes = S_ISREG(mode) && members_input(u->members, known, &input);
    if (known->encrypted)
        return false; /* that was said */
    if (!hard && !S_ISREG(mode) && !S_ISLNK(mode) && !S_ISFIFO(mode)) {
        message("will not unpack %s: it is a device or a socket", quote_always(m->from));
        return false;
    }
    enum member_way way = member_way(m, &u->archive);
    if (way != MEMBER_GO)
        return way == MEMBER_LEAVE;
    report_copied(u->options, m->from, m->to, NULL);
    if (hard)
        return make_hard_link(u, m, link, bytes);
    if (S_ISLNK(mode))
        return member_symbolic(m, link);
    if (S_ISFIFO(mode))
        return member_fifo(m);
    return make_file(u, m, known);
}

static struct stat kept(const struct extract *u, const struct decoder_member *known)
{
    /* What is compressed has only the attributes of its file. */
    if (known->content)
        return u->archive;
    return (struct stat){
        .st_mode = known->mode, .st_uid = known->uid, .st_gid = known->gid, .st_mtim = known->time};
}

bool extract_member(struct extract *u, const char *from, const char *own, const char *link,
                    const struct decoder_member *known)
{
    if (known->absolute) {
        message(*link && known->hard_link
                    ? "will not unpack %s: it, or what it is a hard link to, has an absolute name"
                    : "will not unpack %s: its name is absolute",
                quote_always(from));
        return false;
    }
    char *name = place(u, own);
    if (!name) {
        message("will not unpack %s: its name leads out of the destination", quote_always(from));
        return false;
    }
    char *to = join(u->path, name);
    struct member m = {.options = u->options, .from = from, .to = to, .st = kept(u, known)};
    m.dir = enter(u, from, name, true, &m.base);
    bool good = false;
    if (m.dir >= 0 && S_ISDIR(known->mode))
        good = make_directory(u, &m, name);
    else if (m.dir >= 0 && !*name)
        message("cannot overwrite directory %s with non-directory", quote_always(to));
    else if (m.dir >= 0)
        good = make_other(u, &m, known, link);
    free(to);
    free(name);
    return good;
}
