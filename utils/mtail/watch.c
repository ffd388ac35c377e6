/* SPDX-License-Identifier: MIT */
/* inotify: the kernel tells what happens to files, and to their names in directories. */
#include <errno.h>
#include <linux/magic.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/message.h"
#include "mtail/watch.h"

#define FILE_EVENTS  IN_MODIFY
#define NAME_EVENTS  (IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)
#define ENTRY_EVENTS (NAME_EVENTS | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

/*
 * Every change is made by this kernel, so that inotify sees it: not so where others
 * write (NFS, SMB, FUSE), or where a file is two (overlayfs).  A file system that is
 * not known here is polled, which is slower and never wrong.
 */
static bool is_local(const struct statfs *fs)
{
    switch ((unsigned long)fs->f_type) {
    case BTRFS_SUPER_MAGIC:
    case DEVPTS_SUPER_MAGIC:
    case EXT4_SUPER_MAGIC: /* ext2 and ext3 too */
    case F2FS_SUPER_MAGIC:
    case HUGETLBFS_MAGIC:
    case ISOFS_SUPER_MAGIC:
    case MSDOS_SUPER_MAGIC:
    case NILFS_SUPER_MAGIC:
    case PIPEFS_MAGIC:
    case RAMFS_MAGIC:
    case REISERFS_SUPER_MAGIC:
    case SOCKFS_MAGIC:
    case SQUASHFS_MAGIC:
    case TMPFS_MAGIC:
    case XFS_SUPER_MAGIC:
    case 0x15013346: /* udf */
    case 0x2011bab0: /* exfat */
    case 0x2fc12fc1: /* zfs */
    case 0x3153464a: /* jfs */
    case 0x7366746e: /* ntfs3 */
    case 0xca451a4e: /* bcachefs */
    case 0xe0f5e1e2: /* erofs */
        return true;
    default:
        return false;
    }
}

/* Would inotify tell of all that happens to the file? */
static bool visible(const struct file *file)
{
    const struct mm_scan *scan = file->input.scan;
    /* What the kernel makes up as it is read, as in /proc, changes without an event. */
    bool made_up = S_ISREG(mm_scan_stat(scan)->st_mode) && !mm_scan_mapped(scan);
    struct statfs fs;
    return !made_up && fstatfs(file->input.fd, &fs) == 0 && is_local(&fs);
}

/* What a link leads to can change in a directory that is not watched. */
static bool is_link(const struct file *file)
{
    struct stat st;
    return lstat(file->name, &st) == 0 && S_ISLNK(st.st_mode);
}

/* The part of a name behind its directory. */
static const char *entry(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static void say_polling(struct watch *watch)
{
    if (!watch->quiet)
        message("inotify cannot be used, reverting to polling");
    watch->quiet = true;
}

/* Returns inotify's descriptor, or -1 with errno. */
static int add(struct watch *watch, const char *path, uint32_t events)
{
    int wd = inotify_add_watch(watch->fd, path, events);
    if (wd < 0 && (errno == ENOSPC || errno == ENOMEM)) {
        if (!watch->quiet)
            message("inotify resources exhausted");
        say_polling(watch);
    }
    return wd;
}

/* By descriptor: the name may lead elsewhere by now. */
static void add_file(struct watch *watch, struct file *file)
{
    char path[sizeof "/proc/self/fd/" + 3 * sizeof(int)];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file->input.fd);
    file->watch = add(watch, path, FILE_EVENTS | (watch->by_name ? NAME_EVENTS : 0));
}

static void add_directory(struct watch *watch, struct file *file)
{
    size_t len = (size_t)(entry(file->name) - file->name);
    char *path = xmalloc(len + 2);
    memcpy(path, file->name, len);
    strcpy(path + len, len > 0 ? "" : ".");

    struct statfs fs;
    errno = 0;
    if (statfs(path, &fs) == 0 && is_local(&fs))
        file->directory = add(watch, path, ENTRY_EVENTS | IN_ONLYDIR);
    /* That a directory went away later is told by what became of the name. */
    bool went = watch->started && (errno == ENOENT || errno == ENOTDIR);
    if (file->directory < 0 && errno && !went && !watch->quiet) {
        message("cannot watch parent directory of %s: %s", quote_always(file->name),
                strerror(errno));
        say_polling(watch);
    }
    free(path);
}

void watch_start(struct watch *watch, const struct options *o, struct file *files, size_t count)
{
    *watch = (struct watch){
        .fd = -1, .by_name = o->by_name, .quiet = true, .files = files, .count = count};
    /* The peer polls without a word where it knows from the start that it must. */
    bool blind = o->no_inotify;
    for (size_t i = 0; i < count; i++) {
        if (files[i].input.fd < 0)
            continue;
        watch->quiet = false;
        blind |= !visible(&files[i]) || (o->by_name && is_link(&files[i]));
    }
    watch->quiet |= blind;
    if (!o->no_inotify)
        watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->fd < 0 && !watch->quiet) {
        message("inotify cannot be used, reverting to polling: %s", strerror(errno));
        watch->quiet = true;
    }
    for (size_t i = 0; i < count; i++)
        if (!files[i].given_up)
            watch_file(watch, &files[i]);
    watch->started = true;
}

