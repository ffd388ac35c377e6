/* SPDX-License-Identifier: MIT */
/*
 * The process that decodes: an archive's mapping goes in, records come out.  Whoever wrote the
 * archive may have the process do anything that the sandbox allows, and so tell its parent
 * anything: it is the parent who is careful.
 */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "archive/inflate.h"
#include "archive/level.h"
#include "archive/limit.h"
#include "archive/sandbox.h"

#define LOOKS 5 /* so many seconds of work without progress are too many */

const struct functions *libarchive;

static struct shared *watched;

/* Each second that the processor worked.  What waits for its parent does not work. */
static void watch(int signal)
{
    static uint64_t before;
    static int still;
    uint64_t now = atomic_load_explicit(&watched->progress, memory_order_relaxed);
    (void)signal;
    still = now == before ? still + 1 : 0;
    before = now;
    if (still >= LOOKS)
        _exit(EXIT_STUCK);
}

/*
 * Names become text in UTF-8, and are otherwise left as they are, whatever the locale of the
 * parent is; times of a zip are local.  Both open files when they are first needed: now.
 */
static void open_files(void)
{
    wchar_t wide[8];
    char narrow[16];
    if (!setlocale(LC_ALL, "C.UTF-8"))
        setlocale(LC_ALL, "C");
    if (mbstowcs(wide, "\u00e4", 8) != (size_t)-1)
        wcstombs(narrow, wide, sizeof narrow);
    setenv("TZ", ":/etc/localtime", 0);
    tzset();
    time_t epoch = 0;
    struct tm tm;
    localtime_r(&epoch, &tm);
    mktime(&tm);
}

/* What comes behind an archive's end is taken too, so that whoever sends it can go on. */
static void drain(const struct job *job, struct source *source)
{
    const void *data;
    while (source_read_ring(source, &data) > 0)
        job_progress(job);
}

bool decode_prepare(void)
{
    libarchive = functions_load();
    inflate_prepare();
    return libarchive;
}

_Noreturn void decode(const struct job *job)
{
    static const struct itimerval second = {{1, 0}, {1, 0}};
    struct sigaction action = {.sa_handler = watch, .sa_flags = SA_RESTART};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != job->parent)
        _exit(0);
    signal(SIGBUS, SIG_DFL); /* it is the parent who finds out why */
    signal(SIGSYS, SIG_DFL);
    open_files();
    limit_memory();
    watched = job->shared;
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &second, NULL);
    if (job->sandbox && sandbox_enter() != 0)
        _exit(EXIT_NO_SANDBOX);

    uint32_t index = 0;
    struct source source = {.job = job, .map = job->map};
    struct level level = {
        .job = job, .name = "", .select = job->select, .depth = job->depth, .index = &index};
    level_decode(&level, &source, job->what);
    level_put(&level, RECORD_END, 0);
    mm_ring_finish(job->out);
    if (!job->map)
        drain(job, &source);
    _exit(0);
}
