/* SPDX-License-Identifier: MIT */
/* Directories: made, filled with what the source holds, and given their attributes last. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/message.h"

#include "mcopy/attributes.h"
#include "mcopy/report.h"
#include "mcopy/seen.h"
#include "mcopy/share.h"
#include "mcopy/tally.h"
#include "mcopy/tree.h"

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
    size_t room = 64;
    struct name *names = dir ? xmalloc(room * sizeof *names) : NULL;
    *count = 0;
    struct dirent *found;
    while (dir && (errno = 0, found = readdir(dir)) != NULL) {
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        if (*count == room)
            names = xrealloc(names, (room *= 2) * sizeof *names);
        names[(*count)++] = (struct name){found->d_ino, xstrdup(found->d_name)};
    }
    int error = errno;
    if (error)
        message("cannot access %s: %s", quote_always(path), strerror(error));
    if (dir)
        closedir(dir);
    if (error) {
        while (*count > 0)
            free(names[--*count].text);
        free(names);
        return NULL;
    }
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

static bool copy_entries(struct tree *tree, const struct entry *dir)
{
    size_t count;
    struct name *names = read_directory(dir->from, &count);
    if (!names)
        return false;
    const struct above above = {dir->above, dir->st.st_dev, dir->st.st_ino};
    bool good = true;
    /* The first directory of an operand: those beside it in here may be made too. */
    bool before = tree->made_directory, made = before;
    for (size_t i = 0; i < count; i++) {
        char *from = join(dir->from, names[i].text), *to = join(dir->to, names[i].text);
        struct entry below = {
            .from = from, .to = to, .is_new = dir->is_new, .fresh = dir->is_new, .above = &above};
        tree->made_directory = before;
        if (!tree->into_itself)
            good &= tree_entry(tree, &below);
        made |= tree->made_directory;
        free(from);
        free(to);
        free(names[i].text);
    }
    tree->made_directory = made;
    free(names);
    return good;
}

/* Does the directory hold itself, by way of a link that is followed? */
static bool is_cyclic(const struct entry *e)
{
    for (const struct above *above = e->above; above; above = above->next)
        if (above->ino == e->st.st_ino && above->dev == e->st.st_dev)
            return true;
    return false;
}

/* Until its entries are in, the owner needs all rights. */
static bool make_directory(struct tree *tree, const struct entry *e, struct stat *made)
{
    if (mkdir(e->to, attributes_first(tree->options, &e->st)) != 0) {
        message("cannot create directory %s: %s", quote_always(e->to), strerror(errno));
        return false;
    }
    if (lstat(e->to, made) != 0) {
        message("cannot stat %s: %s", quote_always(e->to), strerror(errno));
        return false;
    }
    mode_t mode = made->st_mode & 07777;
    if ((mode & S_IRWXU) != S_IRWXU && chmod(e->to, mode | S_IRWXU) != 0) {
        message("setting permissions for %s: %s", quote_always(e->to), strerror(errno));
        return false;
    }
    if (!tree->made_directory) {
        tree->made_directory = true;
        seen_made(&tree->copied, made, e->to);
    }
    tally.directories++;
    report_copied(tree->options, e->from, e->to, NULL);
    return true;
}

bool directory_copy(struct tree *tree, struct entry *e)
{
    const struct options *o = tree->options;
    if (is_cyclic(e)) {
        message("cannot copy cyclic symbolic link %s", quote_always(e->from));
        return false;
    }
    struct stat made;
    if (e->is_new && !make_directory(tree, e, &made)) {
        seen_forget(&tree->copied, &e->st);
        return false;
    }
    bool other_system = o->one_file_system && e->above && e->above->dev != e->st.st_dev;
    bool good = other_system || copy_entries(tree, e);
    const struct job job = {e->from, e->to, &e->st, false, e->is_new, e->fresh};
    const struct stat *new_one = e->is_new ? &made : NULL;
    return (share_directory(tree->share, &job, new_one) ||
            attributes_path(o, e->from, &e->st, e->to, new_one)) &&
           good;
}
