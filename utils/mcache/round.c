/* SPDX-License-Identifier: MIT */
/* Files worked on together. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "common/threads.h"
#include "mcache/file.h"
#include "mcache/options.h"
#include "mcache/round.h"
#include "mcache/seen.h"
#include "mcache/walk.h"

#define ENTRIES ((size_t)4096) /* in a batch at most, */
#define FOLDERS 192            /* of so many directories, whose descriptors are open */
#define PIECE   64             /* entries for a thread at once */

struct folder {
    char *path;
    int fd;
    bool left;        /* no further file of it follows */
    unsigned batches; /* that hold files of it; then its descriptor goes */
};

struct entry {
    struct folder *folder; /* NULL: the name is a path */
    size_t name;           /* where it begins */
    ino_t inode;
    struct file file;
};

/* What is worked on together. */
struct batch {
    struct entry *entries;
    size_t *order;        /* in which they are worked on */
    size_t count, sorted; /* the first `sorted` ones are in the order of names */
    size_t pieces;
    char *names;
    size_t names_len, names_room;
    unsigned char *levels;
    struct folder *folders[FOLDERS];
    size_t folder_count;
};

struct round {
    struct walk *walk;
    bool again;
    struct seen *seen;
    struct threads *threads; /* NULL: none but the caller */
    bool asked;              /* for threads */
    bool busy;               /* they work on `working` */
    /* While threads work on one batch the caller has the other one taken, and fills it again. */
    struct batch batches[2], *filling, *working;
    char *path; /* of what is taken */
    size_t path_room;
};

struct round *round_new(struct walk *walk, bool again)
{
    struct round *round = xmalloc(sizeof *round);
    *round = (struct round){.walk = walk, .again = again};
    for (int i = 0; i < 2; i++) {
        struct batch *batch = &round->batches[i];
        batch->entries = xmalloc(ENTRIES * sizeof *batch->entries);
        batch->order = xmalloc(ENTRIES * sizeof *batch->order);
        if (walk->columns > 0)
            batch->levels = xmalloc(ENTRIES * walk->columns);
    }
    round->filling = &round->batches[0];
    round->working = &round->batches[1];
    round->seen = seen_new();
    return round;
}

/* The names of the entries of one directory are compared where they are. */
static int by_name(const void *a, const void *b, void *names)
{
    const struct entry *one = a, *other = b;
    return strcmp((char *)names + one->name, (char *)names + other->name);
}

static int by_inode(const void *a, const void *b, void *entries)
{
    const struct entry *all = entries;
    ino_t one = all[*(const size_t *)a].inode, other = all[*(const size_t *)b].inode;
    return one < other ? -1 : one > other;
}

/* The entries since the last sorting are of one directory. */
static void sort(struct batch *batch)
{
    size_t from = batch->sorted, count = batch->count - from;
    if (count == 0)
        return;
    if (count > 1 && batch->entries[from].folder)
        qsort_r(batch->entries + from, count, sizeof *batch->entries, by_name, batch->names);
    for (size_t i = from; i < batch->count; i++)
        batch->order[i] = i;
    if (count > 1)
        qsort_r(batch->order + from, count, sizeof *batch->order, by_inode, batch->entries);
    batch->sorted = batch->count;
}

static void hold(struct batch *batch, struct folder *folder)
{
    batch->folders[batch->folder_count++] = folder;
    folder->batches++;
}

/* Open an entry, and work on it; in any thread. */
static void perform(struct walk *walk, struct batch *batch, size_t at)
{
    struct entry *entry = &batch->entries[at];
    struct file *file = &entry->file;
    enum links links = walk->options->links;
    bool follow = entry->folder ? links == LINKS_ALL : links != LINKS_NONE;
    int fd = openat(entry->folder ? entry->folder->fd : AT_FDCWD, batch->names + entry->name,
                    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW));
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        file->error = -errno;
    } else if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
        file->error = -ENODEV; /* it was replaced meanwhile */
    } else {
        file_identify(file, &st);
        if (S_ISBLK(st.st_mode))
            file->size = (uint64_t)lseek(fd, 0, SEEK_END);
        file->columns = walk->columns;
        file->levels = batch->levels ? batch->levels + at * walk->columns : NULL;
        walk->perform(walk->options, fd, &st, file);
    }
    if (fd >= 0)
        close(fd);
}

static void perform_piece(void *context, unsigned thread, size_t piece)
{
    struct round *round = context;
    struct batch *batch = round->working;
    (void)thread;
    size_t from = piece * PIECE;
    for (size_t i = from; i < batch->count && i < from + PIECE; i++)
        perform(round->walk, batch, batch->order[i]);
}

