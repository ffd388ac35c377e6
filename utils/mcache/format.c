/* SPDX-License-Identifier: MIT */
/* --format: a line of the user's own shape for each file. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/stream.h"
#include "mcache/file.h"
#include "mcache/format.h"

enum field { NAME, SIZE, PAGES, RESIDENT, PERCENT, DIRTY, WRITEBACK, EVICTED };

static const char *const fields[] = {"{file}",    "{size}",  "{pages}",     "{resident}",
                                     "{percent}", "{dirty}", "{writeback}", "{evicted}"};

#define FIELDS (sizeof fields / sizeof *fields)

/* What follows a backslash, and what it means. */
static const char escapes[] = "nt0\\{", meanings[] = "\n\t\0\\{";

/* Which field begins here; FIELDS: none. */
static size_t field_at(const char *format)
{
    size_t field = 0;
    while (field < FIELDS && strncmp(format, fields[field], strlen(fields[field])) != 0)
        field++;
    return field;
}

const char *format_fault(const char *format)
{
    for (const char *at = format; *at; at++) {
        if (*at == '\\' && (!at[1] || !strchr(escapes, at[1])))
            return at;
        if (*at == '\\')
            at++;
        else if (*at == '{' && field_at(at) == FIELDS)
            return at;
    }
    return NULL;
}

static void put_field(struct stream *out, enum field field, const struct file *file)
{
    const struct mm_resident *now = &file->now;
    const uint64_t part =
        now->pages ? (uint64_t)((unsigned __int128)now->cached * 100 / now->pages) : 0;
    const uint64_t numbers[] = {0,    file->size, now->pages,     now->cached,
                                part, now->dirty, now->writeback, now->evicted};
    char text[32] = "-";
    if (field == NAME) {
        stream_put(out, file->name, strlen(file->name));
        return;
    }
    bool known = field <= PAGES || (!file->unknown && (field < DIRTY || now->detailed));
    if (known)
        snprintf(text, sizeof text, "%" PRIu64, numbers[field]);
    stream_put(out, text, strlen(text));
}

void format_put(struct stream *out, const char *format, const struct file *file)
{
    for (const char *at = format; *at; at++) {
        if (*at == '\\') {
            at++;
            stream_byte(out, (unsigned char)meanings[strchr(escapes, *at) - escapes]);
        } else if (*at == '{') {
            size_t field = field_at(at);
            put_field(out, (enum field)field, file);
            at += strlen(fields[field]) - 1;
        } else {
            stream_byte(out, (unsigned char)*at);
        }
    }
    stream_byte(out, '\n');
}
