/* SPDX-License-Identifier: MIT */
/* A tool, run with all its descriptors in our hands. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "private.h"

#define MAX_ARGUMENTS 64
#define LIMIT         20000 /* of a run, milliseconds */

/* What a tool printed; grows. */
struct text {
    char *data;
    size_t len, room;
};

struct process {
    struct process *next;
    struct sandbox *box;
    struct how how;
    const char *command;
    pid_t pid; /* 0 when reaped */
    int in, out, err;
    int in_file; /* standard input's file, for its offset */
    size_t fed;
    struct text out_text, err_text;
    int64_t deadline;
};

static int64_t now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void finish(struct process *p)
{
    int *ends[] = {&p->in, &p->out, &p->err, &p->in_file};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (*ends[i] >= 0)
            close(*ends[i]);
        *ends[i] = -1;
    }
}

void processes_kill(struct sandbox *box)
{
    for (struct process *p = box->processes; p; p = p->next) {
        if (p->pid > 0) {
            kill(p->pid, SIGKILL);
            waitpid(p->pid, NULL, 0);
            p->pid = 0;
        }
        finish(p);
        free(p->out_text.data);
        free(p->err_text.data);
    }
}

/* ------------------------------------------------------------------- starting */

/* tool_path -- a name with a slash as it is, else in $MMUTILS_BIN or where they were built. */
static const char *tool_path(struct sandbox *box, const char *tool)
{
    const char *bin = getenv("MMUTILS_BIN");
    if (strchr(tool, '/'))
        return tool;
    return box_format(box, "%s/%s", bin && *bin ? bin : MMUTILS_BUILT, tool);
}

/* environment_of -- nothing of ours but what finds programs and steers sanitizers and coverage. */
static char **environment_of(struct sandbox *box, const struct how *how)
{
    static const char *const passed[] = {"PATH",         "TMPDIR",        "ASAN_OPTIONS",
                                         "LSAN_OPTIONS", "UBSAN_OPTIONS", "GCOV_PREFIX"};
    char **env = box_keep(box, 32 * sizeof(*env));
    size_t n = 0;
    /* Of two settings of a name getenv(3) finds the first: the test's own. */
    for (size_t i = 0; how->environment && how->environment[i]; i++)
        env[n++] = box_format(box, "%s", how->environment[i]);
    env[n++] = box_format(box, "LC_ALL=%s", how->locale ? how->locale : "C.UTF-8");
    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
        if (getenv(passed[i]))
            env[n++] = box_format(box, "%s=%s", passed[i], getenv(passed[i]));
    env[n] = NULL;
    return env;
}

static int open_or_fail(struct sandbox *box, const char *name, int flags)
{
    int fd = openat(box->fd, name, flags | O_CLOEXEC, 0644);
    if (fd < 0)
        fail_msg("open %s: %s", name, strerror(errno));
    return fd;
}

static void pipe_or_fail(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        fail_msg("pipe: %s", strerror(errno));
}

/* become_tool -- in the child: descriptors, directory, signals, and away. */
static _Noreturn void become_tool(const struct process *p, int in, int out, int err,
                                  const char *path, char **arguments, char **environment)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, p->how.pipe_ignored ? SIG_IGN : SIG_DFL);
    if (fchdir(p->box->fd) < 0)
        _exit(126);
    dup2(err, 2);
    if (in >= 0)
        dup2(in, 0);
    else
        close(0);
    if (out >= 0)
        dup2(out, 1);
    else
        close(1);
    execve(path, arguments, environment);
    dprintf(2, "harness: %s: %s\n", path, strerror(errno));
    _exit(127);
}

/* open_terminal -- one whose bytes are read at *seen; it shows them as they were written. */
static int open_terminal(int *seen)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave = -1;
    struct termios settings;
    if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
        slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0 || tcgetattr(slave, &settings) < 0)
        fail_msg("terminal: %s", strerror(errno));
    cfmakeraw(&settings);
    tcsetattr(slave, TCSANOW, &settings);
    *seen = master;
    return slave;
}

