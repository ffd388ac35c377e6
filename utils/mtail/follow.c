/* SPDX-License-Identifier: MIT */
/* What is added to files: waiting for it, and for what happens to their names. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/message.h"
#include "mtail/follow.h"

#define SOON 0.02 /* seconds between two looks at a line that is waited for */
/* More former files than that are a burden: each is looked at whenever anything happens. */
#define FORMERS_MOST 1000
#define OTHER_FILES  32 /* descriptors for what else is open */

bool is_open(const struct file *file)
{
    return file->input.fd >= 0;
}

bool can_be_followed(mode_t mode)
{
    return S_ISREG(mode) || S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode);
}

bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool follow_wanted(const struct options *options, const struct file *file)
{
    bool pipe = file->input.standard && S_ISFIFO(mm_scan_stat(file->input.scan)->st_mode);
    return options->follow && !pipe;
}

bool follow_accept(const struct options *options, struct file *file, int error)
{
    file->watch = file->directory = -1;
    bool type = error != -EISDIR &&
                (!is_open(file) || can_be_followed(mm_scan_stat(file->input.scan)->st_mode));
    if (!error && type) {
        if (is_open(file) && !follow_wanted(options, file)) {
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

static void look(struct follower *f, struct file *file)
{
    const struct options *o = f->options;
    if (file->given_up)
        return;
    if (file->grown)
        pull(f, file);
    if (file->polled && (file->unchanged > o->patience || !is_open(file))) {
        file->renamed = true;
        file->unchanged = 0;
    }
    if (file->renamed && (o->by_name || !is_open(file)))
        examine(f, file);
    if (file->grown)
        pull(f, file);
    if (part_from_formers(f, file, false))
        pull(f, file); /* what is no whole line may be printed now */
}

/* ----------------------------------------------------------------- all files */

/* A file that was renamed away may get its name back; one that was deleted is gone. */
static bool may_come_back(const struct file *file)
{
    struct stat st;
    for (const struct former *former = file->former; former; former = former->older)
        if (fstat(former->input.fd, &st) == 0 && st.st_nlink > 0)
            return true;
    return false;
}

/* Is there anything left to wait for? */
static bool any_left(const struct follower *f)
{
    const struct options *o = f->options;
    if (o->by_name && o->retry)
        return true;
    for (size_t i = 0; i < f->count; i++) {
        const struct file *file = &f->files[i];
        if (is_open(file) || (o->retry && !file->given_up) || may_come_back(file))
            return true;
    }
    return false;
}

static bool is_gone(pid_t pid)
{
    return pid != 0 && kill(pid, 0) != 0 && errno != EPERM;
}

/* Only a poll will tell what happens to this one. */
static bool needs_poll(const struct file *file)
{
    return !file->given_up && (file->polled || file->at_end || file->former);
}

/* Wait for an event, or for the time of the next poll, and mark the files to be looked at. */
static void wait_for_news(struct follower *f)
{
    double seconds = f->options->interval < 1e9 ? f->options->interval : 1e9;
    bool timed = f->options->pid != 0;
    nfds_t polls = 2;
    for (size_t i = 0; i < f->count; i++) {
        struct file *file = &f->files[i];
        timed |= needs_poll(file);
        if (file->waits && seconds > SOON)
            seconds = SOON;
        if (is_open(file) && !mm_scan_mapped(file->input.scan) && !file->at_end)
            f->polls[polls++] = (struct pollfd){.fd = file->input.fd, .events = POLLIN};
    }
    struct timespec interval = {.tv_sec = (time_t)seconds};
    interval.tv_nsec = (long)((seconds - (double)interval.tv_sec) * 1e9);
    f->polls[0] = (struct pollfd){.fd = f->check_output ? STDOUT_FILENO : -1};
    f->polls[1] = (struct pollfd){.fd = f->watch.fd, .events = POLLIN};
    if (ppoll(f->polls, polls, timed ? &interval : NULL, NULL) > 0 && f->polls[0].revents) {
        /* Nobody reads: end as a write would. */
        raise(SIGPIPE);
        _exit(1);
    }
    watch_events(&f->watch);
    for (size_t i = 0; i < f->count; i++) {
        struct file *file = &f->files[i];
        bool stream = is_open(file) && !mm_scan_mapped(file->input.scan);
        file->grown |= stream || needs_poll(file);
    }
}

static uint64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*
 * Take all descriptors that may be had.  Returns how many former files each of the files may
 * have open.
 */
static size_t former_share(size_t count)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        getrlimit(RLIMIT_NOFILE, &limit);
    /* What is followed, and a new file beside it that is not known yet. */
    uint64_t needed = 2 * (uint64_t)count + OTHER_FILES;
    uint64_t share = limit.rlim_cur > needed ? (limit.rlim_cur - needed) / count : 0;
    return share < FORMERS_MOST ? (size_t)share : FORMERS_MOST;
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
    f.most_formers = former_share(count);
    f.polls = xmalloc((count + 2) * sizeof *f.polls);
    /* The last file's header still stands, unless there was nothing to print under it. */
    out->last = is_open(&files[count - 1]) ? &files[count - 1] : NULL;
    watch_start(&f.watch, options, files, count);
    /* What happened before the watches stood was no event. */
    for (size_t i = 0; i < count; i++)
        files[i].grown = files[i].renamed = true;

    /* The process is asked for before the files are looked at: what it wrote last is printed. */
    bool left = true;
    while (!f.over && left) {
        f.over = is_gone(options->pid);
        f.now = milliseconds();
        if (f.over)
            watch_events(&f.watch);
        for (size_t i = 0; i < count; i++) {
            files[i].grown |= f.over;
            files[i].renamed |= f.over;
            look(&f, &files[i]);
        }
        stream_flush(out->stream);
        left = any_left(&f);
        if (!f.over && left)
            wait_for_news(&f);
    }
    if (!left)
        message("no files remaining");
    for (size_t i = 0; i < count; i++) {
        part_from_formers(&f, &files[i], true);
        while (files[i].passing)
            watch_taken(&files[i]);
    }
    free(f.polls);
    return left;
}
