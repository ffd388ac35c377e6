/* SPDX-License-Identifier: MIT */
/*
 * A search told in JSON, one object a line, in ripgrep's shape: "begin", "match", "context" and
 * "end" for each input with a selected line, and a "summary".
 */
#ifndef MGREP_JSON_H
#define MGREP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_lines;
struct print_line;
struct stats;
struct stream;

/*
 * json_lines_new -- to `stream`; `ascii`: no other characters.
 *
 * Ends the program where the library that writes JSON is absent.
 */
struct json_lines *json_lines_new(struct stream *stream, bool ascii);

void json_lines_free(struct json_lines *json);

/* json_lines_begin -- lines are `name`'s from now on. */
void json_lines_begin(struct json_lines *json, const char *name);

/* json_lines_match -- a match in the line that is told next. */
void json_lines_match(struct json_lines *json, const struct print_line *line,
                      const unsigned char *match, size_t len);

/* json_lines_line -- tell of a line, with its matches. */
void json_lines_line(struct json_lines *json, const struct print_line *line);

/*
 * json_lines_end -- the input was searched; `nul` is the offset of the NUL that made it binary,
 * or UINT64_MAX.
 *
 * Nothing is told of an input without a selected line.  The matches found in selected
 * lines, and the bytes printed, are added to *stats.
 */
void json_lines_end(struct json_lines *json, struct stats *stats, uint64_t nul);

/* json_lines_summary -- all inputs were; `total` is how many nanoseconds the run took. */
void json_lines_summary(struct json_lines *json, const struct stats *stats, uint64_t total);

#endif
