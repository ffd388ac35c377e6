/* SPDX-License-Identifier: MIT */
/* What is said of files: lines with pictures, records, totals; all, the largest, by directory. */
#ifndef MCACHE_SHOW_H
#define MCACHE_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;
struct options;
struct show;
struct stream;

/* show_columns -- of a picture: as many as fit on the terminal that the output is, or 60. */
size_t show_columns(void);

struct show *show_new(const struct options *options, struct stream *out);

/* show_file -- one file more; `note`, or NULL, is said behind its name. */
void show_file(struct show *show, const struct file *file, const char *note);

/* show_end -- what was held back, and the totals; then all begins anew. */
void show_end(struct show *show);

void show_free(struct show *show);

/* size_text -- "4.8M", "512": a size in bytes for people.  Returns `text`. */
const char *size_text(char text[16], uint64_t bytes);

#endif
