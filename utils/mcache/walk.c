/* SPDX-License-Identifier: MIT */
/* Operands and directories to files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "mcache/globs.h"
#include "mcache/names.h"
#include "mcache/options.h"
#include "mcache/round.h"
#include "mcache/seen.h"
#include "mcache/walk.h"

#define LISTING ((size_t)64 << 10) /* of a directory, asked for at once */

/* Directories that are still to be read, the next one last. */
struct stack {
    char **paths;
    size_t count, room;
};

struct walker {
    struct walk *walk;
    struct round *round;
    struct seen *folders; /* NULL: no directory can be met twice */
    struct stack stack;
    char *listing;
    dev_t device; /* of the operand */
};

/* What getdents64(2) fills a listing with, in glibc's words. */
static const struct dirent64 *entry_at(const char *listing)
{
    return (const struct dirent64 *)listing;
}

static void trouble(struct walk *walk, const char *name, int error)
{
    message_name(quote_controls(name), error);
    walk->trouble = true;
}

static void push(struct stack *stack, char *path)
{
    if (stack->count == stack->room) {
        stack->room = stack->room ? stack->room * 2 : 64;
        stack->paths = xrealloc(stack->paths, stack->room * sizeof *stack->paths);
    }
    stack->paths[stack->count++] = path;
}

static char *join(const char *folder, const char *name)
{
    size_t len = strlen(folder);
    const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
    char *path = xmalloc(len + strlen(name) + 2);
    stpcpy(stpcpy(stpcpy(path, folder), slash), name);
    return path;
}

/* What an entry is where the directory does not tell it, or tells only of a link. */
static unsigned char type_of(const struct walker *w, int fd, const struct dirent64 *entry)
{
    struct stat st;
    bool follow = w->walk->options->links == LINKS_ALL;
    if (entry->d_type != DT_UNKNOWN && (entry->d_type != DT_LNK || !follow))
        return entry->d_type;
    if (fstatat(fd, entry->d_name, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return IFTODT(st.st_mode);
}

static int backwards(const void *a, const void *b)
{
    return -strcmp(*(char *const *)a, *(char *const *)b);
}

/* Put the files of an open directory into rounds, and its directories on the stack. */
static int list(struct walker *w, int fd, const char *path)
{
    const struct options *options = w->walk->options;
    size_t before = w->stack.count;
    ssize_t len;
    struct folder *folder = round_folder(w->round, path, fd);
    while ((len = getdents64(fd, w->listing, LISTING)) > 0) {
        for (ssize_t at = 0; at < len;) {
            const struct dirent64 *entry = entry_at(w->listing + at);
            const char *name = entry->d_name;
            at += entry->d_reclen;
            if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])))
                continue;
            unsigned char type = type_of(w, fd, entry);
            if ((type != DT_REG && type != DT_DIR) ||
                globs_skip(options->globs, name, type == DT_DIR))
                continue;
            if (type == DT_DIR)
                push(&w->stack, join(path, name));
            else
                round_add(w->round, folder, name, entry->d_ino);
        }
    }
    int error = len < 0 ? errno : 0;
    round_left(w->round, folder);
    if (w->stack.count > before)
        qsort(w->stack.paths + before, w->stack.count - before, sizeof *w->stack.paths, backwards);
    return error;
}

/* Is a directory another file system's, or was it walked before? */
static bool is_foreign(struct walker *w, const struct stat *st)
{
    return (w->walk->options->one_system && st->st_dev != w->device) ||
           (w->folders && !seen_add(w->folders, st->st_dev, st->st_ino));
}

static void walk_folder(struct walker *w, const char *path, bool operand)
{
    enum links links = w->walk->options->links;
    bool follow = links == LINKS_ALL || (operand && links == LINKS_OPERANDS);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
    struct stat st;
    int error = fd < 0 || fstat(fd, &st) != 0 ? errno : 0;
    if (!error && operand)
        w->device = st.st_dev;
    if (!error && is_foreign(w, &st)) {
        close(fd);
        return;
    }
    if (!error)
        error = list(w, fd, path); /* which takes the descriptor */
    else if (fd >= 0)
        close(fd);
    if (error)
        trouble(w->walk, path, error);
}

static void walk_operand(void *context, const char *operand)
{
    struct walker *w = context;
    struct stat st;
    bool follow = w->walk->options->links != LINKS_NONE;
    if (fstatat(AT_FDCWD, operand, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
        /* What stands before it is shown before. */
        int error = errno;
        round_end(w->round);
        trouble(w->walk, operand, error);
    } else if (S_ISDIR(st.st_mode)) {
        push(&w->stack, xstrdup(operand));
        for (bool first = true; w->stack.count > 0; first = false) {
            char *path = w->stack.paths[--w->stack.count];
            walk_folder(w, path, first);
            free(path);
        }
    } else if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) {
        round_add(w->round, NULL, operand, st.st_ino);
    } else if (!S_ISLNK(st.st_mode)) {
        round_end(w->round);
        message("%s: neither a regular file, a directory nor a block device",
                quote_controls(operand));
        w->walk->trouble = true;
    }
}

void walk_all(struct walk *walk)
{
    const struct options *options = walk->options;
    /* Else a file can only be met again by a name that its count of links tells of. */
    bool again = options->count > 1 || options->files_from || options->links == LINKS_ALL;
    struct walker w = {
        .walk = walk,
        .round = round_new(walk, again),
        .folders = again ? seen_new() : NULL,
        .listing = xmalloc(LISTING),
    };
    for (size_t i = 0; i < options->count; i++)
        walk_operand(&w, options->operands[i]);
    if (options->files_from) {
        int error = names_each(options->files_from, options->nul, walk_operand, &w);
        if (error) {
            round_end(w.round);
            trouble(walk, options->files_from, error);
        }
    }
    round_free(w.round);
    seen_free(w.folders);
    free(w.stack.paths);
    free(w.listing);
}
