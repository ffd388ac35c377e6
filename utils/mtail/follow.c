/* SPDX-License-Identifier: MIT */
/* What is added to files: waiting for it, and for what happens to their names. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/message.h"
#include "mtail/mtail.h"
#include "mtail/watch.h"

#define WRONG_TYPE (-1) /* for file->error: it is there, but cannot be followed */

struct follower {
    const struct options *options;
    struct output *out;
    struct file *files;
    size_t count;
    struct watch watch;
    bool check_output;    /* standard output is a pipe whose reader may go */
    struct pollfd *polls; /* standard output, inotify, and a stream per file */
};

static bool is_open(const struct file *file)
{
    return file->input.fd >= 0;
}

/* Is there anything that could still grow? */
static bool can_grow(const struct file *file)
{
    return is_open(file) && !file->error;
}

static bool can_be_followed(mode_t mode)
{
    return S_ISREG(mode) || S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode);
}

static void let_go(struct file *file)
{
    if (!is_open(file))
        return;
    input_close(&file->input, mm_scan_offset(file->input.scan));
    mm_scan_close(file->input.scan);
}

int follow_truncated(struct file *file)
{
    message("%s: file truncated", quote(file->shown));
    return mm_scan_open(file->input.scan, file->input.fd, 0);
}

bool follow_accept(const struct options *options, struct file *file, int error)
{
    file->watch = file->directory = -1;
    bool type = error != -EISDIR &&
                (!is_open(file) || can_be_followed(mm_scan_stat(file->input.scan)->st_mode));
    if (!error && type) {
        /* POSIX: following a pipe that is standard input is not meant. */
        if (file->input.standard && S_ISFIFO(mm_scan_stat(file->input.scan)->st_mode)) {
            file->given_up = true;
            let_go(file);
        }
        return true;
    }
    file->given_up = !options->retry || file->input.standard;
    if (!type)
        message("%s: cannot follow end of this type of file%s", quote(file->shown),
                file->given_up ? "; giving up on this name" : "");
    file->error = type ? -error : WRONG_TYPE;
    let_go(file);
    return false;
}

/* ------------------------------------------------------------ one file grows */

static void failed(struct follower *f, struct file *file, int error)
{
    trouble(file, error);
    let_go(file);
    file->error = -error;
    file->given_up = !f->options->by_name;
}

/*
 * How far a stream can be printed without waiting.  One read(2) at a time: there
 * are other files to look at.
 */
static int ready(struct file *file, uint64_t *until)
{
    struct mm_scan *scan = file->input.scan;
    struct pollfd stream = {.fd = file->input.fd, .events = POLLIN};
    *until = mm_scan_offset(scan);
    if (poll(&stream, 1, 0) <= 0)
        return 0;
    struct mm_view view;
    int error = mm_scan_more(scan, 1, &view);
    if (error)
        return error == -EAGAIN ? 0 : error;
    file->at_end = view.len == 0;
    *until += view.len;
    return 0;
}

/* Print what was added. */
static int print_added(struct follower *f, struct file *file)
{
    struct mm_scan *scan = file->input.scan;
    bool mapped = mm_scan_mapped(scan);
    uint64_t until = UINT64_MAX;
    int error = mapped ? 0 : ready(file, &until);
    if (!error)
        error = print_until(f->out, file, until);
    /* +NUM may have led behind the end. */
    if (!error && mapped && mm_scan_size(scan) < mm_scan_offset(scan))
        error = -ESTALE;
    return error;
}

static void pull(struct follower *f, struct file *file)
{
    struct mm_scan *scan = file->input.scan;
    uint64_t before = mm_scan_offset(scan);
    int error;
    while ((error = print_added(f, file)) == -ESTALE)
        if ((error = follow_truncated(file)) != 0)
            break;
    file->grown = false;
    file->unchanged = mm_scan_offset(scan) == before ? file->unchanged + 1 : 0;
    if (error)
        failed(f, file, error);
}

/* ------------------------------------------------------- one name, looked at */

/* The name leads to nothing any more, or still does not. */
static void inaccessible(struct follower *f, struct file *file, int error)
{
    const char *reason = strerror(error);
    if (!f->options->retry && file->error != error)
        message("%s: %s", quote(file->shown), reason);
    if (f->options->retry && !file->error)
        message("%s has become inaccessible: %s", quote_always(file->shown), reason);
    file->error = error;
}

static void untailable(struct follower *f, struct file *file)
{
    file->given_up = !(f->options->retry && f->options->by_name);
    if (file->error != WRONG_TYPE)
        message("%s has been replaced with an untailable file%s", quote_always(file->shown),
                file->given_up ? "; giving up on this name" : "");
    file->error = WRONG_TYPE;
    watch_drop(&f->watch, file);
    let_go(file);
}

