/* SPDX-License-Identifier: MIT */
/* A state, read and loaded. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "common/message.h"
#include "common/progress.h"
#include "common/stream.h"
#include "mcache/names.h"
#include "mcache/options.h"
#include "mcache/restore.h"
#include "mcache/save.h"
#include "mcache/show.h"

/* A file of the state, and where it is on the medium. */
struct saved {
    char *path;
    size_t first, count; /* runs */
    dev_t device;
    uint64_t place; /* of the first run in bytes, or the inode's number */
};

struct state {
    uint64_t page;
    uint64_t line; /* that is read */
    bool good;
    struct saved *files;
    size_t count, room;
    struct mm_run *runs;
    size_t run_count, run_room;
};

static void unescape(char *path)
{
    char *to = path;
    for (const char *from = path; *from; to++) {
        if (*from == '\\' && from[1]) {
            *to = from[1] == 'n' ? '\n' : from[1];
            from += 2;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

static bool read_file(struct state *state, char *line)
{
    char *end;
    (void)strtoull(line, &end, 10); /* the size that it had is for people */
    if (end == line || end[0] != ' ' || end[1] != '/')
        return false;
    if (state->count == state->room) {
        state->room = state->room ? state->room * 2 : 64;
        state->files = xrealloc(state->files, state->room * sizeof *state->files);
    }
    unescape(end + 1);
    state->files[state->count++] =
        (struct saved){.path = xstrdup(end + 1), .first = state->run_count};
    return true;
}

static bool read_run(struct state *state, const char *line)
{
    uint64_t first, count, end;
    int len = 0;
    if (sscanf(line, "%" SCNu64 " %" SCNu64 "%n", &first, &count, &len) != 2 || line[len] ||
        state->count == 0 || count == 0 || __builtin_add_overflow(first, count, &end) ||
        end > INT64_MAX / state->page)
        return false;
    struct saved *file = &state->files[state->count - 1];
    struct mm_run run = {first * state->page, count * state->page};
    if (file->count > 0) {
        const struct mm_run *before = &state->runs[state->run_count - 1];
        if (run.off < before->off + before->len)
            return false;
    }
    if (state->run_count == state->run_room) {
        state->run_room = state->run_room ? state->run_room * 2 : 256;
        state->runs = xrealloc(state->runs, state->run_room * sizeof *state->runs);
    }
    state->runs[state->run_count++] = run;
    file->count++;
    return true;
}

static bool read_page(struct state *state, const char *line)
{
    char *end;
    state->page = strtoull(line, &end, 10);
    return end != line && !*end && state->page >= 512 && state->page <= 1 << 30;
}

static bool read_line(void *context, char *line, size_t len)
{
    struct state *state = context;
    state->line++;
    if (strlen(line) != len)
        state->good = false;
    else if (state->line == 1)
        state->good = strcmp(line, STATE_HEAD) == 0;
    else if (state->line == 2)
        state->good = strncmp(line, "page ", 5) == 0 && read_page(state, line + 5);
    else if (strncmp(line, "file ", 5) == 0)
        state->good = read_file(state, line + 5);
    else
        state->good = strncmp(line, "run ", 4) == 0 && read_run(state, line + 4);
    return state->good;
}

/* All of it is read, and right, before the first page is loaded. */
static bool read_state(struct state *state, const char *name)
{
    int error = lines_each(name, '\n', read_line, state);
    if (error)
        message("%s: %s", quote_controls(name), mm_strerror(error));
    else if (!state->good || state->line < 2)
        message("%s: no state of mcache, at line %" PRIu64, quote_controls(name),
                state->line > 0 ? state->line : 1);
    return !error && state->good && state->line >= 2;
}

/* Where a byte of a file is on the medium; 0: nobody tells. */
static uint64_t place_of(int fd, uint64_t off)
{
    union {
        struct fiemap map;
        char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
    } ask = {.map = {.fm_start = off, .fm_length = 1, .fm_extent_count = 1}};
    if (ioctl(fd, FS_IOC_FIEMAP, &ask.map) != 0 || ask.map.fm_mapped_extents == 0)
        return 0;
    const struct fiemap_extent *extent = &ask.map.fm_extents[0];
    return extent->fe_flags & FIEMAP_EXTENT_UNKNOWN ? 0 : extent->fe_physical;
}

static int open_saved(const struct saved *saved, struct stat *st)
{
    int fd = open(saved->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, st) != 0)
        message_name(quote_controls(saved->path), errno);
    else if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
        message("%s: neither a regular file nor a block device", quote_controls(saved->path));
    else
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Find where each file is; one that cannot be opened has no runs from now on. */
static bool place_all(struct state *state)
{
    bool good = true;
    for (size_t i = 0; i < state->count; i++) {
        struct saved *saved = &state->files[i];
        struct stat st;
        int fd = saved->count > 0 ? open_saved(saved, &st) : -1;
        if (fd < 0) {
            good &= saved->count == 0;
            saved->count = 0;
            continue;
        }
        saved->device = st.st_dev;
        saved->place = place_of(fd, state->runs[saved->first].off);
        if (saved->place == 0)
            saved->place = st.st_ino;
        close(fd);
    }
    return good;
}

static int by_place(const void *a, const void *b)
{
    const struct saved *one = a, *other = b;
    if (one->device != other->device)
        return one->device < other->device ? -1 : 1;
    return one->place < other->place ? -1 : one->place > other->place;
}

/* Load the runs of a file, as far as it still has them.  Counts the bytes that were. */
static bool load(const struct state *state, const struct saved *saved, uint64_t *loaded)
{
    struct stat st;
    int fd = open_saved(saved, &st), error = 0;
    if (fd < 0)
        return false;
    uint64_t size = S_ISBLK(st.st_mode) ? (uint64_t)lseek(fd, 0, SEEK_END) : (uint64_t)st.st_size;
    for (size_t i = 0; !error && i < saved->count; i++) {
        const struct mm_run *run = &state->runs[saved->first + i];
        for (uint64_t at = 0; !error && at < run->len; at += MM_SCAN_WINDOW) {
            uint64_t len = run->len - at < MM_SCAN_WINDOW ? run->len - at : MM_SCAN_WINDOW;
            if (run->off + at < size) {
                error = mm_file_load(fd, run->off + at, len, 0);
                *loaded += error ? 0 : len;
                if (error == -EINVAL) { /* it has become shorter just now */
                    size = run->off + at;
                    error = 0;
                }
            }
            progress_add(len);
        }
    }
    if (error)
        message("%s: %s", quote_controls(saved->path), mm_strerror(error));
    close(fd);
    return !error;
}

bool restore(const struct options *options, struct stream *out)
{
    struct state state = {.good = true};
    uint64_t total = 0, loaded = 0, files = 0;
    bool good = read_state(&state, options->state);
    if (good) {
        good = place_all(&state);
        if (state.count > 0)
            qsort(state.files, state.count, sizeof *state.files, by_place);
        for (size_t i = 0; i < state.count; i++)
            for (size_t run = 0; run < state.files[i].count; run++)
                total += state.runs[state.files[i].first + run].len;
        if (options->progress)
            progress_start(total);
        for (size_t i = 0; i < state.count; i++) {
            if (state.files[i].count == 0)
                continue;
            good &= load(&state, &state.files[i], &loaded);
            files++;
        }
        progress_end();
        char text[96], bytes[16];
        int len = snprintf(text, sizeof text, "%ju pages of %ju file%s restored, %s\n",
                           (uintmax_t)(loaded / mm_page_size()), (uintmax_t)files,
                           files == 1 ? "" : "s", size_text(bytes, loaded));
        stream_put(out, text, (size_t)len);
    }
    for (size_t i = 0; i < state.count; i++)
        free(state.files[i].path);
    free(state.files);
    free(state.runs);
    return good;
}
