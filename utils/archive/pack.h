/* SPDX-License-Identifier: MIT */
/* An archive that is written, member by member. */
#ifndef ARCHIVE_PACK_H
#define ARCHIVE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct pack;

/* A run of bytes of a file that are data; between these are holes. */
struct pack_extent {
    uint64_t off, len;
};

struct pack_member {
    const char *name;
    const char *link;      /* where a symbolic link leads, or the member that it is a name of */
    bool hard_link;        /* the latter */
    const struct stat *st; /* its size is how many bytes will be given */
    const char *user;      /* the owner's name, or NULL */
    const char *group;
    const struct pack_extent *extents; /* NULL: no holes */
    size_t extent_count;
};

/* pack_knows -- is it the name of a format: tar, tar.gz ..., zip? */
bool pack_knows(const char *format);

/*
 * pack_begin -- `store` is called with all bytes of the archive; it returns 0 or -errno.
 *
 * Returns 0, -ELIBACC where libarchive cannot be loaded or does not have the format itself,
 * -ENOMEM.
 */
int pack_begin(const char *format, int (*store)(void *context, const void *data, size_t len),
               void *context, struct pack **pack);

/* pack_links -- does the format have hard links?  pack_holes -- does it have holes? */
bool pack_links(const struct pack *pack);
bool pack_holes(const struct pack *pack);

/*
 * pack_member -- the next one; pack_data -- its bytes, holes as zeroes; pack_finish -- the end of
 * the archive.
 *
 * All return 0, or -EBADMSG, pack_words() saying why; -EIO where no more can be written.
 */
int pack_member(struct pack *pack, const struct pack_member *member);
int pack_data(struct pack *pack, const void *data, size_t len);
int pack_finish(struct pack *pack);
const char *pack_words(const struct pack *pack);

void pack_free(struct pack *pack);

#endif
