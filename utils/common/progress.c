/* SPDX-License-Identifier: MIT */
/* How far the work has come: one line on standard error. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "common/message.h"
#include "common/progress.h"

/* Nanoseconds. */
#define SECOND UINT64_C(1000000000)
#define FIRST  (SECOND / 2) /* the line appears */
#define AGAIN  (SECOND / 5) /* it is drawn anew */

static struct {
    bool active;
    bool hidden;
    uint64_t total; /* 0: unknown */
    uint64_t start;
    _Atomic uint64_t done, skipped;
    _Atomic uint64_t next; /* when it may be drawn */

    pthread_mutex_t drawing; /* holds what follows */
    size_t shown;            /* so many columns of the line are drawn */
} progress = {.drawing = PTHREAD_MUTEX_INITIALIZER};

static uint64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

/* A terminal that does not take it is no reason to stop working. */
static void put(const char *text, size_t len)
{
    (void)!write(STDERR_FILENO, text, len);
}

/* Blanks over what is shown; the caller holds the lock. */
static void erase(void)
{
    char text[256];
    int len = snprintf(text, sizeof text, "\r%*s\r", (int)progress.shown, "");
    if (progress.shown > 0)
        put(text, (size_t)len);
    progress.shown = 0;
}

static void make_way(void)
{
    pthread_mutex_lock(&progress.drawing);
    erase();
    pthread_mutex_unlock(&progress.drawing);
}

/* "1.2 GiB": two digits at least, none behind the point from 10 on. */
static const char *size_text(char text[16], double size)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = 0;
    for (; size >= 1023.5 && unit < 6; unit++)
        size /= 1024;
    snprintf(text, 16, "%.*f %s", unit > 0 && size < 9.95, size, units[unit]);
    return text;
}

/* "0:06", "1:02:03" */
static const char *time_text(char text[24], double seconds)
{
    uint64_t s = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 1000000000;
    if (s < 3600)
        snprintf(text, 24, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
    else
        snprintf(text, 24, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60, s % 60);
    return text;
}

static size_t columns(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

/* The caller holds the lock. */
static void draw(uint64_t now)
{
    char text[256], a[16], b[16], c[16], t[24];
    uint64_t done = progress.done, stands = done + progress.skipped, total = progress.total;
    double seconds = (double)(now - progress.start) / SECOND, rate = (double)done / seconds;
    int len;
    if (total > 0 && stands <= total)
        len = snprintf(text, sizeof text, "\r%s: %s of %s, %d %%, %s/s, %s left", tool_name(),
                       size_text(a, (double)stands), size_text(b, (double)total),
                       (int)((double)stands / (double)total * 100), size_text(c, rate),
                       time_text(t, (double)(total - stands) / (rate + 1e-9)));
    else
        len = snprintf(text, sizeof text, "\r%s: %s, %s/s, %s", tool_name(),
                       size_text(a, (double)stands), size_text(c, rate), time_text(t, seconds));
    /* The last column stays empty: behind it some terminals begin a new line. */
    size_t width = columns(), shown = (size_t)len - 1;
    if (shown >= width)
        shown = width - 1;
    size_t rest = progress.shown > shown ? progress.shown - shown : 0;
    memset(text + 1 + shown, ' ', rest);
    put(text, 1 + shown + rest);
    progress.shown = shown;
}

static bool in_background(void)
{
    pid_t front = tcgetpgrp(STDERR_FILENO);
    return front > 0 && front != getpgrp();
}

void progress_start(uint64_t total)
{
    if (!isatty(STDERR_FILENO))
        return;
    progress.active = true;
    progress.total = total;
    progress.done = progress.skipped = 0;
    progress.start = clock_now();
    progress.next = progress.start + FIRST;
    clear_line = make_way;
}

void progress_add(uint64_t bytes)
{
    if (!progress.active)
        return;
    progress.done += bytes;
    if (progress.hidden)
        return;
    uint64_t now = clock_now();
    if (now < progress.next || pthread_mutex_trylock(&progress.drawing) != 0)
        return;
    if (now >= progress.next && !in_background())
        draw(now);
    progress.next = now + AGAIN;
    pthread_mutex_unlock(&progress.drawing);
}

void progress_hide(void)
{
    progress.hidden = true;
    progress.done = 0;
    clear_line = NULL;
}

uint64_t progress_take(void)
{
    return atomic_exchange(&progress.done, 0);
}

void progress_skip_to(uint64_t position)
{
    uint64_t stands = progress.done + progress.skipped;
    if (position > stands)
        progress.skipped += position - stands;
}

void progress_end(void)
{
    if (!progress.active)
        return;
    make_way();
    progress.active = false;
    clear_line = NULL;
}
