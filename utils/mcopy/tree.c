/* SPDX-License-Identifier: MIT */
/*
 * One operand, and what is below it: what to do where something is in the way,
 * directories, links and special files.  The order of the questions is GNU cp's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/input.h"
#include "common/message.h"
#include "common/stream.h"

#include "mcopy/mcopy.h"

/* A file that was met, under a name or not, and where its copy went. */
struct seen {
    dev_t dev;
    ino_t ino;
    const char *name; /* NULL: under any; else `to`, or an operand */
    char *to;
};

struct tree {
    const struct options *options;
    /* Each of struct seen: */
    void *linked;      /* sources with several names */
    void *created;     /* destinations that this run made, by name */
    void *operands;    /* files given on the command line, by name */
    void *directories; /* directories given there, and the first one made for each of them */
    /* Of the operand that is being copied: */
    const char *from, *to;
    bool made_directory; /* the first one was made */
    bool into_itself;    /* the copy was met among what is to be copied: stop */
};

struct tree *tree_new(const struct options *options)
{
    struct tree *tree = xmalloc(sizeof *tree);
    *tree = (struct tree){.options = options};
    return tree;
}

static void free_seen(void *node)
{
    struct seen *seen = node;
    free(seen->to);
    free(seen);
}

void tree_free(struct tree *tree)
{
    tdestroy(tree->linked, free_seen);
    tdestroy(tree->created, free_seen);
    tdestroy(tree->operands, free_seen);
    tdestroy(tree->directories, free_seen);
    free(tree);
}

static int compare_seen(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->ino != y->ino)
        return x->ino < y->ino ? -1 : 1;
    if (x->dev != y->dev)
        return x->dev < y->dev ? -1 : 1;
    return x->name && y->name ? strcmp(x->name, y->name) : 0;
}

static const struct seen *recall(void **root, const struct stat *st, const char *name)
{
    struct seen key = {st->st_dev, st->st_ino, name, NULL};
    void *found = tfind(&key, root, compare_seen);
    return found ? *(struct seen **)found : NULL;
}

/* The entry for the file, or NULL after making one that leads to `to`.  `name` lives on. */
static const struct seen *remember(void **root, const struct stat *st, const char *name,
                                   const char *to)
{
    const struct seen *found = recall(root, st, name);
    if (found)
        return found;
    struct seen *made = xmalloc(sizeof *made);
    *made = (struct seen){st->st_dev, st->st_ino, name, xstrdup(to)};
    if (name == to)
        made->name = made->to;
    if (!tsearch(made, root, compare_seen))
        xfail(1, "memory exhausted");
    return NULL;
}

static bool same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

struct stream *verbose_out(void)
{
    static struct stream *out;
    if (!out)
        out = stream_open(STDOUT_FILENO);
    return out;
}

static void say(const char *text)
{
    stream_put(verbose_out(), text, strlen(text));
}

void say_removed(const struct options *options, const char *path)
{
    if (!options->verbose)
        return;
    say("removed ");
    say(quote_always(path));
    say("\n");
}

static void say_copied(const struct tree *tree, const char *from, const char *to)
{
    if (!tree->options->verbose)
        return;
    say(quote_always(from));
    say(" -> ");
    say(quote_always(to));
    say("\n");
}

/* One line of standard input. */
static bool answered_yes(void)
{
    static struct mm_scan *answers;
    struct mm_view view = {0};
    size_t want = 1;
    if (!answers &&
        (mm_scan_new(0, &answers) != 0 || mm_scan_open(answers, STDIN_FILENO, MM_SCAN_HERE) != 0))
        return false;
    const unsigned char *newline = NULL;
    while (mm_scan_more(answers, want, &view) == 0 && view.len >= want) {
        newline = memchr(view.data, '\n', view.len);
        if (newline)
            break;
        want = view.len + 1;
    }
    bool yes = view.len > 0 && (view.data[0] == 'y' || view.data[0] == 'Y');
    mm_scan_consume(answers, newline ? (size_t)(newline + 1 - view.data) : view.len);
    return yes;
}

