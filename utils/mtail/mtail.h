/* SPDX-License-Identifier: MIT */
/* What the two halves of mtail share: the end of a file now, and what it becomes. */
#ifndef MTAIL_H
#define MTAIL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <libmm/mm.h>

#include "common/archives.h"
#include "common/input.h"
#include "common/stream.h"
#include "mtail/hold.h"

struct options {
    uint64_t count;         /* NUM of -n or -c */
    bool bytes;             /* it counts bytes, not lines */
    bool from_start;        /* it counts from the start: +NUM */
    unsigned char line_end; /* newline, or NUL with -z */
    enum { HEADERS_MANY, HEADERS_ALWAYS, HEADERS_NEVER } headers;
    bool prefix; /* the file's name before each line, in place of headers */
    bool follow;
    bool by_name;      /* follow what the name leads to, not what was opened */
    bool retry;        /* a name that leads to nothing may lead to something later */
    bool no_inotify;   /* find changes by polling only */
    double interval;   /* seconds between two polls */
    uint64_t patience; /* unchanged polls before a name is looked at again */
    pid_t pid;         /* end with this process; 0: none */
    struct archives archives;
};

/*
 * A file that had the name before.  Who writes to it goes on until told to open the new one.
 */
struct former {
    struct input input;
    int watch;           /* as in struct file */
    uint64_t retired_at; /* milliseconds, as told by the follower's clock */
    uint64_t grown_at;
    bool settled; /* newer files do not wait for its last line any more */
    struct former *older;
};

struct passing; /* watch.c's: a file that got the name since the name was last looked at */

/* One operand. */
struct file {
    const char *name;   /* as given */
    const char *shown;  /* the same, or "standard input" */
    struct input input; /* input.fd is -1 while nothing is open */

    /* From here on, the follower's. */
    int error;             /* why the name leads to nothing to follow, as errno; 0: it does */
    bool given_up;         /* not looked at any more */
    bool polled;           /* inotify does not see all that may happen to it */
    bool at_end;           /* a stream that ended: poll(2) would not wait for more of it */
    bool grown;            /* may hold more than was printed */
    bool waits;            /* with what was added, for the end of a former file */
    bool renamed;          /* its name may lead elsewhere */
    int watch;             /* inotify's descriptor for the file, -1: none */
    int directory;         /* inotify's descriptor for the directory of the name, -1: none */
    size_t held;           /* bytes of a stream that were seen and not printed */
    uint64_t unchanged;    /* polls without news */
    struct former *former; /* the newest, of so many: */
    size_t formers;
    struct passing *passing; /* the oldest */
    unsigned traced;         /* counts what happened to these */
};

struct output {
    struct stream *stream;
    unsigned char line_end;
    bool headers;
    bool prefix;             /* the file's name before each line */
    bool terminal;           /* show it nothing that it would obey */
    bool in_line;            /* the last byte that was printed with a prefix ended no line */
    const struct file *last; /* where what was printed came from: its header still stands */
    bool begun;              /* a header was printed */
};

/* put_header -- "==> name <==", after an empty line but for the first. */
void put_header(struct output *out, const struct file *file);

/* What is printed of a line that has not its end yet. */
enum portion {
    SO_FAR, /* what there is of it; with a prefix nothing, lest the line is torn */
    LINES,  /* nothing */
    REST,   /* what there is, for no more will come; with a prefix, and an end */
};

/*
 * print_until -- print an input of the file from where its scan stands, up to byte
 * `until` or to its end, after a header where one is due.
 *
 * What is not printed yet, the scan shows again.
 *
 * Returns 0, or the scan's error; what was lost was not printed.
 */
int print_until(struct output *out, const struct file *file, const struct input *input,
                uint64_t until, enum portion portion);

/* print_hold -- print what is held of the file, and let it go.  The caller put the header. */
void print_hold(struct output *out, const struct file *file, struct hold *hold);

/* trouble -- the message for an error of reading the file. */
void trouble(const struct file *file, int error);

/*
 * find_start -- let the scan stand where the output begins; it ends before *until.
 *
 * Of a stream, what is in `hold` comes before what the scan shows.
 *
 * The last part of a file ends where the file ended when it was opened: what is
 * printed may be going to its own end.
 *
 * Returns 0, or the scan's error.
 */
int find_start(struct mm_scan *scan, const struct options *options, struct hold *hold,
               uint64_t *until);

/*
 * follow_truncated -- an input of the file was cut short: say so, and go on at its beginning.
 *
 * Returns 0 or -errno.
 */
int follow_truncated(const struct file *file, const struct input *input);

/*
 * follow_wanted -- is an open file one to be followed?
 *
 * POSIX: following a pipe that is standard input is not meant.
 */
bool follow_wanted(const struct options *options, const struct file *file);

/*
 * follow_accept -- can this file be followed?  `error` is what became of printing
 * its end; nothing is open any more if it cannot.
 *
 * Returns false after a message, or if there was an error.
 */
bool follow_accept(const struct options *options, struct file *file, int error);

/*
 * follow -- print what is added to the files, for as long as there is one.
 *
 * Returns true when the process that was to be waited for is gone, false after
 * the message that no files remain.
 */
bool follow(const struct options *options, struct output *out, struct file *files, size_t count);

#endif
