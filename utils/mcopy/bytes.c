/* SPDX-License-Identifier: MIT */
/* The bytes of one file, from mapping to mapping. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "common/message.h"
#include "common/progress.h"

#include "mcopy/bytes.h"

/* What --sparse=always makes a hole of, where it is all zeroes: no file system has smaller blocks.
 */
#define BLOCK ((size_t)4096)

struct transfer {
    const struct options *options;
    struct input *source;
    struct mm_scan *scan;
    struct mm_output *output;
    uint64_t end; /* of the source when it was opened; UINT64_MAX for a stream */
    int error;    /* of the output, */
    int lost;     /* of the source */
};

static uint64_t left(const struct transfer *t)
{
    uint64_t at = mm_scan_offset(t->scan);
    return at < t->end ? t->end - at : 0;
}

static void seek(struct transfer *t, uint64_t off)
{
    if (!t->lost && mm_scan_offset(t->scan) != off)
        t->lost = mm_scan_seek(t->scan, off);
}

static bool trouble(const struct transfer *t)
{
    return t->error || t->lost;
}

/* Does a hole begin here, that is to stay one?  *len is how long it, or the data, goes on. */
static bool at_hole(const struct transfer *t, uint64_t *len)
{
    bool hole = mm_scan_hole(t->scan, len);
    if (*len > left(t))
        *len = left(t);
    return hole && t->options->sparse != SPARSE_NEVER;
}

/* Room for all the data before the first byte is copied; none for the holes. */
static void reserve(struct transfer *t)
{
    uint64_t begin = mm_scan_offset(t->scan), len;
    /* What --sparse=always leaves out is known when it is met. */
    if (!mm_scan_mapped(t->scan) || t->options->sparse == SPARSE_ALWAYS)
        return;
    while (!trouble(t) && left(t) > 0) {
        if (!at_hole(t, &len))
            t->error = mm_output_reserve(t->output, mm_scan_offset(t->scan), len);
        if (len == 0 || len == left(t))
            break;
        seek(t, mm_scan_offset(t->scan) + len);
    }
    seek(t, begin);
}

/* Copy bytes of a view.  Zeroes in place of lost ones are not committed. */
static void put(struct transfer *t, const unsigned char *data, size_t len)
{
    if (t->options->sparse == SPARSE_ALWAYS)
        t->error = mm_output_reserve(t->output, mm_output_committed(t->output), len);
    while (!trouble(t) && len > 0) {
        struct mm_span span;
        t->error = mm_output_window(t->output, len, &span);
        if (t->error)
            return;
        memcpy(span.data, data, span.len);
        progress_add(span.len);
        t->lost = mm_scan_check(t->scan);
        if (!t->lost)
            t->error = mm_output_commit(t->output, span.len);
        data += span.len;
        len -= span.len;
    }
}

static bool is_zero(const unsigned char *data, size_t len)
{
    return data[0] == 0 && memcmp(data, data + 1, len - 1) == 0;
}

/* The bytes from `data` on, whole blocks of the file or the last ones, that are alike in this. */
static size_t run_length(const unsigned char *data, size_t len, uint64_t at, bool *zero)
{
    size_t done = 0;
    while (done < len) {
        size_t block = BLOCK - (size_t)((at + done) % BLOCK);
        if (block > len - done)
            block = len - done;
        bool zeroes = is_zero(data + done, block);
        if (done == 0)
            *zero = zeroes;
        else if (zeroes != *zero)
            break;
        done += block;
    }
    return done;
}

/* Blocks of zeroes become holes. */
static void put_sparse(struct transfer *t, const unsigned char *data, size_t len)
{
    while (!trouble(t) && len > 0) {
        bool zero = false;
        size_t run = run_length(data, len, mm_output_committed(t->output), &zero);
        if (!zero)
            put(t, data, run);
        else if ((t->lost = mm_scan_check(t->scan)) == 0)
            t->error = mm_output_skip(t->output, run);
        if (zero)
            progress_add(run);
        data += run;
        len -= run;
    }
}

/* One hole, or one view. */
static void step(struct transfer *t)
{
    uint64_t len;
    if (at_hole(t, &len)) {
        t->error = mm_output_skip(t->output, len);
        progress_skip(len);
        seek(t, mm_scan_offset(t->scan) + len);
        return;
    }
    struct mm_view view;
    t->lost = mm_scan_more(t->scan, 1, &view);
    if (t->lost)
        return;
    if (view.len == 0) /* a stream's end, or a file's that came too early */
        t->end = mm_scan_offset(t->scan);
    if (view.len > len)
        view.len = (size_t)len;
    if (t->options->sparse == SPARSE_ALWAYS)
        put_sparse(t, view.data, view.len);
    else
        put(t, view.data, view.len);
    mm_scan_consume(t->scan, view.len);
}

static bool shrank(const struct input *source, uint64_t size)
{
    message("%s: %s, at byte %" PRIu64, quote_always(source->operand), mm_strerror(-ESTALE), size);
    return false;
}

/* Is the source still what was copied?  It may have grown. */
static bool is_unchanged(const struct input *source)
{
    const struct stat *before = mm_scan_stat(source->scan);
    struct stat now;
    if (!S_ISREG(before->st_mode) || !mm_scan_mapped(source->scan))
        return true;
    if (fstat(source->fd, &now) != 0) {
        message("%s: %s", quote_always(source->operand), strerror(errno));
        return false;
    }
    if (now.st_size < before->st_size)
        return shrank(source, (uint64_t)now.st_size);
    if (now.st_size > before->st_size || (now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
                                          now.st_mtim.tv_nsec == before->st_mtim.tv_nsec))
        return true;
    message("%s: file was changed while it was copied", quote_always(source->operand));
    return false;
}

/* Returns whether the output shares the source's bytes; *error is worth a message. */
static bool clone_bytes(const struct options *options, const struct input *source,
                        struct mm_output *output, int *error)
{
    static dev_t refused; /* a file system that cannot, so as not to ask for each file */
    static bool has_refused;
    const struct stat *st = mm_scan_stat(source->scan);
    bool must = options->reflink == REFLINK_ALWAYS;
    *error = 0;
    if (options->reflink == REFLINK_NEVER || mm_output_committed(output) > 0 ||
        (!must && (!S_ISREG(st->st_mode) || (has_refused && refused == st->st_dev))))
        return false;
    int result = mm_output_clone(output, source->fd);
    if (result == -EOPNOTSUPP || result == -ENOTTY) {
        has_refused = true;
        refused = st->st_dev;
    }
    *error = must ? result : 0;
    return result == 0;
}

bool bytes_copy(const struct options *options, struct input *source, struct mm_output *output,
                const char *to)
{
    struct mm_scan *scan = source->scan;
    struct transfer t = {options, source, scan, output, UINT64_MAX, 0, 0};
    int error;
    if (clone_bytes(options, source, output, &error)) {
        progress_skip(mm_scan_size(scan));
        return true;
    }
    if (error) {
        message("failed to clone %s from %s: %s", quote_always(to), quote_always(source->operand),
                strerror(-error));
        return false;
    }
    if (mm_scan_mapped(scan)) {
        t.end = mm_scan_size(scan);
        seek(&t, mm_output_committed(output));
    }
    reserve(&t);
    while (!trouble(&t) && left(&t) > 0)
        step(&t);
    if (t.lost) {
        input_trouble(source, quote_always(source->operand), t.lost);
        return false;
    }
    if (t.error) {
        message("error writing %s: %s", quote_always(to), mm_strerror(t.error));
        return false;
    }
    return is_unchanged(source);
}
