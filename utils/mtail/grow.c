/* SPDX-License-Identifier: MIT */
/* What is added to the file behind a name, and to the files that had the name before. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/message.h"
#include "mtail/follow.h"

/* Who was told to open the new file, and had something to write to the old one, has done so. */
#define QUIET 5000 /* milliseconds */
/* Who was writing a line when the file lost its name has written the rest of it. */
#define SETTLED 200 /* milliseconds */

void let_go(struct file *file)
{
    if (!is_open(file))
        return;
    input_close(&file->input, mm_scan_offset(file->input.scan));
    mm_scan_close(file->input.scan);
}

int follow_truncated(const struct file *file, const struct input *input)
{
    message("%s: file truncated", quote(file->shown));
    return mm_scan_open(input->scan, input->fd, 0);
}

void failed(struct follower *f, struct file *file, int error)
{
    trouble(file, error);
    watch_drop(&f->watch, &file->watch);
    let_go(file);
    file->error = -error;
    file->given_up = !f->options->by_name;
}

/* How much a mapped file holds now; that it shrank is left for print_mapped() to find. */
static uint64_t size_now(const struct input *input)
{
    mm_scan_check(input->scan);
    return mm_scan_size(input->scan);
}

/* Print a mapped file up to byte `until`, or from its beginning if it was cut short. */
static int print_mapped(struct follower *f, const struct file *file, const struct input *input,
                        uint64_t until, enum portion portion)
{
    struct mm_scan *scan = input->scan;
    for (;;) {
        int error = mm_scan_check(scan);
        if (!error)
            error = print_until(f->out, file, input, until, portion);
        /* +NUM may have led behind the end. */
        if (!error && mm_scan_size(scan) < mm_scan_offset(scan))
            error = -ESTALE;
        if (error == -ESTALE)
            error = follow_truncated(file, input);
        else
            return error;
        if (error)
            return error;
        until = mm_scan_size(scan);
    }
}

/*
 * See what can be had of a stream without waiting.  One read(2) at a time: there are
 * other files to look at.
 */
static int see_stream(struct file *file)
{
    struct pollfd stream = {.fd = file->input.fd, .events = POLLIN};
    if (poll(&stream, 1, 0) <= 0)
        return 0;
    struct mm_view view;
    int error = mm_scan_more(file->input.scan, file->held + 1, &view);
    if (error)
        return error == -EAGAIN ? 0 : error;
    file->at_end = view.len == file->held;
    file->held = view.len;
    return 0;
}

/* Print what was seen of a stream. */
static int print_seen(struct follower *f, struct file *file, enum portion portion)
{
    uint64_t until = mm_scan_offset(file->input.scan) + file->held;
    int error = print_until(f->out, file, &file->input, until, portion);
    file->held = (size_t)(until - mm_scan_offset(file->input.scan));
    return error;
}

static int print_stream(struct follower *f, struct file *file, enum portion portion)
{
    int error = see_stream(file);
    return error ? error : print_seen(f, file, portion);
}

static void former_free(struct follower *f, struct file *file, struct former **place)
{
    struct former *former = *place;
    *place = former->older;
    file->formers--;
    watch_drop(&f->watch, &former->watch);
    input_close(&former->input, mm_scan_offset(former->input.scan));
    mm_scan_free(former->input.scan);
    free(former);
}

/* Does the input end here, before byte `until`, with a whole line? */
static bool ends_line(const struct input *input, uint64_t until, unsigned char line_end)
{
    struct mm_view view;
    uint64_t offset = mm_scan_offset(input->scan);
    if (offset == 0 || offset < until)
        return offset == until;
    if (mm_scan_seek(input->scan, offset - 1) != 0 || mm_scan_more(input->scan, 1, &view) != 0 ||
        view.len == 0)
        return true; /* it was cut short meanwhile */
    bool ends = *view.data == line_end;
    mm_scan_consume(input->scan, 1);
    return ends;
}

