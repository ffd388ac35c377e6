/* SPDX-License-Identifier: MIT */
/* One member of an archive. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/ask.h"
#include "mcopy/attributes.h"
#include "mcopy/folders.h"
#include "mcopy/interrupt.h"
#include "mcopy/member.h"
#include "mcopy/report.h"
#include "mcopy/seen.h"
#include "mcopy/tally.h"

static bool is_current(const struct member *m)
{
    const struct timespec *there = &m->old.st_mtim, *here = &m->st.st_mtim;
    return there->tv_sec > here->tv_sec ||
           (there->tv_sec == here->tv_sec && there->tv_nsec >= here->tv_nsec);
}

static enum member_way refuse(const char *to, const char *why)
{
    message("%s %s", why, quote_always(to));
    return MEMBER_REFUSE;
}

enum member_way member_way(struct member *m, const struct stat *archive)
{
    const struct options *o = m->options;
    m->there = fstatat(m->dir, m->base, &m->old, AT_SYMLINK_NOFOLLOW) == 0;
    if (!m->there && errno == ENOENT)
        return MEMBER_GO;
    if (!m->there) {
        message("cannot stat %s: %s", quote_always(m->to), strerror(errno));
        return MEMBER_REFUSE;
    }
    mode_t mode = m->old.st_mode;
    if (o->update && is_current(m))
        return MEMBER_LEAVE;
    if (o->no_clobber || (o->interactive && !ask_overwrite(o, m->to, &m->old)))
        return MEMBER_LEAVE;
    if (same_inode(&m->old, archive)) {
        message("%s and %s are the same file", quote_always(m->from), quote_always(m->to));
        return MEMBER_REFUSE;
    }
    if (S_ISDIR(mode)) {
        message("cannot overwrite directory %s with non-directory", quote_always(m->to));
        return MEMBER_REFUSE;
    }
    if (!S_ISREG(mode) && !S_ISLNK(mode))
        return refuse(m->to, "will not replace special file");
    if (S_ISREG(mode) && !o->force && !o->remove &&
        faccessat(m->dir, m->base, W_OK, AT_EACCESS) != 0) {
        message("cannot create regular file %s: %s", quote_always(m->to), strerror(errno));
        return MEMBER_REFUSE;
    }
    if (o->remove)
        report_removed(o, m->to);
    return MEMBER_GO;
}

/* All the bytes of a member, holes as holes. */
static bool copy_bytes(const struct member *m, struct members *members, struct mm_output *output)
{
    struct decoder *decoder = members_decoder(members);
    uint64_t left;
    bool hole;
    int error = 0, more;
    while (!error && (more = decoder_ahead(decoder, &left, &hole)) > 0) {
        struct mm_span span;
        if (hole) {
            error = mm_output_skip(output, left);
            continue;
        }
        error = mm_output_window(output, left < SIZE_MAX ? (size_t)left : SIZE_MAX, &span);
        ssize_t len = error ? 0 : decoder_read(decoder, span.data, span.len);
        if (len < 0)
            more = -EBADMSG;
        else if (!error)
            error = mm_output_commit(output, (size_t)len);
        if (more < 0)
            break;
    }
    if (error)
        message("error writing %s: %s", quote_always(m->to), mm_strerror(error));
    else if (more < 0)
        message("%s: %s", quote_always(m->from), members_words(members));
    return !error && more == 0;
}

/* The mode that a new file is made with, and that it gets where none is kept. */
static mode_t first_mode(const struct options *o, const struct stat *st, mode_t *last)
{
    mode_t all = o->default_mode ? 0666 : st->st_mode & 0777;
    *last = all & ~attributes_umask();
    return o->preserve_owner ? all & S_IRWXU : all;
}

/* Fill an output and publish it.  `mode`: of a new file. */
static bool fill(const struct member *m, struct members *members, struct mm_output *output,
                 const mode_t *mode, struct stat *made)
{
    int error = 0;
    if (!copy_bytes(m, members, output))
        return false;
    error = mm_output_cut(output, mm_output_committed(output));
    if (error) {
        message("error writing %s: %s", quote_always(m->to), mm_strerror(error));
        return false;
    }
    int fd = mm_output_fd(output);
    bool good = member_attributes(m->options, &m->st, fd, m->to, mode) && fstat(fd, made) == 0;
    error = mm_output_publish(output, m->options->sync);
    if (error) {
        message("cannot create regular file %s: %s", quote_always(m->to), strerror(-error));
        return false;
    }
    tally.files++;
    tally.bytes += mm_output_committed(output);
    return good;
}

