/* SPDX-License-Identifier: MIT */
/* --lock: files that are kept in memory until a signal ends it. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "common/message.h"
#include "common/stream.h"
#include "mcache/daemon.h"
#include "mcache/hold.h"
#include "mcache/lock.h"
#include "mcache/options.h"
#include "mcache/show.h"
#include "mcache/walk.h"

#define TICK 1 /* seconds between two looks at the files */

struct locker {
    const struct options *options;
    struct stream *out;
    struct hold *holds; /* by name */
    size_t count, room;
    uint64_t wanted; /* bytes, of whole pages */
    bool trouble;
};

/* Those that are waited for; blocked, so that they wait. */
static sigset_t signals;

static bool ends(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

static bool is_terminal(void)
{
    return isatty(STDIN_FILENO) || isatty(STDOUT_FILENO) || isatty(STDERR_FILENO);
}

static void identify(const struct options *options, int fd, const struct stat *st,
                     struct file *file)
{
    (void)options, (void)fd, (void)st, (void)file; /* the walk itself notes which file it is */
}

static void add(void *context, struct file *file)
{
    struct locker *locker = context;
    if (locker->count == locker->room) {
        locker->room = locker->room ? locker->room * 2 : 64;
        locker->holds = xrealloc(locker->holds, locker->room * sizeof *locker->holds);
    }
    locker->holds[locker->count++] = (struct hold){.name = xstrdup(file->name), .fd = -1};
    uint64_t page = mm_page_size();
    locker->wanted += (file->size + page - 1) / page * page;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct hold *)a)->name, ((const struct hold *)b)->name);
}

/* Find the files that the options name now. */
static void collect(struct locker *locker)
{
    struct walk walk = {
        .options = locker->options, .perform = identify, .take = add, .context = locker};
    locker->holds = NULL;
    locker->count = locker->room = 0;
    locker->wanted = 0;
    walk_all(&walk);
    locker->trouble |= walk.trouble;
    if (locker->count > 0)
        qsort(locker->holds, locker->count, sizeof *locker->holds, by_name);
}

/* Before anything is locked: may so much be?  `held` bytes of it already are. */
static bool may_lock(const struct locker *locker, uint64_t held)
{
    uint64_t room;
    struct mm_lock now;
    char wanted[16], limit[16], locked[16];
    if (mm_lock_room(&room) != 0 || mm_lock_read(&now) != 0 || room == UINT64_MAX ||
        locker->wanted <= room + held)
        return true;
    message("%zu file%s of %s cannot be locked: RLIMIT_MEMLOCK is %s, %s are locked; raise it "
            "with 'ulimit -l %" PRIu64 "', LimitMEMLOCK= of a systemd unit, or memlock in "
            "/etc/security/limits.conf",
            locker->count, locker->count == 1 ? "" : "s", size_text(wanted, locker->wanted),
            size_text(limit, now.limit), size_text(locked, now.locked),
            (locker->wanted - held + now.locked + 1023) / 1024);
    return false;
}

static void say(struct hold *hold, int error)
{
    if (error == hold->error)
        return;
    hold->error = error;
    if (error == -ENOENT)
        message("%s: is gone, and no longer locked", quote_controls(hold->name));
    else if (error && error != -ENOMEM)
        message("%s: %s", quote_controls(hold->name), mm_strerror(error));
}

static void end_all(struct locker *locker)
{
    for (size_t i = 0; i < locker->count; i++)
        hold_end(&locker->holds[i]);
    free(locker->holds);
}

/* The first look at all files.  Returns false where the limit was passed after all. */
static bool lock_all(struct locker *locker)
{
    for (size_t i = 0; i < locker->count && !ends(); i++) {
        int error = hold_look(&locker->holds[i], ends);
        say(&locker->holds[i], error);
        locker->trouble |= error != 0;
        if (error == -ENOLCK)
            return false;
    }
    return true;
}

static void report(const struct locker *locker)
{
    struct mm_lock now = {0};
    uint64_t pages = 0, page = mm_page_size();
    size_t files = 0;
    char text[160], limit[40] = "no limit";
    for (size_t i = 0; i < locker->count; i++) {
        files += locker->holds[i].fd >= 0;
        pages += (locker->holds[i].size + page - 1) / page;
    }
    mm_lock_read(&now);
    if (now.limit != UINT64_MAX)
        snprintf(limit, sizeof limit, "limit %" PRIu64 " kB", now.limit / 1024);
    int len = snprintf(text, sizeof text,
                       "%zu file%s locked, %" PRIu64 " pages; VmLck %" PRIu64 " kB, %s\n", files,
                       files == 1 ? "" : "s", pages, now.locked / 1024, limit);
    stream_put(locker->out, text, (size_t)len);
    stream_flush(locker->out);
}

/* Find the names anew; a file whose name stays is not let go meanwhile. */
static void reload(struct locker *locker)
{
    struct locker before = *locker;
    uint64_t held = 0, page = mm_page_size();
    collect(locker);
    for (size_t i = 0; i < before.count; i++)
        held += (before.holds[i].size + page - 1) / page * page;
    if (!may_lock(locker, held)) {
        end_all(locker);
        *locker = before;
        return;
    }
    for (size_t i = 0, j = 0; i < before.count; i++) {
        struct hold *old = &before.holds[i];
        while (j < locker->count && strcmp(locker->holds[j].name, old->name) < 0)
            j++;
        if (j < locker->count && strcmp(locker->holds[j].name, old->name) == 0) {
            struct hold stays = *old;
            *old = locker->holds[j];
            locker->holds[j] = stays;
        }
    }
    end_all(&before);
    lock_all(locker);
    report(locker);
}

/* Look at the files every second, and at signals. */
static void stay(struct locker *locker)
{
    bool daemon = locker->options->daemon, terminal = is_terminal();
    const struct timespec tick = {.tv_sec = TICK};
    for (;;) {
        int signal = sigtimedwait(&signals, NULL, &tick);
        if (signal == SIGTERM || signal == SIGINT)
            return;
        /* The end of the terminal is the end of what runs on it. */
        if (signal == SIGHUP && !daemon && terminal && !is_terminal())
            return;
        if (signal == SIGHUP)
            reload(locker);
        for (size_t i = 0; i < locker->count && !ends(); i++)
            say(&locker->holds[i], hold_look(&locker->holds[i], ends));
    }
}

/* What is to be true of the process itself, in the end. */
static void prepare(const struct options *options)
{
    int error = options->adjust_given ? mm_oom_adjust(0, options->adjust) : 0;
    if (error)
        xfail(exit_trouble, "--oom-score-adj=%d: %s", options->adjust, mm_strerror(error));
    pidfile_take(options->pidfile);
}

bool lock(const struct options *options, struct stream *out)
{
    struct locker locker = {.options = options, .out = out};
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    collect(&locker);
    if (locker.count == 0)
        xfail(exit_trouble, "no file to lock");
    if (!may_lock(&locker, 0))
        exit(exit_trouble);
    stream_flush(out);
    if (options->daemon)
        daemon_begin();
    prepare(options);
    bool locked = lock_all(&locker);
    int error = locked && options->lock_self ? mm_lock_all(MM_LOCK_CURRENT | MM_LOCK_ON_FAULT) : 0;
    if (error)
        message("--lock-self: %s", mm_strerror(error));
    if (locked && !error) {
        report(&locker);
        if (options->daemon)
            daemon_ready(locker.trouble ? exit_trouble : 0);
        stay(&locker);
    }
    end_all(&locker);
    pidfile_drop(options->pidfile);
    return locked && !error && !locker.trouble;
}
