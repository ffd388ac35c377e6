/* SPDX-License-Identifier: MIT */
/* The files with the most pages in memory: a heap with the least of them on top. */
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mcache/file.h"
#include "mcache/top.h"

struct held {
    struct file file; /* its name and levels are the heap's */
    char *note;
};

struct top {
    size_t most, count, room;
    struct held *heap;
};

struct top *top_new(size_t most)
{
    struct top *top = xmalloc(sizeof *top);
    *top = (struct top){.most = most};
    return top;
}

/* Below 0: the first comes before.  What nobody knows comes last. */
static int compare(const struct file *a, const struct file *b)
{
    if (a->unknown != b->unknown)
        return a->unknown ? 1 : -1;
    if (!a->unknown && a->now.cached != b->now.cached)
        return a->now.cached > b->now.cached ? -1 : 1;
    return strcmp(a->name, b->name);
}

static int compare_held(const void *a, const void *b)
{
    return compare(&((const struct held *)a)->file, &((const struct held *)b)->file);
}

static void swap(struct held *a, struct held *b)
{
    struct held c = *a;
    *a = *b;
    *b = c;
}

static void sift_down(struct top *top, size_t at)
{
    for (;;) {
        size_t last = at, child = 2 * at + 1;
        for (size_t i = child; i < child + 2 && i < top->count; i++)
            if (compare(&top->heap[i].file, &top->heap[last].file) > 0)
                last = i;
        if (last == at)
            return;
        swap(&top->heap[at], &top->heap[last]);
        at = last;
    }
}

static void sift_up(struct top *top, size_t at)
{
    while (at > 0 && compare(&top->heap[at].file, &top->heap[(at - 1) / 2].file) > 0) {
        swap(&top->heap[at], &top->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void drop(struct held *held)
{
    free((char *)held->file.name);
    free(held->file.levels);
    free(held->note);
}

static void keep(struct held *held, const struct file *file, const char *note)
{
    *held = (struct held){.file = *file, .note = note ? xstrdup(note) : NULL};
    held->file.name = xstrdup(file->name);
    if (file->levels) {
        held->file.levels = xmalloc(file->columns);
        memcpy(held->file.levels, file->levels, file->columns);
    }
}

void top_add(struct top *top, const struct file *file, const char *note)
{
    if (top->count < top->most) {
        if (top->count == top->room) {
            top->room = top->room ? top->room * 2 : 16;
            top->heap = xrealloc(top->heap, top->room * sizeof *top->heap);
        }
        keep(&top->heap[top->count], file, note);
        sift_up(top, top->count++);
    } else if (compare(file, &top->heap[0].file) < 0) {
        drop(&top->heap[0]);
        keep(&top->heap[0], file, note);
        sift_down(top, 0);
    }
}

void top_end(struct top *top, void (*put)(void *context, const struct file *file, const char *note),
             void *context)
{
    if (top->count > 0)
        qsort(top->heap, top->count, sizeof *top->heap, compare_held);
    for (size_t i = 0; i < top->count; i++) {
        put(context, &top->heap[i].file, top->heap[i].note);
        drop(&top->heap[i]);
    }
    top->count = 0;
}

void top_free(struct top *top)
{
    if (!top)
        return;
    for (size_t i = 0; i < top->count; i++)
        drop(&top->heap[i]);
    free(top->heap);
    free(top);
}
