/* SPDX-License-Identifier: MIT */
/* In place of inflate.c where ISA-L's headers were not there at build time: zlib, by libarchive. */
#include "archive/inflate.h"

bool inflate_prepare(void)
{
    return false;
}

struct inflater *inflater_new(ssize_t (*read)(void *context, const void **data), void *context)
{
    (void)read;
    (void)context;
    return NULL;
}

void inflater_free(struct inflater *inflater)
{
    (void)inflater;
}

int inflater_next(struct inflater *inflater, const void **data, size_t *len)
{
    (void)inflater;
    (void)data;
    (void)len;
    return -1;
}

const char *inflater_words(const struct inflater *inflater)
{
    (void)inflater;
    return NULL;
}
