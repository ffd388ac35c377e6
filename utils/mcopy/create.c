/* SPDX-License-Identifier: MIT */
/* A tree packed into an archive, which is an output of libmm. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/pack.h"
#include "common/input.h"
#include "common/message.h"

#include "mcopy/ask.h"
#include "mcopy/attributes.h"
#include "mcopy/create.h"
#include "mcopy/interrupt.h"
#include "mcopy/report.h"
#include "mcopy/seen.h"
#include "mcopy/tally.h"

#define PIECE ((size_t)4 << 20)

struct create {
    const struct options *options;
    const char *to;
    struct pack *pack;
    struct mm_output *output;
    struct mm_span span; /* of it, */
    size_t used;         /* which holds so much that is not committed yet */
    struct mm_scan *scan;
    bool operand; /* its link is followed */
    bool replaces;
    struct stat old; /* what is replaced */
    void *links;     /* files with other names */
    char *user, *group;
    uid_t uid; /* whose names these are */
    gid_t gid;
    int error; /* of the output */
    bool over; /* it cannot be finished */
    bool good;
};

static char *join(const char *dir, const char *name)
{
    size_t len = strlen(dir);
    bool slash = len > 0 && dir[len - 1] != '/';
    char *path = xmalloc(len + strlen(name) + 2);
    sprintf(path, "%s%s%s", dir, slash ? "/" : "", name);
    return path;
}

static int commit(struct create *c)
{
    if (!c->error && c->used > 0)
        c->error = mm_output_commit(c->output, c->used);
    c->span.len = c->used = 0;
    return c->error;
}

/* Bytes of the archive, which come in pieces of some kilobytes: a window takes many. */
static int store(void *context, const void *data, size_t len)
{
    struct create *c = context;
    while (!c->error && len > 0) {
        if (c->used == c->span.len && commit(c) == 0)
            c->error = mm_output_window(c->output, PIECE, &c->span);
        if (c->error)
            break;
        size_t room = c->span.len - c->used, part = len < room ? len : room;
        memcpy(c->span.data + c->used, data, part);
        c->used += part;
        data = (const char *)data + part;
        len -= part;
    }
    return c->error;
}

static void fail(struct create *c)
{
    c->good = false;
    tally.failed++;
}

/* What the archive says of it, or the output. */
static void trouble(struct create *c, const char *from, int error)
{
    fail(c);
    c->over |= error == -EIO;
    if (c->error)
        message("error writing %s: %s", quote_always(c->to), mm_strerror(c->error));
    else
        message("cannot pack %s: %s", quote_always(from), pack_words(c->pack));
}

/* The names of the owner and the group; the last ones are kept. */
static void name_owner(struct create *c, const struct stat *st, struct pack_member *member)
{
    if (!c->user || c->uid != st->st_uid) {
        const struct passwd *user = getpwuid(st->st_uid);
        free(c->user);
        c->user = xstrdup(user ? user->pw_name : "");
        c->uid = st->st_uid;
    }
    if (!c->group || c->gid != st->st_gid) {
        const struct group *group = getgrgid(st->st_gid);
        free(c->group);
        c->group = xstrdup(group ? group->gr_name : "");
        c->gid = st->st_gid;
    }
    member->user = *c->user ? c->user : NULL;
    member->group = *c->group ? c->group : NULL;
}

/* The runs of data between the holes of a file; NULL for one without any.  To be freed. */
static struct pack_extent *find_extents(struct create *c, uint64_t size, size_t *count, int *lost)
{
    struct pack_extent *extents = NULL;
    uint64_t at = 0, len;
    bool holes = false;
    *count = 0;
    if (!mm_scan_mapped(c->scan))
        return NULL;
    while (!*lost && at < size) {
        bool hole = mm_scan_hole(c->scan, &len);
        if (len == 0 || len > size - at)
            len = size - at;
        holes |= hole;
        if (!hole) {
            extents = xrealloc(extents, (*count + 1) * sizeof *extents);
            extents[(*count)++] = (struct pack_extent){at, len};
        }
        at += len;
        if (at < size)
            *lost = mm_scan_seek(c->scan, at);
    }
    if (!*lost)
        *lost = mm_scan_seek(c->scan, 0);
    if (holes && *count == 0) { /* all is a hole: an empty run at the end says so */
        extents = xrealloc(extents, sizeof *extents);
        extents[(*count)++] = (struct pack_extent){size, 0};
    }
    if (holes)
        return extents;
    free(extents);
    return NULL;
}

