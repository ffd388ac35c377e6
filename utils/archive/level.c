/* SPDX-License-Identifier: MIT */
/* One archive decoded, and those that are in it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/inflate.h"
#include "archive/level.h"

#define FAILURES 1000 /* so many members that cannot be read are too many */

/* A name without what cannot be meant in an archive: "/" and "./" to begin with, "/" to end. */
static size_t plain_name(const char **name)
{
    const char *p = *name;
    for (;;) {
        if (*p == '/')
            p++;
        else if (p[0] == '.' && (p[1] == '/' || p[1] == '\0'))
            p++;
        else
            break;
    }
    *name = p;
    size_t len = strlen(p);
    while (len > 0 && p[len - 1] == '/')
        len--;
    return len;
}

static bool begins_with(const char *text, size_t len, const char *begin, size_t begin_len)
{
    return len >= begin_len && memcmp(text, begin, begin_len) == 0 &&
           (len == begin_len || text[begin_len] == '/');
}

/*
 * Is a member wanted?  If what is wanted must be in it, *rest is what: it has to be an archive.
 */
static bool is_wanted(const struct level *level, const char *name, size_t len, const char **rest)
{
    const char *select = level->select;
    size_t select_len = select ? strlen(select) : 0;
    *rest = NULL;
    if (!select || begins_with(name, len, select, select_len))
        return true;
    if (!begins_with(select, select_len, name, len))
        return false;
    *rest = select + len + 1;
    return true;
}

/* Returns false for trouble, which was told. */
static bool put_content(struct level *level, struct archive_entry *entry, struct member *m,
                        const char *name)
{
    const void *data;
    size_t len = 0;
    uint64_t hole;
    int result = 1;
    while (!level_is_unwanted(level) && (result = member_next(m, &data, &len, &hole)) != 0) {
        if (result < 0) {
            level_trouble(level, name, level_words(level));
            return false;
        }
        if (hole > 0)
            level_put(level, RECORD_HOLE, hole);
        if (len > 0) {
            level_put(level, RECORD_DATA, len);
            job_put(level->job, data, len);
        }
        job_progress(level->job);
    }
    int64_t size = libarchive->entry_size(entry); /* no block comes behind a hole at the end */
    if (result == 0 && libarchive->entry_sparse_count(entry) > 0 && size > m->at)
        level_put(level, RECORD_HOLE, (uint64_t)(size - m->at));
    return true;
}

