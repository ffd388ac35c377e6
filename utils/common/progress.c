/* SPDX-License-Identifier: MIT */
/* How far the work has come: one line on standard error. */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
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
#define LINES  (SECOND * 5) /* without a terminal a line follows the other */

#define BAR_LEAST 8 /* columns between its brackets, */
#define BAR_MOST  40

static struct {
    bool active;
    bool hidden;
    bool terminal;
    bool counts_files;
    uint64_t total; /* 0: unknown */
    uint64_t files;
    uint64_t start;
    _Atomic uint64_t done, skipped;
    _Atomic uint64_t files_done;
    _Atomic uint64_t next; /* when it may be drawn */

    pthread_mutex_t drawing; /* holds what follows */
    size_t shown;            /* so many columns of the line are drawn */
} progress = {.drawing = PTHREAD_MUTEX_INITIALIZER};

static volatile sig_atomic_t asked; /* by SIGUSR1 */

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

/* What there is to say now, without an end of line; the length. */
static size_t describe(char *text, size_t size, uint64_t now)
{
    char a[16], b[16], c[16], t[24], files[64] = "";
    uint64_t done = progress.done, stands = done + progress.skipped, total = progress.total;
    double seconds = (double)(now - progress.start) / SECOND,
           rate = (double)done / (seconds + 1e-9);
    if (progress.counts_files)
        snprintf(files, sizeof files, "%" PRIu64 " of %" PRIu64 " files, ",
                 (uint64_t)progress.files_done, progress.files);
    if (total > 0 && stands <= total)
        return (size_t)snprintf(text, size, "%s: %s%s of %s, %d %%, %s/s, %s left", tool_name(),
                                files, size_text(a, (double)stands), size_text(b, (double)total),
                                (int)((double)stands / (double)total * 100), size_text(c, rate),
                                time_text(t, (double)(total - stands) / (rate + 1e-9)));
    return (size_t)snprintf(text, size, "%s: %s%s, %s/s, %s", tool_name(), files,
                            size_text(a, (double)stands), size_text(c, rate),
                            time_text(t, seconds));
}

/* A bar behind the text, where there is room for one.  Returns the new length. */
static size_t add_bar(char *text, size_t len, size_t width)
{
    uint64_t stands = progress.done + progress.skipped;
    if (!progress.counts_files || progress.total == 0 || stands > progress.total ||
        width < len + BAR_LEAST + 4)
        return len;
    size_t room = width - len - 4;
    if (room > BAR_MOST)
        room = BAR_MOST;
    size_t full = (size_t)((double)stands / (double)progress.total * (double)room);
    memcpy(text + len, " [", 2);
    memset(text + len + 2, '#', full);
    memset(text + len + 2 + full, '.', room - full);
    memcpy(text + len + 2 + room, "]", 2);
    return len + room + 3;
}

/* The caller holds the lock. */
static void draw(uint64_t now)
{
    char text[512];
    /* The last column stays empty: behind it some terminals begin a new line. */
    size_t width = columns(), len = describe(text + 1, sizeof text - 256, now);
    text[0] = '\r';
    len = add_bar(text + 1, len, width);
    size_t shown = len < width ? len : width - 1;
    size_t rest = progress.shown > shown ? progress.shown - shown : 0;
    if (rest > 200)
        rest = 200;
    memset(text + 1 + shown, ' ', rest);
    put(text, 1 + shown + rest);
    progress.shown = shown;
}

/* The caller holds the lock. */
static void print_line(uint64_t now)
{
    char text[512];
    size_t len = describe(text, sizeof text - 1, now);
    erase();
    text[len] = '\n';
    put(text, len + 1);
}

static bool in_background(void)
{
    pid_t front = tcgetpgrp(STDERR_FILENO);
    return front > 0 && front != getpgrp();
}

static void begin(uint64_t total)
{
    progress.active = true;
    progress.total = total;
    progress.done = progress.skipped = progress.files_done = 0;
    progress.start = clock_now();
    progress.next = progress.start + (progress.terminal ? FIRST : LINES);
    clear_line = make_way;
}

void progress_start(uint64_t total)
{
    progress.terminal = isatty(STDERR_FILENO);
    if (progress.terminal)
        begin(total);
}

static void ask(int signal_number)
{
    (void)signal_number;
    asked = 1;
}

void progress_files(uint64_t total, uint64_t files)
{
    progress.terminal = isatty(STDERR_FILENO);
    progress.counts_files = true;
    progress.files = files;
    struct sigaction action = {.sa_handler = ask, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    begin(total);
}

/* Show how far it is, if it is time to. */
static void show(void)
{
    if (progress.hidden)
        return;
    uint64_t now = clock_now();
    if ((now < progress.next && !asked) || pthread_mutex_trylock(&progress.drawing) != 0)
        return;
    if (asked || !progress.terminal)
        print_line(now);
    else if (now >= progress.next && !in_background())
        draw(now);
    asked = 0;
    progress.next = now + (progress.terminal ? AGAIN : LINES);
    pthread_mutex_unlock(&progress.drawing);
}

void progress_add(uint64_t bytes)
{
    if (!progress.active)
        return;
    progress.done += bytes;
    show();
}

void progress_done(uint64_t files)
{
    if (!progress.active)
        return;
    progress.files_done += files;
    show();
}

void progress_skip(uint64_t bytes)
{
    progress.skipped += bytes;
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
    if (progress.terminal || progress.hidden)
        make_way();
    else
        print_line(clock_now());
    progress.active = false;
    clear_line = NULL;
}
