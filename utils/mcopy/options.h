/* SPDX-License-Identifier: MIT */
/* The command line of mcopy. */
#ifndef MCOPY_OPTIONS_H
#define MCOPY_OPTIONS_H

#include "common/archives.h"

#include "mcopy/mcopy.h"

/* What the options say of the operands, and these. */
struct command {
    struct options options;
    struct archives archives;
    const char *create;    /* --create: a format, or NULL */
    const char *directory; /* -t */
    bool no_directory;     /* -T */
    bool parents;          /* --parents */
    bool strip_slashes;    /* --strip-trailing-slashes */
    char **names;
    int count;
};

/* options_parse -- of the whole command line.  Bad options, --help and --version end the program.
 */
void options_parse(int argc, char *argv[], struct command *command);

#endif
