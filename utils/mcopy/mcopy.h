/* SPDX-License-Identifier: MIT */
/* What the rooms of mcopy share: main -> tree -> data (bytes, compare,
 * interrupt) -> attributes. */
#ifndef MCOPY_H
#define MCOPY_H

#include <stdbool.h>
#include <sys/stat.h>

/* Whether a copy shares its source's blocks. */
enum reflink { REFLINK_AUTO, REFLINK_ALWAYS, REFLINK_NEVER };

/* What becomes a hole: the source's holes, all zeroes, nothing. */
enum sparse { SPARSE_AUTO, SPARSE_ALWAYS, SPARSE_NEVER };

struct options {
    bool recursive;
    bool no_dereference; /* copy symbolic links as links */
    bool preserve;       /* mode, ownership, times, access control lists */
    bool preserve_links; /* hard links within what is copied */
    bool preserve_xattr;
    bool force;
    bool interactive;
    bool no_clobber;
    bool update;
    bool verbose;
    enum reflink reflink;
    enum sparse sparse;
    bool atomic;   /* a file that is there is replaced whole */
    bool in_place; /* a new file has its name from the start */
    bool resume;   /* what a file that is there has in common with the source stays */
    bool sync;
    bool verify;
};

/* One run of the program over its operands. */
struct tree;

struct tree *tree_new(const struct options *options);
void tree_free(struct tree *tree);

/* tree_copy -- copy one operand to `to`.  Returns whether all went well; trouble was reported. */
bool tree_copy(struct tree *tree, const char *from, const char *to);

/* say_removed -- what -v says of a file that was in the way. */
void say_removed(const struct options *options, const char *path);

struct stream;
/* verbose_out -- where -v's lines go. */
struct stream *verbose_out(void);

/*
 * data_copy -- copy a regular file, or what comes out of anything else, to `to`,
 * which does not exist or is to be overwritten.
 *
 * Returns whether it was copied, with its attributes; trouble was reported.
 */
bool data_copy(const struct options *options, const char *from, const char *to, bool exists);

/* attributes_file -- give an open file the attributes of `st`, the lists from descriptor `from`. */
bool attributes_file(const struct options *options, int from, const struct stat *st, int fd,
                     const char *name);

/* attributes_inherit -- give the open file `fd` owner, mode and lists of the one it replaces. */
void attributes_inherit(int old, const struct stat *st, int fd);

/*
 * attributes_path -- the same by name, for what is not opened: directories, links,
 * special files.  Links are never followed.
 */
bool attributes_path(const struct options *options, const char *from, const struct stat *st,
                     const char *to);

#endif
