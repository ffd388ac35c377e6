/* SPDX-License-Identifier: MIT */
/* Option parsing that keeps a GNU peer's abbreviations, and numbers with suffixes. */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>

/*
 * options_next -- getopt_long(3), but the first `peers` rows of `table` win.
 *
 * An abbreviation that is unique among the peer's own long options (the first
 * rows) means that option, whatever the rows after are called; ours are matched
 * only where none of the peer's does.
 *
 * Returns as getopt_long(3), after its message for '?'.
 */
int options_next(int argc, char *const argv[], const char *letters, const struct option *table,
                 int peers);

/* What `--help` and `--version` answer, on standard output; then the program ends. */
_Noreturn void options_help(void (*usage)(FILE *to));
_Noreturn void options_version(void);

/* options_hint -- "Try 'tool --help' for more information." on stderr, exit `status`. */
_Noreturn void options_hint(int status);

enum number_result { NUMBER_OK, NUMBER_INVALID, NUMBER_OVERFLOW };

/*
 * number -- a decimal number with one of the suffixes that `suffixes` names.
 *
 * The letters mean what coreutils mean: b 512, k K Ki KiB 1024, kB KB 1000, M
 * MiB MB, G, T, P, E, Z, Y; "bkKMGTPEZY0" allows all.  A suffix alone means
 * 1 of it.  *value is UINT64_MAX on NUMBER_OVERFLOW.
 */
enum number_result number(const char *text, const char *suffixes, uint64_t *value);

/*
 * number_of_base -- the same with digits of that base, at most 16; with base 0 a number that
 * begins with 0x is hexadecimal, and with another 0 octal.
 */
enum number_result number_of_base(const char *text, unsigned base, const char *suffixes,
                                  uint64_t *value);

#endif
