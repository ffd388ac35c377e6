/* SPDX-License-Identifier: MIT */
/*
 * The process that decodes: an archive's mapping goes in, records come out.  Whoever wrote the
 * archive may have the process do anything that the sandbox allows, and so tell its parent
 * anything: it is the parent who is careful.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "archive/decode.h"
#include "archive/functions.h"
#include "archive/inflate.h"
#include "archive/limit.h"
#include "archive/recognise.h"
#include "archive/record.h"
#include "archive/sandbox.h"

#define GIVEN    ((size_t)8 << 20) /* of the mapping at a time; what is behind is let go */
#define LOOKS    5                 /* so many seconds of work without progress are too many */
#define FAILURES 1000              /* so many members that cannot be read are too many */

static const struct functions *la;

/* An archive's bytes: a mapping, a ring, or a member of another archive. */
struct source {
    const struct job *job;
    struct mm_map *map;
    size_t at, reached; /* in the mapping: read so far, and at most */
    size_t lent;        /* of the ring's bytes, so many were given and not yet taken off */
    struct member *member;
    struct inflater *inflater; /* between: what is read is gzip, and what is given its content */
    bool failed;               /* no more could be had of it */
};

/* A member being read. */
struct member {
    struct archive *archive;
    unsigned char *begin; /* its first bytes, which were looked at before the others */
    size_t begun, given;  /* so many of them are there, and were given */
    int64_t at;           /* where the next byte stands in the member */
    bool sparse;          /* a hole came in the look ahead: the block behind it waits */
    const void *block;
    size_t block_len;
    int64_t block_at;
    bool ended;
};

/* One archive being decoded. */
struct level {
    const struct job *job;
    struct archive *archive;
    const char *name;   /* in the outermost archive: a prefix of its members' */
    const char *select; /* what is wanted of it, NULL: all */
    unsigned depth;     /* of further archives in it */
    uint32_t *index;
    const struct level *outer; /* whose member this one is */
    struct source *source;
    bool told; /* what is wrong with the member: the archive may well have no more to say */
};

static void decode_level(struct level *level, struct source *source, enum recognised what);

/* -------------------------------------------------------------- what comes out */

static void progress(const struct job *job)
{
    atomic_fetch_add_explicit(&job->shared->progress, 1, memory_order_relaxed);
}

static void put(const struct job *job, const void *data, size_t len)
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

static void put_record(const struct level *level, enum record_kind kind, uint64_t len)
{
    struct record record = {kind, *level->index, len};
    put(level->job, &record, sizeof record);
}

static void put_trouble(struct level *level, const char *name, const char *words)
{
    if (!words || !*words)
        words = "damaged archive";
    size_t name_len = strlen(name) + 1;
    put_record(level, RECORD_TROUBLE, name_len + strlen(words));
    put(level->job, name, name_len);
    put(level->job, words, strlen(words));
    level->told = true;
}

/* What is wrong: where an archive's bytes did not come, the archive that it is in has the words. */
static const char *words_of(const struct level *level)
{
    for (; level->source->failed; level = level->outer) {
        const struct inflater *inflater = level->source->inflater;
        if (inflater && inflater_words(inflater))
            return inflater_words(inflater);
    }
    return la->error_string(level->archive);
}

static bool is_unwanted(const struct level *level)
{
    return atomic_load(&level->job->shared->unwanted) >= *level->index;
}

/* --------------------------------------------------------------- what goes in */

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
        progress(s->job);
    }
    return (la_ssize_t)len;
}

static la_ssize_t read_ring(struct source *s, const void **data)
{
    size_t len;
    mm_ring_consume(s->job->in, s->lent);
    mm_ring_await_data(s->job->in, 1, -1);
    *data = mm_ring_data(s->job->in, &len);
    s->lent = len;
    progress(s->job);
    return (la_ssize_t)len;
}

/* The next block of a member; 0 at its end, below 0 for trouble. */
static int next_block(struct member *m)
{
    if (m->ended)
        return 0;
    int result = la->read_data_block(m->archive, &m->block, &m->block_len, &m->block_at);
    if (result == ARCHIVE_EOF) {
        m->ended = true;
        return 0;
    }
    return result < ARCHIVE_WARN ? -1 : 1;
}

/* Look at the first bytes of a member, as many as tell what it is.  Returns false for trouble. */
static bool look(struct member *m, size_t want)
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

/* The next run of a member's bytes, behind a hole maybe.  Returns 0 at the end, -1 for trouble. */
static int next_run(struct member *m, const void **data, size_t *len, uint64_t *hole)
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
        result = next_run(s->member, data, &len, &hole);
    while (result > 0 && len == 0 && hole == 0);
    s->failed = result < 0;
    if (result <= 0)
        return result < 0 ? ARCHIVE_FATAL : 0;
    if (hole > 0)
        return ARCHIVE_FATAL; /* no archive has holes */
    progress(s->job);
    return (la_ssize_t)len;
}

static ssize_t read_bytes(void *context, const void **data)
{
    struct source *source = context;
    if (source->member)
        return read_member(source, data);
    return source->map ? read_map(source, data) : read_ring(source, data);
}

