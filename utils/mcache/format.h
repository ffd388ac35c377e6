/* SPDX-License-Identifier: MIT */
/* --format: a line of the user's own shape for each file. */
#ifndef MCACHE_FORMAT_H
#define MCACHE_FORMAT_H

struct file;
struct stream;

/* format_fault -- what is wrong with a format: its rest from there on, or NULL for nothing. */
const char *format_fault(const char *format);

/*
 * format_put -- one file, and a newline.
 *
 *   {file}      the name, byte for byte       {dirty}      pages that are dirty,
 *   {size}      bytes                         {writeback}  on their way to the medium,
 *   {pages}     pages, {resident}: of them    {evicted}    evicted; "-" where nobody
 *               in memory                                  knows
 *   {percent}   of them, rounded down         \n \t \0 \\ \{  characters
 */
void format_put(struct stream *out, const char *format, const struct file *file);

#endif
