/* SPDX-License-Identifier: MIT */
/* Operands and directories to inputs. */
#ifndef MGREP_WALK_H
#define MGREP_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

enum directories { DIRECTORIES_READ, DIRECTORIES_RECURSE, DIRECTORIES_SKIP };
enum devices { DEVICES_OPERANDS, DEVICES_READ, DEVICES_SKIP }; /* OPERANDS: only when named */

struct rules; /* see rules.h */

/* An input.  The texts live until visit() returns. */
struct entry {
    const char *path; /* "-": standard input */
    const char *name; /* what to call it: a part of the path */
    bool below;       /* a directory was walked to find it */
    bool regular;     /* it is a regular file, and no harm is done by opening it */
    bool excluded;    /* as a file it is left out, but it may be an archive */
};

struct walk {
    enum directories directories;
    bool follow; /* -R: symbolic links below an operand too */
    enum devices devices;
    bool quiet;                    /* -s */
    bool bare;                     /* the operand "." was not given: names do not begin with it */
    struct rules *files, *folders; /* --include, --exclude; --exclude-dir.  NULL: none */
    bool archives;                 /* what holds files may be an archive: only a look tells */
    bool trouble;                  /* out: something could not be read */

    /* visit -- search one input.  Returns false to end the walk. */
    bool (*visit)(void *context, const struct entry *entry);
    /* complain -- say "name: reason". */
    void (*complain)(void *context, const char *name, const char *reason);
    void *context;
};

/* walk_operand -- visit an operand, or what is below it.  Returns false when the walk is to end. */
bool walk_operand(struct walk *walk, const char *operand);

#endif