/* Ask on standard error. */
static bool may_overwrite(const struct options *o, const char *to, const struct stat *st)
{
    if (o->verbose)
        stream_flush(verbose_out());
    if (S_ISLNK(st->st_mode) || access(to, W_OK) == 0) {
        fprintf(stderr, "%s: overwrite %s? ", tool_name(), quote_always(to));
    } else {
        char mode[] = "rwxrwxrwx";
        for (int i = 0; i < 9; i++)
            if (!(st->st_mode & (0400u >> i)))
                mode[i] = '-';
        fprintf(stderr, "%s: %s %s (mode %04o, %s); try anyway? ", tool_name(),
                o->force ? "replace" : "unwritable", quote_always(to), st->st_mode & 07777u, mode);
    }
    fflush(stderr);
    return answered_yes();
}

/* Are source and destination one file, also by way of a link that is not followed? */
static bool same_file(const char *from, const struct stat *st, const struct stat *there)
{
    if (same(st, there))
        return true;
    struct stat target;
    return S_ISLNK(st->st_mode) && !S_ISLNK(there->st_mode) && stat(from, &target) == 0 &&
           same(&target, there);
}

/* Is what is there as new as the source, or newer? */
static bool is_current(const struct stat *there, const struct stat *st)
{
    if (there->st_mtim.tv_sec != st->st_mtim.tv_sec)
        return there->st_mtim.tv_sec > st->st_mtim.tv_sec;
    return there->st_mtim.tv_nsec >= st->st_mtim.tv_nsec;
}

enum verdict { GO_ON, LEAVE, TROUBLE };

/* May a file, of whatever kind, take the place of what is there? */
static enum verdict judge_file(struct tree *tree, const char *from, const struct stat *st,
                               const char *to, const struct stat *there)
{
    const struct options *o = tree->options;
    if ((o->update && is_current(there, st)) || o->no_clobber ||
        (o->interactive && !may_overwrite(o, to, there)))
        return LEAVE;
    if (S_ISDIR(there->st_mode)) {
        message("cannot overwrite directory %s with non-directory", quote_always(to));
        return TROUBLE;
    }
    if (recall(&tree->created, there, to)) {
        message("will not overwrite just-created %s with %s", quote_always(to), quote_always(from));
        return TROUBLE;
    }
    return GO_ON;
}

static enum verdict remove_file(const struct options *o, const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT) {
        message("cannot remove %s: %s", quote_always(path), strerror(errno));
        return TROUBLE;
    }
    say_removed(o, path);
    return GO_ON;
}

/* What is at `to` already: may it be replaced?  After GO_ON *exists says if it is still there. */
static enum verdict make_way(struct tree *tree, const char *from, const struct stat *st,
                             const char *to, bool *exists)
{
    const struct options *o = tree->options;
    bool directory = S_ISDIR(st->st_mode);
    bool follow = S_ISREG(st->st_mode) || !(o->recursive || directory || S_ISLNK(st->st_mode));
    struct stat there;
    *exists = false;
    if ((follow ? stat(to, &there) : lstat(to, &there)) != 0) {
        /* A link that leads to itself can be removed (-f) but not opened. */
        *exists = errno == ELOOP && o->force;
        if (errno == ENOENT || *exists)
            return GO_ON;
        message("cannot stat %s: %s", quote_always(to), strerror(errno));
        return TROUBLE;
    }
    if (!o->no_clobber && same_file(from, st, &there)) {
        message("%s and %s are the same file", quote_always(from), quote_always(to));
        return TROUBLE;
    }
    if (directory) {
        *exists = true;
        if (S_ISDIR(there.st_mode))
            return GO_ON;
        message("cannot overwrite non-directory %s with directory %s", quote_always(to),
                quote_always(from));
        return TROUBLE;
    }
    enum verdict verdict = judge_file(tree, from, st, to, &there);
    if (verdict != GO_ON)
        return verdict;
    /* Another name of what is there would change with it; what is no file cannot be written over.
     */
    if ((o->preserve_links && there.st_nlink > 1) || (o->no_dereference && !S_ISREG(st->st_mode)))
        return remove_file(o, to);
    *exists = true;
    return GO_ON;
}

static bool copy_entry(struct tree *tree, const char *from, const char *to);

struct name {
    ino_t ino;
    char *text;
};

/* The order of the inodes is about the order on the medium. */
static int by_inode(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    return x->ino < y->ino ? -1 : x->ino > y->ino;
}

