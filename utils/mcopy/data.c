/* SPDX-License-Identifier: MIT */
/* One file, and what becomes of its destination. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/input.h"
#include "common/message.h"
#include "common/progress.h"
#include "common/stream.h"

#include "mcopy/attributes.h"
#include "mcopy/bytes.h"
#include "mcopy/compare.h"
#include "mcopy/interrupt.h"
#include "mcopy/mcopy.h"
#include "mcopy/report.h"
#include "mcopy/seen.h"
#include "mcopy/tally.h"

/* One scan for all files: the address range of the last serves the next. */
static struct mm_scan *scan;

static struct mm_scan *shared_scan(void)
{
    if (!scan && mm_scan_new(0, &scan) != 0)
        xfail(1, "memory exhausted");
    return scan;
}

void data_forget(void)
{
    mm_scan_free(scan);
    scan = NULL;
}

/* Is the copy, as the medium has it, what the source has?  If not, only what was the same is good.
 */
static bool verify(struct input *source, struct mm_output *output, const char *to)
{
    uint64_t end = mm_output_committed(output), same;
    int error = mm_output_evict(output);
    if (error) {
        message("error writing %s: %s", quote_always(to), mm_strerror(error));
        return false;
    }
    if (!compare_begin(source, mm_output_fd(output), to, end, &same))
        return false;
    if (same == end)
        return true;
    message("%s: differs from %s after it was written, at byte %" PRIu64, quote_always(to),
            quote_always(source->operand), same);
    mm_output_cut(output, same);
    return false;
}

static bool copy_bytes(const struct options *options, const struct job *job, struct input *source,
                       struct mm_output *output, bool is_new)
{
    const char *to = job->to;
    if (!bytes_copy(options, source, output, to) ||
        (options->verify && !verify(source, output, to)))
        return false;
    /* Its size is the last thing to change the file's time, and takes set-id bits away. */
    int error = mm_output_cut(output, mm_output_committed(output));
    if (error) {
        message("error writing %s: %s", quote_always(to), mm_strerror(error));
        return false;
    }
    bool good =
        attributes_file(options, job->from, source->fd, job->st, to, mm_output_fd(output), is_new);
    error = mm_output_publish(output, options->sync);
    if (!error) {
        tally.files++;
        tally.bytes += mm_output_committed(output);
        progress_done(1);
    }
    if (error)
        message("cannot create regular file %s: %s", quote_always(to), strerror(-error));
    return error == 0 && good;
}

/* Copy into an output, if there is one, and forget it.  A signal leaves nothing half meanwhile. */
static bool copy_into(const struct options *options, const struct job *job, struct input *source,
                      struct mm_output *output, bool is_new)
{
    interrupt_watch(output);
    interrupt_release();
    bool good = copy_bytes(options, job, source, output, is_new);
    interrupt_hold();
    interrupt_watch(NULL);
    mm_output_close(output);
    interrupt_release();
    return good;
}

/* Into a FIFO, a terminal, a device: what is not a regular file takes a stream. */
static bool copy_to_stream(struct input *source, int fd, const char *to)
{
    char *trouble = xmalloc(strlen(quote_always(to)) + sizeof "error writing ");
    sprintf(trouble, "error writing %s", quote_always(to));
    stream_trouble = trouble;
    struct stream *out = stream_open(fd);
    struct mm_scan *from = source->scan;
    struct mm_view view;
    int error;
    stream_from(out, from);
    while ((error = mm_scan_more(from, 1, &view)) == 0 && view.len > 0) {
        stream_put(out, view.data, view.len);
        mm_scan_consume(from, view.len);
        if (!mm_scan_mapped(from))
            error = stream_flush(out);
        if (error)
            break;
    }
    int lost = stream_end(out);
    stream_close(out);
    stream_trouble = "write error";
    free(trouble);
    if (lost || error)
        input_trouble(source, quote_always(source->operand), lost ? lost : error);
    return !lost && !error;
}

static bool cannot_create(const char *to, int error)
{
    message("cannot create regular file %s: %s", quote_always(to), strerror(error));
    return false;
}

enum { REMOVED = -2 };

/* Open what is there to be overwritten.  Returns -1 after a message, REMOVED where -f took it away.
 */
