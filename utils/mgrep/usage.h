/* SPDX-License-Identifier: MIT */
/* What --help says, and what a wrong command line is answered with. */
#ifndef MGREP_USAGE_H
#define MGREP_USAGE_H

/* usage -- the hint at --help on standard error, and the end with `status`. */
_Noreturn void usage(int status);

/* help -- what --help prints, and the end. */
_Noreturn void help(void);

#endif
