/* SPDX-License-Identifier: MIT */
/* A fresh directory and the files in it. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

struct kept {
    struct kept *next;
    max_align_t data[];
};

static void must(bool good, const char *what, const char *name)
{
    if (!good)
        fail_msg("%s %s: %s", what, name, strerror(errno));
}

void *box_keep(struct sandbox *box, size_t len)
{
    struct kept *kept = malloc(sizeof(*kept) + len);
    must(kept, "malloc", "");
    kept->next = box->kept;
    box->kept = kept;
    return kept->data;
}

char *box_format(struct sandbox *box, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *s = box_keep(box, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(s, (size_t)len + 1, format, args);
    va_end(args);
    return s;
}

const char *box_path(struct sandbox *box, const char *name)
{
    return *name ? box_format(box, "%s/%s", box->path, name) : box->path;
}

struct bytes box_lines(struct sandbox *box, size_t len)
{
    char *data = box_keep(box, len + 17);
    for (size_t at = 0, number = 1; at < len; at += 16, number++) {
        size_t rest = number;
        for (int digit = 14; digit >= 0; digit--, rest /= 10)
            data[at + (size_t)digit] = (char)('0' + rest % 10);
        data[at + 15] = '\n';
    }
    return (struct bytes){data, len};
}

struct bytes box_repeat(struct sandbox *box, int byte, size_t len)
{
    return (struct bytes){memset(box_keep(box, len), byte, len), len};
}

struct bytes box_join(struct sandbox *box, struct bytes first, struct bytes second)
{
    char *data = box_keep(box, first.len + second.len);
    memcpy(data, first.data, first.len);
    memcpy(data + first.len, second.data, second.len);
    return (struct bytes){data, first.len + second.len};
}

static void put(struct sandbox *box, const char *name, struct bytes content, int flags)
{
    int fd = openat(box->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
    must(fd >= 0, "open", name);
    for (size_t done = 0; done < content.len;) {
        ssize_t n = write(fd, (const char *)content.data + done, content.len - done);
        must(n > 0, "write", name);
        done += (size_t)n;
    }
    must(close(fd) == 0, "close", name);
}

void box_fill(struct sandbox *box, const char *name, struct bytes content)
{
    put(box, name, content, O_TRUNC);
}

void box_append(struct sandbox *box, const char *name, struct bytes content)
{
    put(box, name, content, O_APPEND);
}

struct bytes box_load(struct sandbox *box, const char *name)
{
    struct stat st;
    int fd = openat(box->fd, name, O_RDONLY | O_CLOEXEC);
    must(fd >= 0 && fstat(fd, &st) == 0, "open", name);
    size_t len = (size_t)st.st_size, done = 0;
    char *data = box_keep(box, len + 1);
    while (done < len) {
        ssize_t n = read(fd, data + done, len - done);
        must(n > 0, "read", name);
        done += (size_t)n;
    }
    data[len] = '\0';
    close(fd);
    return (struct bytes){data, len};
}

void box_directory(struct sandbox *box, const char *name)
{
    must(mkdirat(box->fd, name, 0755) == 0, "mkdir", name);
}

void box_fifo(struct sandbox *box, const char *name)
{
    must(mkfifoat(box->fd, name, 0644) == 0, "mkfifo", name);
}

void box_link(struct sandbox *box, const char *target, const char *name)
{
    must(symlinkat(target, box->fd, name) == 0, "symlink", name);
}

void box_mode(struct sandbox *box, const char *name, mode_t mode)
{
    must(fchmodat(box->fd, name, mode, 0) == 0, "chmod", name);
}

void box_time(struct sandbox *box, const char *name, time_t mtime)
{
    const struct timespec times[] = {{.tv_sec = mtime}, {.tv_sec = mtime}};
    must(utimensat(box->fd, name, times, AT_SYMLINK_NOFOLLOW) == 0, "utimensat", name);
}

void box_truncate(struct sandbox *box, const char *name, off_t len)
{
    must(truncate(box_path(box, name), len) == 0, "truncate", name);
}

void box_rename(struct sandbox *box, const char *from, const char *to)
{
    must(renameat(box->fd, from, box->fd, to) == 0, "rename", from);
}

bool box_exists(struct sandbox *box, const char *name)
{
    struct stat st;
    return fstatat(box->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int box_setup(void **state)
{
    struct sandbox *box = calloc(1, sizeof(*box));
    const char *under = getenv("TMPDIR");
    if (!box)
        return -1;
    snprintf(box->path, sizeof(box->path), "%s/mmutils-XXXXXX", under && *under ? under : "/tmp");
    if (!mkdtemp(box->path) || (box->fd = open(box->path, O_DIRECTORY | O_CLOEXEC)) < 0) {
        print_error("%s: %s\n", box->path, strerror(errno));
        free(box);
        return -1;
    }
    *state = box;
    return 0;
}

static int open_up(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st, (void)where;
    if (type == FTW_D || type == FTW_DNR)
        chmod(path, 0700);
    return 0;
}

static int delete (const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st, (void)type, (void)where;
    return remove(path);
}

int box_teardown(void **state)
{
    struct sandbox *box = *state;
    processes_kill(box);
    nftw(box->path, open_up, 8, FTW_PHYS);
    int failed = nftw(box->path, delete, 8, FTW_PHYS | FTW_DEPTH);
    for (struct kept *next, *kept = box->kept; kept; kept = next) {
        next = kept->next;
        free(kept);
    }
    close(box->fd);
    free(box);
    return failed;
}
