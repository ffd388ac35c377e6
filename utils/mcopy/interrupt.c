/* SPDX-License-Identifier: MIT */
/* The end by a signal. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include <libmm/mm.h>

#include "mcopy/interrupt.h"

static struct mm_output *volatile watched;
static volatile sig_atomic_t held;
static volatile sig_atomic_t waiting; /* the signal that came meanwhile */

/* On return from a handler, where it is blocked, the program ends by it. */
static void end_by(int signal_number)
{
    if (watched)
        mm_output_abandon(watched);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void handle(int signal_number)
{
    int saved = errno;
    if (held)
        waiting = signal_number;
    else
        end_by(signal_number);
    errno = saved;
}

/* Once a process, and only for what would end it. */
static void install(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGXFSZ};
    static bool installed;
    if (installed)
        return;
    installed = true;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART}, old;
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            sigaction(signals[i], &action, NULL);
}

void interrupt_hold(void)
{
    install();
    held = 1;
}

void interrupt_release(void)
{
    held = 0;
    if (waiting)
        end_by(waiting);
}

void interrupt_watch(struct mm_output *output)
{
    watched = output;
}
