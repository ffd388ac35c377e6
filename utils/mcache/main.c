/* SPDX-License-Identifier: MIT */
/* mcache -- see and steer what the page cache holds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/message.h"
#include "common/progress.h"
#include "common/stream.h"
#include "mcache/change.h"
#include "mcache/file.h"
#include "mcache/globs.h"
#include "mcache/lock.h"
#include "mcache/options.h"
#include "mcache/process.h"
#include "mcache/restore.h"
#include "mcache/save.h"
#include "mcache/show.h"
#include "mcache/users.h"
#include "mcache/walk.h"

/* What is done with the files that are found. */
struct work {
    const struct options *options;
    struct show *show;
    struct users *users;
    struct save *save;
    bool short_of; /* a file is not as it was to be */
};

/* Where files have no lines of their own, what went wrong with one is a message. */
static bool has_lines(const struct options *options)
{
    return !options->summarize && !options->json && !options->format && !options->by_directory &&
           options->top == 0;
}

static void show_one(void *context, struct file *file)
{
    struct work *work = context;
    const char *note = change_note(work->options, work->users, file, &work->short_of);
    if (note && !has_lines(work->options))
        message("%s: %s", quote_controls(file->name), note);
    show_file(work->show, file, note);
}

static void save_one(void *context, struct file *file)
{
    struct work *work = context;
    if (file->unknown) {
        message("%s: not saved: the kernel does not tell this user what of it is in memory",
                quote_controls(file->name));
        work->short_of = true;
    } else {
        save_file(work->save, file);
    }
}

static bool save(const struct options *options)
{
    struct work work = {.options = options, .save = save_new(options->state)};
    struct walk walk = {
        .options = options, .perform = file_perform, .take = save_one, .context = &work};
    walk_all(&walk);
    save_end(work.save, true);
    return !walk.trouble && !work.short_of;
}

/* Show all once, after they were changed or not. */
static bool look(const struct options *options, struct show *show, struct stream *out)
{
    struct work work = {.options = options, .show = show, .users = users_new()};
    bool pictured =
        !options->summarize && !options->json && !options->format && !options->by_directory;
    struct walk walk = {.options = options,
                        .perform = file_perform,
                        .take = show_one,
                        .context = &work,
                        .columns = pictured ? options->columns : 0};
    bool good = true;
    if (options->progress)
        progress_start(0);
    if (options->action == MAPS)
        good = process_show(options, show, out);
    else
        walk_all(&walk);
    progress_end();
    if (good)
        show_end(show);
    users_free(work.users);
    return good && !walk.trouble && !work.short_of;
}

static void wait_seconds(double seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* Once, or again and again until somebody ends it. */
static bool show(const struct options *options, struct stream *out)
{
    static const char clear[] = "\033[H\033[2J";
    struct show *shown = show_new(options, out);
    bool terminal = isatty(STDOUT_FILENO), lines = !options->json && !options->format, good;
    for (bool first = true;; first = false) {
        if (options->watch > 0 && terminal && lines)
            stream_put(out, clear, sizeof clear - 1);
        else if (!first && lines)
            stream_byte(out, '\n');
        good = look(options, shown, out);
        if (options->watch == 0)
            break;
        stream_flush(out);
        wait_seconds(options->watch);
    }
    show_free(shown);
    return good;
}

int main(int argc, char *argv[])
{
    struct options options;
    start("mcache");
    options_parse(argc, argv, &options);
    struct stream *out = stream_open(STDOUT_FILENO);
    bool good;
    switch (options.action) {
    case LOCK:
        good = lock(&options, out);
        break;
    case SAVE:
        good = save(&options);
        break;
    case RESTORE:
        good = restore(&options, out);
        break;
    default:
        good = show(&options, out);
        break;
    }
    globs_free(options.globs);
    stream_close(out);
    return good ? 0 : 1;
}
