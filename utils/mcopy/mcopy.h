/* SPDX-License-Identifier: MIT */
/*
 * What the rooms of mcopy share: main (options, parents) -> tree (way, same, backup, directory,
 * make, seen) -> share -> data (bytes, compare, interrupt), empty ->
 * attributes (xattrs), report.  An archive: main -> unpack -> extract (inside, folders)
 * -> member; or main -> create.
 */
#ifndef MCOPY_H
#define MCOPY_H

#include <stdbool.h>
#include <sys/stat.h>

/* Which symbolic links among the sources stand for what they lead to. */
enum follow { FOLLOW_UNSAID, FOLLOW_NEVER, FOLLOW_OPERANDS, FOLLOW_ALL };

enum backup { BACKUP_NONE, BACKUP_SIMPLE, BACKUP_EXISTING, BACKUP_NUMBERED };

/* Whether a copy shares its source's blocks. */
enum reflink { REFLINK_AUTO, REFLINK_ALWAYS, REFLINK_NEVER };

/* What becomes a hole: the source's holes, all zeroes, nothing. */
enum sparse { SPARSE_AUTO, SPARSE_ALWAYS, SPARSE_NEVER };

struct options {
    bool recursive;
    enum follow follow;
    bool one_file_system;
    bool copy_contents; /* of special files, below directories too */
    /* What is made of a file, where not a copy: */
    bool hard_link;
    bool symbolic_link;
    bool attributes_only;
    /* What the copy takes over: */
    bool preserve_mode; /* with access control lists */
    bool preserve_owner;
    bool preserve_times;
    bool preserve_links; /* hard links within what is copied */
    bool preserve_xattr;
    bool require_xattr; /* an attribute that cannot be kept is trouble, and */
    bool quiet_xattr;   /* where it is none, not worth a word */
    bool default_mode;  /* the mode of a new file, whatever the source's is */
    /* What becomes of a file that is there: */
    bool force;
    bool remove; /* before it is opened */
    bool interactive;
    bool no_clobber;
    bool update;
    enum backup backup;
    const char *suffix;    /* of simple backups */
    bool through_dangling; /* a link to nothing is written through, as POSIX has it */

    const char *into; /* the directory that the operands go into, or NULL */
    bool verbose;
    /* How bytes are copied: */
    enum reflink reflink;
    enum sparse sparse;
    bool atomic;   /* a file that is there is replaced whole */
    bool in_place; /* a new file has its name from the start */
    bool resume;   /* what a file that is there has in common with the source stays */
    bool sync;
    bool verify;
    /* What is told of it: */
    bool progress;
    bool json;
};

/* does_follow -- is a symbolic link followed, of an operand or of a name below one? */
static inline bool does_follow(const struct options *options, bool operand)
{
    return options->follow == FOLLOW_ALL || (options->follow == FOLLOW_OPERANDS && operand);
}

/* One file to be copied. */
struct job {
    const char *from, *to;
    const struct stat *st; /* what `from` was found to be */
    bool follow;           /* it may be a symbolic link */
    bool is_new;           /* there is nothing at `to`; else it is to be overwritten */
    bool fresh;            /* as its directory is this run's own: no link to nothing either */
};

/*
 * data_copy -- copy a regular file, or what comes out of anything else.
 * empty_copy -- the attributes alone.
 *
 * Both return whether all went well, attributes included; trouble was reported.
 */
bool data_copy(const struct options *options, const struct job *job);
bool empty_copy(const struct options *options, const struct job *job);

/* data_forget -- let go of what is kept from one file to the next. */
void data_forget(void);

#endif