static const char *path_of(struct round *round, const struct batch *batch,
                           const struct entry *entry)
{
    const char *name = batch->names + entry->name;
    if (!entry->folder)
        return name;
    size_t stem = strlen(entry->folder->path), len = strlen(name);
    if (round->path_room < stem + len + 2) {
        round->path_room = 2 * (stem + len + 2);
        round->path = xrealloc(round->path, round->path_room);
    }
    char *to = mempcpy(round->path, entry->folder->path, stem);
    if (stem > 0 && to[-1] != '/')
        *to++ = '/';
    memcpy(to, name, len + 1);
    return round->path;
}

static void take(struct round *round, const struct batch *batch, struct entry *entry)
{
    struct walk *walk = round->walk;
    struct file *file = &entry->file;
    bool met = file->inode != 0 && (round->again || file->links > 1) &&
               !seen_add(round->seen, file->device, file->inode);
    if (met) {
        free(file->runs);
        return;
    }
    file->name = path_of(round, batch, entry);
    if (file->error) {
        message("%s: %s", quote_controls(file->name), mm_strerror(file->error));
        walk->trouble = true;
        free(file->runs);
        return;
    }
    walk->take(walk->context, file);
}

static void forget_folder(struct folder *folder)
{
    if (!folder->left || folder->batches > 0)
        return;
    close(folder->fd);
    free(folder->path);
    free(folder);
}

/* Have all entries taken, whose work is done. */
static void take_all(struct round *round, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        take(round, batch, &batch->entries[i]);
    for (size_t i = 0; i < batch->folder_count; i++) {
        batch->folders[i]->batches--;
        forget_folder(batch->folders[i]);
    }
    batch->count = batch->sorted = batch->names_len = batch->folder_count = 0;
}

/* Wait for the batch that is being worked on, and help with it. */
static void finish(struct round *round)
{
    for (size_t i = 0; round->busy && i < round->working->pieces; i++)
        threads_wait(round->threads, i);
    round->busy = false;
}

/* Let the threads begin with the batch that was filled, and have the one before taken. */
static void turn(struct round *round)
{
    finish(round);
    struct batch *before = round->working, *batch = round->filling;
    sort(batch);
    batch->pieces = (batch->count + PIECE - 1) / PIECE;
    round->working = batch;
    round->filling = before;
    if (batch->pieces > 1 && !round->asked) {
        round->asked = true;
        round->threads =
            threads_new(round->walk->options->threads, ENTRIES / PIECE, perform_piece, round);
    }
    if (batch->pieces > 1 && round->threads) {
        threads_start(round->threads, batch->pieces);
        round->busy = true;
    }
    take_all(round, before);
    for (size_t i = 0; !round->busy && i < batch->pieces; i++)
        perform_piece(round, 0, i);
}

struct folder *round_folder(struct round *round, const char *path, int fd)
{
    sort(round->filling);
    if (round->filling->folder_count == FOLDERS)
        turn(round);
    struct folder *folder = xmalloc(sizeof *folder);
    *folder = (struct folder){.path = xstrdup(path), .fd = fd};
    hold(round->filling, folder);
    return folder;
}

void round_left(struct round *round, struct folder *folder)
{
    sort(round->filling);
    folder->left = true;
}

static void append(struct batch *batch, struct folder *folder, const char *name, ino_t inode)
{
    size_t len = strlen(name) + 1;
    if (batch->names_room - batch->names_len < len) {
        batch->names_room = 2 * (batch->names_room + len);
        batch->names = xrealloc(batch->names, batch->names_room);
    }
    memcpy(batch->names + batch->names_len, name, len);
    batch->entries[batch->count++] =
        (struct entry){.folder = folder, .name = batch->names_len, .inode = inode};
    batch->names_len += len;
}

/* The batch is full.  The directory that is being read goes to the next one as a whole, if it
 * did not begin this one. */
static void make_room(struct round *round, struct folder *folder)
{
    struct batch *full = round->filling;
    size_t all = full->count;
    if (folder && full->sorted > 0)
        full->count = full->sorted;
    size_t kept = full->count;
    turn(round);
    if (folder)
        hold(round->filling, folder);
    for (size_t i = kept; i < all; i++)
        append(round->filling, folder, full->names + full->entries[i].name, full->entries[i].inode);
}

void round_add(struct round *round, struct folder *folder, const char *name, ino_t inode)
{
    if (round->filling->count == ENTRIES)
        make_room(round, folder);
    if (!folder)
        sort(round->filling); /* operands stay in their order */
    append(round->filling, folder, name, inode);
}

void round_end(struct round *round)
{
    turn(round);
    turn(round);
}

void round_free(struct round *round)
{
    round_end(round);
    threads_free(round->threads);
    seen_free(round->seen);
    for (int i = 0; i < 2; i++) {
        free(round->batches[i].entries);
        free(round->batches[i].order);
        free(round->batches[i].levels);
        free(round->batches[i].names);
    }
    free(round->path);
    free(round);
}
