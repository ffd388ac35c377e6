/* SPDX-License-Identifier: MIT */
/* What a run has done, in numbers: for --json and --progress. */
#ifndef MCOPY_TALLY_H
#define MCOPY_TALLY_H

#include <stdint.h>

struct tally {
    uint64_t files;       /* copied, clones too, */
    uint64_t bytes;       /* and so many bytes of them, holes and clones too */
    uint64_t directories; /* made */
    uint64_t symlinks;    /* made */
    uint64_t hard_links;  /* made */
    uint64_t special;     /* FIFOs, devices and sockets, made */
    uint64_t backups;     /* made */
    uint64_t failed;      /* entries that could not be copied, or not wholly */
};

extern struct tally tally;

/* tally_take -- all so far, which is then forgotten; tally_add -- what another process took. */
struct tally tally_take(void);
void tally_add(const struct tally *more);

#endif
