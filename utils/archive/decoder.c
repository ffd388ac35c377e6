/* SPDX-License-Identifier: MIT */
/* The parent of a process that decodes: it believes nothing, and checks the file. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive/decode.h"
#include "archive/decoder.h"
#include "archive/pump.h"
#include "archive/record.h"

#define RING ((size_t)1 << 20)

struct decoder {
    struct job job;
    struct mm_map *shared_map;
    pid_t pid; /* 0: it has ended, and said so or was heard */
    int pidfd;
    int fd;        /* of the file, -1: a stream */
    uint64_t size; /* that it had */
    char *text;    /* of what is told of the member */
    uint32_t index;
    bool in_member, over;
    uint64_t left; /* bytes that follow of the record */
    bool hole;     /* they are zeroes, and do not follow */
    char *trouble_name;
    char words[512];
};

/* --------------------------------------------------------------------- begin */

static void forget(struct decoder *d)
{
    if (d->pidfd >= 0)
        close(d->pidfd);
    mm_map_close(d->job.map);
    mm_map_close(d->shared_map);
    mm_ring_free(d->job.in);
    mm_ring_free(d->job.out);
    free(d->text);
    free(d->trouble_name);
    free(d);
}

/* What the two processes share.  Returns 0 or -errno. */
static int make_shared(struct decoder *d, const struct decoder_what *what)
{
    struct stat st;
    int error = mm_map_anonymous(sizeof(struct shared), MM_MAP_SHARED, &d->shared_map);
    if (!error)
        error = mm_ring_new(RING, &d->job.out);
    if (!error && what->stream)
        return mm_ring_new(RING, &d->job.in);
    if (error)
        return error;
    d->fd = what->fd;
    if (fstat(what->fd, &st) != 0)
        return -errno;
    d->size = (uint64_t)st.st_size;
    if (d->size <= what->start)
        return -ESTALE;
    if (d->size - what->start > PTRDIFF_MAX)
        return -ENOMEM;
    error = mm_map_file(what->fd, what->start, (size_t)(d->size - what->start), 0, &d->job.map);
    if (!error)
        mm_map_advise(d->job.map, 0, mm_map_len(d->job.map), MM_ADVICE_SEQUENTIAL);
    return error;
}

int decoder_begin(const struct decoder_what *what, struct decoder **decoder)
{
    if (!decode_prepare())
        return -ELIBACC;
    struct decoder *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->pidfd = d->fd = -1;
    int error = make_shared(d, what);
    if (error) {
        forget(d);
        return error;
    }
    d->job.shared = (struct shared *)(void *)mm_map_data(d->shared_map);
    d->job.select = what->select;
    d->job.what = what->what;
    d->job.depth = what->depth;
    d->job.all = what->all;
    d->job.sandbox = what->sandbox;
    d->job.parent = getpid();
    signal(SIGCHLD, SIG_DFL); /* ignored, it would take the status away */
    d->pid = fork();
    if (d->pid < 0) {
        error = -errno;
        forget(d);
        return error;
    }
    if (d->pid == 0 && what->stream)
        pump(&d->job, what->stream);
    if (d->pid == 0)
        decode(&d->job);
    /* Without it, nobody would see the process die. */
    d->pidfd = (int)syscall(SYS_pidfd_open, d->pid, 0);
    if (d->pidfd < 0) {
        error = -errno;
        decoder_end(d);
        return error;
    }
    *decoder = d;
    return 0;
}

/* -------------------------------------------------------------------- trouble */

static int set_trouble(struct decoder *d, char *name, const char *words)
{
    free(d->trouble_name);
    d->trouble_name = name;
    snprintf(d->words, sizeof d->words, "%s", words);
    return -EBADMSG;
}

/* Is the file as long as it was?  If not, what was decoded since may be of zeroes. */
static bool is_whole(struct decoder *d)
{
    struct stat st = {0};
    if (d->fd < 0 || (fstat(d->fd, &st) == 0 && (uint64_t)st.st_size >= d->size))
        return true;
    free(d->trouble_name);
    d->trouble_name = NULL;
    snprintf(d->words, sizeof d->words, "%s, at byte %" PRIu64, mm_strerror(-ESTALE),
             (uint64_t)st.st_size);
    return false;
}