void watch_file(struct watch *watch, struct file *file)
{
    file->polled = true;
    if (watch->fd < 0)
        return;
    if (file->watch < 0 && file->input.fd >= 0)
        add_file(watch, file);
    if (file->directory < 0 && watch->by_name)
        add_directory(watch, file);
    bool seen = file->input.fd < 0 || (file->watch >= 0 && visible(file));
    bool name_seen = watch->by_name ? file->directory >= 0 && !is_link(file) : file->input.fd >= 0;
    file->polled = !seen || !name_seen;
}

/* How many files and former files an event of this descriptor is about. */
static int count_watched(const struct watch *watch, int wd)
{
    int count = 0;
    for (size_t i = 0; i < watch->count; i++) {
        count += watch->files[i].watch == wd;
        for (const struct former *former = watch->files[i].former; former; former = former->older)
            count += former->watch == wd;
    }
    return count;
}

void watch_drop(struct watch *watch, int *wd)
{
    /* One file has one descriptor, however often it is named. */
    int old = *wd;
    *wd = -1;
    if (old >= 0 && count_watched(watch, old) == 0)
        inotify_rm_watch(watch->fd, old);
}

/* ------------------------------------------- files that had a name for a moment */

struct passing {
    char *entry;     /* where it is now, in the directory of the name; NULL: nowhere */
    uint32_t cookie; /* of the move that took it away; 0: none */
    struct passing *newer;
};

/* The file of that entry is gone or on its way. */
static void leave(struct file *file, const char *name, uint32_t cookie)
{
    for (struct passing *p = file->passing; p; p = p->newer) {
        if (!p->entry || strcmp(p->entry, name) != 0)
            continue;
        free(p->entry);
        p->entry = NULL;
        p->cookie = cookie;
        file->traced++;
    }
}

/* A file is at that entry now: one that was on its way, or a new one. */
static void arrive(struct file *file, const char *name, uint32_t cookie)
{
    struct passing **place = &file->passing;
    leave(file, name, 0);
    while (*place && !(cookie && (*place)->cookie == cookie))
        place = &(*place)->newer;
    if (!*place && strcmp(name, entry(file->name)) != 0)
        return;
    if (!*place) {
        *place = xmalloc(sizeof **place);
        (*place)->newer = NULL;
    }
    (*place)->entry = xstrdup(name);
    (*place)->cookie = 0;
    file->traced++;
}

/* An event in the directory of the name. */
static void trace(struct file *file, const struct inotify_event *event)
{
    if (event->len == 0 || file->given_up)
        return;
    if (event->mask & (IN_MOVED_FROM | IN_DELETE))
        leave(file, event->name, event->cookie);
    else if (event->mask & (IN_CREATE | IN_MOVED_TO))
        arrive(file, event->name, event->cookie);
}

char *watch_passing(struct file *file)
{
    while (file->passing && !file->passing->entry)
        watch_taken(file);
    if (!file->passing)
        return NULL;
    size_t len = (size_t)(entry(file->name) - file->name);
    char *path = xmalloc(len + strlen(file->passing->entry) + 1);
    memcpy(path, file->name, len);
    strcpy(path + len, file->passing->entry);
    return path;
}

void watch_taken(struct file *file)
{
    struct passing *taken = file->passing;
    file->passing = taken->newer;
    free(taken->entry);
    free(taken);
}

/* ------------------------------------------------------------------- events */

/* What an event means for one of the files. */
static void apply(struct watch *watch, struct file *file, const struct inotify_event *event)
{
    for (struct former *former = file->former; former; former = former->older) {
        file->grown |= event->wd == former->watch;
        if (event->wd == former->watch && event->mask & IN_IGNORED)
            former->watch = -1;
    }
    if (event->mask & IN_Q_OVERFLOW) {
        file->grown = file->renamed = true;
        while (file->passing) /* where these are is not known any more */
            watch_taken(file);
        file->traced++;
    } else if (event->wd == file->watch) {
        file->grown = true;
        file->renamed |= (event->mask & ~FILE_EVENTS) != 0;
        if (event->mask & IN_IGNORED) {
            file->watch = -1;
            file->polled = true;
        }
    } else if (event->wd == file->directory) {
        file->renamed |= event->len == 0 || strcmp(event->name, entry(file->name)) == 0;
        trace(file, event);
        if (event->mask & IN_DELETE_SELF && !watch->quiet)
            message("directory containing watched file was removed");
        if (event->mask & IN_MOVE_SELF)
            inotify_rm_watch(watch->fd, event->wd);
        if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) {
            file->directory = -1;
            file->polled = true;
        }
    }
}

void watch_events(struct watch *watch)
{
    alignas(struct inotify_event) char events[16 << 10];
    ssize_t len;
    while (watch->fd >= 0 && (len = read(watch->fd, events, sizeof events)) > 0) {
        const struct inotify_event *event;
        for (char *p = events; p < events + len; p += sizeof *event + event->len) {
            event = (const struct inotify_event *)p;
            for (size_t i = 0; i < watch->count; i++)
                apply(watch, &watch->files[i], event);
        }
    }
}
