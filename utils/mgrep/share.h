/* SPDX-License-Identifier: MIT */
/* Many inputs shared among worker processes, with the output of one. */
#ifndef MGREP_SHARE_H
#define MGREP_SHARE_H

#include <stdbool.h>

struct entry;
struct run;
struct share;

/*
 * share_new -- search inputs with `run`: the first few in this process, and files that come
 * after them in up to options->threads workers.
 */
struct share *share_new(struct run *run);

/* share_visit, share_complain -- for a walk, with the share as context; see walk.h. */
bool share_visit(void *share, const struct entry *entry);
void share_complain(void *share, const char *name, const char *reason);

/* share_begun -- are there workers?  Then what was visited is not all searched yet. */
bool share_begun(const struct share *share);

/* share_free -- wait for all that is to be searched; then `run` has what came of it. */
void share_free(struct share *share);

#endif
