/* SPDX-License-Identifier: MIT */
/* Going on in the background, and the file that says which process does. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "common/message.h"
#include "mcache/daemon.h"

static int ready = -1; /* the parent waits at the other end */
static int pidfile = -1;

void daemon_begin(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        xfail(exit_trouble, "--daemon: %s", strerror(errno));
    pid_t child = fork();
    if (child < 0)
        xfail(exit_trouble, "--daemon: %s", strerror(errno));
    if (child == 0) {
        close(ends[0]);
        ready = ends[1];
        setsid();
        return;
    }
    close(ends[1]);
    char byte;
    int status = 0;
    ssize_t len;
    while ((len = read(ends[0], &byte, 1)) < 0 && errno == EINTR)
        ;
    if (len == 1)
        _exit((unsigned char)byte);
    waitpid(child, &status, 0);
    _exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : exit_trouble);
}

static void to_syslog(const char *text, size_t len)
{
    syslog(LOG_WARNING, "%.*s", (int)len - 1, text);
}

void daemon_ready(int status)
{
    char byte = (char)status;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd <= 2; fd++)
        dup2(null, fd);
    if (null > 2)
        close(null);
    openlog(NULL, LOG_PID, LOG_DAEMON);
    message_to = to_syslog;
    signal(SIGPIPE, SIG_IGN); /* who started it may be gone */
    (void)!write(ready, &byte, 1);
    close(ready);
}

static _Noreturn void refuse(const char *name)
{
    xfail(exit_trouble, "%s: another process holds this pidfile", quote_controls(name));
}

/* Lock what has the name now; -1 where there is nothing. */
static int lock_file(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            refuse(name);
        xfail(exit_trouble, "%s: %s", quote_controls(name), strerror(errno));
    }
    return fd;
}

void pidfile_take(const char *name)
{
    struct mm_output *output = NULL;
    struct mm_span span;
    char text[24];
    if (!name)
        return;
    size_t len = (size_t)snprintf(text, sizeof text, "%d\n", (int)getpid());
    int before = lock_file(name);
    /* Where there was none, one that is there now is another process's. */
    unsigned how = before >= 0 ? MM_OUTPUT_REPLACE : 0;
    int error = mm_output_new(AT_FDCWD, name, 0644, how, &output);
    if (!error)
        error = mm_output_window(output, len, &span);
    if (!error) {
        memcpy(span.data, text, len);
        error = mm_output_commit(output, len);
    }
    if (!error)
        error = mm_output_publish(output, false);
    mm_output_close(output);
    if (!error && (pidfile = lock_file(name)) < 0)
        error = -errno;
    if (before >= 0)
        close(before);
    if (error)
        xfail(exit_trouble, "%s: %s", quote_controls(name), mm_strerror(error));
}

void pidfile_drop(const char *name)
{
    struct stat ours, now;
    if (pidfile < 0)
        return;
    /* Somebody may have put another file there. */
    if (fstat(pidfile, &ours) == 0 && stat(name, &now) == 0 && ours.st_ino == now.st_ino &&
        ours.st_dev == now.st_dev)
        unlink(name);
    close(pidfile);
}