/* The names in a directory; NULL after a message. */
static struct name *read_directory(const char *path, size_t *count)
{
    DIR *dir = opendir(path);
    if (!dir) {
        message("cannot access %s: %s", quote_always(path), strerror(errno));
        return NULL;
    }
    size_t room = 16;
    struct name *names = xmalloc(room * sizeof *names);
    *count = 0;
    struct dirent *found;
    while ((errno = 0, found = readdir(dir)) != NULL) {
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        if (*count == room)
            names = xrealloc(names, (room *= 2) * sizeof *names);
        names[(*count)++] = (struct name){found->d_ino, xstrdup(found->d_name)};
    }
    if (errno)
        message("reading directory %s: %s", quote_always(path), strerror(errno));
    closedir(dir);
    qsort(names, *count, sizeof *names, by_inode);
    return names;
}

static char *join(const char *dir, const char *name)
{
    size_t len = strlen(dir);
    char *path = xmalloc(len + strlen(name) + 2);
    sprintf(path, "%s%s%s", dir, len > 0 && dir[len - 1] == '/' ? "" : "/", name);
    return path;
}

static bool copy_entries(struct tree *tree, const char *from, const char *to)
{
    size_t count;
    struct name *names = read_directory(from, &count);
    if (!names)
        return false;
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        char *below = join(from, names[i].text), *copy = join(to, names[i].text);
        if (!tree->into_itself)
            good &= copy_entry(tree, below, copy);
        free(below);
        free(copy);
        free(names[i].text);
    }
    free(names);
    return good;
}

/* Take away what the owner needed only while the entries were copied. */
static bool settle_mode(const char *to, mode_t mode)
{
    mode_t mask = umask(0);
    umask(mask);
    if (chmod(to, mode & ~mask) == 0)
        return true;
    message("setting permissions for %s: %s", quote_always(to), strerror(errno));
    return false;
}

/* The same entry of the same directory? */
static bool same_name(const char *a, const char *b)
{
    char *copy_a = xstrdup(a), *copy_b = xstrdup(b);
    char *parent_a = xstrdup(a), *parent_b = xstrdup(b);
    struct stat x, y;
    bool result = strcmp(basename(copy_a), basename(copy_b)) == 0 &&
                  stat(dirname(parent_a), &x) == 0 && stat(dirname(parent_b), &y) == 0 &&
                  same(&x, &y);
    free(copy_a);
    free(copy_b);
    free(parent_a);
    free(parent_b);
    return result;
}

/*
 * A directory that this run has met before, as an operand or as the copy of one:
 *
 *   it is the copy itself         the copy would never end: an error, stop here
 *   the same copy is asked again  a warning
 *   another copy is asked         it would be a hard link to a directory: an error
 */
static bool copy_again(struct tree *tree, const char *from, const char *to,
                       const struct seen *before)
{
    if (same_name(from, before->to)) {
        message("cannot copy a directory, %s, into itself, %s", quote_always(tree->from),
                quote_always(tree->to));
        tree->into_itself = true;
        return false;
    }
    if (same_name(to, before->to)) {
        message("warning: source directory %s specified more than once", quote_always(tree->from));
        return true;
    }
    message("will not create hard link %s to directory %s", quote_always(to),
            quote_always(before->to));
    return false;
}

static bool copy_directory(struct tree *tree, const char *from, const struct stat *st,
                           const char *to, bool exists)
{
    const struct options *o = tree->options;
    const struct seen *before = from == tree->from ? remember(&tree->directories, st, NULL, to)
                                                   : recall(&tree->directories, st, NULL);
    if (before)
        return copy_again(tree, from, to, before);
    /* Until its entries are in, the owner needs all rights, and others none that are not theirs. */
    mode_t mode = st->st_mode & (o->preserve ? 0700 : 07777);
    if (!exists) {
        if (mkdir(to, mode | 0700) != 0) {
            message("cannot create directory %s: %s", quote_always(to), strerror(errno));
            return false;
        }
        say_copied(tree, from, to);
        struct stat made;
        if (!tree->made_directory && stat(to, &made) == 0) {
            tree->made_directory = true;
            remember(&tree->directories, &made, NULL, to);
        }
    }
    bool good = copy_entries(tree, from, to);
    if (o->preserve)
        return attributes_path(o, from, st, to) && good;
    if (!exists && (mode & 0700) != 0700)
        return settle_mode(to, mode) && good;
    return good;
}

