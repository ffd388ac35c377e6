/* SPDX-License-Identifier: MIT */
/* Strings that a pattern's matches hold: what is looked for first. */
#ifndef MGREP_REQUIRED_H
#define MGREP_REQUIRED_H

#include <stdbool.h>
#include <stddef.h>

#define REQUIRED_SETS    4
#define REQUIRED_STRINGS 16

struct required_string {
    unsigned char *bytes; /* allocated */
    size_t len;
};

/* Every match holds one of these strings at least. */
struct required_set {
    struct required_string *strings; /* allocated */
    size_t count;                    /* at most REQUIRED_STRINGS */
    bool blind; /* with -i another character, beyond ASCII, may stand for one of their letters */
};

struct required {
    struct required_set *sets; /* allocated; the rarest first */
    size_t count;
    bool whole; /* the one set is all that matches */
};

/* Gathers them while a pattern is read from left to right. */
struct requirer;

struct requirer *requirer_new(void);

/*
 * requirer_add -- the next atom is this one character, of at most 8 bytes; `blind`: or another,
 * beyond ASCII.
 */
void requirer_add(struct requirer *requirer, const char *bytes, size_t len, bool blind);

/* requirer_open, requirer_close -- a group begins; it ends, and is the next atom. */
void requirer_open(struct requirer *requirer);
void requirer_close(struct requirer *requirer);

/* requirer_alternative -- another alternative of the pattern, or of the group, begins. */
void requirer_alternative(struct requirer *requirer);

/* requirer_repeat -- the last atom is repeated, at least `least` times. */
void requirer_repeat(struct requirer *requirer, long least);

/* requirer_break -- what comes next is no string. */
void requirer_break(struct requirer *requirer);

/* requirer_end -- the pattern ends, and the requirer with it.  What it gathered is the caller's. */
void requirer_end(struct requirer *requirer, struct required *required);

/* required_free -- forget the sets. */
void required_free(struct required *required);

/* required_rarity -- how rare the commonest string of a set is in text, 0 for the rarest to 510. */
unsigned required_rarity(const struct required_set *set);

#endif
