/* SPDX-License-Identifier: MIT */
/* The comparison of two trees.  The words are those of diff -r. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"
#include "mcmp/archive.h"
#include "mcmp/tree.h"

static void differ(struct tree *tree)
{
    if (tree->status == EQUAL)
        tree->status = DIFFERENT;
}

void tree_trouble(struct tree *tree, const char *path)
{
    message_name(quote_controls(path), errno);
    tree->status = TROUBLE;
}

bool tree_over(const struct tree *tree)
{
    return tree->silent && tree->status == DIFFERENT;
}

void tree_say(struct tree *tree, const char *const texts[])
{
    differ(tree);
    for (; !tree->silent && *texts; texts++)
        stream_put(tree->out, *texts, strlen(*texts));
    if (!tree->silent)
        stream_byte(tree->out, '\n');
}

char *tree_join(const char *directory, const char *name)
{
    size_t len = strlen(directory), more = strlen(name) + 1;
    bool slash = len > 0 && directory[len - 1] != '/';
    char *path = xmalloc(len + slash + more);
    memcpy(path, directory, len);
    path[len] = '/';
    memcpy(path + len + slash, name, more);
    return path;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void tree_forget(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->name[i]);
    free(names->name);
}

bool tree_list(struct tree *tree, const char *path, struct names *names)
{
    *names = (struct names){0};
    DIR *directory = opendir(path);
    struct dirent *entry;
    while (directory && (errno = 0, entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if ((names->count & (names->count - 1)) == 0)
            names->name = xrealloc(names->name, (2 * names->count + 1) * sizeof *names->name);
        names->name[names->count++] = xstrdup(entry->d_name);
    }
    bool good = directory && errno == 0;
    if (!good)
        tree_trouble(tree, path);
    if (directory)
        closedir(directory);
    if (names->count > 0)
        qsort(names->name, names->count, sizeof *names->name, compare_names);
    return good;
}

const char *tree_type(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "directory";
    case S_IFLNK:
        return "symbolic link";
    case S_IFIFO:
        return "fifo";
    case S_IFSOCK:
        return "socket";
    case S_IFCHR:
        return "character special file";
    case S_IFBLK:
        return "block special file";
    default:
        return "regular file";
    }
}

char *tree_target(struct tree *tree, const char *path)
{
    for (size_t size = 256;; size *= 2) {
        char *text = xmalloc(size);
        ssize_t len = readlink(path, text, size);
        if (len >= 0 && (size_t)len < size) {
            text[len] = '\0';
            return text;
        }
        free(text);
        if (len < 0) {
            tree_trouble(tree, path);
            return NULL;
        }
    }
}

static void compare_links(struct tree *tree, const char *const paths[2])
{
    char *a = tree_target(tree, paths[0]), *b = a ? tree_target(tree, paths[1]) : NULL;
    if (a && b && strcmp(a, b) != 0)
        SAY(tree, "Symbolic links ", quote_controls(paths[0]), " and ", quote_controls(paths[1]),
            " differ");
    free(a);
    free(b);
}

static void compare_directories(struct tree *tree, const char *const paths[2]);

/* Two things of the same name. */
static void compare_two(struct tree *tree, const char *const paths[2], const struct stat st[2])
{
    mode_t type = st[0].st_mode & S_IFMT;
    if (tree->archives->on && compare_archives(tree, paths, st))
        return;
    if (type != (st[1].st_mode & S_IFMT)) {
        SAY(tree, "File ", quote_controls(paths[0]), " is a ", tree_type(type), " while file ",
            quote_controls(paths[1]), " is a ", tree_type(st[1].st_mode));
        return;
    }
    if (tree->aligned && st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino)
        return;
    if (type == S_IFDIR) {
        compare_directories(tree, paths);
    } else if (type == S_IFLNK) {
        compare_links(tree, paths);
    } else if (type == S_IFREG) {
        int status = compare(tree->comparer, paths);
        tree->status = status > tree->status ? status : tree->status;
    } else if ((type == S_IFCHR || type == S_IFBLK) && st[0].st_rdev != st[1].st_rdev) {
        SAY(tree, "Special files ", quote_controls(paths[0]), " and ", quote_controls(paths[1]),
            " differ");
    }
}

static void compare_entries(struct tree *tree, const char *const directories[2], const char *name)
{
    struct stat st[2];
    char *paths[2] = {tree_join(directories[0], name), tree_join(directories[1], name)};
    if (lstat(paths[0], &st[0]) != 0)
        tree_trouble(tree, paths[0]);
    else if (lstat(paths[1], &st[1]) != 0)
        tree_trouble(tree, paths[1]);
    else
        compare_two(tree, (const char *const *)paths, st);
    free(paths[0]);
    free(paths[1]);
}

static void compare_directories(struct tree *tree, const char *const paths[2])
{
    struct names a, b;
    bool good = tree_list(tree, paths[0], &a);
    good &= tree_list(tree, paths[1], &b);
    size_t i = 0, k = 0;
    while (good && !tree_over(tree) && (i < a.count || k < b.count)) {
        int order = i == a.count ? 1 : k == b.count ? -1 : strcmp(a.name[i], b.name[k]);
        if (order == 0)
            compare_entries(tree, paths, a.name[i]);
        else
            SAY(tree, "Only in ", quote_controls(paths[order > 0]), ": ",
                quote_controls(order < 0 ? a.name[i] : b.name[k]));
        i += order <= 0;
        k += order >= 0;
    }
    tree_forget(&a);
    tree_forget(&b);
}

int compare_trees(struct comparer *comparer, struct stream *out, const struct options *options,
                  const char *const names[2])
{
    struct tree tree = {.comparer = comparer,
                        .archives = &options->archives,
                        .out = out,
                        .silent = options->report != FIRST,
                        .aligned = options->skip[0] == options->skip[1],
                        .status = EQUAL};
    struct stat st[2];
    for (int i = 0; i < 2; i++) {
        if (stat(names[i], &st[i]) != 0) {
            tree_trouble(&tree, names[i]);
            return tree.status;
        }
    }
    compare_two(&tree, names, st);
    return tree.status;
}
