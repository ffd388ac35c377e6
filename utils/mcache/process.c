/* SPDX-License-Identifier: MIT */
/* --maps: the files that a process maps. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "common/message.h"
#include "common/stream.h"
#include "mcache/file.h"
#include "mcache/json.h"
#include "mcache/maps.h"
#include "mcache/options.h"
#include "mcache/process.h"
#include "mcache/show.h"

/* A file that the process maps, perhaps several times. */
struct mapped {
    char *path;
    dev_t device;
    ino_t inode;
    uint64_t begin, end; /* of the first mapping */
    uint64_t bytes, locked;
};

struct process {
    const struct options *options;
    struct show *show;
    struct mapped *files;
    size_t count, room;
    unsigned char *levels;
};

static struct mapped *find(struct process *process, const struct mapping *mapping)
{
    for (size_t i = process->count; i-- > 0;) {
        struct mapped *file = &process->files[i];
        if (file->inode == mapping->inode && file->device == mapping->device)
            return file;
    }
    if (process->count == process->room) {
        process->room = process->room ? process->room * 2 : 64;
        process->files = xrealloc(process->files, process->room * sizeof *process->files);
    }
    struct mapped *file = &process->files[process->count++];
    *file = (struct mapped){.path = xstrdup(mapping->path),
                            .device = mapping->device,
                            .inode = mapping->inode,
                            .begin = mapping->begin,
                            .end = mapping->end};
    return file;
}

static void add(void *context, const struct mapping *mapping)
{
    struct mapped *file = find(context, mapping);
    file->bytes += mapping->end - mapping->begin;
    file->locked += mapping->locked ? mapping->end - mapping->begin : 0;
}

/*
 * By its name, if that still is the same file; else by the mapping itself, which takes a
 * privilege.  Some file systems show another device number in maps than stat(2).
 */
static int open_mapped(pid_t pid, const struct mapped *mapped, struct stat *st)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int fd = mapped->path[0] == '/' ? open(mapped->path, flags) : -1;
    if (fd >= 0 && fstat(fd, st) == 0 && st->st_ino == mapped->inode)
        return fd;
    if (fd >= 0)
        close(fd);
    char path[96];
    snprintf(path, sizeof path, "/proc/%d/map_files/%jx-%jx", (int)pid, (uintmax_t)mapped->begin,
             (uintmax_t)mapped->end);
    fd = open(path, flags);
    if (fd >= 0 && fstat(fd, st) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void show_mapped(struct process *process, const struct mapped *mapped)
{
    char note[160], bytes[16], locked[16];
    struct stat st;
    struct file file = {
        .name = mapped->path, .columns = process->options->columns, .levels = process->levels};
    int fd = open_mapped(process->options->pid, mapped, &st);
    int len = snprintf(note, sizeof note, "%s mapped", size_text(bytes, mapped->bytes));
    if (mapped->locked > 0)
        len += snprintf(note + len, sizeof note - (size_t)len, ", %s locked",
                        size_text(locked, mapped->locked));
    if (fd >= 0 && (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))) {
        file_identify(&file, &st);
        file_measure(process->options, fd, &st, &file);
        if (file.unknown)
            snprintf(note + len, sizeof note - (size_t)len, ", not this user's to know more");
    } else {
        const char *why = fd >= 0 ? "a device" : strerror(errno);
        file.unknown = true;
        if (file.levels)
            memset(file.levels, LEVEL_UNKNOWN, file.columns);
        snprintf(note + len, sizeof note - (size_t)len, ", cannot be opened: %s", why);
    }
    if (fd >= 0)
        close(fd);
    show_file(process->show, &file, note);
}

static void put_heading(const struct options *options, struct stream *out)
{
    pid_t pid = options->pid;
    struct mm_oom oom = {0};
    uint64_t locked = 0;
    char text[192], name[64], bytes[16];
    bool scored = mm_oom_read(pid, &oom) == 0, told = mm_lock_of(pid, &locked) == 0;
    maps_command(pid, name);
    if (options->json) {
        json_process_put(out, pid, name, scored ? &oom : NULL, told ? &locked : NULL);
        return;
    }
    if (options->format)
        return;
    int len = snprintf(text, sizeof text, "%d (%s): ", (int)pid, quote_controls(name));
    if (scored)
        len += snprintf(text + len, sizeof text - (size_t)len, "oom_score %d, oom_score_adj %d, ",
                        oom.score, oom.adjust);
    len += snprintf(text + len, sizeof text - (size_t)len, "VmLck %s\n",
                    told ? size_text(bytes, locked) : "unknown");
    stream_put(out, text, (size_t)len);
}

bool process_show(const struct options *options, struct show *show, struct stream *out)
{
    struct process process = {.options = options, .show = show};
    int error = maps_each(options->pid, true, add, &process);
    if (error) {
        char name[32];
        snprintf(name, sizeof name, "process %d", (int)options->pid);
        message_name(name, error == -ENOENT ? ESRCH : error);
    } else {
        if (options->columns > 0)
            process.levels = xmalloc(options->columns);
        put_heading(options, out);
        for (size_t i = 0; i < process.count; i++)
            show_mapped(&process, &process.files[i]);
        free(process.levels);
    }
    for (size_t i = 0; i < process.count; i++)
        free(process.files[i].path);
    free(process.files);
    return !error;
}