static int open_in(struct process *p)
{
    const struct how *how = &p->how;
    if (how->in_closed)
        return -1;
    if (how->in_file) {
        int fd = open_or_fail(p->box, how->in_file, O_RDONLY);
        if (lseek(fd, how->in_offset, SEEK_SET) < 0)
            fail_msg("seek %s: %s", how->in_file, strerror(errno));
        p->in_file = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        return fd;
    }
    if (how->in.len > 0 || how->in_pipe || how->in_held) {
        int ends[2];
        pipe_or_fail(ends);
        p->in = ends[1];
        fcntl(p->in, F_SETFL, O_NONBLOCK);
        return ends[0];
    }
    return open_or_fail(p->box, "/dev/null", O_RDONLY);
}

static int open_out(struct process *p)
{
    const struct how *how = &p->how;
    int ends[2];
    switch (how->out) {
    case OUT_CLOSED:
        return -1;
    case OUT_FULL:
        return open_or_fail(p->box, "/dev/full", O_WRONLY);
    case OUT_FILE:
        return open_or_fail(p->box, how->out_file,
                            O_WRONLY | O_CREAT | (how->out_append ? O_APPEND : 0));
    case OUT_TERMINAL:
        return open_terminal(&p->out);
    default:
        pipe_or_fail(ends);
        p->out = ends[0];
        return ends[1];
    }
}

static struct process *start(struct sandbox *box, const struct how *how, const char *tool,
                             va_list args)
{
    char *arguments[MAX_ARGUMENTS] = {(char *)(uintptr_t)tool};
    const char *command = strrchr(tool, '/') ? strrchr(tool, '/') + 1 : tool;
    arguments[0] = box_format(box, "%s", command);
    for (size_t n = 1; (arguments[n] = va_arg(args, char *)); n++) {
        command = box_format(box, "%s '%s'", command, arguments[n]);
        assert_true(n + 1 < MAX_ARGUMENTS);
    }

    struct process *p = box_keep(box, sizeof(*p));
    *p = (struct process){.next = box->processes,
                          .box = box,
                          .command = command,
                          .in = -1,
                          .out = -1,
                          .err = -1,
                          .in_file = -1};
    box->processes = p;
    if (how)
        p->how = *how;
    p->deadline = now() + LIMIT;

    const char *path = tool_path(box, tool);
    char **environment = environment_of(box, &p->how);
    int in = open_in(p), out = open_out(p), err[2];
    if (p->how.err_terminal)
        err[1] = open_terminal(&err[0]);
    else
        pipe_or_fail(err);
    p->err = err[0];
    signal(SIGPIPE, SIG_IGN);
    fflush(NULL);
    p->pid = fork();
    if (p->pid < 0)
        fail_msg("fork: %s", strerror(errno));
    if (p->pid == 0)
        become_tool(p, in, out, err[1], path, arguments, environment);
    close(err[1]);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return p;
}

struct process *box_start(struct sandbox *box, const struct how *how, const char *tool, ...)
{
    va_list args;
    va_start(args, tool);
    struct process *p = start(box, how, tool, args);
    va_end(args);
    return p;
}

/* -------------------------------------------------------------------- pumping */

/* take -- read once into `text`; at the end of the pipe, or terminal (EIO), close it. */
static void take(int *fd, struct text *text)
{
    if (text->room - text->len < 65536) {
        text->room = text->room ? 2 * text->room : 131072;
        text->data = realloc(text->data, text->room);
        assert_non_null(text->data);
    }
    ssize_t n = read(*fd, text->data + text->len, text->room - text->len - 1);
    if (n > 0) {
        text->len += (size_t)n;
    } else if (n == 0 || errno == EIO) {
        close(*fd);
        *fd = -1;
    }
    text->data[text->len] = '\0';
}

/* give -- write once to standard input; when all is written, or nobody reads, close it. */
static void give(struct process *p)
{
    struct how *how = &p->how;
    if (p->fed < how->in.len) {
        ssize_t n = write(p->in, (const char *)how->in.data + p->fed, how->in.len - p->fed);
        if (n > 0) {
            p->fed += (size_t)n;
        } else if (n < 0 && errno == EPIPE) {
            p->fed = how->in.len;
            how->in_held = false;
        }
    }
    if (p->fed >= how->in.len && !how->in_held) {
        close(p->in);
        p->in = -1;
    }
}