static la_ssize_t read_source(struct archive *archive, void *context, const void **data)
{
    struct source *source = context;
    size_t len = 0;
    (void)archive;
    if (!source->inflater)
        return read_bytes(source, data);
    int result = inflater_next(source->inflater, data, &len);
    source->failed = result < 0;
    return result < 0 ? ARCHIVE_FATAL : (la_ssize_t)len;
}

static la_int64_t skip_source(struct archive *archive, void *context, la_int64_t request)
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

static la_int64_t seek_source(struct archive *archive, void *context, la_int64_t offset, int whence)
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

/* ------------------------------------------------------------------- members */

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

/* What has no type is a file: ar has no other. */
static mode_t mode_of(struct archive_entry *entry)
{
    mode_t mode = la->entry_mode(entry);
    return mode & S_IFMT ? mode : mode | S_IFREG;
}

static void put_member(const struct level *level, struct archive_entry *entry, const char *name,
                       size_t name_len, unsigned flags)
{
    const char *hard = la->entry_hardlink(entry);
    const char *link = hard ? hard : la->entry_symlink(entry);
    size_t link_len = link ? strlen(link) : 0;
    if (link_len > RECORD_NAME_MAX)
        link_len = 0;
    struct record_member member = {
        .mode = mode_of(entry),
        .flags = flags | (hard ? MEMBER_HARD_LINK : 0) |
                 (la->entry_is_encrypted(entry) > 0 ? MEMBER_ENCRYPTED : 0) |
                 (la->entry_size_is_set(entry) ? MEMBER_SIZED : 0),
        .name_len = (uint32_t)name_len,
        .link_len = (uint32_t)link_len,
        .size = (uint64_t)la->entry_size(entry),
        .seconds = la->entry_mtime(entry),
        .nanoseconds = (uint32_t)la->entry_mtime_nsec(entry),
    };
    put_record(level, RECORD_MEMBER, sizeof member + name_len + link_len);
    put(level->job, &member, sizeof member);
    put(level->job, name, name_len);
    put(level->job, link, link_len);
}

/* Returns false for trouble, which was told. */
static bool put_content(struct level *level, struct archive_entry *entry, struct member *m,
                        const char *name)
{
    const void *data;
    size_t len = 0;
    uint64_t hole;
    int result = 1;
    while (!is_unwanted(level) && (result = next_run(m, &data, &len, &hole)) != 0) {
        if (result < 0) {
            put_trouble(level, name, words_of(level));
            return false;
        }
        if (hole > 0)
            put_record(level, RECORD_HOLE, hole);
        if (len > 0) {
            put_record(level, RECORD_DATA, len);
            put(level->job, data, len);
        }
        progress(level->job);
    }
    int64_t size = la->entry_size(entry); /* no block comes behind a hole at the end */
    if (result == 0 && la->entry_sparse_count(entry) > 0 && size > m->at)
        put_record(level, RECORD_HOLE, (uint64_t)(size - m->at));
    return true;
}

