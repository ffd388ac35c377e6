/* SPDX-License-Identifier: MIT */
/* What is an archive or a compressed file, by its first bytes. */
#ifndef ARCHIVE_RECOGNISE_H
#define ARCHIVE_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>

enum recognised { PLAIN, COMPRESSED, GZIP, ARCHIVE };

/* So many bytes tell; of an image of a CD, which counts among all formats, so many more. */
#define RECOGNISE_BASIC ((size_t)512)
#define RECOGNISE_ALL   ((size_t)32774)

/*
 * recognise -- what does a file look like that begins with these bytes?
 *
 * `all`: also of the formats that only --archive-formats=all takes.  A tar without a member is
 * plain: it is nothing but zeroes.
 */
enum recognised recognise(const unsigned char *data, size_t len, bool all);

#endif
