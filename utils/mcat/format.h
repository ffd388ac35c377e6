/* SPDX-License-Identifier: MIT */
/* Text as -A, -b, -E, -n, -s, -T and -v show it. */
#ifndef MCAT_FORMAT_H
#define MCAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/stream.h"

struct format_options {
    bool number;
    bool number_nonblank;
    bool squeeze_blank;
    bool show_ends;
    bool show_tabs;
    bool show_nonprinting;
};

/* A text that is being shown; files follow one another as one text. */
struct format;

/* format_new -- `out` is lent. */
struct format *format_new(const struct format_options *options, struct stream *out);

/* format_put -- so much more of the text. */
void format_put(struct format *format, const unsigned char *data, size_t len);

/* format_pass -- so much of the text is not shown; its lines count, and blank ones squeeze. */
void format_pass(struct format *format, const unsigned char *data, size_t len);

/* format_end -- the text is at its end.  Frees the format. */
void format_end(struct format *format);

#endif
