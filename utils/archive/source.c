/* SPDX-License-Identifier: MIT */
/* What goes into the process that decodes: an archive's bytes, and its members'. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/inflate.h"
#include "archive/level.h"

#define GIVEN ((size_t)8 << 20) /* of the mapping at a time; what is behind is let go */

static la_ssize_t read_map(struct source *s, const void **data)
{
    size_t len = mm_map_len(s->map) - s->at;
    if (len > GIVEN)
        len = GIVEN;
    if (s->at > GIVEN)
        mm_map_advise(s->map, s->at - GIVEN, GIVEN, MM_ADVICE_DONTNEED);
    *data = mm_map_data(s->map) + s->at;
    s->at += len;
    if (s->at > s->reached) {
        s->reached = s->at;
        job_progress(s->job);
    }
    return (la_ssize_t)len;
}

la_ssize_t source_read_ring(struct source *s, const void **data)
{
    size_t len;
    mm_ring_consume(s->job->in, s->lent);
    mm_ring_await_data(s->job->in, 1, -1);
    *data = mm_ring_data(s->job->in, &len);
    s->lent = len;
    job_progress(s->job);
    return (la_ssize_t)len;
}

/* The next block of a member; 0 at its end, below 0 for trouble. */
static int next_block(struct member *m)
{
    if (m->ended)
        return 0;
    int result = libarchive->read_data_block(m->archive, &m->block, &m->block_len, &m->block_at);
    if (result == ARCHIVE_EOF) {
        m->ended = true;
        return 0;
    }
    return result < ARCHIVE_WARN ? -1 : 1;
}

bool member_look(struct member *m, size_t want)
{
    m->begin = malloc(want);
    int result = 1;
    while (m->begin && !m->sparse && m->begun < want && (result = next_block(m)) > 0) {
        if (m->block_len == 0)
            continue;
        if (m->block_at != m->at) {
            m->sparse = true;
            break;
        }
        size_t len = m->block_len < want - m->begun ? m->block_len : want - m->begun;
        memcpy(m->begin + m->begun, m->block, len);
        m->begun += len;
        m->at += (int64_t)len;
        if (len < m->block_len) { /* the rest of the block waits */
            m->block = (const char *)m->block + len;
            m->block_len -= len;
            m->block_at += (int64_t)len;
            m->sparse = true;
        }
    }
    return m->begin && result >= 0;
}

int member_next(struct member *m, const void **data, size_t *len, uint64_t *hole)
{
    *hole = 0;
    if (m->given < m->begun) {
        *data = m->begin + m->given;
        *len = m->begun - m->given;
        m->given = m->begun;
        return 1;
    }
    int result = 1;
    if (!m->sparse)
        result = next_block(m);
    m->sparse = false;
    if (result <= 0)
        return result;
    if (m->block_at > m->at)
        *hole = (uint64_t)(m->block_at - m->at);
    *data = m->block;
    *len = m->block_len;
    m->at = m->block_at + (int64_t)m->block_len;
    return 1;
}

/* An archive in an archive is read as it is decoded; what it has no bytes for are zeroes. */
static la_ssize_t read_member(struct source *s, const void **data)
{
    size_t len = 0;
    uint64_t hole;
    int result;
    do
        result = member_next(s->member, data, &len, &hole);
    while (result > 0 && len == 0 && hole == 0);
    s->failed = result < 0;
    if (result <= 0)
        return result < 0 ? ARCHIVE_FATAL : 0;
    if (hole > 0)
        return ARCHIVE_FATAL; /* no archive has holes */
    job_progress(s->job);
    return (la_ssize_t)len;
}

ssize_t source_bytes(void *context, const void **data)
{
    struct source *source = context;
    if (source->member)
        return read_member(source, data);
    return source->map ? read_map(source, data) : source_read_ring(source, data);
}

la_ssize_t source_read(struct archive *archive, void *context, const void **data)
{
    struct source *source = context;
    size_t len = 0;
    (void)archive;
    if (!source->inflater)
        return source_bytes(source, data);
    int result = inflater_next(source->inflater, data, &len);
    source->failed = result < 0;
    return result < 0 ? ARCHIVE_FATAL : (la_ssize_t)len;
}

la_int64_t source_skip(struct archive *archive, void *context, la_int64_t request)
{
    struct source *source = context;
    (void)archive;
    if (!source->map || source->inflater || request <= 0)
        return 0;
    size_t left = mm_map_len(source->map) - source->at;
    size_t len = (uint64_t)request < left ? (size_t)request : left;
    source->at += len;
    return (la_int64_t)len;
}

la_int64_t source_seek(struct archive *archive, void *context, la_int64_t offset, int whence)
{
    struct source *source = context;
    (void)archive;
    int64_t size = (int64_t)mm_map_len(source->map);
    int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)source->at : size;
    if (offset < -from || offset > size - from)
        return ARCHIVE_FATAL;
    source->at = (size_t)(from + offset);
    return (la_int64_t)source->at;
}
