/* SPDX-License-Identifier: MIT */
/* A file with the attributes of another, but none of its bytes. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/attributes.h"
#include "mcopy/mcopy.h"
#include "mcopy/report.h"
#include "mcopy/seen.h"

/* Open what is there, with its bytes; *is_new where -f took it away. */
static int open_there(const struct options *o, const char *to, bool *is_new)
{
    int fd = open(to, O_WRONLY | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    int error = errno;
    if (error != ENOENT && o->force) {
        if (unlink(to) == 0) {
            report_removed(o, to);
        } else if (errno != ENOENT) {
            message("cannot remove %s: %s", quote_always(to), strerror(errno));
            return -1;
        }
        error = ENOENT;
    }
    *is_new = error == ENOENT;
    if (!*is_new)
        message("cannot create regular file %s: %s", quote_always(to), strerror(error));
    return -1;
}

static int open_new(const struct options *o, const struct job *job)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
    mode_t mode = attributes_first(o, job->st);
    int fd = open(job->to, flags | O_EXCL, mode);
    char link;
    if (fd < 0 && errno == EEXIST && readlink(job->to, &link, 1) >= 0) {
        if (!o->through_dangling) {
            message("not writing through dangling symlink %s", quote_always(job->to));
            return -1;
        }
        fd = open(job->to, flags, mode);
    }
    if (fd < 0) {
        size_t len = strlen(job->to);
        bool slash = errno == EISDIR && len > 0 && job->to[len - 1] == '/';
        message("cannot create regular file %s: %s", quote_always(job->to),
                strerror(slash ? ENOTDIR : errno));
    }
    return fd;
}

static bool copy_from(const struct options *o, const struct job *job, int source)
{
    struct stat st;
    if (fstat(source, &st) != 0 || !same_inode(&st, job->st)) {
        message("skipping file %s, as it was replaced while being copied", quote_always(job->from));
        return false;
    }
    bool is_new = job->is_new;
    int fd = is_new ? -1 : open_there(o, job->to, &is_new);
    if (is_new)
        fd = open_new(o, job);
    if (fd < 0)
        return false;
    bool good = attributes_file(o, job->from, source, job->st, job->to, fd, is_new);
    if (close(fd) != 0) {
        message("failed to close %s: %s", quote_always(job->to), strerror(errno));
        good = false;
    }
    return good;
}

bool empty_copy(const struct options *options, const struct job *job)
{
    int source = open(job->from, O_RDONLY | O_CLOEXEC | (job->follow ? 0 : O_NOFOLLOW));
    if (source < 0) {
        message("cannot open %s for reading: %s", quote_always(job->from), strerror(errno));
        return false;
    }
    bool good = copy_from(options, job, source);
    close(source);
    return good;
}
