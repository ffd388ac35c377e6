/* SPDX-License-Identifier: MIT */
/* What a run has done, in numbers. */
#include "mcopy/tally.h"

struct tally tally;

struct tally tally_take(void)
{
    struct tally all = tally;
    tally = (struct tally){0};
    return all;
}

void tally_add(const struct tally *more)
{
    tally.files += more->files;
    tally.bytes += more->bytes;
    tally.directories += more->directories;
    tally.symlinks += more->symlinks;
    tally.hard_links += more->hard_links;
    tally.special += more->special;
    tally.backups += more->backups;
    tally.failed += more->failed;
}
