/* SPDX-License-Identifier: MIT */
/* The search of one input after the other, and what comes of it. */
#ifndef MGREP_RUN_H
#define MGREP_RUN_H

#include <stdbool.h>
#include <sys/stat.h>

#include <libmm/mm.h>

struct engine;
struct entry;
struct options;
struct printer;

/* What the inputs are searched with, and what came of it. */
struct run {
    struct options *options;
    struct engine *engine;
    struct printer *printer;
    struct mm_scan *scan;
    struct stat output;
    bool several; /* operands */
    bool worker;  /* a process of its own: what is large, or no file, is left to its parent */
    bool selected, trouble;
    uint64_t decoded; /* so many bytes came out of archives */
};

enum outcome {
    SEARCHED,
    ENOUGH, /* with -q, the first selected line ends the run */
    LEFT,   /* to the parent */
};

/* run_search -- search one input and report. */
enum outcome run_search(struct run *run, const struct entry *entry);

#endif
