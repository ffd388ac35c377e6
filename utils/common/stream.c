/* SPDX-License-Identifier: MIT */
/*
 * The output stream.  Bytes go out by write(2) from a private buffer, after their
 * source was checked, or, to a pipe, by vmsplice(2): a file's own pages, and where much
 * is put those of buffers that are not filled again.  Into a file its own pages are written
 * as they are, and checked at once (1 GiB: 0.21 s, by way of the buffer 0.30 s).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/message.h"
#include "common/stream.h"
#include "common/supply.h"

#define BUFFER      ((size_t)128 << 10) /* stays in a core's own cache */
#define PIPE_WANTED (1 << 20) /* the largest that an ordinary user may ask for by default */
#define WRITTEN     ((size_t)256 << 10) /* of a file's own pages at once, into a file */
#define GIVEN_MIN   ((size_t)16 << 10)  /* less is written: a slot of a pipe holds up to a page */

struct stream {
    int fd;
    bool copies; /* never hand pages over */
    bool help;   /* a thread may make buffers ready */
    bool broken; /* the output failed: write nothing more */
    size_t pipe; /* the pipe's size, 0: not a pipe, or not asked yet */
    bool asked;
    int file; /* a regular file; -1: not asked yet */
    unsigned char *buffer;
    struct mm_map *map;    /* of the first buffer */
    struct supply *supply; /* of all others, where buffers are given away */
    size_t len;            /* bytes in the buffer, */
    size_t vouched;        /* of which so many were checked */
    uint64_t gone;         /* bytes that were written or handed over */
    uint64_t handed;       /* the last page of the source is among so many of them, 0: none is */
    struct mm_scan *source;
    int error;                                /* the source's */
    void (*to)(const void *data, size_t len); /* NULL: the descriptor */
};

const char *stream_trouble = "write error";

/* The stream whose bytes come before a message's. */
static struct stream *standard;

static void flush_before_message(void)
{
    if (!standard->broken)
        stream_flush(standard);
}

struct stream *stream_open(int fd)
{
    struct stream *stream = xmalloc(sizeof *stream);
    *stream = (struct stream){.fd = fd, .file = -1};
    if (mm_map_anonymous(BUFFER, MM_MAP_FENCED, &stream->map) != 0)
        xfail(exit_trouble, "memory exhausted");
    stream->buffer = mm_map_data(stream->map);
    if (fd == STDOUT_FILENO) {
        standard = stream;
        before_message = flush_before_message;
    }
    return stream;
}

static _Noreturn void fail(struct stream *stream)
{
    int error = errno;
    stream->broken = true;
    xfail(exit_trouble, "%s: %s", stream_trouble, strerror(error));
}

/* A descriptor that another program set to O_NONBLOCK is waited for; other errors end the run. */
static void wait_or_fail(struct stream *stream)
{
    if (errno == EAGAIN) {
        struct pollfd writable = {.fd = stream->fd, .events = POLLOUT};
        poll(&writable, 1, -1);
    } else if (errno != EINTR) {
        fail(stream);
    }
}

static void write_all(struct stream *stream, const unsigned char *data, size_t len)
{
    if (stream->to && len > 0) {
        stream->to(data, len);
        return;
    }
    if (clear_line && len > 0 && isatty(stream->fd))
        clear_line();
    while (len > 0) {
        ssize_t written = write(stream->fd, data, len);
        if (written < 0) {
            wait_or_fail(stream);
            continue;
        }
        data += written;
        len -= (size_t)written;
    }
}

/* The size of the pipe that the output is, widened if that is allowed; 0 for anything else. */
static size_t pipe_size(struct stream *stream)
{
    if (!stream->asked) {
        stream->asked = true;
        int size = fcntl(stream->fd, F_GETPIPE_SZ);
        if (size > 0 && size < PIPE_WANTED) {
            int wider = fcntl(stream->fd, F_SETPIPE_SZ, PIPE_WANTED);
            size = wider > 0 ? wider : size;
        }
        stream->pipe = size > 0 ? (size_t)size : 0;
    }
    return stream->pipe;
}

/* Are the bytes that the source put really its own?  If not, they were never put. */
static int vouch(struct stream *stream)
{
    if (stream->source && !stream->error && stream->len > stream->vouched)
        stream->error = mm_scan_check(stream->source);
    if (stream->error)
        stream->len = stream->vouched;
    stream->vouched = stream->len;
    return stream->error;
}

