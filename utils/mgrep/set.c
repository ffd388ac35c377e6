/* SPDX-License-Identifier: MIT */
/*
 * Many strings searched at once: Aho and Corasick's automaton.
 *
 * Nodes are numbered by their depth, so that those near the root, where nearly
 * all of the time is spent, come first and have a table of all 256 successors.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/engine.h"
#include "mgrep/set.h"
#include "mgrep/text.h"

#define TABLES 512 /* nodes with a table: 512 KiB */
#define ROOT   0u

/* What was read last is the beginning of a string. */
struct node {
    uint32_t first, count; /* its children: so many from this one on, in order of their bytes */
    uint32_t fail;         /* the node for the longest proper end of it */
    uint32_t shorter;      /* the longest proper end of it that is a string; ROOT: none */
    uint32_t depth;
    unsigned char byte;
    bool string; /* the whole of one */
};

struct set {
    const struct plan *plan;
    struct node *nodes;
    size_t count;
    uint32_t (*tables)[256]; /* of the first nodes */
};

static uint32_t child(const struct set *set, uint32_t at, unsigned char byte)
{
    const struct node *node = &set->nodes[at];
    uint32_t low = node->first, high = low + node->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (set->nodes[middle].byte < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low < node->first + node->count && set->nodes[low].byte == byte ? low : ROOT;
}

static uint32_t step(const struct set *set, uint32_t at, unsigned char byte)
{
    while (at >= TABLES) {
        uint32_t next = child(set, at, byte);
        if (next != ROOT)
            return next;
        at = set->nodes[at].fail;
    }
    return set->tables[at][byte];
}

static int by_bytes(const void *a, const void *b)
{
    const struct pattern *x = *(const struct pattern *const *)a;
    const struct pattern *y = *(const struct pattern *const *)b;
    size_t len = x->string_len < y->string_len ? x->string_len : y->string_len;
    int order = memcmp(x->string, y->string, len);
    return order ? order : (x->string_len > y->string_len) - (x->string_len < y->string_len);
}

/* The strings that go through a node: [begin, end) of the sorted ones. */
struct range {
    uint32_t begin, end;
};

/* Give node `at`, whose strings are `range`, its children. */
static void add_children(struct set *set, const struct pattern **sorted, struct range *ranges,
                         uint32_t at)
{
    struct node *node = &set->nodes[at];
    uint32_t i = ranges[at].begin, end = ranges[at].end;
    if (i < end && sorted[i]->string_len == node->depth) {
        node->string = true;
        i++;
    }
    node->first = (uint32_t)set->count;
    while (i < end) {
        uint32_t begin = i;
        unsigned char byte = (unsigned char)sorted[i]->string[node->depth];
        while (i < end && (unsigned char)sorted[i]->string[node->depth] == byte)
            i++;
        ranges[set->count] = (struct range){begin, i};
        set->nodes[set->count++] = (struct node){.depth = node->depth + 1, .byte = byte};
    }
    node->count = (uint32_t)set->count - node->first;
}

/* The tables and failure links of a node's children, when its own and those above are known. */
static void link_children(struct set *set, uint32_t at)
{
    const struct node *node = &set->nodes[at];
    for (uint32_t i = node->first; i < node->first + node->count; i++) {
        struct node *below = &set->nodes[i];
        below->fail = at == ROOT ? ROOT : step(set, node->fail, below->byte);
        const struct node *fail = &set->nodes[below->fail];
        below->shorter = fail->string ? below->fail : fail->shorter;
    }
    if (at >= TABLES)
        return;
    if (at != ROOT)
        memcpy(set->tables[at], set->tables[node->fail], sizeof *set->tables);
    for (uint32_t i = node->first; i < node->first + node->count; i++)
        set->tables[at][set->nodes[i].byte] = i;
}

struct set *set_new(const struct plan *plan)
{
    size_t room = 1;
    const struct pattern **sorted = xmalloc(plan->count * sizeof *sorted);
    for (size_t i = 0; i < plan->count; i++) {
        sorted[i] = &plan->patterns[i];
        room += plan->patterns[i].string_len;
    }
    if (room > UINT32_MAX)
        xfail(exit_trouble, "memory exhausted");
    qsort(sorted, plan->count, sizeof *sorted, by_bytes);
    struct set *set = xmalloc(sizeof *set);
    *set = (struct set){.plan = plan, .nodes = xmalloc(room * sizeof *set->nodes), .count = 1};
    struct range *ranges = xmalloc(room * sizeof *ranges);
    set->nodes[ROOT] = (struct node){0};
    ranges[ROOT] = (struct range){0, (uint32_t)plan->count};
    for (uint32_t at = 0; at < set->count; at++)
        add_children(set, sorted, ranges, at);
    free(ranges);
    free(sorted);
    set->nodes = xrealloc(set->nodes, set->count * sizeof *set->nodes);

    set->tables = xmalloc(TABLES * sizeof *set->tables);
    memset(set->tables, 0, sizeof *set->tables);
    for (uint32_t at = 0; at < set->count; at++)
        link_children(set, at);
    return set;
}

void set_free(struct set *set)
{
    if (!set)
        return;
    free(set->nodes);
    free(set->tables);
    free(set);
}

/* Do -x and -w let text[start, end) be a match? */
static bool stands(const struct set *set, const unsigned char *text, size_t len, size_t start,
                   size_t end)
{
    unsigned char eol = set->plan->eol;
    if (set->plan->lines)
        return (start == 0 || text[start - 1] == eol) && (end == len || text[end] == eol);
    return !set->plan->words ||
           !(text_word_before(text, len, start) || text_word_at(text, len, end));
}

bool set_find(const struct set *set, const unsigned char *text, size_t len, size_t from, bool any,
              size_t *start, size_t *length)
{
    bool found = false;
    uint32_t at = ROOT;
    for (size_t i = from; i < len;) {
        at = step(set, at, text[i++]);
        const struct node *node = &set->nodes[at];
        /* What is being read began behind the match, and so will all that follows. */
        if (found && i - node->depth > *start)
            break;
        for (uint32_t s = node->string ? at : node->shorter; s != ROOT; s = set->nodes[s].shorter) {
            size_t begin = i - set->nodes[s].depth;
            if ((found && begin > *start) || !stands(set, text, len, begin, i))
                continue;
            found = true;
            *start = begin;
            *length = i - begin;
            if (any)
                return true;
            break;
        }
    }
    return found;
}
