/* SPDX-License-Identifier: MIT */
/* The bytes of one file, from mapping to mapping. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/input.h"
#include "common/message.h"
#include "common/stream.h"

#include "mcopy/mcopy.h"

/* One scan for all files: the address range of the last serves the next. */
static struct mm_scan *shared_scan(void)
{
    static struct mm_scan *scan;
    if (!scan && mm_scan_new(0, &scan) != 0)
        xfail(1, "memory exhausted");
    return scan;
}

/* Room for all the data before the first byte is copied; none for the holes. */
static int reserve(struct mm_scan *scan, struct mm_output *output)
{
    int error = 0;
    uint64_t len;
    while (!error && mm_scan_offset(scan) < mm_scan_size(scan)) {
        bool hole = mm_scan_hole(scan, &len);
        if (!hole)
            error = mm_output_reserve(output, mm_scan_offset(scan), len);
        int lost = mm_scan_seek(scan, mm_scan_offset(scan) + len);
        if (lost)
            return 0; /* copying finds it again, and says what was lost */
    }
    return mm_scan_mapped(scan) && mm_scan_seek(scan, 0) == 0 ? error : 0;
}

/* Copy what one view shows.  Returns 0, the output's error, or the source's in *lost. */
static int copy_view(struct mm_scan *scan, const struct mm_view *view, struct mm_output *output,
                     int *lost)
{
    for (size_t done = 0; done < view->len;) {
        struct mm_span span;
        int error = mm_output_window(output, view->len - done, &span);
        if (error)
            return error;
        memcpy(span.data, view->data + done, span.len);
        /* Zeroes in place of lost bytes are not committed. */
        *lost = mm_scan_check(scan);
        if (*lost)
            return 0;
        error = mm_output_commit(output, span.len);
        if (error)
            return error;
        done += span.len;
    }
    mm_scan_consume(scan, view->len);
    return 0;
}

/* A view no longer than the data before the next hole; a hole is skipped and gives an empty one. */
static int next_view(struct mm_scan *scan, struct mm_output *output, struct mm_view *view,
                     int *lost)
{
    uint64_t len;
    while (mm_scan_hole(scan, &len)) {
        int error = mm_output_skip(output, len);
        if (error)
            return error;
        *lost = mm_scan_seek(scan, mm_scan_offset(scan) + len);
        if (*lost)
            return 0;
    }
    *lost = mm_scan_more(scan, 1, view);
    if (!*lost && len > 0 && view->len > len)
        view->len = (size_t)len;
    return 0;
}

static bool copy_bytes(const struct options *options, struct input *source,
                       struct mm_output *output, const char *to)
{
    struct mm_scan *scan = source->scan;
    struct mm_view view;
    int lost = 0;
    int error = reserve(scan, output);
    while (!error && !lost) {
        error = next_view(scan, output, &view, &lost);
        if (error || lost || view.len == 0)
            break;
        error = copy_view(scan, &view, output, &lost);
    }
    if (!error && !lost)
        lost = mm_scan_check(scan);
    if (lost) {
        input_trouble(source, quote_always(source->operand), lost);
        return false;
    }
    if (error) {
        message("error writing %s: %s", quote_always(to), mm_strerror(error));
        return false;
    }
    if (!attributes_file(options, source->fd, mm_scan_stat(scan), mm_output_fd(output), to))
        return false;
    error = mm_output_publish(output, options->sync);
    if (error)
        message("cannot create regular file %s: %s", quote_always(to), strerror(-error));
    return error == 0;
}

/* Into a FIFO, a terminal, a device: what is not a regular file takes a stream. */
static bool copy_to_stream(struct input *source, int fd, const char *to)
{
    char *trouble = xmalloc(strlen(quote_always(to)) + sizeof "error writing ");
    sprintf(trouble, "error writing %s", quote_always(to));
    stream_trouble = trouble;
    struct stream *out = stream_open(fd);
    struct mm_scan *scan = source->scan;
    struct mm_view view;
    int error;
    stream_from(out, scan);
    while ((error = mm_scan_more(scan, 1, &view)) == 0 && view.len > 0) {
        stream_put(out, view.data, view.len);
        mm_scan_consume(scan, view.len);
        if (!mm_scan_mapped(scan))
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
        say_removed(options, to);
        return REMOVED;
    }
    return -1;
}

static bool copy_over(const struct options *options, struct input *source, int fd, const char *to)
{
    struct mm_output *output;
    int error = mm_output_open(fd, &output);
    if (error)
        return cannot_create(to, -error);
    bool good = copy_bytes(options, source, output, to);
    mm_output_close(output);
    return good;
}

static bool copy_new(const struct options *options, struct input *source, const char *to)
{
    struct stat st;
    size_t len = strlen(to);
    if (len == 0)
        return cannot_create(to, ENOENT);
    if (to[len - 1] == '/')
        return cannot_create(to, ENOTDIR);
    if (lstat(to, &st) == 0 && S_ISLNK(st.st_mode)) {
        message("not writing through dangling symlink %s", quote_always(to));
        return false;
    }
    /* Nobody else may look into a file whose owner is not yet the right one. */
    mode_t mode = mm_scan_stat(source->scan)->st_mode & (options->preserve ? 0700 : 0777);
    struct mm_output *output;
    int error = mm_output_new(AT_FDCWD, to, mode, 0, &output);
    if (error)
        return cannot_create(to, -error);
    bool good = copy_bytes(options, source, output, to);
    mm_output_close(output);
    return good;
}

static bool copy_to(const struct options *options, struct input *source, const char *to,
                    bool exists)
{
    if (!exists)
        return copy_new(options, source, to);
    struct stat st;
    bool regular = stat(to, &st) != 0 || S_ISREG(st.st_mode);
    int fd = open_existing(options, to, regular);
    if (fd == REMOVED)
        return copy_new(options, source, to);
    if (fd < 0)
        return false;
    if (!regular)
        return copy_to_stream(source, fd, to);
    bool good = copy_over(options, source, fd, to);
    close(fd);
    return good;
}

bool data_copy(const struct options *options, const char *from, const char *to, bool exists)
{
    int fd = open(from, O_RDONLY | O_CLOEXEC | (options->no_dereference ? O_NOFOLLOW : 0));
    int error = fd < 0 ? -errno : mm_scan_open(shared_scan(), fd, 0);
    bool good = false;
    if (error) {
        message("cannot open %s for reading: %s", quote_always(from), strerror(-error));
    } else {
        struct input source = {.operand = from, .fd = fd, .scan = shared_scan()};
        good = copy_to(options, &source, to, exists);
    }
    if (fd >= 0)
        close(fd);
    return good;
}
