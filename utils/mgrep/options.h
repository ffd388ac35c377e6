/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef MGREP_OPTIONS_H
#define MGREP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/archives.h"
#include "mgrep/pattern.h"
#include "mgrep/print.h"
#include "mgrep/search.h"
#include "mgrep/walk.h"

enum { SELECTED = 0, NONE_SELECTED = 1, TROUBLE = 2 };
enum list { LIST_NO, LIST_MATCHING, LIST_OTHERS };
enum names { NAMES_AUTO, NAMES_ALWAYS, NAMES_NEVER };

/* What the options say, sorted by the room that wants to know. */
struct options {
    struct request request;
    struct print_options print;
    struct search search;
    struct walk walk;
    struct archives archives;
    bool quiet;  /* -q */
    bool silent; /* -s */
    bool count;
    bool progress;
    enum list list;
    enum names names;
    unsigned threads;  /* of one large file, or processes for many files; 1: the one process */
    const char *label; /* of standard input */
    int64_t before, after, context; /* -1: not given */
    bool matcher_given, pattern_given;
};

/*
 * options_read -- the command line to options; on return optind is that of the
 * first file.  What is wrong, --help and --version end the program.
 */
void options_read(struct options *options, int argc, char *argv[]);

#endif
