/* SPDX-License-Identifier: MIT */
/* Where the name of a followed file leads: looked at when something may have happened to it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "mtail/follow.h"

/* The name leads to nothing any more, or still does not. */
static void inaccessible(struct follower *f, struct file *file, int error)
{
    const char *reason = strerror(error);
    if (!f->options->retry && file->error != error)
        message("%s: %s", quote(file->shown), reason);
    if (f->options->retry && !file->error)
        message("%s has become inaccessible: %s", quote_always(file->shown), reason);
    file->error = error;
    retire(f, file);
}

static void untailable(struct follower *f, struct file *file)
{
    file->given_up = !(f->options->retry && f->options->by_name);
    if (file->error != WRONG_TYPE)
        message("%s has been replaced with an untailable file%s", quote_always(file->shown),
                file->given_up ? "; giving up on this name" : "");
    file->error = WRONG_TYPE;
    retire(f, file);
    if (file->given_up)
        part_from_formers(f, file, true);
}

/* Go on with the file that the name leads to now. */
static void adopt(struct follower *f, struct file *file, int fd, const struct stat *st)
{
    if (file->error && file->error != ENOENT)
        message("%s has become accessible", quote_always(file->shown));
    else if (file->error || !is_open(file))
        message("%s has appeared;  following new file", quote_always(file->shown));
    else
        message("%s has been replaced;  following new file", quote_always(file->shown));

    retire(f, file);
    file->error = 0;
    file->at_end = false;
    file->held = 0;
    file->grown = true;
    file->unchanged = 0;
    int error = 0;
    if (restore(file, st)) {
        close(fd);
    } else {
        file->input.fd = fd;
        error = mm_scan_open(file->input.scan, fd, 0);
    }
    if (error)
        failed(f, file, error);
    else
        watch_file(&f->watch, file); /* before the file is read: what comes later is an event */
}

/* Returns a descriptor, or -errno; there is no waiting for somebody to write to a FIFO. */
static int open_named(const char *path, struct stat *st)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat(fd, st) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

/*
 * Open what the path leads to as open_named(), into *fd.
 *
 * Returns whether it led there before anything else happened in the directory.
 */
static bool open_traced(struct follower *f, struct file *file, const char *path, int *fd,
                        struct stat *st)
{
    unsigned traced = file->traced;
    *fd = open_named(path, st);
    watch_events(&f->watch);
    if (file->traced == traced)
        return true;
    if (*fd >= 0)
        close(*fd);
    return false;
}

static bool is_known(const struct file *file, const struct stat *st)
{
    for (const struct former *former = file->former; former; former = former->older)
        if (same_file(st, mm_scan_stat(former->input.scan)))
            return true;
    return is_open(file) && same_file(st, mm_scan_stat(file->input.scan));
}

/* Go over to each file that had the name since it was last looked at, in turn. */
static void take_passing(struct follower *f, struct file *file)
{
    char *path;
    while ((path = watch_passing(file)) != NULL) {
        struct stat st;
        int fd;
        bool sure = open_traced(f, file, path, &fd, &st);
        free(path);
        if (!sure)
            continue;
        watch_taken(file);
        if (fd >= 0 && S_ISREG(st.st_mode) && !is_known(file, &st))
            adopt(f, file, fd, &st);
        else if (fd >= 0)
            close(fd);
    }
}

void examine(struct follower *f, struct file *file)
{
    struct stat st;
    int fd;
    if (f->options->by_name && file->directory < 0)
        watch_file(&f->watch, file);
    /* What the old file holds comes before a message about the new one. */
    pull(f, file);
    do {
        file->renamed = false;
        take_passing(f, file);
    } while (!open_traced(f, file, file->name, &fd, &st));
    if (fd >= 0 && is_open(file) && same_file(&st, mm_scan_stat(file->input.scan))) {
        close(fd);
    } else if (fd < 0) {
        inaccessible(f, file, -fd);
    } else if (!can_be_followed(st.st_mode)) {
        close(fd);
        untailable(f, file);
    } else {
        adopt(f, file, fd, &st);
    }
}
