/* SPDX-License-Identifier: MIT */
/* What is said of files. */
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/message.h"
#include "common/stream.h"
#include "mcache/file.h"
#include "mcache/format.h"
#include "mcache/json.h"
#include "mcache/options.h"
#include "mcache/picture.h"
#include "mcache/show.h"
#include "mcache/top.h"

#define COLUMNS 60
#define BESIDE  52 /* columns for the numbers, and for a name of modest length */

static const char foreign[] = "the kernel tells only its owner and who may write it";

struct show {
    const struct options *options;
    struct stream *out;
    struct json_files *json;
    struct top *top; /* NULL: nothing is held back */
    bool ascii;
    size_t columns;    /* of pictures; 0: there are none */
    bool headed;       /* the heading was put */
    struct file total; /* of all files */
    uint64_t files, unknown;
    char *folder; /* --by=dir: the sums are of this one */
    struct file sums;
};

size_t show_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS;
    size_t columns = size.ws_col;
    columns = columns > BESIDE + 8 ? columns - BESIDE : 8;
    return columns < COLUMNS ? columns : COLUMNS;
}

/* In units of 1024 to the power `unit`, rounded to the nearest. */
static uint64_t in_units(unsigned __int128 bytes, unsigned unit)
{
    return unit > 0 ? (uint64_t)(((bytes >> (10 * unit - 1)) + 1) >> 1) : (uint64_t)bytes;
}

const char *size_text(char text[16], uint64_t bytes)
{
    static const char units[] = "KMGTPE";
    unsigned unit = 0;
    while (unit < 6 && in_units(bytes, unit) >= 1024)
        unit++;
    unsigned tenths = (unsigned)in_units((unsigned __int128)bytes * 10, unit);
    if (unit == 0)
        snprintf(text, 16, "%u", (unsigned)bytes);
    else if (tenths < 100)
        snprintf(text, 16, "%u.%u%c", tenths / 10, tenths % 10, units[unit - 1]);
    else
        snprintf(text, 16, "%u%c", (unsigned)in_units(bytes, unit), units[unit - 1]);
    return text;
}

struct show *show_new(const struct options *options, struct stream *out)
{
    struct show *show = xmalloc(sizeof *show);
    *show = (struct show){
        .options = options,
        .out = out,
        .columns = options->summarize || options->by_directory ? 0 : options->columns,
        .ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
        .json = options->json ? json_files_new(out) : NULL,
        .top = options->top > 0 ? top_new(options->top) : NULL,
    };
    return show;
}

static void put_text(struct stream *out, const char *text)
{
    stream_put(out, text, strlen(text));
}

/* Never 100 for less than all, nor 0 for more than nothing. */
static const char *per_cent(char text[8], const struct mm_resident *now)
{
    uint64_t part = now->pages ? (uint64_t)((unsigned __int128)now->cached * 100 / now->pages) : 0;
    if (now->cached > 0 && part == 0)
        return strcpy(text, "<1");
    snprintf(text, 8, "%u", (unsigned)part);
    return text;
}

static void put_blanks(struct stream *out, size_t count)
{
    while (count-- > 0)
        stream_byte(out, ' ');
}

static void head(struct show *show)
{
    if (show->headed || show->options->bare)
        return;
    show->headed = true;
    char line[128];
    int len = snprintf(line, sizeof line, "%9s %9s %6s %6s %3s ", "RESIDENT", "PAGES", "BYTES",
                       "SIZE", "%");
    stream_put(show->out, line, (size_t)len);
    if (show->columns > 0) {
        /* As wide as the picture with its brackets, or as the word. */
        put_text(show->out, "WHERE ");
        put_blanks(show->out, show->columns > 3 ? show->columns - 3 : 0);
    }
    put_text(show->out, "FILE\n");
}

static void put_numbers(struct show *show, const struct file *file)
{
    const struct mm_resident *now = &file->now;
    char line[128], size[16], bytes[16], part[8];
    int len;
    size_text(size, file->size);
    if (file->unknown)
        len = snprintf(line, sizeof line, "%9s %9ju %6s %6s %3s ", "unknown", (uintmax_t)now->pages,
                       "?", size, "?");
    else
        len = snprintf(line, sizeof line, "%9ju %9ju %6s %6s %3s ", (uintmax_t)now->cached,
                       (uintmax_t)now->pages, size_text(bytes, now->cached * mm_page_size()), size,
                       per_cent(part, now));
    stream_put(show->out, line, (size_t)len);
}

