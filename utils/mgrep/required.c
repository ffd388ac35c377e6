/* SPDX-License-Identifier: MIT */
/* Strings that a pattern's matches hold. */
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/literal.h"
#include "mgrep/required.h"

/*
 * A pattern, or a group in it, while it is read.
 *
 * The run is what the text that was read since the last break may be: one string, or,
 * with a group of alternatives in it, several.  The last atom is kept apart from it, as it
 * may yet be repeated, or left out.
 */
struct level {
    struct level *outer;
    struct required_set run; /* no strings: nothing was read */
    char letter[8];          /* the last atom, if it is a character, */
    size_t letter_len;
    bool letter_blind;
    struct required group;       /* or a group */
    bool closed;                 /* the run cannot go on behind it */
    bool broken;                 /* the alternative is more than its run */
    struct required alternative; /* what it requires besides; never whole */
    bool several;                /* there were others, */
    struct required others;      /* of which one set, or none, is required */
};

struct requirer {
    struct level *level; /* the innermost */
};

static unsigned string_rarity(const struct required_string *string)
{
    unsigned first = 255, second = 255;
    for (size_t i = 0; i < string->len; i++) {
        unsigned rank = literal_rank(string->bytes[i]);
        if (rank < first) {
            second = first;
            first = rank;
        } else if (rank < second) {
            second = rank;
        }
    }
    return first + second;
}

unsigned required_rarity(const struct required_set *set)
{
    unsigned most = 0;
    for (size_t i = 0; i < set->count; i++) {
        unsigned rarity = string_rarity(&set->strings[i]);
        most = rarity > most ? rarity : most;
    }
    return most;
}

static void free_set(struct required_set *set)
{
    while (set->count > 0)
        free(set->strings[--set->count].bytes);
    free(set->strings);
    *set = (struct required_set){0};
}

void required_free(struct required *required)
{
    while (required->count > 0)
        free_set(&required->sets[--required->count]);
    free(required->sets);
    *required = (struct required){0};
}

/* Another string in the set: one after the other. */
static void add_string(struct required_set *set, const struct required_string *head,
                       const struct required_string *tail)
{
    size_t len = head->len + tail->len;
    unsigned char *bytes = xmalloc(len + 1);
    memcpy(bytes, head->bytes, head->len);
    memcpy(bytes + head->len, tail->bytes, tail->len);
    set->strings = xrealloc(set->strings, (set->count + 1) * sizeof *set->strings);
    set->strings[set->count++] = (struct required_string){bytes, len};
}

static const struct required_string nothing = {(unsigned char *)"", 0};

/* `set` becomes the required's own. */
static void insert(struct required *required, size_t at, const struct required_set *set)
{
    required->sets = xrealloc(required->sets, (required->count + 1) * sizeof *required->sets);
    struct required_set *place = &required->sets[at];
    memmove(place + 1, place, (required->count - at) * sizeof *place);
    *place = *set;
    if (++required->count > REQUIRED_SETS)
        free_set(&required->sets[--required->count]);
}

/* Another set is required, which may take its place among the rarest. */
static void require(struct required *required, struct required_set *set)
{
    bool empty = set->count == 0; /* or a string of it is */
    for (size_t i = 0; i < set->count; i++)
        empty |= set->strings[i].len == 0;
    if (empty) {
        free_set(set);
        return;
    }
    size_t at = required->count;
    while (at > 0 && required_rarity(&required->sets[at - 1]) > required_rarity(set))
        at--;
    insert(required, at, set);
    *set = (struct required_set){0};
}

static void end_run(struct level *level)
{
    require(&level->alternative, &level->run);
}

/* The run goes on with the last character. */
static void append_letter(struct level *level)
{
    struct required_set *run = &level->run;
    run->blind |= level->letter_blind;
    if (run->count == 0)
        add_string(run, &nothing, &nothing);
    for (size_t i = 0; i < run->count; i++) {
        struct required_string *string = &run->strings[i];
        string->bytes = xrealloc(string->bytes, string->len + level->letter_len);
        memcpy(string->bytes + string->len, level->letter, level->letter_len);
        string->len += level->letter_len;
    }
    level->letter_len = 0;
}

