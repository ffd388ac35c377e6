/* SPDX-License-Identifier: MIT */
/* One file, and what the page cache has of it. */
#ifndef MCACHE_FILE_H
#define MCACHE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <libmm/mm.h>

#define LEVEL_FULL    8 /* of a column of the picture: all pages; 0: none */
#define LEVEL_UNKNOWN 9

struct file {
    const char *name; /* as it was found */
    dev_t device;
    ino_t inode;
    nlink_t links;
    uint64_t size;
    int error;     /* 0, or -errno: it could not be opened, asked or changed */
    bool unknown;  /* the kernel will not tell what is in memory */
    bool oversize; /* it was not loaded: memory is smaller */
    struct mm_resident now;
    unsigned char *levels; /* the picture, or NULL, of */
    size_t columns;        /* so many */
    struct mm_run *runs;   /* what is in memory, where that is saved; freed by who takes it */
    size_t run_count;
};

struct options;

/* file_identify -- note which file `st` is of. */
void file_identify(struct file *file, const struct stat *st);

/* file_perform -- do with an open file what the options say, and ask what it has in memory. */
void file_perform(const struct options *options, int fd, const struct stat *st, struct file *file);

/*
 * file_measure -- ask what it has in memory of the range; with a picture where it has columns.
 */
void file_measure(const struct options *options, int fd, const struct stat *st, struct file *file);

#endif