/* " (12 dirty, 3 under writeback, 40 evicted)" and what else there is to say. */
static void put_notes(struct show *show, const struct file *file, const char *note)
{
    const struct mm_resident *now = &file->now;
    const struct {
        uint64_t count;
        const char *what;
    } counts[] = {
        {now->dirty, "dirty"}, {now->writeback, "under writeback"}, {now->evicted, "evicted"}};
    bool any = false;
    for (size_t i = 0; now->detailed && i < sizeof counts / sizeof *counts; i++) {
        char text[64];
        if (counts[i].count == 0)
            continue;
        snprintf(text, sizeof text, "%s%ju %s", any ? ", " : " (", (uintmax_t)counts[i].count,
                 counts[i].what);
        put_text(show->out, text);
        any = true;
    }
    if (any)
        stream_byte(show->out, ')');
    if (note) {
        put_text(show->out, ": ");
        put_text(show->out, note);
    }
}

static void put_line(struct show *show, const struct file *file, const char *note)
{
    head(show);
    put_numbers(show, file);
    if (show->columns > 0 && file->levels) {
        stream_byte(show->out, '[');
        picture_put(show->out, file->levels, file->columns, show->ascii);
        put_text(show->out, "] ");
    } else if (show->columns > 0) {
        put_blanks(show->out, show->columns + 3);
    }
    put_text(show->out, quote_controls(file->name));
    put_notes(show, file, note);
    stream_byte(show->out, '\n');
}

static void put(struct show *show, const struct file *file, const char *note)
{
    if (show->json)
        json_files_put(show->json, file);
    else if (show->options->format)
        format_put(show->out, show->options->format, file);
    else
        put_line(show, file, note);
}

static void put_or_hold(struct show *show, const struct file *file, const char *note)
{
    if (show->top)
        top_add(show->top, file, note);
    else
        put(show, file, note);
}

static void add(struct file *sum, const struct file *file)
{
    sum->size += file->size;
    if (file->unknown)
        return;
    sum->now.pages += file->now.pages;
    sum->now.cached += file->now.cached;
    sum->now.dirty += file->now.dirty;
    sum->now.writeback += file->now.writeback;
    sum->now.evicted += file->now.evicted;
    sum->now.detailed |= file->now.detailed;
}

/* The directory that a name is in, as long as it is; "." for none. */
static const char *folder_of(const char *name, size_t *len)
{
    const char *slash = strrchr(name, '/');
    *len = !slash ? 1 : slash == name ? 1 : (size_t)(slash - name);
    return slash ? name : ".";
}

/* Some files' counts are missing from a sum. */
static const char *unknown_note(char text[64], uint64_t unknown)
{
    snprintf(text, 64, "%ju unknown, not counted", (uintmax_t)unknown);
    return unknown > 0 ? text : NULL;
}

static void end_folder(struct show *show)
{
    char text[64];
    if (!show->folder)
        return;
    show->sums.name = show->folder;
    put_or_hold(show, &show->sums, unknown_note(text, (uint64_t)show->sums.run_count));
    free(show->folder);
    show->folder = NULL;
}

/* The files of a directory come one after the other. */
static void add_to_folder(struct show *show, const struct file *file)
{
    size_t len;
    const char *folder = folder_of(file->name, &len);
    if (!show->folder || strlen(show->folder) != len || memcmp(show->folder, folder, len) != 0) {
        end_folder(show);
        show->folder = xmalloc(len + 1);
        memcpy(show->folder, folder, len);
        show->folder[len] = '\0';
        show->sums = (struct file){0};
    }
    add(&show->sums, file);
    show->sums.run_count += file->unknown; /* a sum has no runs */
}

void show_file(struct show *show, const struct file *file, const char *note)
{
    const struct options *options = show->options;
    show->files++;
    show->unknown += file->unknown;
    add(&show->total, file);
    if (options->summarize)
        return;
    if (!note && file->unknown)
        note = foreign;
    if (options->by_directory)
        add_to_folder(show, file);
    else
        put_or_hold(show, file, note);
}

static void put_held(void *context, const struct file *file, const char *note)
{
    put(context, file, note);
}

static void put_total(struct show *show)
{
    char name[64], text[64];
    snprintf(name, sizeof name, "total of %ju file%s", (uintmax_t)show->files,
             show->files == 1 ? "" : "s");
    show->total.name = name;
    /* Where nothing is known, the total is not. */
    show->total.unknown = show->unknown > 0 && show->unknown == show->files;
    put_line(show, &show->total, unknown_note(text, show->unknown));
}

void show_end(struct show *show)
{
    const struct options *options = show->options;
    end_folder(show);
    if (show->top)
        top_end(show->top, put_held, show);
    if (options->summarize && (show->json || options->format)) {
        show->total.name = "total";
        show->total.unknown = show->unknown > 0 && show->unknown == show->files;
        put(show, &show->total, NULL);
    } else if (!show->json && !options->format && (options->summarize || show->files > 1)) {
        put_total(show);
    }
    show->total = (struct file){0};
    show->files = show->unknown = 0;
    show->headed = false;
}

void show_free(struct show *show)
{
    json_files_free(show->json);
    top_free(show->top);
    free(show->folder);
    free(show);
}
