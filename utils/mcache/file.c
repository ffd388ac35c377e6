/* SPDX-License-Identifier: MIT */
/* One file: what it has in memory, loaded and evicted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "common/progress.h"
#include "mcache/file.h"
#include "mcache/options.h"

void file_identify(struct file *file, const struct stat *st)
{
    file->device = st->st_dev;
    file->inode = st->st_ino;
    file->links = st->st_nlink;
    file->size = (uint64_t)st->st_size;
}

/* ------------------------------------------------------------------ picture */

/* The pages that a picture is of, in so many cells, each of at least one page. */
struct canvas {
    int fd;
    uint64_t off; /* of the first page */
    uint64_t pages;
    size_t cells;
    unsigned char *levels;
};

static uint64_t first_page(const struct canvas *canvas, size_t cell)
{
    return (uint64_t)((unsigned __int128)canvas->pages * cell / canvas->cells);
}

/* Full only when all pages are there, empty only when none is. */
static unsigned char level_of(uint64_t cached, uint64_t pages)
{
    if (cached >= pages)
        return LEVEL_FULL;
    if (cached == 0)
        return 0;
    return (unsigned char)(1 + (unsigned __int128)cached * (LEVEL_FULL - 1) / pages);
}

/* Of the cells `begin` to `end` - 1 so many pages are cached: halve what is neither all nor none.
 */
static void paint(const struct canvas *canvas, size_t begin, size_t end, uint64_t cached)
{
    uint64_t from = first_page(canvas, begin), to = first_page(canvas, end);
    unsigned char level = level_of(cached, to - from);
    if (end - begin == 1 || level == 0 || level == LEVEL_FULL) {
        memset(canvas->levels + begin, level, end - begin);
        return;
    }
    size_t middle = begin + (end - begin) / 2, page = mm_page_size();
    struct mm_resident left = {0};
    mm_file_resident(canvas->fd, canvas->off + from * page,
                     (first_page(canvas, middle) - from) * page, &left);
    paint(canvas, begin, middle, left.cached);
    paint(canvas, middle, end, cached > left.cached ? cached - left.cached : 0);
}

static void draw(int fd, uint64_t off, struct file *file)
{
    if (file->unknown || file->now.pages == 0) {
        memset(file->levels, file->unknown ? LEVEL_UNKNOWN : 0, file->columns);
        return;
    }
    size_t cells = file->now.pages < file->columns ? (size_t)file->now.pages : file->columns;
    struct canvas canvas = {fd, off / mm_page_size() * mm_page_size(), file->now.pages, cells,
                            file->levels};
    paint(&canvas, 0, cells, file->now.cached);
    /* A small file's few pages are as wide as a large one's many. */
    for (size_t column = file->columns; cells < file->columns && column-- > 0;)
        file->levels[column] = file->levels[column * cells / file->columns];
}

void file_measure(const struct options *options, int fd, const struct stat *st, struct file *file)
{
    int error = mm_file_resident_known(fd, st, options->off, options->len, &file->now);
    file->unknown = error == -EPERM;
    if (error == -EINVAL) /* the range begins behind the end */
        file->now = (struct mm_resident){.detailed = true};
    else if (error && !file->unknown && !file->error)
        file->error = error;
    if (!error && file->now.pages == 0)
        file->now.detailed = true; /* nothing is never dirty */
    if (file->unknown) {
        uint64_t page = mm_page_size(), begin = options->off / page * page, end = file->size;
        if (options->len > 0 && options->len < end - options->off)
            end = options->off + options->len;
        file->now = (struct mm_resident){.pages = (end - begin + page - 1) / page};
    }
    if (file->levels)
        draw(fd, options->off, file);
}

/* ------------------------------------------------------------- load and evict */

/* More than all memory there is cannot stay in it. */
static bool fits(uint64_t bytes)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    return pages <= 0 || bytes / mm_page_size() < (uint64_t)pages;
}

/*
 * Load bytes `begin` to `end` - 1, a window at a time for the sake of the progress.  Around a
 * window within them is what is loaded in any case.
 */
static int load_between(int fd, uint64_t begin, uint64_t end, uint64_t size)
{
    int error = 0;
    for (uint64_t at = begin; !error && at < end; at += MM_SCAN_WINDOW) {
        uint64_t len = end - at < MM_SCAN_WINDOW ? end - at : MM_SCAN_WINDOW;
        bool inside = (at > begin || begin == 0) && (at + len < end || end == size);
        error = mm_file_load(fd, at, len, inside ? MM_LOAD_AROUND : 0);
        progress_add(len);
    }
    return error == -EINVAL ? -ESTALE : error; /* it ends before the window now */
}

/* Load the pages between those that are in memory. */
static int load_missing(int fd, uint64_t begin, uint64_t end, uint64_t size)
{
    int error = 0;
    while (!error && begin < end) {
        struct mm_run run;
        if (mm_file_resident_run(fd, begin, &run) != 0)
            return load_between(fd, begin, end, size);
        uint64_t until = run.off < end ? run.off : end;
        error = load_between(fd, begin, until, size);
        uint64_t next = run.len > 0 ? run.off + run.len : end;
        progress_add((next < end ? next : end) - until);
        begin = next;
    }
    return error;
}

static int load(const struct options *options, int fd, struct file *file)
{
    uint64_t end = file->size;
    if (options->off >= end)
        return 0;
    if (options->len > 0 && options->len < end - options->off)
        end = options->off + options->len;
    file->oversize = !fits(end - options->off);
    if (file->oversize)
        return 0;
    return options->missing ? load_missing(fd, options->off, end, file->size)
                            : load_between(fd, options->off, end, file->size);
}

static int evict(const struct options *options, int fd)
{
    int error = mm_file_evict(fd, options->off, options->len, options->sync ? MM_EVICT_SYNC : 0);
    return error == -EINVAL ? 0 : error; /* it ends before the range */
}

/* ----------------------------------------------------------------------- all */

static int find_runs(int fd, struct file *file)
{
    size_t room = 0;
    struct mm_run run = {0};
    int error;
    while ((error = mm_file_resident_run(fd, run.off + run.len, &run)) == 0 && run.len > 0) {
        if (file->run_count == room) {
            room = room ? room * 2 : 4;
            file->runs = xrealloc(file->runs, room * sizeof *file->runs);
        }
        file->runs[file->run_count++] = run;
        if (run.off + run.len >= file->size)
            break;
    }
    return error == -EINVAL ? 0 : error; /* it shrank meanwhile */
}

void file_perform(const struct options *options, int fd, const struct stat *st, struct file *file)
{
    switch (options->action) {
    case LOAD:
        file->error = load(options, fd, file);
        break;
    case EVICT:
        file->error = evict(options, fd);
        break;
    case SAVE:
        file->error = find_runs(fd, file);
        file->unknown = file->error == -EPERM;
        file->error = file->unknown ? 0 : file->error;
        return;
    default:
        break;
    }
    file_measure(options, fd, st, file);
}
