/* SPDX-License-Identifier: MIT */
/* Which files were met before: a table with open addresses, at most two thirds full. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mcache/seen.h"

struct key {
    uint64_t device, inode;
};

struct seen {
    struct key *table; /* zero inodes are free places */
    size_t room, count;
    bool has_zero; /* no file system gives the inode 0, but a FUSE one might: only once */
};

#define ROOM_FIRST 1024

static struct key *new_table(size_t room)
{
    struct key *table = xmalloc(room * sizeof *table);
    memset(table, 0, room * sizeof *table);
    return table;
}

struct seen *seen_new(void)
{
    struct seen *seen = xmalloc(sizeof *seen);
    *seen = (struct seen){.table = new_table(ROOM_FIRST), .room = ROOM_FIRST};
    return seen;
}

static struct key *place_of(struct key *table, size_t room, const struct key *key)
{
    uint64_t hash = (key->inode ^ key->device << 40) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash >> 32) & (room - 1);
    while (table[at].inode != 0 &&
           (table[at].inode != key->inode || table[at].device != key->device))
        at = (at + 1) & (room - 1);
    return &table[at];
}

static void grow(struct seen *seen)
{
    size_t room = seen->room * 2;
    struct key *table = new_table(room);
    for (size_t i = 0; i < seen->room; i++)
        if (seen->table[i].inode != 0)
            *place_of(table, room, &seen->table[i]) = seen->table[i];
    free(seen->table);
    seen->table = table;
    seen->room = room;
}

bool seen_add(struct seen *seen, dev_t device, ino_t inode)
{
    struct key key = {device, inode};
    if (inode == 0) {
        bool first = !seen->has_zero;
        seen->has_zero = true;
        return first;
    }
    if (seen->count >= seen->room / 3 * 2)
        grow(seen);
    struct key *place = place_of(seen->table, seen->room, &key);
    if (place->inode != 0)
        return false;
    *place = key;
    seen->count++;
    return true;
}

void seen_free(struct seen *seen)
{
    if (seen)
        free(seen->table);
    free(seen);
}
