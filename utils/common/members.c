/* SPDX-License-Identifier: MIT */
/* Operands to inputs, where an archive is a directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/members.h"
#include "common/message.h"

struct members {
    struct decoder *decoder;
    struct input archive; /* the file */
    char *called;
    const char *select; /* the part of the operand behind the file's name; NULL: none */
    const char *(*quoted)(const char *name);
    char *name; /* of the member */
    bool content, asked, found, trouble;
};

/* "a/b.tar/c/d" to "a/b.tar" and "c/d", where b.tar is a file.  Returns false where nothing is. */
static bool split(const char *operand, char **archive, const char **select)
{
    char *path = xstrdup(operand);
    size_t len = strlen(path);
    while (len > 0) {
        while (len > 0 && path[len - 1] != '/')
            len--;
        const char *rest = operand + len;
        while (len > 0 && path[len - 1] == '/')
            len--;
        path[len] = '\0';
        struct stat st;
        if (len > 0 && stat(path, &st) == 0) {
            if (!S_ISREG(st.st_mode) || !*rest)
                break;
            *archive = path;
            *select = rest;
            return true;
        }
    }
    free(path);
    return false;
}

static enum recognised look(const struct archives *archives, struct mm_scan *scan)
{
    struct mm_view view;
    size_t want = archives->all ? RECOGNISE_ALL : RECOGNISE_BASIC;
    if (mm_scan_more(scan, want, &view) != 0)
        return PLAIN;
    return recognise(view.data, view.len, archives->all);
}

static void forget(struct members *m)
{
    if (m->archive.fd >= 0)
        input_close(&m->archive, m->archive.standard ? mm_scan_size(m->archive.scan) : 0);
    free(m->called);
    free(m->name);
    free(m);
}

/* What the archive is called: the operand's name, without what is behind the archive's. */
static char *called(const char *name, const char *operand, const char *archive)
{
    char *made = xstrdup(name);
    if (archive)
        made[strlen(name) - (strlen(operand) - strlen(archive))] = '\0';
    return made;
}

/* Decode what the scan shows.  Returns 0 or -errno. */
static int begin(const struct archives *archives, struct members *m, struct mm_scan *scan,
                 enum recognised what_it_is)
{
    bool mapped = mm_scan_mapped(scan);
    struct decoder_what what = {
        .fd = m->archive.fd,
        .start = mm_scan_offset(scan),
        .stream = mapped ? NULL : scan,
        .select = m->select,
        .what = what_it_is,
        .depth = archives->depth,
        .all = archives->all,
        .sandbox = archives->sandbox,
    };
    int error = decoder_begin(&what, &m->decoder);
    if (!error && mapped && m->archive.standard) /* the peer would have read it to its end */
        lseek(m->archive.fd, (off_t)mm_scan_size(scan), SEEK_SET);
    mm_scan_close(scan);
    return error;
}

int members_open(const struct archives *archives, const char *operand, const char *name,
                 struct mm_scan *scan, const char *(*quoted)(const char *name), struct input *input,
                 struct members **members)
{
    struct input file;
    char *archive = NULL;
    const char *select = NULL;
    int error = input_open(&file, operand, scan);
    if (archives->on && (error == -ENOENT || error == -ENOTDIR) &&
        split(operand, &archive, &select))
        error = input_open(&file, archive, scan);
    enum recognised what = !error && archives->on ? look(archives, scan) : PLAIN;
    if (!error && select && what == PLAIN) {
        input_close(&file, 0);
        error = -ENOTDIR;
    }
    if (error || what == PLAIN) {
        free(archive);
        if (error)
            return error;
        *input = file;
        *members = NULL;
        return 0;
    }
    struct members *m = xmalloc(sizeof *m);
    *m = (struct members){.archive = file,
                          .called = called(name ? name : operand, operand, archive),
                          .select = select,
                          .quoted = quoted};
    free(archive);
    error = begin(archives, m, scan, what);
    m->archive.standard = false; /* it was left where it is to be */
    if (m->archive.fd == STDIN_FILENO)
        m->archive.fd = -1;
    if (error) {
        forget(m);
        return error;
    }
    *members = m;
    return 0;
}

/* "ARCHIVE/MEMBER", or "ARCHIVE" for its content.  Lives until the next one. */
static const char *whole_name(struct members *m, const char *name)
{
    size_t len = strlen(m->called), own = strlen(name);
    m->name = xrealloc(m->name, len + 1 + own + 1);
    char *to = stpcpy(m->name, m->called);
    if (own > 0)
        to = stpcpy(to, "/");
    strcpy(to, name);
    return m->name;
}

static void say(struct members *m, const char *name, const char *words)
{
    m->trouble = true;
    if (m->quoted)
        message("%s: %s", m->quoted(whole_name(m, name)), words);
}

const char *members_any(struct members *m, struct decoder_member *member)
{
    int result;
    m->asked = true;
    while ((result = decoder_next(m->decoder, member)) != 0) {
        m->found = true;
        if (result > 0) {
            m->content = member->content;
            return whole_name(m, member->name);
        }
        struct decoder_trouble trouble = decoder_trouble(m->decoder);
        say(m, trouble.name, trouble.words);
    }
    return NULL;
}

bool members_input(struct members *m, const struct decoder_member *member, struct input *input)
{
    if (member->encrypted) {
        say(m, member->name, "encrypted, skipped");
        return false;
    }
    /* A link of tar holds nothing, one of cpio may hold it all. */
    bool holds = !member->hard_link || (member->sized && member->size > 0);
    if (!S_ISREG(member->mode) || !holds)
        return false;
    *input = (struct input){.operand = m->name, .fd = -1, .scan = m->archive.scan, .members = m};
    mm_scan_feed(input->scan, decoder_read, m->decoder);
    return true;
}

bool members_next(struct members *m, struct input *input)
{
    struct decoder_member member;
    while (members_any(m, &member))
        if (members_input(m, &member, input))
            return true;
    return false;
}

bool members_content(const struct members *m)
{
    return m->content;
}

const char *members_member(const struct members *m)
{
    size_t len = strlen(m->called);
    return m->name[len] ? m->name + len + 1 : m->name + len;
}

bool members_exact(const struct members *m)
{
    return m->content || (m->select && strcmp(members_member(m), m->select) == 0);
}

struct decoder *members_decoder(struct members *m)
{
    return m->decoder;
}

bool members_lack(struct members *m)
{
    bool lack = m->asked && !m->found && m->select;
    if (lack)
        m->quoted = NULL;
    return lack;
}

const char *members_words(struct members *m)
{
    m->trouble = true;
    return decoder_trouble(m->decoder).words;
}

bool members_close(struct members *m)
{
    if (m->asked && !m->found && m->select)
        say(m, m->select, strerror(ENOENT));
    bool good = !m->trouble;
    decoder_end(m->decoder);
    mm_scan_close(m->archive.scan);
    forget(m);
    return good;
}
