/* SPDX-License-Identifier: MIT */
/* The operands and all below them, one entry after the other. */
#ifndef MCOPY_TREE_H
#define MCOPY_TREE_H

#include "mcopy/mcopy.h"

/* One run of the program over its operands. */
struct tree {
    const struct options *options;
    struct share *share;
    /* Sets of struct seen: */
    void *copied;  /* sources that may be met again, and the first directory made of each operand */
    void *created; /* destinations that this run made, by name */
    void *operands; /* files given on the command line */
    /* Of the operand that is being copied: */
    const char *from, *to;
    bool made_directory; /* the first one was made */
    bool into_itself;    /* the copy was met among what is to be copied: stop */
};

/* The directories that lead to an entry, from the innermost up. */
struct above {
    const struct above *next;
    dev_t dev;
    ino_t ino;
};

/* What is being copied. */
struct entry {
    const char *from, *to;
    bool operand;
    bool is_new; /* there is nothing at `to` */
    bool fresh;  /* because its directory is new */
    const struct above *above;
    struct stat st;    /* of `from`, links followed where they are */
    struct stat there; /* of what is at `to`, unless `is_new` */
    char *backup;      /* what was there has this name now; or NULL */
};

/*
 * tree_copy -- copy one operand to `to`; `is_new`: there is nothing, as the caller knows.
 *
 * Returns whether all went well; trouble was reported.
 */
bool tree_copy(struct tree *tree, const char *from, const char *to, bool is_new);
void tree_free(struct tree *tree);

/* tree_entry -- the same for what stands below an operand. */
bool tree_entry(struct tree *tree, struct entry *entry);

enum verdict { GO_ON, DONE, TROUBLE };

/*
 * way_make -- what is at `to`: may it be replaced, and how?  After GO_ON entry->is_new,
 * ->there and ->backup say what was found or left.
 */
enum verdict way_make(struct tree *tree, struct entry *entry);

/* directory_copy -- with all that is in it. */
bool directory_copy(struct tree *tree, struct entry *entry);

/* What is made of an entry instead of copying bytes. */
bool make_link(const struct options *options, const struct entry *entry);
bool make_symbolic(const struct options *options, const struct entry *entry);
bool make_special(const struct options *options, const struct entry *entry);

/*
 * make_hard -- another name of `first`, which is `from` to the user; with `replace` also where
 * there is a file.  `follow`: a symbolic link leads to what is meant.
 */
bool make_hard(const struct options *options, const char *first, bool follow, const char *to,
               bool replace, bool tell);

#endif