/* What comes of a filter alone: it is no member of anything. */
static bool is_raw(const struct level *level)
{
    return (libarchive->format(level->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_RAW;
}

/* A regular file that may be an archive itself; `rest` of what is wanted would be in that. */
static void decode_member(struct level *level, struct archive_entry *entry, const char *name,
                          size_t len, const char *rest, unsigned flags)
{
    struct member m = {.archive = level->archive};
    size_t want = level->job->all ? RECOGNISE_ALL : RECOGNISE_BASIC;
    bool raw = is_raw(level), encrypted = libarchive->entry_is_encrypted(entry) > 0;
    bool further = (raw || level->depth > 1) && !libarchive->entry_hardlink(entry) && !encrypted;
    bool lost = further && !member_look(&m, want);
    enum recognised what = further && !lost ? recognise(m.begin, m.begun, level->job->all) : PLAIN;
    if (what == ARCHIVE || (what != PLAIN && !raw)) {
        struct source source = {.job = level->job, .member = &m};
        struct level inner = *level;
        inner.outer = level;
        inner.name = name;
        inner.select = rest;
        inner.depth -= !raw; /* a compressed archive is one */
        inner.told = false;
        level_decode(&inner, &source, what);
    } else if (!rest) {
        ++*level->index;
        level_member(level, entry, name, len, flags);
        bool good = encrypted || put_content(level, entry, &m, name);
        if (lost && good)
            level_trouble(level, name, level_words(level));
        level_put(level, RECORD_MEMBER_END, 0);
    } else if (lost) {
        level_trouble(level, name, level_words(level));
    }
    free(m.begin);
}

/* The content of a compressed file, which may be an archive. */
static void decode_raw(struct level *level, struct archive_entry *entry)
{
    decode_member(level, entry, level->name, strlen(level->name), level->select,
                  *level->name ? 0 : MEMBER_CONTENT);
}

/* One entry of an archive. */
static void decode_entry(struct level *level, struct archive_entry *entry)
{
    bool ar = (libarchive->format(level->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_AR;
    const char *own = libarchive->entry_pathname(entry), *rest;
    unsigned flags = own && *own == '/' ? MEMBER_ABSOLUTE : 0;
    size_t len = own ? plain_name(&own) : 0, above = strlen(level->name);
    if (!own || len == 0 || above + 1 + len > RECORD_NAME_MAX) {
        if (!ar &&
            !(own && S_ISDIR(libarchive->entry_mode(entry)))) /* ar keeps an index under no name */
            level_trouble(level, level->name, "a member without a usable name");
        return;
    }
    if (!is_wanted(level, own, len, &rest))
        return;
    char *name = malloc(above + 1 + len + 1);
    if (!name)
        return;
    char *to = stpcpy(name, level->name);
    if (above > 0)
        *to++ = '/';
    memcpy(to, own, len);
    to[len] = '\0';
    size_t name_len = (size_t)(to + len - name);
    if (S_ISREG(level_mode(entry))) {
        decode_member(level, entry, name, name_len, rest, flags);
    } else if (!rest) {
        ++*level->index;
        level_member(level, entry, name, name_len, flags);
        level_put(level, RECORD_MEMBER_END, 0);
    }
    free(name);
}

typedef int support(struct archive *archive);

/*
 * A filter that libarchive was built without it leaves to a program, which it says by a warning:
 * such a one is not taken.
 */
static void take_filters(struct archive *archive)
{
    support *const filters[] = {
        libarchive->read_support_filter_gzip,     libarchive->read_support_filter_bzip2,
        libarchive->read_support_filter_xz,       libarchive->read_support_filter_zstd,
        libarchive->read_support_filter_lz4,      libarchive->read_support_filter_lzip,
        libarchive->read_support_filter_compress,
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct archive *trial = libarchive->read_new();
        if (trial && filters[i](trial) == ARCHIVE_OK)
            filters[i](archive);
        libarchive->read_free(trial);
    }
    libarchive->read_support_format_raw(archive);
    libarchive->read_support_format_empty(archive);
}

static void take_formats(struct archive *archive, bool all)
{
    support *const formats[] = {
        libarchive->read_support_format_tar,  libarchive->read_support_format_cpio,
        libarchive->read_support_format_ar,   libarchive->read_support_format_zip,
        libarchive->read_support_format_7zip, libarchive->read_support_format_iso9660,
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats - (all ? 0 : 2); i++)
        formats[i](archive);
}

/* What is compressed may be nothing. */
static void decode_empty(struct level *level)
{
    struct record_member member = {.mode = S_IFREG | 0600,
                                   .flags = MEMBER_SIZED | (*level->name ? 0 : MEMBER_CONTENT),
                                   .name_len = (uint32_t)strlen(level->name)};
    if (level->select)
        return;
    ++*level->index;
    level_put(level, RECORD_MEMBER, sizeof member + member.name_len);
    job_put(level->job, &member, sizeof member);
    job_put(level->job, level->name, member.name_len);
    level_put(level, RECORD_MEMBER_END, 0);
}

void level_decode(struct level *level, struct source *source, enum recognised what)
{
    struct archive_entry *entry;
    struct archive *archive = level->archive = libarchive->read_new();
    level->source = source;
    if (!archive) {
        level_trouble(level, level->name, "memory exhausted");
        return;
    }
    if (what == GZIP)
        source->inflater = inflater_new(source_bytes, source);
    if (what != ARCHIVE)
        take_filters(archive);
    else
        take_formats(archive, level->job->all);
    libarchive->read_set_read_callback(archive, source_read);
    libarchive->read_set_skip_callback(archive, source_skip);
    if (source->map && !source->inflater)
        libarchive->read_set_seek_callback(archive, source_seek);
    libarchive->read_set_callback_data(archive, source);
    int result = libarchive->read_open1(archive);
    if (result < ARCHIVE_WARN)
        level_trouble(level, level->name, level_words(level));
    bool any = false;
    for (int failures = 0; result >= ARCHIVE_WARN && failures < FAILURES;) {
        int header = libarchive->read_next_header(archive, &entry);
        if (header == ARCHIVE_EOF)
            break;
        any = true;
        if (header == ARCHIVE_OK || header == ARCHIVE_WARN) {
            level->told = false;
            if (what != ARCHIVE)
                decode_raw(level, entry);
            else
                decode_entry(level, entry);
            continue;
        }
        if (!level->told)
            level_trouble(level, level->name, level_words(level));
        failures = header == ARCHIVE_FATAL ? FAILURES : failures + 1;
    }
    if (!any && (libarchive->format(archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_EMPTY)
        decode_empty(level);
    libarchive->read_free(archive);
    inflater_free(source->inflater);
}