static void end_process(struct decoder *d)
{
    if (d->pid > 0) {
        kill(d->pid, SIGKILL);
        waitpid(d->pid, NULL, 0);
    }
    d->pid = 0;
    d->over = true;
}

/* The process is not to be heard any more. */
static int give_up(struct decoder *d, const char *words)
{
    end_process(d);
    return is_whole(d) ? set_trouble(d, NULL, words) : -EBADMSG;
}

/* It ended without a last word: why? */
static int died(struct decoder *d)
{
    int status = 0;
    waitpid(d->pid, &status, 0);
    d->pid = 0;
    d->over = true;
    if (!is_whole(d))
        return -EBADMSG;
    int code = pump_status(status), signal = code - BY_SIGNAL;
    char words[200];
    if (code == EXIT_STUCK)
        return set_trouble(d, NULL, "the decoder made no progress");
    if (code == EXIT_NO_SANDBOX)
        return set_trouble(d, NULL, "the decoder could not be kept in a sandbox");
    if (signal == SIGSYS)
        return set_trouble(d, NULL, "the decoder was stopped at a forbidden system call");
    if (signal == SIGBUS && d->fd >= 0)
        return set_trouble(d, NULL, mm_strerror(-EIO));
    if (signal > 0)
        snprintf(words, sizeof words, "the decoder was ended by signal %d (%s)", signal,
                 strsignal(signal));
    else
        snprintf(words, sizeof words, "the decoder ended early, with status %d", code);
    return set_trouble(d, NULL, words);
}

/* -------------------------------------------------------------------- records */

/* Wait for so many bytes.  Returns 0 or -EBADMSG. */
static int await(struct decoder *d, size_t want)
{
    int error = d->over ? -EPIPE : mm_ring_await_data(d->job.out, want, d->pidfd);
    if (error == -ESRCH)
        return died(d);
    return error ? give_up(d, "the decoder broke off") : 0;
}

/* Take so many bytes into `to`.  Returns 0 or -EBADMSG. */
static int take(struct decoder *d, void *to, size_t len)
{
    size_t there;
    int error = await(d, len);
    if (error)
        return error;
    memcpy(to, mm_ring_data(d->job.out, &there), len);
    mm_ring_consume(d->job.out, len);
    return 0;
}

static char *take_text(struct decoder *d, size_t len)
{
    char *text = malloc(len + 1);
    if (!text || take(d, text, len) != 0) {
        free(text);
        return NULL;
    }
    text[len] = '\0';
    return text;
}

static int take_trouble(struct decoder *d, uint64_t len)
{
    char *text = len <= 2 * (uint64_t)RECORD_NAME_MAX ? take_text(d, (size_t)len) : NULL;
    if (!text)
        return d->over ? -EBADMSG : give_up(d, "the decoder broke off");
    size_t name = strlen(text);
    return set_trouble(d, text, name < len ? text + name + 1 : "damaged archive");
}

static int take_member(struct decoder *d, const struct record *record,
                       struct decoder_member *member)
{
    struct record_member told;
    if (record->len < sizeof told || record->index != d->index + 1)
        return give_up(d, "the decoder broke off");
    int error = take(d, &told, sizeof told);
    if (error)
        return error;
    if (told.name_len > RECORD_NAME_MAX || told.link_len > RECORD_NAME_MAX ||
        record->len != sizeof told + told.name_len + told.link_len ||
        told.nanoseconds >= 1000000000)
        return give_up(d, "the decoder broke off");
    free(d->text);
    d->text = take_text(d, (size_t)told.name_len + told.link_len);
    if (!d->text)
        return d->over ? -EBADMSG : give_up(d, "memory exhausted");
    /* Two strings of one text: the name's end is the link's begin, and both are cut at a NUL. */
    char *both = malloc((size_t)told.name_len + told.link_len + 2);
    if (!both)
        return give_up(d, "memory exhausted");
    memcpy(both, d->text, told.name_len);
    both[told.name_len] = '\0';
    memcpy(both + told.name_len + 1, d->text + told.name_len, told.link_len);
    both[told.name_len + 1 + told.link_len] = '\0';
    free(d->text);
    d->text = both;
    *member = (struct decoder_member){
        .name = both,
        .link = both + told.name_len + 1,
        .mode = told.mode,
        .content = told.flags & MEMBER_CONTENT,
        .hard_link = told.flags & MEMBER_HARD_LINK,
        .absolute = told.flags & MEMBER_ABSOLUTE,
        .sparse = told.flags & MEMBER_SPARSE,
        .encrypted = told.flags & MEMBER_ENCRYPTED,
        .sized = told.flags & MEMBER_SIZED,
        .size = told.size,
        .time = {told.seconds, told.nanoseconds},
        .uid = told.uid,
        .gid = told.gid,
    };
    d->index++;
    d->in_member = true;
    return 1;
}

