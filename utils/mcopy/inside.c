/* SPDX-License-Identifier: MIT */
/* Names below a directory, gone down part by part. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/inside.h"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

struct inside {
    int root;
    int at;        /* the directory that was entered last, or -1 */
    char *at_name; /* its name; then of what stopped the way */
    void (*made)(void *context, const char *name);
    void *context;
};

int inside_open(const char *path, void (*made)(void *context, const char *name), void *context,
                struct inside **inside)
{
    int fd = open(path, DIRECTORY);
    if (fd < 0)
        return -errno;
    *inside = xmalloc(sizeof **inside);
    **inside = (struct inside){fd, -1, xstrdup(""), made, context};
    return 0;
}

char *inside_clean(const char *name)
{
    char *clean = xmalloc(strlen(name) + 2), *to = clean;
    while (*name) {
        size_t len = strcspn(name, "/");
        if (len == 2 && strncmp(name, "..", 2) == 0) {
            free(clean);
            return NULL;
        }
        if (len > 0 && !(len == 1 && *name == '.')) {
            to = mempcpy(to, name, len);
            *to++ = '/';
        }
        name += len;
        name += strspn(name, "/");
    }
    if (to > clean)
        to--;
    *to = '\0';
    return clean;
}

/* One step down.  Returns a descriptor or -errno. */
static int step(struct inside *inside, int from, const char *part, bool make)
{
    int fd = openat(from, part, DIRECTORY | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT && make) {
        /* Others may look into it when it has its own mode. */
        if (mkdirat(from, part, 0700) == 0)
            inside->made(inside->context, inside->at_name);
        else if (errno != EEXIST)
            return -errno;
        fd = openat(from, part, DIRECTORY | O_NOFOLLOW);
    }
    if (fd >= 0)
        return fd;
    int error = errno;
    struct stat st;
    if (fstatat(from, part, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
        error = ELOOP;
    return -error;
}

static void leave(struct inside *inside)
{
    if (inside->at >= 0)
        close(inside->at);
    inside->at = -1;
}

int inside_enter(struct inside *inside, const char *name, bool make, const char **base)
{
    const char *slash = strrchr(name, '/');
    size_t len = slash ? (size_t)(slash - name) : 0;
    *base = slash ? slash + 1 : name;
    if (len == 0)
        return inside->root;
    if (inside->at >= 0 && strncmp(inside->at_name, name, len) == 0 && !inside->at_name[len])
        return inside->at;
    leave(inside);
    int fd = inside->root;
    for (size_t begin = 0, end; fd >= 0 && begin < len; begin = end + 1) {
        end = begin + strcspn(name + begin, "/");
        inside->at_name = xrealloc(inside->at_name, end + 1);
        memcpy(inside->at_name, name, end);
        inside->at_name[end] = '\0';
        int next = step(inside, fd, inside->at_name + begin, make);
        if (fd != inside->root)
            close(fd);
        fd = next;
    }
    inside->at = fd >= 0 ? fd : -1;
    return fd;
}

const char *inside_stopped(const struct inside *inside)
{
    return inside->at_name;
}

void inside_close(struct inside *inside)
{
    if (!inside)
        return;
    leave(inside);
    close(inside->root);
    free(inside->at_name);
    free(inside);
}
