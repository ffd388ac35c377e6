/* SPDX-License-Identifier: MIT */
/* Where the name of a followed file leads: looked at when something may have happened to it. */
#include <errno.h>
#include <fcntl.h>
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

void examine(struct follower *f, struct file *file)
{
    file->renamed = false;
    if (f->options->by_name && file->directory < 0)
        watch_file(&f->watch, file);
    int fd = open(file->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int error = errno;
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) != 0) {
        error = errno;
        close(fd);
        fd = -1;
    }
    if (fd >= 0 && is_open(file) && same_file(&st, mm_scan_stat(file->input.scan))) {
        close(fd);
        return;
    }
    /* What the old file holds comes before a message about the new one. */
    pull(f, file);
    if (fd < 0) {
        inaccessible(f, file, error);
    } else if (!can_be_followed(st.st_mode)) {
        close(fd);
        untailable(f, file);
    } else {
        adopt(f, file, fd, &st);
    }
}