/* Hand pages over: all of them, or up to one that cannot be had. */
static size_t splice_all(struct stream *stream, const unsigned char *data, size_t len)
{
    size_t done = 0;
    while (done < len) {
        struct iovec pages = {(void *)(data + done), len - done};
        ssize_t taken = vmsplice(stream->fd, &pages, 1, 0);
        if (taken >= 0)
            done += (size_t)taken;
        else if (errno == EFAULT)
            break;
        else
            wait_or_fail(stream);
    }
    return done;
}

/* Buffers are given away no longer. */
static void end_supply(struct stream *stream)
{
    supply_free(stream->supply);
    stream->supply = NULL;
    stream->buffer = mm_map_data(stream->map);
}

/* Write the buffer; from where buffers are given away, give it and take another one. */
static void put_out(struct stream *stream, size_t len)
{
    if (!stream->supply || len < GIVEN_MIN) {
        write_all(stream, stream->buffer, len);
        return;
    }
    size_t given = splice_all(stream, stream->buffer, len);
    write_all(stream, stream->buffer + given, len - given);
    if (supply_given(stream->supply, len)) {
        stream->buffer = supply_buffer(stream->supply);
    } else {
        end_supply(stream);
        stream->copies = true;
    }
}

/* Where much is put into a pipe, a wide one spares waiting, and buffers are given away. */
static void expect_much(struct stream *stream)
{
    if (stream->to || stream->supply || pipe_size(stream) == 0 || stream->copies)
        return;
    stream->supply = supply_new(BUFFER);
    if (!stream->supply)
        return;
    stream->buffer = supply_buffer(stream->supply);
    if (stream->help)
        supply_help(stream->supply);
}

int stream_flush(struct stream *stream)
{
    vouch(stream);
    size_t len = stream->len;
    stream->len = stream->vouched = 0;
    stream->gone += len;
    put_out(stream, len);
    if (stream->gone > PIPE_WANTED)
        expect_much(stream);
    return stream->error;
}

uint64_t stream_count(const struct stream *stream)
{
    return stream->gone + stream->len;
}

void stream_divert(struct stream *stream, void (*to)(const void *data, size_t len))
{
    stream->to = to;
    stream->copies = true;
    end_supply(stream);
    stream->len = stream->vouched = 0;
    stream->source = NULL;
}

void stream_from(struct stream *stream, struct mm_scan *source)
{
    stream_end(stream);
    stream->source = source;
}

void stream_put(struct stream *stream, const void *data, size_t len)
{
    const unsigned char *from = data;
    while (len > BUFFER - stream->len && !stream->error) {
        size_t part = BUFFER - stream->len;
        memcpy(stream->buffer + stream->len, from, part);
        stream->len += part;
        from += part;
        len -= part;
        stream_flush(stream);
    }
    if (stream->error)
        return;
    memcpy(stream->buffer + stream->len, from, len);
    stream->len += len;
}

void stream_give(struct stream *stream, const void *data, size_t len)
{
    if (stream->copies || stream->to || len < GIVEN_MIN || pipe_size(stream) == 0) {
        stream_put(stream, data, len);
        return;
    }
    stream_flush(stream);
    size_t given = splice_all(stream, data, len);
    write_all(stream, (const unsigned char *)data + given, len - given);
    stream->gone += len;
}

void stream_byte(struct stream *stream, unsigned char byte)
{
    *stream_room(stream, 1) = byte;
    stream_filled(stream, 1);
}

unsigned char *stream_room(struct stream *stream, size_t want)
{
    if (want > BUFFER - stream->len)
        stream_flush(stream);
    return stream->buffer + stream->len;
}

void stream_filled(struct stream *stream, size_t len)
{
    if (!stream->error)
        stream->len += len;
}

void stream_copies(struct stream *stream)
{
    stream->copies = true;
}

void stream_help(struct stream *stream)
{
    stream->help = true;
}

/* Hand the file's own pages over.  Returns 0, or the source's error. */
static int splice_source(struct stream *stream, const unsigned char *data, size_t len)
{
    size_t given = splice_all(stream, data, len);
    stream->gone += given;
    if (given > 0)
        stream->handed = stream->gone;
    if (given < len) { /* the page cannot be had: a load of it tells why */
        (void)*(const volatile unsigned char *)(data + given);
        stream->error = mm_scan_check(stream->source);
        if (!stream->error)
            stream->error = -EFAULT;
    }
    return stream->error;
}

