/* SPDX-License-Identifier: MIT */
/* The printer: names, numbers, colours, separators.  The only one that formats. */
#ifndef MGREP_PRINT_H
#define MGREP_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include <libmm/mm.h>

#include "mgrep/colors.h"
#include "mgrep/stats.h"

struct engine;
struct printer;

struct print_options {
    bool number, offset, initial_tab;
    bool only_matching, invert;
    bool null; /* -Z: NUL after a name */
    bool line_buffered;
    bool json;  /* then only `invert`, `line_buffered` and `stats` matter */
    bool stats; /* figures come last */
    bool color;
    struct colors colors;  /* with which; read by the caller */
    bool as_text;          /* encoding errors may be printed */
    uint64_t max_columns;  /* a longer line is only mentioned; 0: none is too long */
    bool context;          /* gaps between groups of lines are marked, */
    const char *separator; /* with this, if with anything */
    unsigned char eol;
};

/* One line to be printed, without its end of line. */
struct print_line {
    const unsigned char *begin, *end;
    bool terminated; /* an end of line follows */
    bool selected;   /* else context */
    uint64_t number; /* of the line, from 1; if asked for */
    uint64_t offset; /* of its first byte in the input */
};

/* print_new -- a printer to standard output. */
struct printer *print_new(const struct print_options *options, struct engine *engine);

/* print_free -- flush, close standard output and forget. */
void print_free(struct printer *printer);

/*
 * print_divert -- in a worker process: what is printed goes to `put`, in pieces of at most
 * 128 KiB.  `gap` is told where a gap belongs if a line was selected in an input before those
 * that this printer saw since the last print_sum().
 */
void print_divert(struct printer *printer, void (*put)(const void *data, size_t len),
                  void (*gap)(void));

/* What a printer remembers of the inputs that it saw. */
struct print_sum {
    bool selected;      /* there was a line to be printed */
    struct stats stats; /* where they were asked for */
};

/* print_sum -- give that away; print_add -- take another printer's.  Inputs follow in order. */
struct print_sum print_sum(struct printer *printer);
void print_add(struct printer *printer, const struct print_sum *sum);

/* print_pass -- put what another printer printed. */
void print_pass(struct printer *printer, const void *data, size_t len);

/*
 * print_begin -- lines, counts and names are `name`'s from now on; with_name: lines
 * and counts say so.  `scan` is where the lines come from.
 */
void print_begin(struct printer *printer, const char *name, bool with_name, struct mm_scan *scan);

/*
 * print_one_line -- print it.
 *
 * Returns false for a line that is withheld, because it holds an encoding error:
 * then the input is binary.
 */
bool print_one_line(struct printer *printer, const struct print_line *line);

/*
 * print_lines -- print all lines of [begin, end), each with its end of line, at once.
 *
 * `left` is how many bytes of the input follow.  Returns false, with nothing printed, when
 * more is wanted than the lines as they are, or one of them is withheld.
 */
bool print_lines(struct printer *printer, const unsigned char *begin, const unsigned char *end,
                 uint64_t left);

/* print_gap -- the next line does not follow the last one that was printed. */
void print_gap(struct printer *printer);

/* print_selected -- a line was selected, whether it was printed or not. */
void print_selected(struct printer *printer);

/* print_flush -- what was printed leaves now.  Returns 0 or the scan's error. */
int print_flush(struct printer *printer);

/* print_end -- the input ends.  Returns 0 or the scan's error. */
int print_end(struct printer *printer);

void print_count(struct printer *printer, uint64_t count);

/*
 * print_searched -- so many bytes of the input were searched without trouble, and so
 * many lines selected; `nul` is the offset of the NUL that made it binary, or UINT64_MAX.
 */
void print_searched(struct printer *printer, uint64_t bytes, uint64_t selected, uint64_t nul);

/* print_stats -- the figures of all inputs, where they were asked for, also by JSON. */
void print_stats(struct printer *printer);

/* print_name -- the name alone, for -l and -L. */
void print_name(struct printer *printer);

#endif
