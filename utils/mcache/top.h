/* SPDX-License-Identifier: MIT */
/* The files with the most pages in memory, of any number of files. */
#ifndef MCACHE_TOP_H
#define MCACHE_TOP_H

#include <stddef.h>

struct file;
struct top;

struct top *top_new(size_t most);

/* top_add -- one file more, which is copied where it is among the largest so far. */
void top_add(struct top *top, const struct file *file, const char *note);

/* top_end -- put them, the largest first, equal ones by name; then begin anew. */
void top_end(struct top *top, void (*put)(void *context, const struct file *file, const char *note),
             void *context);

void top_free(struct top *top);

#endif
