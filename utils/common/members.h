/* SPDX-License-Identifier: MIT */
/*
 * Operands to inputs, where an archive is a directory and a compressed file its content.
 *
 *     while (members_next(members, &input))
 *         ... input.scan ...
 *
 * Members are called OPERAND/MEMBER; an operand of that form is one where the file system has
 * nothing of that name.
 */
#ifndef COMMON_MEMBERS_H
#define COMMON_MEMBERS_H

#include <stdbool.h>

#include "archive/decoder.h"
#include "common/archives.h"
#include "common/input.h"

struct members;

/*
 * members_open -- open an operand ("-": standard input) and let `scan` see it, or begin to decode.
 *
 * `name` is what it is called in the names of members, NULL: itself.  `quoted` says how names are
 * written in messages, and NULL that there are none.  On return *members is NULL where the input is
 * a plain one, which is open then, or the archive; `archives` off is an input_open().
 *
 * Returns 0 or -errno, -ELIBACC without libarchive; then nothing is open.
 */
int members_open(const struct archives *archives, const char *operand, const char *name,
                 struct mm_scan *scan, const char *(*quoted)(const char *name), struct input *input,
                 struct members **members);

/*
 * members_next -- the next regular file in the archive, as an input; or that of a compressed file.
 *
 * The input needs no input_close(), and ends with the next call, as its name does.  What cannot be
 * decoded is named in a message.  Returns false at the end.
 */
bool members_next(struct members *members, struct input *input);

/* members_any -- the next member of any type, and its whole name; NULL at the end. */
const char *members_any(struct members *members, struct decoder_member *member);

/*
 * members_input -- let the member that members_any() gave be an input, as members_next() does.
 *
 * Returns false, after a message where it is encrypted, for one that has no content of its own.
 */
bool members_input(struct members *members, const struct decoder_member *member,
                   struct input *input);

/* members_content -- is the input the content of a compressed file, and not in an archive? */
bool members_content(const struct members *members);

/* members_exact -- did the operand name just this input, and not what it is in? */
bool members_exact(const struct members *members);

/* members_member -- the input's name in the archive. */
const char *members_member(const struct members *members);

/* members_decoder -- where the input's bytes come from, for who does not take them from its scan.
 */
struct decoder *members_decoder(struct members *members);

/*
 * members_lack -- was nothing of the name that was asked for there, and no trouble either?  If so,
 * that is not told any more.
 */
bool members_lack(struct members *members);

/* members_words -- what is wrong with the input, where its scan said -EBADMSG. */
const char *members_words(struct members *members);

/*
 * members_close -- let go of the archive.  Returns whether all went well, after a message where
 * the member that was named is not there.
 */
bool members_close(struct members *members);

#endif
