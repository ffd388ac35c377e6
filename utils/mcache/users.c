/* SPDX-License-Identifier: MIT */
/* Which processes hold a file's pages in memory. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "mcache/maps.h"
#include "mcache/users.h"

#define NAMED 3 /* so many processes are named, the others counted */

/* A process maps a file. */
struct use {
    dev_t device;
    ino_t inode;
    pid_t pid;
};

struct users {
    bool asked;
    struct use *uses;
    size_t count, room;
    pid_t pid; /* whose maps are read */
    char text[512];
};

struct users *users_new(void)
{
    struct users *users = xmalloc(sizeof *users);
    *users = (struct users){0};
    return users;
}

static void add(void *context, const struct mapping *mapping)
{
    struct users *users = context;
    struct use use = {mapping->device, mapping->inode, users->pid};
    const struct use *last = users->count > 0 ? &users->uses[users->count - 1] : NULL;
    if (last && last->device == use.device && last->inode == use.inode && last->pid == use.pid)
        return;
    if (users->count == users->room) {
        users->room = users->room ? users->room * 2 : 256;
        users->uses = xrealloc(users->uses, users->room * sizeof *users->uses);
    }
    users->uses[users->count++] = use;
}

static void look(struct users *users)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    users->asked = true;
    while (processes && (entry = readdir(processes))) {
        users->pid = (pid_t)atoi(entry->d_name);
        if (users->pid > 0 && users->pid != getpid())
            maps_each(users->pid, false, add, users);
    }
    if (processes)
        closedir(processes);
}

struct question {
    dev_t device;
    ino_t inode;
    bool locked;
};

static void ask(void *context, const struct mapping *mapping)
{
    struct question *question = context;
    if (mapping->device == question->device && mapping->inode == question->inode)
        question->locked |= mapping->locked;
}

static bool is_locked(pid_t pid, dev_t device, ino_t inode)
{
    struct question question = {device, inode, false};
    maps_each(pid, true, ask, &question);
    return question.locked;
}

const char *users_text(struct users *users, dev_t device, ino_t inode)
{
    size_t len = 0, more = 0, named = 0;
    pid_t before = 0;
    char command[64];
    if (!users->asked)
        look(users);
    users->text[0] = '\0';
    for (size_t i = 0; i < users->count; i++) {
        const struct use *use = &users->uses[i];
        if (use->device != device || use->inode != inode || use->pid == before)
            continue;
        before = use->pid;
        if (named == NAMED) {
            more++;
            continue;
        }
        named++;
        len += (size_t)snprintf(users->text + len, sizeof users->text - len, "%s%s by %d (%s)",
                                len > 0 ? ", " : "",
                                is_locked(use->pid, device, inode) ? "locked" : "mapped",
                                (int)use->pid, quote_controls(maps_command(use->pid, command)));
    }
    if (more > 0)
        snprintf(users->text + len, sizeof users->text - len, " and %zu more", more);
    return users->text;
}

void users_free(struct users *users)
{
    free(users->uses);
    free(users);
}
