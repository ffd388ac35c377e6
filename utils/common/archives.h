/* SPDX-License-Identifier: MIT */
/* The options for archives, which are the same in all tools. */
#ifndef COMMON_ARCHIVES_H
#define COMMON_ARCHIVES_H

#include <getopt.h>
#include <stdbool.h>

struct archives {
    bool on;        /* -J: look into archives and compressed files */
    unsigned depth; /* of archives in archives; 0: not given */
    bool all;       /* formats, not only the basic ones */
    bool require;   /* decode in a sandbox or not at all */
    bool sandbox;   /* there is one: archives_begin() finds out */
};

/* Long options without a letter. */
enum { ARCHIVE_DEPTH = 1000, ARCHIVE_FORMATS, ARCHIVE_SANDBOX };

/* Rows of a table of options; the letter J is to be among the letters. */
#define ARCHIVES_OPTIONS                                                                           \
    {"archives", no_argument, NULL, 'J'},                                                          \
        {"archive-depth", required_argument, NULL, ARCHIVE_DEPTH},                                 \
        {"archive-formats", required_argument, NULL, ARCHIVE_FORMATS},                             \
    {                                                                                              \
        "sandbox", required_argument, NULL, ARCHIVE_SANDBOX                                        \
    }

/*
 * archives_option -- take an option that is one of these.
 *
 * Returns false where it is another one.  A value that is none ends the program.
 */
bool archives_option(struct archives *archives, int option, const char *argument);

/*
 * archives_begin -- to be called once, after the options: says where there is no sandbox, or
 * ends the program where it is required.
 */
void archives_begin(struct archives *archives);

#endif
