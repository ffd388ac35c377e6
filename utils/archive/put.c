/* SPDX-License-Identifier: MIT */
/* What comes out of the process that decodes: records. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/inflate.h"
#include "archive/level.h"

void job_progress(const struct job *job)
{
    atomic_fetch_add_explicit(&job->shared->progress, 1, memory_order_relaxed);
}

void job_put(const struct job *job, const void *data, size_t len)
{
    const unsigned char *from = data;
    size_t most = mm_ring_size(job->out) / 8;
    while (len > 0) {
        size_t room;
        if (mm_ring_await_space(job->out, len < most ? len : most, -1) != 0)
            _exit(0);
        unsigned char *to = mm_ring_space(job->out, &room);
        size_t part = len < room ? len : room;
        memcpy(to, from, part);
        mm_ring_produce(job->out, part);
        from += part;
        len -= part;
    }
}

void level_put(const struct level *level, enum record_kind kind, uint64_t len)
{
    struct record record = {kind, *level->index, len};
    job_put(level->job, &record, sizeof record);
}

void level_trouble(struct level *level, const char *name, const char *words)
{
    if (!words || !*words)
        words = "damaged archive";
    size_t name_len = strlen(name) + 1;
    level_put(level, RECORD_TROUBLE, name_len + strlen(words));
    job_put(level->job, name, name_len);
    job_put(level->job, words, strlen(words));
    level->told = true;
}

const char *level_words(const struct level *level)
{
    for (; level->source->failed; level = level->outer) {
        const struct inflater *inflater = level->source->inflater;
        if (inflater && inflater_words(inflater))
            return inflater_words(inflater);
    }
    return libarchive->error_string(level->archive);
}

bool level_is_unwanted(const struct level *level)
{
    return atomic_load(&level->job->shared->unwanted) >= *level->index;
}

mode_t level_mode(struct archive_entry *entry)
{
    mode_t mode = libarchive->entry_mode(entry);
    return mode & S_IFMT ? mode : mode | S_IFREG;
}

void level_member(const struct level *level, struct archive_entry *entry, const char *name,
                  size_t name_len, unsigned flags)
{
    const char *hard = libarchive->entry_hardlink(entry);
    const char *link = hard ? hard : libarchive->entry_symlink(entry);
    size_t link_len = link ? strlen(link) : 0;
    /* A hard link leads to a name in the same archive, which may be in another. */
    size_t above = hard ? strlen(level->name) : 0, between = above > 0;
    if (above + between + link_len > RECORD_NAME_MAX)
        above = between = link_len = 0;
    if (hard && *hard == '/')
        flags |= MEMBER_ABSOLUTE;
    struct record_member member = {
        .mode = level_mode(entry),
        .flags = flags | (hard ? MEMBER_HARD_LINK : 0) |
                 (libarchive->entry_is_encrypted(entry) > 0 ? MEMBER_ENCRYPTED : 0) |
                 (libarchive->entry_size_is_set(entry) ? MEMBER_SIZED : 0) |
                 (libarchive->entry_sparse_count(entry) > 0 ? MEMBER_SPARSE : 0),
        .uid = (uint32_t)libarchive->entry_uid(entry),
        .gid = (uint32_t)libarchive->entry_gid(entry),
        .name_len = (uint32_t)name_len,
        .link_len = (uint32_t)(above + between + link_len),
        .size = (uint64_t)libarchive->entry_size(entry),
        .seconds = libarchive->entry_mtime(entry),
        .nanoseconds = (uint32_t)libarchive->entry_mtime_nsec(entry),
    };
    level_put(level, RECORD_MEMBER, sizeof member + name_len + member.link_len);
    job_put(level->job, &member, sizeof member);
    job_put(level->job, name, name_len);
    job_put(level->job, level->name, above);
    job_put(level->job, "/", between);
    job_put(level->job, link, link_len);
}
