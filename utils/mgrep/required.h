/* SPDX-License-Identifier: MIT */
/* Strings that every match of a pattern holds: what is looked for first. */
#ifndef MGREP_REQUIRED_H
#define MGREP_REQUIRED_H

#include <stdbool.h>
#include <stddef.h>

#define REQUIRED_RUNS 4

struct required_run {
    unsigned char *bytes; /* allocated */
    size_t len;
    bool blind; /* with -i another character, beyond ASCII, may stand for one of its letters */
};

/* Gathered while a pattern is read from left to right; zero at first. */
struct required {
    struct required_run runs[REQUIRED_RUNS]; /* the rarest first */
    size_t count;
    bool whole;              /* the first is all of the pattern */
    bool none;               /* there are alternatives */
    bool broken;             /* something was no string */
    bool closed;             /* the run cannot go on */
    struct required_run run; /* what is being read */
    size_t last;             /* so many bytes of it are the last atom */
};

/* required_add -- the next atom is this one character; `blind`: or another, beyond ASCII. */
void required_add(struct required *required, const char *bytes, size_t len, bool blind);

/* required_repeat -- the last atom is repeated, at least `least` times. */
void required_repeat(struct required *required, long least);

/* required_break -- what comes next is no string. */
void required_break(struct required *required);

/* required_alternative -- another alternative comes: nothing is required. */
void required_alternative(struct required *required);

/* required_end -- the pattern ends; only runs, count and whole are of use now. */
void required_end(struct required *required);

/* required_free -- forget the runs. */
void required_free(struct required *required);

/* required_rarity -- how rare a string is in text, 0 for the rarest to 510. */
unsigned required_rarity(const unsigned char *bytes, size_t len);

#endif
