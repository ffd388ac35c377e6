/* SPDX-License-Identifier: MIT */
/* Backups of files that are in the way: file~ and file.~1~. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/choice.h"
#include "common/message.h"

#include "mcopy/backup.h"

enum backup backup_control(const char *control)
{
    static const struct choice choices[] = {
        {"none", BACKUP_NONE},         {"off", BACKUP_NONE},          {"simple", BACKUP_SIMPLE},
        {"never", BACKUP_SIMPLE},      {"existing", BACKUP_EXISTING}, {"nil", BACKUP_EXISTING},
        {"numbered", BACKUP_NUMBERED}, {"t", BACKUP_NUMBERED},        {0},
    };
    const char *where = "backup type";
    if (!control || !*control) {
        control = getenv("VERSION_CONTROL");
        where = "$VERSION_CONTROL";
    }
    if (!control || !*control)
        return BACKUP_EXISTING;
    return (enum backup)choice(choices, control, strlen(control), where, 1);
}

const char *backup_suffix(const char *suffix)
{
    if (!suffix)
        suffix = getenv("SIMPLE_BACKUP_SUFFIX");
    return suffix && *suffix && !strchr(suffix, '/') ? suffix : "~";
}

/* Where the last name in a path begins. */
static size_t base_at(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash + 1 - path) : 0;
}

/* Is `a` a greater number than `b`?  Both are digits without leading zeroes. */
static bool is_greater(const char *a, size_t len, const char *b)
{
    size_t other = strlen(b);
    return len != other ? len > other : strncmp(a, b, len) > 0;
}

/* The digits of "base.~N~", or NULL. */
static const char *number_of(const char *name, const char *base, size_t *len)
{
    size_t base_len = strlen(base);
    if (strncmp(name, base, base_len) != 0 || strncmp(name + base_len, ".~", 2) != 0)
        return NULL;
    const char *digits = name + base_len + 2;
    *len = strspn(digits, "0123456789");
    bool is = *len > 0 && *digits != '0' && strcmp(digits + *len, "~") == 0;
    return is ? digits : NULL;
}

/* The highest number of a backup of `path`, to be freed: digits, "" for none. */
static char *highest(const char *path)
{
    char *best = xstrdup("");
    size_t at = base_at(path), len;
    char *dir = xmalloc(at + 2);
    sprintf(dir, "%.*s.", (int)at, path);
    DIR *entries = opendir(dir);
    free(dir);
    for (struct dirent *found; entries && (found = readdir(entries));) {
        const char *digits = number_of(found->d_name, path + at, &len);
        if (!digits || !is_greater(digits, len, best))
            continue;
        best = xrealloc(best, len + 1);
        memcpy(best, digits, len);
        best[len] = '\0';
    }
    if (entries)
        closedir(entries);
    return best;
}

/* path.~N~ for the number that follows `last`. */
static char *numbered(const char *path, const char *last)
{
    size_t len = strlen(last), nines = strspn(last, "9");
    char *number = xmalloc(len + 2);
    sprintf(number, "%s%s", nines == len ? "0" : "", last);
    size_t at = strlen(number);
    while (number[--at] == '9')
        number[at] = '0';
    number[at]++;
    char *name = xmalloc(strlen(path) + strlen(number) + 5);
    sprintf(name, "%s.~%s~", path, number);
    free(number);
    return name;
}

/* Where the suffix would make the name too long, its last byte becomes ~ . */
static char *simple(const char *path, const char *suffix)
{
    size_t len = strlen(path), base = base_at(path);
    char *name = xmalloc(len + strlen(suffix) + 2);
    sprintf(name, "%s%s", path, suffix);
    if (len - base + strlen(suffix) > NAME_MAX)
        strcpy(name + (len - base >= NAME_MAX ? base + NAME_MAX - 1 : len), "~");
    return name;
}

/* *exclusive: nothing of that name may be replaced. */
static char *choose_name(const struct options *o, const char *path, bool *exclusive)
{
    *exclusive = false;
    if (o->backup == BACKUP_SIMPLE)
        return simple(path, o->suffix);
    char *last = highest(path), *name = NULL;
    *exclusive = o->backup == BACKUP_NUMBERED || *last;
    name = *exclusive ? numbered(path, last) : simple(path, o->suffix);
    free(last);
    return name;
}

char *backup_name(const struct options *options, const char *path)
{
    bool exclusive;
    return choose_name(options, path, &exclusive);
}

int backup_make(const struct options *options, const char *path, char **name)
{
    int error;
    bool exclusive;
    do {
        char *to = choose_name(options, path, &exclusive);
        error = 0;
        if (renameat2(AT_FDCWD, path, AT_FDCWD, to, exclusive ? RENAME_NOREPLACE : 0) != 0)
            error = -errno;
        if (error == -EINVAL && exclusive) /* a file system that only knows plain renames */
            error = rename(path, to) == 0 ? 0 : -errno;
        if (error)
            free(to);
        else
            *name = to;
    } while (error == -EEXIST && exclusive);
    return error;
}
