/* SPDX-License-Identifier: MIT */
/*
 * Hidden names: of a file that is not complete and must have some name meanwhile.
 *
 * The name follows from the one that the file is to have, and the file is locked
 * (flock(2)) for as long as its maker lives: whoever makes the same file later finds
 * the name in use, and what is not locked is an orphan that he removes.
 */
#ifndef LIBMM_HIDDEN_H
#define LIBMM_HIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * mm__hidden_open -- make a file under a hidden name in the directory of `name`, whose
 * directory part is `dir_len` bytes long.
 *
 * *path is the name, relative to dirfd, and belongs to the caller.  Returns 0, -ENOMEM or
 * what openat(2) says.
 */
int mm__hidden_open(int dirfd, const char *name, size_t dir_len, mode_t mode, int *fd, char **path);

/* mm__hidden_link -- give the unnamed file `fd` a hidden name.  Returns as mm__hidden_open. */
int mm__hidden_link(int fd, int dirfd, const char *name, size_t dir_len, char **path);

/* mm__hidden_name -- give the unnamed file `fd` the name that it is to have. */
int mm__hidden_name(int fd, int dirfd, const char *name);

/* mm__hidden_stands -- is `fd` what is under that name?  For signal handlers, too. */
bool mm__hidden_stands(int fd, int dirfd, const char *path);

/* mm__hidden_forget -- the name is no longer in use: a signal handler may look at *path. */
void mm__hidden_forget(char **path);

#endif
