/* SPDX-License-Identifier: MIT */
/* Hidden names, and the orphans that killed processes leave under them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hidden.h"

/* FNV-1a: the same for the same name in every run. */
static uint64_t hash(const char *text)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 0x100000001b3u;
    return value;
}

/* The hidden name for a number, as a path. */
static int spell(const char *name, size_t dir_len, uint64_t number, char **path)
{
    return asprintf(path, "%.*s.mm-%016" PRIx64, (int)dir_len, name, number) < 0 ? -ENOMEM : 0;
}

bool mm__hidden_stands(int fd, int dirfd, const char *path)
{
    struct stat opened, there;
    return fstat(fd, &opened) == 0 && fstatat(dirfd, path, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

/*
 * Remove what stands under a hidden name if its maker is dead.  Returns whether it is gone.
 *
 * The lock is ours before it is removed, and who would remove it too needs that lock: the
 * name cannot have come to stand for another file in between.
 */
static bool remove_orphan(int dirfd, const char *path)
{
    int how = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = openat(dirfd, path, O_RDONLY | how);
    if (fd < 0 && errno == EACCES)
        fd = openat(dirfd, path, O_WRONLY | how);
    if (fd < 0)
        return errno == ENOENT;
    struct stat st;
    bool gone = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
                mm__hidden_stands(fd, dirfd, path) && unlinkat(dirfd, path, 0) == 0;
    close(fd);
    return gone;
}

/*
 * Try names until `take` has one: first that of the name, after its orphan was removed,
 * then, where somebody alive has it, one by chance.
 */
static int find_name(int dirfd, const char *name, size_t dir_len,
                     int (*take)(void *context, int dirfd, const char *path), void *context,
                     char **path)
{
    uint64_t number = hash(name + dir_len);
    for (int tries = 0;; tries++) {
        char *tried;
        int error = spell(name, dir_len, number, &tried);
        if (error)
            return error;
        /* A signal handler that removes it must know it first. */
        *path = tried;
        error = take(context, dirfd, tried);
        if (error == 0)
            return 0;
        *path = NULL;
        bool again = error == -EEXIST && tries == 0 && remove_orphan(dirfd, tried);
        free(tried);
        if (error != -EEXIST)
            return error;
        if (!again && getrandom(&number, sizeof number, 0) != sizeof number)
            return -errno;
    }
}

struct creation {
    mode_t mode;
    int fd;
};

static int create(void *context, int dirfd, const char *path)
{
    struct creation *creation = context;
    int fd = openat(dirfd, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, creation->mode);
    if (fd < 0)
        return -errno;
    /* Somebody who saw it before it was locked took it for an orphan. */
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 ? !mm__hidden_stands(fd, dirfd, path)
                                          : errno == EWOULDBLOCK) {
        close(fd);
        return -EEXIST;
    }
    creation->fd = fd;
    return 0;
}

int mm__hidden_open(int dirfd, const char *name, size_t dir_len, mode_t mode, int *fd, char **path)
{
    struct creation creation = {mode, -1};
    int error = find_name(dirfd, name, dir_len, create, &creation, path);
    if (!error)
        *fd = creation.fd;
    return error;
}

int mm__hidden_name(int fd, int dirfd, const char *name)
{
    char self[32];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW) == 0 ? 0 : -errno;
}

static int link_to(void *context, int dirfd, const char *path)
{
    return mm__hidden_name(*(const int *)context, dirfd, path);
}

int mm__hidden_link(int fd, int dirfd, const char *name, size_t dir_len, char **path)
{
    /* Where there are no locks, nobody takes it for an orphan either. */
    flock(fd, LOCK_EX | LOCK_NB);
    return find_name(dirfd, name, dir_len, link_to, &fd, path);
}

void mm__hidden_forget(char **path)
{
    char *name = *path;
    *path = NULL;
    free(name);
}
