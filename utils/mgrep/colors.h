/* SPDX-License-Identifier: MIT */
/* What GREP_COLORS says. */
#ifndef MGREP_COLORS_H
#define MGREP_COLORS_H

#include <stdbool.h>

/* The parameters of SGR sequences ("01;31"), "" for none. */
struct colors {
    const char *selected_match, *context_match;
    const char *selected_line, *context_line;
    const char *name, *number, *offset, *separator;
    bool reverse;  /* rv: -v swaps the two kinds of line */
    bool no_erase; /* ne: no "erase to the end of line" behind a sequence */
};

/* colors_read -- GNU grep's defaults, changed by GREP_COLORS; GREP_COLOR is warned of. */
void colors_read(struct colors *colors);

#endif
