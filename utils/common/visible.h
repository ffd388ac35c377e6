/* SPDX-License-Identifier: MIT */
/* Text that others wrote, shown on a terminal that must not obey it. */
#ifndef COMMON_VISIBLE_H
#define COMMON_VISIBLE_H

#include <stddef.h>

struct stream;

/*
 * visible_put -- put text with what a terminal would obey made visible.
 *
 *   bytes                            become
 *   control characters of ASCII      ^X, as in less(1): ^[ for ESC, ^? for DEL
 *   those of `keep` ("\t\n")         themselves
 *   U+0080 to U+009F, in UTF-8 too   \ooo for each byte, as in ls -b
 *   what is no character             \ooo
 *   all other characters             themselves: those of UTF-8 in any locale, and those
 *                                    that print in the locale
 *
 * The text ends where a character does; of one that is cut, \ooo is shown.
 */
void visible_put(struct stream *stream, const void *text, size_t len, const char *keep);

#endif
