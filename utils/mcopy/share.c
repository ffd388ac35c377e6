/* SPDX-License-Identifier: MIT */
/* Plain new files below a directory, shared among worker processes. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "common/message.h"
#include "common/progress.h"
#include "common/threads.h"
#include "common/workers.h"

#include "mcopy/attributes.h"
#include "mcopy/share.h"
#include "mcopy/tally.h"

/* So many files take as long as it takes to begin a worker. */
#define ALONE_FILES 32

/* Larger files have several threads of the parent's, and tell how far they are. */
#define SHARED_MOST (8 << 20)

/* A directory that is given its attributes later. */
struct waiting {
    struct waiting *next;
    struct stat st, made;
    bool is_new;
    char *to;
    char from[];
};

struct share {
    struct options options; /* in a worker its own */
    struct work work;
    struct workers *workers; /* NULL: not begun */
    unsigned files;          /* copied by the caller */
    bool good;
    bool busy; /* files were given that may not be copied yet */
    struct waiting *first, **last;
};

/* An item begins with this; the two names follow, each with its NUL. */
struct item {
    bool follow, fresh;
    struct stat st;
};

enum say { SAY_MESSAGE, SAY_SUM };

struct sum {
    bool good;
    struct tally tally;
    uint64_t progress;
};

static struct job job_of(const char *text, struct item *item)
{
    memcpy(item, text, sizeof *item);
    const char *from = text + sizeof *item;
    return (struct job){from, from + strlen(from) + 1, &item->st, item->follow, true, item->fresh};
}

/* ------------------------------------------------------------- in a worker */

static void say_message(const char *text, size_t len)
{
    worker_say(SAY_MESSAGE, text, len);
}

static void begin(void *context)
{
    struct share *share = context;
    share->good = true;
    share->workers = NULL;
    message_to = say_message;
    signal(SIGUSR1, SIG_IGN);
    data_forget(); /* the parent's may have had a thread */
    progress_hide();
    tally_take();
    /* Unlike the signal that cannot be caught, it leaves no half of a file. */
    struct sigaction term;
    sigset_t blocked;
    if (sigaction(SIGTERM, NULL, &term) == 0 && term.sa_handler != SIG_IGN &&
        sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && !sigismember(&blocked, SIGTERM))
        prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static bool perform(void *context, const char *text, size_t len)
{
    struct share *share = context;
    struct item item;
    struct job job = job_of(text, &item);
    (void)len;
    bool good = data_copy(&share->options, &job);
    tally.failed += !good;
    share->good &= good;
    return true;
}

static void settle(void *context)
{
    struct share *share = context;
    struct sum sum = {share->good, tally_take(), progress_take()};
    share->good = true;
    worker_say(SAY_SUM, &sum, sizeof sum);
}

/* ----------------------------------------------------------- in the parent */

/*
 * Did the worker that died copy it?  In a directory that is this run's own nobody else made it,
 * and a name that comes last is that of a whole file.
 */
static bool is_copied(const struct share *share, const struct job *job)
{
    struct stat there;
    return job->fresh && !share->options.in_place && !share->options.resume &&
           lstat(job->to, &there) == 0 && S_ISREG(there.st_mode);
}

static bool here(void *context, const char *text, size_t len)
{
    struct item item;
    struct job job = job_of(text, &item);
    if (!is_copied(context, &job))
        return perform(context, text, len);
    tally.files++;
    tally.bytes += (uint64_t)job.st->st_size;
    progress_done(1);
    return true;
}

static bool take(void *context, unsigned kind, const char *data, size_t len)
{
    struct share *share = context;
    struct sum sum;
    if ((enum say)kind == SAY_MESSAGE) {
        message_pass(data, len);
        return true;
    }
    memcpy(&sum, data, sizeof sum);
    share->good &= sum.good;
    tally_add(&sum.tally);
    progress_add(sum.progress);
    progress_done(sum.tally.files);
    return true;
}

static void lost(void *context, const char *text, size_t len, int signal)
{
    struct share *share = context;
    struct item item;
    struct job job = job_of(text, &item);
    (void)len;
    message("cannot copy %s: the process that copied it was ended by signal %d (%s)",
            quote_always(job.from), signal, strsignal(signal));
    share->good = false;
    tally.failed++;
}

struct share *share_new(const struct options *options)
{
    struct share *share = xmalloc(sizeof *share);
    *share = (struct share){
        .options = *options,
        .good = true,
        .work =
            {
                .context = share,
                .begin = begin,
                .perform = perform,
                .settle = settle,
                .take = take,
                .here = here,
                .lost = lost,
            },
    };
    share->last = &share->first;
    return share;
}

bool share_file(struct share *share, const struct job *job)
{
    if (job->st->st_size > SHARED_MOST)
        return false;
    if (!share->workers) {
        unsigned count = threads_default();
        if (share->files++ < ALONE_FILES || count < 2)
            return false;
        data_forget(); /* what it keeps may have a thread */
        share->workers = workers_new(&share->work, count);
    }
    struct item item = {job->follow, job->fresh, *job->st};
    size_t from = strlen(job->from) + 1, to = strlen(job->to) + 1;
    char *text = xmalloc(sizeof item + from + to);
    memcpy(text, &item, sizeof item);
    memcpy(text + sizeof item, job->from, from);
    memcpy(text + sizeof item + from, job->to, to);
    workers_give(share->workers, text, sizeof item + from + to, false);
    free(text);
    share->busy = true;
    return true;
}

bool share_directory(struct share *share, const struct job *job, const struct stat *made)
{
    if (!share->busy)
        return false;
    size_t from = strlen(job->from) + 1, to = strlen(job->to) + 1;
    struct waiting *one = xmalloc(sizeof *one + from + to);
    *one = (struct waiting){.st = *job->st, .is_new = made};
    if (made)
        one->made = *made;
    one->to = one->from + from;
    memcpy(one->from, job->from, from);
    memcpy(one->to, job->to, to);
    *share->last = one;
    share->last = &one->next;
    return true;
}

bool share_settle(struct share *share)
{
    if (share->busy)
        workers_settle(share->workers);
    share->busy = false;
    for (struct waiting *one; (one = share->first);) {
        share->good &= attributes_path(&share->options, one->from, &one->st, one->to,
                                       one->is_new ? &one->made : NULL);
        share->first = one->next;
        free(one);
    }
    share->last = &share->first;
    bool good = share->good;
    share->good = true;
    return good;
}

void share_free(struct share *share)
{
    if (share->workers)
        workers_free(share->workers);
    free(share);
}