/* As many bytes as were promised; fewer would spoil all that follows. */
static void put_bytes(struct create *c, const struct input *input, uint64_t size)
{
    uint64_t done = 0;
    int lost = 0, error = 0;
    struct mm_view view;
    while (!lost && !error && done < size) {
        lost = mm_scan_more(c->scan, 1, &view);
        if (lost)
            break;
        if (view.len == 0)
            lost = -ESTALE;
        if (view.len > size - done)
            view.len = (size_t)(size - done);
        error = pack_data(c->pack, view.data, view.len);
        mm_scan_consume(c->scan, view.len);
        done += view.len;
        if (!lost)
            lost = mm_scan_check(c->scan);
    }
    if (lost) {
        fail(c);
        c->over = true;
        input_trouble(input, quote_always(input->operand), lost);
    } else if (error) {
        trouble(c, input->operand, -EIO);
    } else {
        tally.files++;
        tally.bytes += size;
    }
}

static void add_file(struct create *c, const char *from, struct pack_member *member)
{
    int fd = open(from, O_RDONLY | O_CLOEXEC | (c->operand ? 0 : O_NOFOLLOW));
    int error = fd < 0 ? -errno : mm_scan_open(c->scan, fd, 0);
    if (error) {
        fail(c);
        message("cannot open %s for reading: %s", quote_always(from), strerror(-error));
        if (fd >= 0)
            close(fd);
        return;
    }
    const struct input input = {.operand = from, .fd = fd, .scan = c->scan};
    struct stat st = *mm_scan_stat(c->scan);
    int lost = 0;
    struct pack_extent *extents = NULL;
    if (!S_ISREG(st.st_mode) || !same_inode(&st, member->st)) {
        fail(c);
        message("skipping file %s, as it was replaced while being copied", quote_always(from));
    } else {
        member->st = &st;
        if (pack_holes(c->pack))
            extents = find_extents(c, (uint64_t)st.st_size, &member->extent_count, &lost);
        member->extents = extents;
        error = lost ? 0 : pack_member(c->pack, member);
        if (lost) {
            fail(c);
            input_trouble(&input, quote_always(from), lost);
        } else if (error) {
            trouble(c, from, error);
        } else {
            put_bytes(c, &input, (uint64_t)st.st_size);
        }
    }
    free(extents);
    mm_scan_close(c->scan);
    close(fd);
}

static char *read_link(const char *path, const struct stat *st)
{
    size_t room = (size_t)st->st_size + 2;
    char *target = xmalloc(room);
    ssize_t len = readlink(path, target, room);
    if (len >= 0 && (size_t)len == room)
        errno = ESTALE;
    if (len < 0 || (size_t)len == room) {
        free(target);
        return NULL;
    }
    target[len] = '\0';
    return target;
}

static void add_other(struct create *c, const char *from, struct pack_member *member)
{
    char *target = NULL;
    if (S_ISLNK(member->st->st_mode)) {
        member->link = target = read_link(from, member->st);
        if (!target) {
            fail(c);
            message("cannot read symbolic link %s: %s", quote_always(from), strerror(errno));
            return;
        }
    }
    int error = pack_member(c->pack, member);
    if (error)
        trouble(c, from, error);
    else if (S_ISDIR(member->st->st_mode))
        tally.directories++;
    else if (member->link && member->hard_link)
        tally.hard_links++;
    else if (target)
        tally.symlinks++;
    else
        tally.special++;
    free(target);
}

static void add_directory(struct create *c, const char *from, const char *name);

/* Add `from` as the member `name`, and what is in it. */
static void add(struct create *c, const char *from, const char *name)
{
    struct stat st;
    if ((c->operand ? stat(from, &st) : lstat(from, &st)) != 0) {
        fail(c);
        message("cannot stat %s: %s", quote_always(from), strerror(errno));
        return;
    }
    if (c->replaces && same_inode(&st, &c->old)) {
        message("warning: %s is the archive itself, and is left out", quote_always(from));
        return;
    }
    struct pack_member member = {.name = name, .st = &st};
    char *shown = join(c->to, name);
    report_copied(c->options, from, shown, NULL);
    free(shown);
    name_owner(c, &st, &member);
    if (pack_links(c->pack) && st.st_nlink > 1 && !S_ISDIR(st.st_mode)) {
        const struct seen *first = seen_remember(&c->links, &st, false, name);
        member.link = first ? first->to : NULL;
        member.hard_link = first;
    }
    if (S_ISREG(st.st_mode) && !member.hard_link)
        add_file(c, from, &member);
    else
        add_other(c, from, &member);
    if (S_ISDIR(st.st_mode))
        add_directory(c, from, name);
}