/* pump -- move what can be moved, waiting for at most `wait` milliseconds. */
static void pump(struct process *p, int wait)
{
    bool feeding = p->in >= 0 && (p->fed < p->how.in.len || !p->how.in_held);
    struct pollfd fds[] = {{feeding ? p->in : -1, POLLOUT, 0},
                           {p->how.out == OUT_HELD ? -1 : p->out, POLLIN, 0},
                           {p->err, POLLIN, 0}};
    if (poll(fds, 3, wait) < 0 && errno != EINTR)
        fail_msg("poll: %s", strerror(errno));
    if (fds[0].revents)
        give(p);
    if (fds[1].revents)
        take(&p->out, &p->out_text);
    if (fds[2].revents)
        take(&p->err, &p->err_text);
    if (p->how.out == OUT_GONE && p->out >= 0 && p->out_text.len >= p->how.out_bytes) {
        p->out_text.len = p->how.out_bytes;
        close(p->out);
        p->out = -1;
    }
    if (now() > p->deadline) {
        kill(p->pid, SIGKILL);
        print_error("stdout so far: \"%s\"\nstderr so far: \"%s\"\n",
                    p->out_text.data ? p->out_text.data : "",
                    p->err_text.data ? p->err_text.data : "");
        fail_msg("%s: killed: it took longer than 20 seconds", p->command);
    }
}

pid_t process_id(const struct process *p)
{
    return p->pid;
}

static bool is(const struct text *text, const char *expected)
{
    size_t len = strlen(expected);
    return text->len == len && (len == 0 || memcmp(text->data, expected, len) == 0);
}

void process_expect(struct process *p, const char *out, const char *err)
{
    while (!is(&p->out_text, out) || !is(&p->err_text, err))
        pump(p, 20);
}

/* state -- the letter that /proc has for the process, or 0. */
static char state(pid_t pid)
{
    char name[64], line[512] = "";
    snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, line, sizeof(line) - 1);
    close(fd);
    const char *end = n > 0 ? strrchr(line, ')') : NULL;
    return end ? end[2] : 0;
}

void process_blocked(struct process *p)
{
    int held_before = -1;
    for (int quiet = 0; quiet < 4;) {
        int held = 0;
        pump(p, 10);
        if (p->how.out == OUT_HELD)
            ioctl(p->out, FIONREAD, &held);
        char letter = state(p->pid);
        if (letter == 'Z')
            fail_msg("%s ended where it should wait", p->command);
        bool still = letter == 'S' && held == held_before && (p->how.out != OUT_HELD || held > 0);
        quiet = still ? quiet + 1 : 0;
        held_before = held;
    }
}

void process_feed(struct process *p, struct bytes in)
{
    p->how.in = in;
    p->fed = 0;
    while (p->fed < in.len)
        pump(p, 20);
}

void process_hang_up(struct process *p)
{
    p->how.in_held = false;
}

void process_release(struct process *p)
{
    p->how.out = OUT_PIPE;
}

void process_signal(struct process *p, int signal)
{
    kill(p->pid, signal);
}

struct run process_end(struct process *p)
{
    int status = 0;
    /* A child of the tool that outlives it holds the pipes open, and runs into the limit. */
    for (bool ended = false; !ended || p->err >= 0 || (p->out >= 0 && p->how.out != OUT_HELD);) {
        pump(p, p->err < 0 && p->out < 0 && p->in < 0 ? 1 : 20);
        if (!ended && waitpid(p->pid, &status, WNOHANG) == p->pid) {
            ended = true;
            p->pid = 0;
        }
    }
    struct run run = {
        .command = p->command,
        .status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
        .out = p->out_text.data ? p->out_text.data : "",
        .out_len = p->out_text.len,
        .err = p->err_text.data ? p->err_text.data : "",
        .err_len = p->err_text.len,
        .in_offset = p->in_file >= 0 ? lseek(p->in_file, 0, SEEK_CUR) : -1,
    };
    finish(p);
    return run;
}

struct run box_run_with(struct sandbox *box, const struct how *how, const char *tool, ...)
{
    va_list args;
    va_start(args, tool);
    struct process *p = start(box, how, tool, args);
    va_end(args);
    return process_end(p);
}

struct run box_run(struct sandbox *box, const char *tool, ...)
{
    va_list args;
    va_start(args, tool);
    struct process *p = start(box, NULL, tool, args);
    va_end(args);
    return process_end(p);
}