/* Pass over what follows of a record.  Returns 0 or -EBADMSG. */
static int pass(struct decoder *d)
{
    int error = 0;
    while (d->left > 0 && !d->hole && (error = await(d, 1)) == 0) {
        size_t there;
        mm_ring_data(d->job.out, &there);
        if (there > d->left)
            there = (size_t)d->left;
        mm_ring_consume(d->job.out, there);
        d->left -= there;
    }
    d->left = 0;
    return error;
}

/* The next record.  Returns 0 or -EBADMSG. */
static int next_record(struct decoder *d, struct record *record)
{
    int error = pass(d);
    if (!error)
        error = take(d, record, sizeof *record);
    if (error)
        return error;
    bool content = record->kind == RECORD_DATA || record->kind == RECORD_HOLE;
    bool ends = content || record->kind == RECORD_MEMBER_END;
    bool known = record->kind >= RECORD_MEMBER && record->kind <= RECORD_END;
    if (!known || (record->kind != RECORD_TROUBLE && ends != d->in_member))
        return give_up(d, "the decoder broke off");
    d->hole = record->kind == RECORD_HOLE;
    d->left = content ? record->len : 0;
    return 0;
}

int decoder_next(struct decoder *d, struct decoder_member *member)
{
    struct record record;
    atomic_store(&d->job.shared->unwanted, d->index);
    for (;;) {
        if (d->over)
            return 0;
        int error = next_record(d, &record);
        if (error)
            return error;
        switch (record.kind) {
        case RECORD_MEMBER:
            return take_member(d, &record, member);
        case RECORD_MEMBER_END:
            d->in_member = false;
            break;
        case RECORD_TROUBLE:
            return take_trouble(d, record.len);
        case RECORD_END:
            if (!is_whole(d)) {
                end_process(d);
                return -EBADMSG;
            }
            d->over = true;
            return 0;
        default:
            break;
        }
    }
}

/* Have more of the member's bytes.  Returns 1, 0 at its end, -EBADMSG. */
static int have_more(struct decoder *d)
{
    struct record record;
    while (d->left == 0) {
        if (!d->in_member)
            return 0;
        int error = next_record(d, &record);
        if (error) {
            d->in_member = false;
            return error;
        }
        if (record.kind == RECORD_TROUBLE)
            return take_trouble(d, record.len);
        if (record.kind == RECORD_MEMBER_END)
            d->in_member = false;
    }
    return 1;
}

int decoder_ahead(struct decoder *d, uint64_t *len, bool *hole)
{
    int result = have_more(d);
    if (result <= 0)
        return result;
    *len = d->left;
    *hole = d->hole;
    if (d->hole)
        d->left = 0;
    return 1;
}

ssize_t decoder_read(void *decoder, void *data, size_t room)
{
    struct decoder *d = decoder;
    int result = have_more(d);
    if (result <= 0)
        return result;
    size_t len = d->left < room ? (size_t)d->left : room, there;
    if (d->hole) {
        memset(data, 0, len);
    } else {
        int error = await(d, 1);
        if (error)
            return error;
        const unsigned char *from = mm_ring_data(d->job.out, &there);
        len = there < len ? there : len;
        memcpy(data, from, len);
        mm_ring_consume(d->job.out, len);
        if (!is_whole(d)) {
            end_process(d);
            return -EBADMSG;
        }
    }
    d->left -= len;
    return (ssize_t)len;
}

struct decoder_trouble decoder_trouble(const struct decoder *d)
{
    return (struct decoder_trouble){d->trouble_name ? d->trouble_name : "", d->words};
}

void decoder_end(struct decoder *d)
{
    if (!d)
        return;
    end_process(d);
    forget(d);
}
