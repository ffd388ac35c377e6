/* SPDX-License-Identifier: MIT */
/* A process between a stream and the one that decodes. */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive/pump.h"

static pid_t decoding;

int pump_status(int status)
{
    return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static void end_with_it(int signal)
{
    int status;
    (void)signal;
    if (waitpid(decoding, &status, WNOHANG) == decoding)
        _exit(pump_status(status));
}

_Noreturn void pump(struct job *job, struct mm_scan *stream)
{
    struct sigaction action = {.sa_handler = end_with_it, .sa_flags = SA_RESTART};
    struct mm_view view;
    sigset_t child, before;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != job->parent)
        _exit(0);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);
    sigaction(SIGCHLD, &action, NULL);
    job->parent = getpid();
    decoding = fork();
    if (decoding == 0)
        decode(job);
    if (decoding < 0)
        _exit(BY_SIGNAL + SIGKILL);
    sigprocmask(SIG_UNBLOCK, &child, NULL);
    size_t most = mm_ring_size(job->in) / 4;
    while (mm_scan_more(stream, 1, &view) == 0 && view.len > 0) {
        size_t len = view.len < most ? view.len : most, room;
        mm_ring_await_space(job->in, len, -1);
        memcpy(mm_ring_space(job->in, &room), view.data, len);
        mm_ring_produce(job->in, len);
        mm_scan_consume(stream, len);
    }
    mm_ring_finish(job->in);
    for (;;)
        pause();
}
