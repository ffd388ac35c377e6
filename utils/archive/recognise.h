/* SPDX-License-Identifier: MIT */
/* What is an archive or a compressed file, by its first bytes. */
#ifndef ARCHIVE_RECOGNISE_H
#define ARCHIVE_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>

/* So many bytes tell; of an image of a CD, which counts among all formats, so many more. */
#define RECOGNISE_BASIC ((size_t)512)
#define RECOGNISE_ALL   ((size_t)32774)

/*
 * recognise -- does what begins with these bytes look like an archive or a compressed file?
 *
 * `all`: also of the formats that only --archive-formats=all takes.
 */
bool recognise(const unsigned char *data, size_t len, bool all);

#endif
