/* SPDX-License-Identifier: MIT */
/* --maps: the files that a process maps. */
#ifndef MCACHE_PROCESS_H
#define MCACHE_PROCESS_H

#include <stdbool.h>

struct options;
struct show;
struct stream;

/* process_show -- the process, and each file that it maps.  Returns false after a message. */
bool process_show(const struct options *options, struct show *show, struct stream *out);

#endif