/* The run goes on with any string of the last group. */
static void append_group(struct level *level)
{
    struct required_set *run = &level->run, *set = level->group.sets, product = {0};
    if (run->count * set->count > REQUIRED_STRINGS) {
        level->broken = true;
        end_run(level);
    }
    if (run->count == 0)
        add_string(run, &nothing, &nothing);
    product.blind = run->blind || set->blind;
    for (size_t i = 0; i < run->count; i++)
        for (size_t k = 0; k < set->count; k++)
            add_string(&product, &run->strings[i], &set->strings[k]);
    free_set(run);
    *run = product;
    required_free(&level->group);
}

/* The last atom is as it is: it becomes a part of the run, or of what else is required. */
static void settle(struct level *level)
{
    if (level->letter_len > 0)
        append_letter(level);
    if (level->group.whole)
        append_group(level);
    for (size_t i = 0; i < level->group.count; i++)
        require(&level->alternative, &level->group.sets[i]);
    required_free(&level->group);
    if (level->closed)
        end_run(level);
    level->closed = false;
}

/* All that an alternative requires, when it has ended. */
static struct required end_alternative(struct level *level)
{
    settle(level);
    if (level->broken) {
        end_run(level);
    } else {
        if (level->run.count == 0)
            add_string(&level->run, &nothing, &nothing);
        insert(&level->alternative, 0, &level->run);
        level->run = (struct required_set){0};
    }
    struct required ended = level->alternative;
    ended.whole = !level->broken;
    level->alternative = (struct required){0};
    level->broken = false;
    return ended;
}

/* What is required where either may be: a set of both.  Each must have one. */
static struct required either(struct required *a, struct required *b)
{
    struct required both = {0};
    if (a->count > 0 && b->count > 0 && a->sets->count + b->sets->count <= REQUIRED_STRINGS) {
        struct required_set all = *a->sets;
        *a->sets = (struct required_set){0};
        for (size_t i = 0; i < b->sets->count; i++)
            add_string(&all, &b->sets->strings[i], &nothing);
        all.blind |= b->sets->blind;
        insert(&both, 0, &all);
        both.whole = a->whole && b->whole;
    }
    required_free(a);
    required_free(b);
    return both;
}

static struct required end_all(struct level *level)
{
    struct required ended = end_alternative(level);
    return level->several ? either(&level->others, &ended) : ended;
}

static void push(struct requirer *requirer)
{
    struct level *level = xmalloc(sizeof *level);
    *level = (struct level){.outer = requirer->level};
    requirer->level = level;
}

/* What the innermost level requires, which ends. */
static struct required pop(struct requirer *requirer)
{
    struct level *level = requirer->level;
    struct required ended = end_all(level);
    requirer->level = level->outer;
    free(level);
    return ended;
}

struct requirer *requirer_new(void)
{
    struct requirer *requirer = xmalloc(sizeof *requirer);
    requirer->level = NULL;
    push(requirer);
    return requirer;
}

void requirer_add(struct requirer *requirer, const char *bytes, size_t len, bool blind)
{
    struct level *level = requirer->level;
    settle(level);
    memcpy(level->letter, bytes, len);
    level->letter_len = len;
    level->letter_blind = blind;
}

void requirer_open(struct requirer *requirer)
{
    settle(requirer->level);
    push(requirer);
}

void requirer_close(struct requirer *requirer)
{
    struct required group = pop(requirer);
    struct level *level = requirer->level;
    level->group = group;
    if (group.whole)
        return;
    level->broken = true;
    end_run(level);
}

void requirer_alternative(struct requirer *requirer)
{
    struct level *level = requirer->level;
    level->others = end_all(level);
    level->several = true;
}

void requirer_repeat(struct requirer *requirer, long least)
{
    struct level *level = requirer->level;
    level->broken = true;
    level->closed = true;
    if (least > 0)
        return;
    level->letter_len = 0;
    required_free(&level->group);
}

void requirer_break(struct requirer *requirer)
{
    settle(requirer->level);
    requirer->level->broken = true;
    end_run(requirer->level);
}

void requirer_end(struct requirer *requirer, struct required *required)
{
    struct required all = pop(requirer);
    free(requirer);
    *required = (struct required){0};
    for (size_t i = 0; i < all.count; i++)
        require(required, &all.sets[i]);
    required->whole = all.whole && required->count > 0;
    required_free(&all);
}
