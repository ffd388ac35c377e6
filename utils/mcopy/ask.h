/* SPDX-License-Identifier: MIT */
/* Questions of -i. */
#ifndef MCOPY_ASK_H
#define MCOPY_ASK_H

#include "mcopy/mcopy.h"

/* ask_overwrite -- may `to`, which is `st`, be overwritten?  On standard error and input. */
bool ask_overwrite(const struct options *options, const char *to, const struct stat *st);

#endif