/* Owner, mode and lists stay those of what is replaced. */
static void inherit(const struct member *m, int fd)
{
    int old = openat(m->dir, m->base, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (old < 0)
        old = openat(m->dir, m->base, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    attributes_inherit(old, &m->old, fd);
    if (old >= 0)
        close(old);
}

bool member_file(struct member *m, struct members *members, const struct decoder_member *known,
                 struct stat *made)
{
    const struct options *o = m->options;
    bool is_new = !m->there || !S_ISREG(m->old.st_mode) || o->remove;
    mode_t last, first = is_new ? first_mode(o, &m->st, &last) : 0600;
    struct mm_output *output;
    interrupt_hold();
    int error = mm_output_new(m->dir, m->base, first, m->there ? MM_OUTPUT_REPLACE : 0, &output);
    if (error) {
        interrupt_release();
        message("cannot create regular file %s: %s", quote_always(m->to), strerror(-error));
        return false;
    }
    interrupt_watch(output);
    interrupt_release();
    if (!is_new)
        inherit(m, mm_output_fd(output));
    if (known->sized && !known->sparse)
        error = mm_output_reserve(output, 0, known->size);
    if (error)
        message("error writing %s: %s", quote_always(m->to), mm_strerror(error));
    bool good = !error && fill(m, members, output, is_new ? &last : NULL, made);
    interrupt_hold();
    interrupt_watch(NULL);
    mm_output_close(output);
    interrupt_release();
    return good;
}

bool member_fill(struct member *m, struct members *members, int fd)
{
    struct mm_output *output;
    struct stat made;
    int error = mm_output_open(fd, &output);
    if (error) {
        message("cannot create regular file %s: %s", quote_always(m->to), strerror(-error));
        return false;
    }
    bool good = fill(m, members, output, NULL, &made);
    if (!good)
        mm_output_cut(output, 0);
    mm_output_close(output);
    return good;
}

/* Take away what has the name of something that is no file. */
static bool clear(const struct member *m)
{
    if (!m->there || unlinkat(m->dir, m->base, 0) == 0 || errno == ENOENT)
        return true;
    message("cannot remove %s: %s", quote_always(m->to), strerror(errno));
    return false;
}

bool member_symbolic(const struct member *m, const char *target)
{
    const struct options *o = m->options;
    if (!clear(m))
        return false;
    if (symlinkat(target, m->dir, m->base) != 0) {
        message("cannot create symbolic link %s: %s", quote_always(m->to), strerror(errno));
        return false;
    }
    tally.symlinks++;
    if (o->preserve_owner &&
        fchownat(m->dir, m->base, m->st.st_uid, m->st.st_gid, AT_SYMLINK_NOFOLLOW) != 0 &&
        geteuid() == 0) {
        message("failed to preserve ownership for %s: %s", quote_always(m->to), strerror(errno));
        return false;
    }
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, m->st.st_mtim};
    if (o->preserve_times && utimensat(m->dir, m->base, times, AT_SYMLINK_NOFOLLOW) != 0) {
        message("preserving times for %s: %s", quote_always(m->to), strerror(errno));
        return false;
    }
    return true;
}

bool member_hard(const struct member *m, int dir, const char *base, const char *target)
{
    struct stat st;
    bool same =
        m->there && fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) == 0 && same_inode(&st, &m->old);
    if (same)
        return true;
    if (fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        message("cannot create hard link %s to %s: %s", quote_always(m->to), quote_always(target),
                strerror(errno));
        return false;
    }
    if (!clear(m))
        return false;
    if (linkat(dir, base, m->dir, m->base, 0) != 0) {
        message("cannot create hard link %s to %s: %s", quote_always(m->to), quote_always(target),
                strerror(errno));
        return false;
    }
    tally.hard_links++;
    return true;
}

bool member_fifo(const struct member *m)
{
    mode_t last, first = first_mode(m->options, &m->st, &last);
    if (!clear(m))
        return false;
    if (mkfifoat(m->dir, m->base, first) != 0) {
        message("cannot create fifo %s: %s", quote_always(m->to), strerror(errno));
        return false;
    }
    tally.special++;
    /* Opened for both ends it blocks nobody. */
    int fd = openat(m->dir, m->base, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        message("cannot stat %s: %s", quote_always(m->to), strerror(errno));
        return false;
    }
    bool good = member_attributes(m->options, &m->st, fd, m->to, &last);
    close(fd);
    return good;
}
