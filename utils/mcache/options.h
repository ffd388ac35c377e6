/* SPDX-License-Identifier: MIT */
/* What mcache was asked to do. */
#ifndef MCACHE_OPTIONS_H
#define MCACHE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum action { SHOW, LOAD, EVICT, LOCK, SAVE, RESTORE, MAPS };
enum links { LINKS_OPERANDS, LINKS_ALL, LINKS_NONE }; /* which symbolic links are followed */

struct globs; /* see globs.h */

struct options {
    enum action action;
    bool missing;      /* load only what is absent */
    bool sync;         /* write dirty pages before they are evicted */
    bool progress;     /* of what is loaded */
    uint64_t off, len; /* the range of each file; length 0: to its end */

    /* Which files. */
    char *const *operands;
    size_t count;
    const char *files_from; /* NULL: none */
    bool nul;               /* its names end in NUL */
    bool one_system;
    enum links links;
    struct globs *globs;
    unsigned threads;

    /* How they are shown. */
    bool summarize, bare, ascii, json, by_directory;
    const char *format; /* NULL: lines */
    size_t top;         /* 0: all */
    size_t columns;     /* of the picture */
    double watch;       /* seconds between two looks, 0: one look */
    pid_t pid;          /* whose maps */

    const char *state; /* the file to save to, or to restore from */

    /* How they are locked. */
    bool daemon, lock_self, adjust_given;
    int adjust; /* oom_score_adj */
    const char *pidfile;
};

/* options_parse -- ends the program where they are wrong, or ask for help. */
void options_parse(int argc, char *argv[], struct options *options);

#endif
