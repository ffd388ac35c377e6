/* SPDX-License-Identifier: MIT */
/* What a process maps. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "common/message.h"
#include "mcache/maps.h"
#include "mcache/names.h"

struct reader {
    void (*each)(void *context, const struct mapping *mapping);
    void *context;
    bool locks;
    struct mapping mapping; /* of smaps: what is told of is to follow */
    char *path;             /* its */
};

/* The kernel shows a newline in a path as \012. */
static void restore_newlines(char *path)
{
    char *to = path;
    for (const char *from = path; *from; to++) {
        bool newline = strncmp(from, "\\012", 4) == 0;
        *to = newline ? '\n' : *from;
        from += newline ? 4 : 1;
    }
    *to = '\0';
}

/* "begin-end rights offset major:minor inode   path" */
static bool parse(char *line, struct mapping *mapping)
{
    uint64_t begin, end, inode;
    unsigned major, minor;
    int path = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %*x %x:%x %" SCNu64 " %n", &begin, &end, &major,
               &minor, &inode, &path) < 5 ||
        path == 0)
        return false;
    *mapping =
        (struct mapping){begin, end, makedev(major, minor), (ino_t)inode, line + path, false};
    restore_newlines(line + path);
    return true;
}

static bool read_line(void *context, char *line, size_t len)
{
    struct reader *reader = context;
    struct mapping *mapping = &reader->mapping;
    (void)len;
    if (parse(line, mapping)) {
        if (!reader->locks && mapping->inode != 0) {
            reader->each(reader->context, mapping);
        } else if (reader->locks) {
            free(reader->path);
            mapping->path = reader->path = xstrdup(mapping->path);
        }
    } else if (strncmp(line, "VmFlags:", 8) == 0 && mapping->inode != 0) {
        mapping->locked = strstr(line, " lo") != NULL;
        reader->each(reader->context, mapping);
    }
    return true;
}

int maps_each(pid_t pid, bool locks, void (*each)(void *context, const struct mapping *mapping),
              void *context)
{
    struct reader reader = {each, context, locks, {0}, NULL};
    char file[64];
    snprintf(file, sizeof file, "/proc/%d/%s", (int)pid, locks ? "smaps" : "maps");
    int error = lines_each(file, '\n', read_line, &reader);
    free(reader.path);
    return error == -ESRCH ? -ENOENT : error;
}

static bool take_name(void *context, char *line, size_t len)
{
    (void)len;
    snprintf(context, 64, "%s", line);
    return false;
}

const char *maps_command(pid_t pid, char name[64])
{
    char file[64];
    strcpy(name, "?");
    snprintf(file, sizeof file, "/proc/%d/comm", (int)pid);
    lines_each(file, '\n', take_name, name);
    return name;
}