/* Go on with the file that the name leads to now. */
static void adopt(struct follower *f, struct file *file, int fd)
{
    if (file->error && file->error != ENOENT)
        message("%s has become accessible", quote_always(file->shown));
    else if (file->error || !is_open(file))
        message("%s has appeared;  following new file", quote_always(file->shown));
    else
        message("%s has been replaced;  following new file", quote_always(file->shown));

    watch_drop(&f->watch, file);
    let_go(file);
    file->input.fd = fd;
    file->error = 0;
    file->at_end = false;
    file->grown = true;
    file->unchanged = 0;
    int error = mm_scan_open(file->input.scan, fd, 0);
    if (error)
        failed(f, file, error);
    else
        watch_file(&f->watch, file); /* before the file is read: what comes later is an event */
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Where does the name lead now? */
static void examine(struct follower *f, struct file *file)
{
    file->renamed = false;
    if (f->options->by_name && file->directory < 0)
        watch_file(&f->watch, file);
    int fd = open(file->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int error = errno;
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) != 0) {
        error = errno;
        close(fd);
        fd = -1;
    }
    if (fd >= 0 && can_grow(file) && same_file(&st, mm_scan_stat(file->input.scan))) {
        close(fd);
        return;
    }
    /* Before the old file is let go, what it still holds. */
    if (can_grow(file))
        pull(f, file);
    if (fd < 0) {
        inaccessible(f, file, error);
    } else if (!can_be_followed(st.st_mode)) {
        close(fd);
        untailable(f, file);
    } else {
        adopt(f, file, fd);
    }
}

/* A file that was renamed away stays open, for its name may come back; deleted, it is gone. */
static bool is_unlinked(const struct file *file)
{
    struct stat st;
    return fstat(file->input.fd, &st) != 0 || st.st_nlink == 0;
}

static void look(struct follower *f, struct file *file)
{
    const struct options *o = f->options;
    if (file->given_up)
        return;
    if (file->grown && can_grow(file))
        pull(f, file);
    if (file->polled && (file->unchanged > o->patience || !can_grow(file))) {
        file->renamed = true;
        file->unchanged = 0;
    }
    if (file->renamed && (o->by_name || !is_open(file)))
        examine(f, file);
    if (file->grown && can_grow(file))
        pull(f, file);
    if (is_open(file) && file->error && is_unlinked(file))
        let_go(file);
}

/* ----------------------------------------------------------------- all files */

/* Is there anything left to wait for? */
static bool any_left(const struct follower *f)
{
    const struct options *o = f->options;
    if (o->by_name && o->retry)
        return true;
    for (size_t i = 0; i < f->count; i++)
        if (is_open(&f->files[i]) || (o->retry && !f->files[i].given_up))
            return true;
    return false;
}

static bool is_gone(pid_t pid)
{
    return pid != 0 && kill(pid, 0) != 0 && errno != EPERM;
}

/* Only a poll will tell what happens to this one. */
static bool needs_poll(const struct file *file)
{
    return !file->given_up && (file->polled || file->at_end);
}

/* Wait for an event, or for the time of the next poll, and mark the files to be looked at. */
static void wait_for_news(struct follower *f)
{
    double seconds = f->options->interval < 1e9 ? f->options->interval : 1e9;
    struct timespec interval = {.tv_sec = (time_t)seconds};
    interval.tv_nsec = (long)((seconds - (double)interval.tv_sec) * 1e9);
    bool timed = f->options->pid != 0;
    nfds_t polls = 2;
    for (size_t i = 0; i < f->count; i++) {
        struct file *file = &f->files[i];
        timed |= needs_poll(file);
        if (can_grow(file) && !mm_scan_mapped(file->input.scan) && !file->at_end)
            f->polls[polls++] = (struct pollfd){.fd = file->input.fd, .events = POLLIN};
    }
    f->polls[0] = (struct pollfd){.fd = f->check_output ? STDOUT_FILENO : -1};
    f->polls[1] = (struct pollfd){.fd = f->watch.fd, .events = POLLIN};
    if (ppoll(f->polls, polls, timed ? &interval : NULL, NULL) > 0 && f->polls[0].revents) {
        /* Nobody reads: end as a write would. */
        raise(SIGPIPE);
        _exit(1);
    }
    if (f->watch.fd >= 0)
        watch_events(&f->watch);
    for (size_t i = 0; i < f->count; i++) {
        struct file *file = &f->files[i];
        bool stream = can_grow(file) && !mm_scan_mapped(file->input.scan);
        file->grown |= stream || needs_poll(file);
    }
}

bool follow(const struct options *options, struct output *out, struct file *files, size_t count)
{
    struct follower f = {.options = options, .out = out, .files = files, .count = count};
    bool any = false; /* file that is not standard input's pipe */
    for (size_t i = 0; i < count; i++)
        any |= !files[i].given_up || files[i].error;
    if (!any)
        return true;
    struct stat st;
    if (output_was_closed)
        xfail(1, "standard output: %s", strerror(EBADF));
    f.check_output = fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode);
    f.polls = xmalloc((count + 2) * sizeof *f.polls);
    /* The last file's header still stands, unless there was nothing to print under it. */
    out->last = is_open(&files[count - 1]) ? &files[count - 1] : NULL;
    watch_start(&f.watch, options, files, count);
    /* What happened before the watches stood was no event. */
    for (size_t i = 0; i < count; i++)
        files[i].grown = files[i].renamed = true;

    /* The process is asked for before the files are looked at: what it wrote last is printed. */
    bool over = false, left = true;
    while (!over && left) {
        over = is_gone(options->pid);
        for (size_t i = 0; i < count; i++) {
            files[i].grown |= over;
            look(&f, &files[i]);
        }
        stream_flush(out->stream);
        left = any_left(&f);
        if (!over && left)
            wait_for_news(&f);
    }
    if (!left)
        message("no files remaining");
    free(f.polls);
    return left;
}
