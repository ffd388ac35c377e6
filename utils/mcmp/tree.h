/* SPDX-License-Identifier: MIT */
/* The comparison of two trees: -r. */
#ifndef MCMP_TREE_H
#define MCMP_TREE_H

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

#endif
