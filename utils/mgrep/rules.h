/* SPDX-License-Identifier: MIT */
/* --include and --exclude: which names are left out. */
#ifndef MGREP_RULES_H
#define MGREP_RULES_H

#include <stdbool.h>

struct rules;

/* rules_add -- one more glob, of --include (`include`) or --exclude.  *rules grows from NULL. */
void rules_add(struct rules **rules, const char *glob, bool include);

/* rules_read -- --exclude-from: the globs of a file, one a line.  Returns 0 or -errno. */
int rules_read(struct rules **rules, const char *name);

void rules_free(struct rules *rules);

/*
 * rules_exclude -- is `name` left out?  NULL leaves out nothing.
 *
 * The last glob that matches decides; when none does, the first one's kind: a
 * list that begins with --include leaves out all else.  With `suffixes` a glob
 * may also match what follows a slash.
 */
bool rules_exclude(const struct rules *rules, const char *name, bool suffixes);

#endif