static int open_existing(const struct options *options, const char *to, bool regular)
{
    int fd = open(to, (regular ? O_RDWR : O_WRONLY) | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    if (!options->force) {
        cannot_create(to, errno);
    } else if (unlink(to) != 0) {
        message("cannot remove %s: %s", quote_always(to), strerror(errno));
    } else {
        report_removed(options, to);
        return REMOVED;
    }
    return -1;
}

static bool copy_over(const struct options *options, const struct job *job, struct input *source,
                      int fd, bool is_new)
{
    struct mm_output *output;
    uint64_t good = 0, size = mm_scan_size(source->scan);
    if (options->resume && mm_scan_mapped(source->scan) &&
        !compare_begin(source, fd, job->to, size, &good))
        return false;
    interrupt_hold();
    int error = mm_output_resume(fd, good, &output);
    if (!error)
        return copy_into(options, job, source, output, is_new);
    interrupt_release();
    return cannot_create(job->to, -error);
}

/* What is there stays as it is until the copy takes its place, and its mode and owner. */
static bool copy_instead(const struct options *options, const struct job *job, struct input *source,
                         int old)
{
    const char *to = job->to;
    struct mm_output *output;
    struct stat st;
    char *target = realpath(to, NULL); /* a symbolic link stays one */
    if (!target || fstat(old, &st) != 0) {
        free(target);
        return cannot_create(to, errno);
    }
    interrupt_hold();
    int error = mm_output_new(AT_FDCWD, target, 0600, MM_OUTPUT_REPLACE, &output);
    free(target);
    if (!error) {
        attributes_inherit(old, &st, mm_output_fd(output));
        return copy_into(options, job, source, output, false);
    }
    interrupt_release();
    return cannot_create(to, -error);
}

/* What is wrong with the name of a new file: 0 or an errno value; EEXIST for a link to nothing. */
static int refuse_new(const char *to)
{
    struct stat st;
    size_t len = strlen(to);
    if (len == 0)
        return ENOENT;
    if (to[len - 1] == '/')
        return ENOTDIR;
    return lstat(to, &st) == 0 && S_ISLNK(st.st_mode) ? EEXIST : 0;
}

/* Through a link to nothing: it could lead anywhere by the time that it is followed. */
static bool copy_through(const struct options *options, const struct job *job, struct input *source)
{
    if (!options->through_dangling) {
        message("not writing through dangling symlink %s", quote_always(job->to));
        return false;
    }
    int fd = open(job->to, O_RDWR | O_CREAT | O_CLOEXEC, attributes_first(options, job->st));
    if (fd < 0)
        return cannot_create(job->to, errno);
    bool good = copy_over(options, job, source, fd, true);
    close(fd);
    return good;
}

static bool copy_new(const struct options *options, const struct job *job, struct input *source)
{
    int error = job->fresh ? 0 : refuse_new(job->to);
    if (error == EEXIST)
        return copy_through(options, job, source);
    if (error)
        return cannot_create(job->to, error);
    unsigned how = options->in_place || options->resume ? MM_OUTPUT_IN_PLACE : 0;
    struct mm_output *output;
    interrupt_hold();
    error = mm_output_new(AT_FDCWD, job->to, attributes_first(options, job->st), how, &output);
    if (!error)
        return copy_into(options, job, source, output, true);
    interrupt_release();
    return cannot_create(job->to, -error);
}

/* What was asked for that only regular files can have, NULL for nothing. */
static const char *asked(const struct options *options, bool into_file)
{
    return options->verify                 ? "--verify"
           : options->atomic && !into_file ? "--atomic"
           : options->resume               ? "--resume"
                                           : NULL;
}

static bool copy_to(const struct options *options, const struct job *job, struct input *source)
{
    struct stat st;
    const char *to = job->to;
    bool regular = job->is_new || stat(to, &st) != 0 || S_ISREG(st.st_mode);
    bool mapped = mm_scan_mapped(source->scan);
    const char *option = regular && mapped ? NULL : asked(options, regular);
    if (option) {
        message("%s needs regular files: %s", option, quote_always(regular ? source->operand : to));
        return false;
    }
    if (job->is_new)
        return copy_new(options, job, source);
    int fd = open_existing(options, to, regular);
    if (fd == REMOVED)
        return copy_new(options, job, source);
    if (fd < 0)
        return false;
    if (!regular)
        return copy_to_stream(source, fd, to);
    bool good = options->atomic ? copy_instead(options, job, source, fd)
                                : copy_over(options, job, source, fd, false);
    close(fd);
    return good;
}

bool data_copy(const struct options *options, const struct job *job)
{
    const char *from = job->from;
    int fd = open(from, O_RDONLY | O_CLOEXEC | (job->follow ? 0 : O_NOFOLLOW));
    int error = fd < 0 ? -errno : mm_scan_open(shared_scan(), fd, 0);
    bool good = false;
    if (error) {
        message("cannot open %s for reading: %s", quote_always(from), strerror(-error));
    } else if (!same_inode(mm_scan_stat(shared_scan()), job->st)) {
        message("skipping file %s, as it was replaced while being copied", quote_always(from));
    } else {
        struct input source = {.operand = from, .fd = fd, .scan = shared_scan()};
        good = copy_to(options, job, &source);
    }
    if (fd >= 0)
        close(fd);
    return good;
}
