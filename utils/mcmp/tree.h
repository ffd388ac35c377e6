/* SPDX-License-Identifier: MIT */
/* The comparison of two trees: -r. */
#ifndef MCMP_TREE_H
#define MCMP_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "mcmp/compare.h"

/*
 * compare_trees -- two operands, of which one at least is a directory, and all below them.
 *
 * Files are told apart by what is in them, links by where they lead, devices by their
 * numbers; each difference is one line on `out`.  With -s the first one ends it.
 *
 * Returns as compare().
 */
int compare_trees(struct comparer *comparer, struct stream *out, const struct options *options,
                  const char *const names[2]);

/* ------------------------------------------- what archive.c compares with, too */

struct tree {
    struct comparer *comparer;
    const struct archives *archives;
    struct stream *out;
    bool silent;
    bool aligned; /* a file is equal to itself */
    int status;
};

/* The names in a directory, in order. */
struct names {
    char **name;
    size_t count;
};

/* tree_over -- is all said that is to be said? */
bool tree_over(const struct tree *tree);

/* tree_trouble -- a message with errno's words. */
void tree_trouble(struct tree *tree, const char *path);

/* tree_say -- a difference: a line of several texts, up to NULL. */
void tree_say(struct tree *tree, const char *const texts[]);

#define SAY(tree, ...) tree_say(tree, (const char *const[]){__VA_ARGS__, NULL})

/* tree_join -- "DIRECTORY/NAME", to be freed. */
char *tree_join(const char *directory, const char *name);

/* tree_list -- what is in a directory.  Returns false after a message. */
bool tree_list(struct tree *tree, const char *path, struct names *names);
void tree_forget(struct names *names);

/* tree_target -- where a link leads, to be freed; NULL after a message. */
char *tree_target(struct tree *tree, const char *path);

/* tree_type -- the word for what has this mode. */
const char *tree_type(mode_t mode);

#endif