/* Is the output a regular file? */
static bool is_file(struct stream *stream)
{
    struct stat st;
    if (stream->file < 0)
        stream->file = fstat(stream->fd, &st) == 0 && S_ISREG(st.st_mode);
    return stream->file > 0;
}

/* Cut off again what was written last, if nobody wrote behind it. */
static void take_back(struct stream *stream, size_t len)
{
    struct stat st;
    off_t end = lseek(stream->fd, 0, SEEK_CUR);
    if (end >= (off_t)len && fstat(stream->fd, &st) == 0 && st.st_size == end &&
        ftruncate(stream->fd, end - (off_t)len) == 0)
        lseek(stream->fd, end - (off_t)len, SEEK_SET);
}

/*
 * Write the source's own pages into a file, in steps that are checked afterwards: what was lost
 * meanwhile is cut off again.  Returns 0, or the source's error.
 */
static int write_source(struct stream *stream, const unsigned char *data, size_t len)
{
    while (len > 0 && !stream->error) {
        ssize_t written = write(stream->fd, data, len < WRITTEN ? len : WRITTEN);
        if (written < 0 && errno != EFAULT) {
            wait_or_fail(stream);
            continue;
        }
        if (written < 0) /* the page cannot be had: a load of it tells why */
            (void)*(const volatile unsigned char *)data;
        stream->error = mm_scan_check(stream->source);
        if (written < 0 && !stream->error)
            stream->error = -EFAULT;
        if (written > 0 && stream->error)
            take_back(stream, (size_t)written);
        if (stream->error)
            break;
        data += written;
        len -= (size_t)written;
        stream->gone += (uint64_t)written;
    }
    return stream->error;
}

int stream_pages(struct stream *stream, const struct mm_view *view, uint64_t left)
{
    bool own = !stream->copies && !stream->to && mm_scan_mapped(stream->source);
    if (own && view->len + left >= PIPE_WANTED && is_file(stream)) {
        int error = stream_flush(stream);
        if (!error) /* a page that was already looked at may be one of zeroes by now */
            error = stream->error = mm_scan_check(stream->source);
        return error ? error : write_source(stream, view->data, view->len);
    }
    size_t spliced = 0;
    if (own && view->len + left >= PIPE_WANTED && pipe_size(stream) > 0) {
        uint64_t held_back = left < stream->pipe ? stream->pipe - left : 0;
        spliced = view->len > held_back ? view->len - (size_t)held_back : 0;
    }
    int error = 0;
    if (spliced > 0) {
        error = stream_flush(stream);
        if (!error) /* a page that was already looked at may be one of zeroes by now */
            error = stream->error = mm_scan_check(stream->source);
        if (!error)
            error = splice_source(stream, view->data, spliced);
    }
    if (!error)
        stream_put(stream, view->data + spliced, view->len - spliced);
    return stream->error;
}

/*
 * Wait until the reader has taken every page that was handed over, or has left.  Where a
 * pipe-full was written behind them it has; else nothing but asking tells.
 */
static void await_reader(struct stream *stream)
{
    struct pollfd left = {.fd = stream->fd};
    int unread;
    for (int ms = 1; ioctl(stream->fd, FIONREAD, &unread) == 0; ms = ms < 64 ? 2 * ms : ms)
        if ((uint64_t)unread <= stream->gone - stream->handed || poll(&left, 1, ms) > 0)
            return;
}

int stream_end(struct stream *stream)
{
    vouch(stream);
    if (stream->handed && !stream->error) {
        stream_flush(stream);
        await_reader(stream);
        if (!stream->error)
            stream->error = mm_scan_check(stream->source);
    }
    int error = stream->error;
    stream->source = NULL;
    stream->handed = 0;
    stream->error = 0;
    return error;
}

void stream_close(struct stream *stream)
{
    stream_end(stream);
    stream_flush(stream);
    if (standard == stream)
        before_message = NULL;
    if (close(stream->fd) != 0 && !(stream->fd == STDOUT_FILENO && output_was_closed))
        fail(stream);
    supply_free(stream->supply);
    mm_map_close(stream->map);
    free(stream);
}
