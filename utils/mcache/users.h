/* SPDX-License-Identifier: MIT */
/* Which processes hold a file's pages in memory. */
#ifndef MCACHE_USERS_H
#define MCACHE_USERS_H

#include <stddef.h>
#include <sys/types.h>

struct users;

/* users_new -- looks at all processes when it is first asked. */
struct users *users_new(void);

/*
 * users_text -- "mapped by 12 (mysqld), locked by 34 (mcache)"; "" where nobody is known to.
 *
 * An ordinary user is told of his own processes only.  The text is valid until the next call.
 */
const char *users_text(struct users *users, dev_t device, ino_t inode);

void users_free(struct users *users);

#endif