static int visible(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* What is in a directory, in an order that is the same anywhere. */
static void add_directory(struct create *c, const char *from, const char *name)
{
    struct dirent **entries;
    int count = c->over ? 0 : scandir(from, &entries, visible, by_name);
    if (count < 0) {
        fail(c);
        message("cannot access %s: %s", quote_always(from), strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        char *below = join(from, entries[i]->d_name), *member = join(name, entries[i]->d_name);
        if (!c->over)
            add(c, below, member);
        free(below);
        free(member);
        free(entries[i]);
    }
    if (!c->over || count > 0)
        free(entries);
}

/* May the archive be where it is to be?  *target is its place, by links or not; to be freed. */
static bool look(struct create *c, char **target, bool *leave)
{
    const struct options *o = c->options;
    *leave = false;
    *target = NULL;
    c->replaces = stat(c->to, &c->old) == 0;
    if (!c->replaces && lstat(c->to, &c->old) == 0) {
        message("not writing through dangling symlink %s", quote_always(c->to));
        return false;
    }
    if (c->replaces && !S_ISREG(c->old.st_mode)) {
        message(S_ISDIR(c->old.st_mode) ? "cannot overwrite directory %s with non-directory"
                                        : "will not replace special file %s",
                quote_always(c->to));
        return false;
    }
    *leave =
        c->replaces && (o->no_clobber || (o->interactive && !ask_overwrite(o, c->to, &c->old)));
    if (*leave)
        return true;
    if (c->replaces && !o->force && euidaccess(c->to, W_OK) != 0) {
        message("cannot create regular file %s: %s", quote_always(c->to), strerror(errno));
        return false;
    }
    *target = c->replaces ? realpath(c->to, NULL) : xstrdup(c->to);
    if (!*target)
        message("cannot create regular file %s: %s", quote_always(c->to), strerror(errno));
    return *target;
}

/* The operand into the output, which is there. */
static void pack_operand(struct create *c, const char *format, const char *from,
                         const struct stat *st)
{
    int error = pack_begin(format, store, c, &c->pack);
    if (error) {
        fail(c);
        message("cannot create %s: %s", quote_always(c->to),
                error == -ELIBACC ? "libarchive is not there, or does not have this format"
                                  : mm_strerror(error));
        c->over = true;
        return;
    }
    if (S_ISDIR(st->st_mode)) {
        add_directory(c, from, "");
    } else {
        char *copy = xstrdup(from);
        c->operand = true;
        add(c, from, basename(copy));
        free(copy);
    }
    if (!c->over && (pack_finish(c->pack) != 0 || commit(c) != 0))
        trouble(c, c->to, -EIO);
}

static void publish(struct create *c)
{
    int error = mm_output_publish(c->output, c->options->sync);
    if (!error)
        return;
    fail(c);
    message("cannot create regular file %s: %s", quote_always(c->to), strerror(-error));
}

static bool open_output(struct create *c, const char *target)
{
    unsigned flags = c->replaces ? MM_OUTPUT_REPLACE : 0;
    interrupt_hold();
    int error = mm_output_new(AT_FDCWD, target, c->replaces ? 0600 : 0666, flags, &c->output);
    if (!error)
        interrupt_watch(c->output);
    interrupt_release();
    if (error) {
        message("cannot create regular file %s: %s", quote_always(c->to), strerror(-error));
        return false;
    }
    int old = c->replaces ? open(target, O_RDONLY | O_CLOEXEC) : -1;
    if (old < 0 && c->replaces)
        old = open(target, O_PATH | O_CLOEXEC);
    if (old >= 0) {
        attributes_inherit(old, &c->old, mm_output_fd(c->output));
        close(old);
    }
    return true;
}

bool create(const struct options *options, const char *format, const char *from, const char *to)
{
    struct create c = {.options = options, .to = to, .good = true};
    struct stat st;
    char *target = NULL;
    bool leave = false;
    if (stat(from, &st) != 0) {
        message("cannot stat %s: %s", quote_always(from), strerror(errno));
        c.good = false;
    }
    c.good = c.good && look(&c, &target, &leave);
    if (c.good && !leave && c.replaces && same_inode(&st, &c.old)) {
        message("%s and %s are the same file", quote_always(from), quote_always(to));
        c.good = false;
    }
    if (c.good && !leave && mm_scan_new(0, &c.scan) != 0)
        xfail(1, "memory exhausted");
    c.good = c.good && (leave || open_output(&c, target));
    tally.failed += !c.good;
    if (c.output) {
        pack_operand(&c, format, from, &st);
        if (!c.over)
            publish(&c);
        pack_free(c.pack);
        interrupt_hold();
        interrupt_watch(NULL);
        mm_output_close(c.output);
        interrupt_release();
    }
    mm_scan_free(c.scan);
    seen_free(c.links);
    free(c.user);
    free(c.group);
    free(target);
    return c.good;
}
