/* SPDX-License-Identifier: MIT */
/* In place of pack.c where libarchive's headers were not there at build time. */
#include <errno.h>

#include "archive/pack.h"

bool pack_knows(const char *format)
{
    (void)format;
    return true;
}

int pack_begin(const char *format, int (*store)(void *context, const void *data, size_t len),
               void *context, struct pack **pack)
{
    (void)format, (void)store, (void)context, (void)pack;
    return -ELIBACC;
}

bool pack_links(const struct pack *pack)
{
    (void)pack;
    return false;
}

bool pack_holes(const struct pack *pack)
{
    (void)pack;
    return false;
}

int pack_member(struct pack *pack, const struct pack_member *member)
{
    (void)pack, (void)member;
    return -EIO;
}

int pack_data(struct pack *pack, const void *data, size_t len)
{
    (void)pack, (void)data, (void)len;
    return -EIO;
}

int pack_finish(struct pack *pack)
{
    (void)pack;
    return -EIO;
}

const char *pack_words(const struct pack *pack)
{
    (void)pack;
    return "";
}

void pack_free(struct pack *pack)
{
    (void)pack;
}