static bool copy_link(const struct options *o, const char *from, const struct stat *st,
                      const char *to)
{
    size_t room = (size_t)st->st_size + 1;
    char *target = xmalloc(room);
    ssize_t len;
    /* /proc's links say 0 and are longer. */
    while ((len = readlink(from, target, room)) >= 0 && (size_t)len == room)
        target = xrealloc(target, room *= 2);
    bool good = false;
    if (len < 0) {
        message("cannot read symbolic link %s: %s", quote_always(from), strerror(errno));
    } else {
        target[len] = '\0';
        good = symlink(target, to) == 0;
        if (!good)
            message("cannot create symbolic link %s: %s", quote_always(to), strerror(errno));
    }
    free(target);
    return good && attributes_path(o, from, st, to);
}

static bool copy_special(const struct options *o, const char *from, const struct stat *st,
                         const char *to)
{
    mode_t mode = st->st_mode & ~(mode_t)(o->preserve ? 0077 : 0);
    if (mknod(to, mode, st->st_rdev) != 0) {
        message(S_ISFIFO(st->st_mode) ? "cannot create fifo %s: %s"
                                      : "cannot create special file %s: %s",
                quote_always(to), strerror(errno));
        return false;
    }
    return attributes_path(o, from, st, to);
}

/* Another name of a file that was copied already. */
static bool copy_hard_link(const struct options *o, const char *first, const char *to, bool exists)
{
    if (exists && remove_file(o, to) != GO_ON)
        return false;
    if (linkat(AT_FDCWD, first, AT_FDCWD, to, 0) == 0)
        return true;
    message("cannot create hard link %s to %s: %s", quote_always(to), quote_always(first),
            strerror(errno));
    return false;
}

static bool copy_by_kind(struct tree *tree, const char *from, const struct stat *st, const char *to,
                         bool exists)
{
    const struct options *o = tree->options;
    if (S_ISDIR(st->st_mode))
        return copy_directory(tree, from, st, to, exists);
    const struct seen *first =
        o->preserve_links && st->st_nlink > 1 ? remember(&tree->linked, st, NULL, to) : NULL;
    if (first)
        return copy_hard_link(o, first->to, to, exists);
    if (S_ISLNK(st->st_mode))
        return copy_link(o, from, st, to);
    if (S_ISREG(st->st_mode) || !o->recursive)
        return data_copy(o, from, to, exists);
    return copy_special(o, from, st, to);
}

static bool copy_entry(struct tree *tree, const char *from, const char *to)
{
    const struct options *o = tree->options;
    bool operand = from == tree->from;
    struct stat st;
    if ((o->no_dereference ? lstat(from, &st) : stat(from, &st)) != 0) {
        message("cannot stat %s: %s", quote_always(from), strerror(errno));
        return false;
    }
    bool directory = S_ISDIR(st.st_mode);
    if (directory && !o->recursive) {
        message("-r not specified; omitting directory %s", quote_always(from));
        return false;
    }
    if (operand && !directory && remember(&tree->operands, &st, from, to)) {
        message("warning: source file %s specified more than once", quote_always(from));
        return true;
    }
    bool exists;
    enum verdict verdict = make_way(tree, from, &st, to, &exists);
    if (verdict != GO_ON)
        return verdict == LEAVE;
    struct stat link;
    if (operand && !directory && !exists && lstat(to, &link) == 0 &&
        recall(&tree->created, &link, to)) {
        message("will not copy %s through just-created symlink %s", quote_always(from),
                quote_always(to));
        return false;
    }
    if (!directory)
        say_copied(tree, from, to);
    bool good = copy_by_kind(tree, from, &st, to, exists);
    struct stat made;
    if (good && operand && !directory && lstat(to, &made) == 0)
        remember(&tree->created, &made, to, to);
    return good;
}

bool tree_copy(struct tree *tree, const char *from, const char *to)
{
    tree->from = from;
    tree->to = to;
    tree->made_directory = tree->into_itself = false;
    return copy_entry(tree, from, to);
}
