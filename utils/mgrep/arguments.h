/* SPDX-License-Identifier: MIT */
/*
 * What stands behind an option.  What the option does not take ends the program with a message,
 * as GNU grep's.
 */
#ifndef MGREP_ARGUMENTS_H
#define MGREP_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "mgrep/engine.h"
#include "mgrep/search.h"
#include "mgrep/walk.h"

/* Of -A, -B, -C: lines; -m: a negative limit is none, UINT64_MAX. */
int64_t argument_context_length(const char *text);
uint64_t argument_max_count(const char *text);

uint64_t argument_max_columns(const char *text);
unsigned argument_threads(const char *text);

/* Of --color: is there to be colour?  NULL: it has no argument. */
bool argument_colored(const char *when);

enum directories argument_directories(const char *text);
enum engine_choice argument_engine_choice(const char *text);
enum devices argument_devices(const char *text);
enum binary argument_binary_files(const char *text);

#endif
