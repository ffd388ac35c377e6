/* SPDX-License-Identifier: MIT */
/* Operands and directories to inputs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "mgrep/rules.h"
#include "mgrep/walk.h"

/* Grows; what is in it begins at `data`. */
struct buffer {
    char *data;
    size_t len, room;
};

/* A directory being walked, and those around it. */
struct level {
    const struct level *above;
    dev_t device;
    ino_t inode;
};

/* The walk of one operand: the path of what is looked at now. */
struct path {
    struct walk *walk;
    struct buffer text; /* with a NUL that is not counted */
};

static char *make_room(struct buffer *buffer, size_t len)
{
    if (buffer->room - buffer->len < len) {
        buffer->room = 2 * (buffer->len + len);
        buffer->data = xrealloc(buffer->data, buffer->room);
    }
    return buffer->data + buffer->len;
}

static void trouble(struct walk *walk, const char *name, int error)
{
    if (!walk->quiet)
        walk->complain(walk->context, name, strerror(error));
    walk->trouble = true;
}

static bool is_device(mode_t mode)
{
    return S_ISCHR(mode) || S_ISBLK(mode) || S_ISSOCK(mode) || S_ISFIFO(mode);
}

static bool skips_devices(const struct walk *walk, bool operand)
{
    return walk->devices == DEVICES_SKIP || (walk->devices == DEVICES_OPERANDS && !operand);
}

/* What messages and output call a path below an operand. */
static const char *name_of(const struct walk *walk, const char *path)
{
    return walk->bare && path[1] ? path + 2 : path;
}

/*
 * The names in a directory, each behind a byte that tells its type and before a NUL.
 *
 * Returns 0 or an errno value; then the names may not be all.
 */
static int read_names(int fd, struct buffer *names)
{
    DIR *folder = fdopendir(fd);
    struct dirent *entry;
    if (!folder) {
        int error = errno;
        close(fd);
        return error;
    }
    while (errno = 0, entry = readdir(folder)) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        size_t len = strlen(name) + 1;
        char *to = make_room(names, 1 + len);
        *to = (char)entry->d_type;
        memcpy(to + 1, name, len);
        names->len += 1 + len;
    }
    int error = errno;
    closedir(folder);
    return error;
}

/* The type of an entry where the directory does not tell it, or tells only of a link. */
static mode_t type_of(const struct walk *walk, const char *path, unsigned char type)
{
    struct stat st;
    if (type != DT_UNKNOWN && (type != DT_LNK || !walk->follow))
        return DTTOIF(type);
    return fstatat(AT_FDCWD, path, &st, walk->follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode
                                                                                     : 0;
}

static bool walk_folder(struct path *path, const struct level *above);

/* One entry below a directory operand; a glob must match its own name.  Type 0: nobody knows. */
static bool visit_below(struct path *path, const char *own, mode_t mode, const struct level *level)
{
    struct walk *walk = path->walk;
    const char *text = path->text.data;
    bool folder = S_ISDIR(mode);
    bool excluded = rules_exclude(folder ? walk->folders : walk->files, own, false);
    if (excluded && !(walk->archives && S_ISREG(mode)))
        return true;
    if (folder)
        return walk_folder(path, level);
    if (S_ISLNK(mode) || (is_device(mode) && skips_devices(walk, false)))
        return true;
    struct entry entry = {text, name_of(walk, text), true, S_ISREG(mode), excluded};
    return walk->visit(walk->context, &entry);
}

/* All that is in the directory that the path names; `above` is the one that it is in. */
static bool walk_names(struct path *path, struct buffer *names, const struct level *level)
{
    struct buffer *text = &path->text;
    size_t folder = text->len;
    bool go_on = true;
    if (text->data[folder - 1] != '/')
        text->data[text->len++] = '/';
    size_t stem = text->len;
    for (size_t at = 0; go_on && at < names->len;) {
        const char *name = names->data + at + 1;
        size_t len = strlen(name);
        memcpy(make_room(text, len + 2), name, len + 1); /* with room for a slash */
        text->len = stem + len;
        mode_t mode = type_of(path->walk, text->data, (unsigned char)names->data[at]);
        go_on = visit_below(path, name, mode, level);
        text->len = stem;
        at += len + 2;
    }
    text->len = folder;
    text->data[folder] = '\0';
    return go_on;
}

/*
 * The order is that in which the directory gives its entries, as in GNU grep.  They are read
 * at once, so that the depth of a tree takes no descriptors.
 */
static bool walk_folder(struct path *path, const struct level *above)
{
    struct walk *walk = path->walk;
    const char *name = name_of(walk, path->text.data);
    bool link = !above || walk->follow;
    int fd = open(path->text.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (link ? 0 : O_NOFOLLOW));
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        trouble(walk, name, errno);
        if (fd >= 0)
            close(fd);
        return true;
    }
    struct level level = {above, st.st_dev, st.st_ino};
    for (; above; above = above->above) {
        if (above->device == st.st_dev && above->inode == st.st_ino) {
            if (!walk->quiet)
                walk->complain(walk->context, name, "warning: recursive directory loop");
            close(fd);
            return true;
        }
    }
    struct buffer names = {0};
    int error = read_names(fd, &names);
    bool go_on = walk_names(path, &names, &level);
    free(names.data);
    if (error && go_on)
        trouble(walk, name_of(walk, path->text.data), error);
    return go_on;
}

static bool walk_directory(struct walk *walk, const char *operand)
{
    size_t len = strlen(operand);
    struct path path = {walk, {0}};
    memcpy(make_room(&path.text, len + 2), operand, len + 1);
    while (len > 1 && operand[len - 1] == '/' && operand[len - 2] == '/')
        len--;
    path.text.len = len;
    path.text.data[len] = '\0';
    bool go_on = true;
    if (walk->bare || !rules_exclude(walk->folders, path.text.data, true))
        go_on = walk_folder(&path, NULL);
    free(path.text.data);
    return go_on;
}

bool walk_operand(struct walk *walk, const char *operand)
{
    struct stat st;
    struct entry entry = {.path = operand, .name = operand};
    if (strcmp(operand, "-") == 0)
        return walk->visit(walk->context, &entry);
    if (stat(operand, &st) != 0) {
        if (walk->archives && (errno == ENOENT || errno == ENOTDIR)) /* a member has a name, too */
            return walk->visit(walk->context, &entry);
        trouble(walk, operand, errno);
        return true;
    }
    bool folder = S_ISDIR(st.st_mode);
    if (skips_devices(walk, true) && is_device(st.st_mode))
        return true;
    if (folder && walk->directories == DIRECTORIES_SKIP)
        return true;
    entry.excluded = !(folder && walk->bare) &&
                     rules_exclude(folder ? walk->folders : walk->files, operand, true);
    if (entry.excluded && !(walk->archives && S_ISREG(st.st_mode)))
        return true;
    if (folder && walk->directories == DIRECTORIES_RECURSE)
        return walk_directory(walk, operand);
    entry.regular = S_ISREG(st.st_mode);
    return walk->visit(walk->context, &entry);
}