/* What comes of a filter alone: it is no member of anything. */
static bool is_raw(const struct level *level)
{
    return (la->format(level->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_RAW;
}

/* A regular file that may be an archive itself; `rest` of what is wanted would be in that. */
static void decode_member(struct level *level, struct archive_entry *entry, const char *name,
                          size_t len, const char *rest, unsigned flags)
{
    struct member m = {.archive = level->archive};
    size_t want = level->job->all ? RECOGNISE_ALL : RECOGNISE_BASIC;
    bool raw = is_raw(level), encrypted = la->entry_is_encrypted(entry) > 0;
    bool further = (raw || level->depth > 1) && !la->entry_hardlink(entry) && !encrypted;
    bool lost = further && !look(&m, want);
    enum recognised what = further && !lost ? recognise(m.begin, m.begun, level->job->all) : PLAIN;
    if (what == ARCHIVE || (what != PLAIN && !raw)) {
        struct source source = {.job = level->job, .member = &m};
        struct level inner = *level;
        inner.outer = level;
        inner.name = name;
        inner.select = rest;
        inner.depth -= !raw; /* a compressed archive is one */
        inner.told = false;
        decode_level(&inner, &source, what);
    } else if (!rest) {
        ++*level->index;
        put_member(level, entry, name, len, flags);
        bool good = encrypted || put_content(level, entry, &m, name);
        if (lost && good)
            put_trouble(level, name, words_of(level));
        put_record(level, RECORD_MEMBER_END, 0);
    } else if (lost) {
        put_trouble(level, name, words_of(level));
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
    bool ar = (la->format(level->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_AR;
    const char *own = la->entry_pathname(entry), *rest;
    size_t len = own ? plain_name(&own) : 0, above = strlen(level->name);
    if (!own || len == 0 || above + 1 + len > RECORD_NAME_MAX) {
        if (!ar && !(own && S_ISDIR(la->entry_mode(entry)))) /* ar keeps an index under no name */
            put_trouble(level, level->name, "a member without a usable name");
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
    if (S_ISREG(mode_of(entry))) {
        decode_member(level, entry, name, name_len, rest, 0);
    } else if (!rest) {
        ++*level->index;
        put_member(level, entry, name, name_len, 0);
        put_record(level, RECORD_MEMBER_END, 0);
    }
    free(name);
}

/* ------------------------------------------------------------------ archives */

typedef int support(struct archive *archive);

/*
 * A filter that libarchive was built without it leaves to a program, which it says by a warning:
 * such a one is not taken.
 */
static void take_filters(struct archive *archive)
{
    support *const filters[] = {
        la->read_support_filter_gzip,     la->read_support_filter_bzip2,
        la->read_support_filter_xz,       la->read_support_filter_zstd,
        la->read_support_filter_lz4,      la->read_support_filter_lzip,
        la->read_support_filter_compress,
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct archive *trial = la->read_new();
        if (trial && filters[i](trial) == ARCHIVE_OK)
            filters[i](archive);
        la->read_free(trial);
    }
    la->read_support_format_raw(archive);
    la->read_support_format_empty(archive);
}

static void take_formats(struct archive *archive, bool all)
{
    support *const formats[] = {
        la->read_support_format_tar, la->read_support_format_cpio, la->read_support_format_ar,
        la->read_support_format_zip, la->read_support_format_7zip, la->read_support_format_iso9660,
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
    put_record(level, RECORD_MEMBER, sizeof member + member.name_len);
    put(level->job, &member, sizeof member);
    put(level->job, level->name, member.name_len);
    put_record(level, RECORD_MEMBER_END, 0);
}

static void decode_level(struct level *level, struct source *source, enum recognised what)
{
    struct archive_entry *entry;
    struct archive *archive = level->archive = la->read_new();
    level->source = source;
    if (!archive) {
        put_trouble(level, level->name, "memory exhausted");
        return;
    }
    if (what == GZIP)
        source->inflater = inflater_new(read_bytes, source);
    if (what != ARCHIVE)
        take_filters(archive);
    else
        take_formats(archive, level->job->all);
    la->read_set_read_callback(archive, read_source);
    la->read_set_skip_callback(archive, skip_source);
    if (source->map && !source->inflater)
        la->read_set_seek_callback(archive, seek_source);
    la->read_set_callback_data(archive, source);
    int result = la->read_open1(archive);
    if (result < ARCHIVE_WARN)
        put_trouble(level, level->name, words_of(level));
    bool any = false;
    for (int failures = 0; result >= ARCHIVE_WARN && failures < FAILURES;) {
        int header = la->read_next_header(archive, &entry);
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
            put_trouble(level, level->name, words_of(level));
        failures = header == ARCHIVE_FATAL ? FAILURES : failures + 1;
    }
    if (!any && (la->format(archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_EMPTY)
        decode_empty(level);
    la->read_free(archive);
    inflater_free(source->inflater);
}

/* ---------------------------------------------------------------- the process */

static struct shared *watched;

/* Each second that the processor worked.  What waits for its parent does not work. */
static void watch(int signal)
{
    static uint64_t before;
    static int still;
    uint64_t now = atomic_load_explicit(&watched->progress, memory_order_relaxed);
    (void)signal;
    still = now == before ? still + 1 : 0;
    before = now;
    if (still >= LOOKS)
        _exit(EXIT_STUCK);
}

/*
 * Names become text in UTF-8, and are otherwise left as they are, whatever the locale of the
 * parent is; times of a zip are local.  Both open files when they are first needed: now.
 */
static void open_files(void)
{
    wchar_t wide[8];
    char narrow[16];
    if (!setlocale(LC_ALL, "C.UTF-8"))
        setlocale(LC_ALL, "C");
    if (mbstowcs(wide, "\u00e4", 8) != (size_t)-1)
        wcstombs(narrow, wide, sizeof narrow);
    setenv("TZ", ":/etc/localtime", 0);
    tzset();
    time_t epoch = 0;
    struct tm tm;
    localtime_r(&epoch, &tm);
    mktime(&tm);
}

/* What comes behind an archive's end is taken too, so that whoever sends it can go on. */
static void drain(const struct job *job, struct source *source)
{
    const void *data;
    while (read_ring(source, &data) > 0)
        progress(job);
}

bool decode_prepare(void)
{
    la = functions_load();
    inflate_prepare();
    return la;
}

_Noreturn void decode(const struct job *job)
{
    static const struct itimerval second = {{1, 0}, {1, 0}};
    struct sigaction action = {.sa_handler = watch, .sa_flags = SA_RESTART};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != job->parent)
        _exit(0);
    signal(SIGBUS, SIG_DFL); /* it is the parent who finds out why */
    signal(SIGSYS, SIG_DFL);
    open_files();
    limit_memory();
    watched = job->shared;
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &second, NULL);
    if (job->sandbox && sandbox_enter() != 0)
        _exit(EXIT_NO_SANDBOX);

    uint32_t index = 0;
    struct source source = {.job = job, .map = job->map};
    struct level level = {
        .job = job, .name = "", .select = job->select, .depth = job->depth, .index = &index};
    decode_level(&level, &source, job->what);
    put_record(&level, RECORD_END, 0);
    mm_ring_finish(job->out);
    if (!job->map)
        drain(job, &source);
    _exit(0);
}