/*
 * Print what was added to a former file, and before that to older ones.
 *
 * Newer files are measured before older ones: what they hold then was written later, so
 * each writer's lines keep their order.  So that lines of two files are not mixed, only
 * whole ones are printed, but for the end of a file that has settled.
 *
 * Returns false where that end is waited for: nothing newer is to be printed yet.
 */
static bool pull_formers(struct follower *f, struct file *file, struct former **place)
{
    struct former *former = *place;
    if (!former)
        return true;
    uint64_t until = size_now(&former->input), before = mm_scan_offset(former->input.scan);
    if (!pull_formers(f, file, &former->older))
        return false;
    bool settles = f->over || (!former->settled && f->now - former->retired_at >= SETTLED);
    enum portion portion = f->over ? REST : settles ? SO_FAR : LINES;
    int error = print_mapped(f, file, &former->input, until, portion);
    if (mm_scan_offset(former->input.scan) != before)
        former->grown_at = f->now;
    former->settled |= settles;
    if (error) {
        trouble(file, error);
        former_free(f, file, place);
        return true;
    }
    return former->settled || ends_line(&former->input, until, f->options->line_end);
}

void pull(struct follower *f, struct file *file)
{
    struct mm_scan *scan = file->input.scan;
    bool grows = is_open(file), mapped = grows && mm_scan_mapped(scan);
    uint64_t before = grows ? mm_scan_offset(scan) : 0;
    uint64_t until = mapped ? size_now(&file->input) : 0;
    file->waits = !pull_formers(f, file, &file->former);
    file->grown = file->waits;
    if (!grows || file->waits)
        return;
    enum portion portion = f->over ? REST : file->former ? LINES : SO_FAR;
    int error = mapped ? print_mapped(f, file, &file->input, until, portion)
                       : print_stream(f, file, portion);
    file->unchanged = mm_scan_offset(scan) == before ? file->unchanged + 1 : 0;
    if (error)
        failed(f, file, error);
}

/* Print the rest of a former file, and let it go. */
static void part_from(struct follower *f, struct file *file, struct former **place)
{
    const struct input *input = &(*place)->input;
    print_mapped(f, file, input, size_now(input), REST);
    former_free(f, file, place);
}

void retire(struct follower *f, struct file *file)
{
    if (!is_open(file))
        return;
    if (!mm_scan_mapped(file->input.scan)) {
        print_seen(f, file, REST);
        watch_drop(&f->watch, &file->watch);
        let_go(file);
        return;
    }
    struct former *former = xmalloc(sizeof *former);
    *former = (struct former){.input = file->input,
                              .watch = file->watch,
                              .retired_at = f->now,
                              .grown_at = f->now,
                              .older = file->former};
    file->former = former;
    file->formers++;
    file->watch = file->input.fd = -1;
    if (mm_scan_new(0, &file->input.scan) != 0)
        xfail(1, "memory exhausted");
    if (file->formers > f->most_formers) {
        struct former **oldest = &file->former;
        while ((*oldest)->older)
            oldest = &(*oldest)->older;
        part_from(f, file, oldest);
    }
}

bool restore(struct file *file, const struct stat *st)
{
    for (struct former **place = &file->former; *place; place = &(*place)->older) {
        struct former *former = *place;
        if (!same_file(mm_scan_stat(former->input.scan), st))
            continue;
        *place = former->older;
        file->formers--;
        mm_scan_free(file->input.scan);
        file->input = former->input;
        file->watch = former->watch;
        free(former);
        return true;
    }
    return false;
}

bool part_from_formers(struct follower *f, struct file *file, bool all)
{
    bool any = false;
    bool newer_grew = is_open(file) && mm_scan_offset(file->input.scan) > 0;
    for (struct former **place = &file->former; *place;) {
        struct former *former = *place;
        bool grew = mm_scan_offset(former->input.scan) > 0;
        if (all || (newer_grew && f->now - former->grown_at >= QUIET)) {
            part_from(f, file, place);
            any = true;
        } else {
            place = &former->older;
        }
        newer_grew |= grew;
    }
    return any;
}
