/* SPDX-License-Identifier: MIT */
/* The search of one input, and the report. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/input.h"
#include "common/members.h"
#include "common/message.h"
#include "mgrep/engine.h"
#include "mgrep/options.h"
#include "mgrep/rules.h"
#include "mgrep/run.h"

/* A worker leaves a file of this size to its parent, where several threads share it. */
#define LARGE MM_SCAN_WINDOW

/* Lines that are printed into the file that they come from would be found again. */
static bool is_output(const struct run *run)
{
    const struct search *search = &run->options->search;
    const struct stat *in = mm_scan_stat(run->scan), *out = &run->output;
    return search->goal == GOAL_LINES && search->limit > 1 && S_ISREG(in->st_mode) &&
           S_ISREG(out->st_mode) && in->st_ino == out->st_ino && in->st_dev == out->st_dev;
}

static void say_output(struct run *run, const char *name)
{
    if (!run->options->silent)
        message("%s: input file is also the output", quote_controls(name));
    run->trouble = true;
}

static void report(struct run *run, const char *name, const struct found *found)
{
    const struct options *options = run->options;
    bool selected = found->selected > 0;
    run->selected |= selected;
    if (found->binary && options->search.binary == BINARY_BINARY && !options->print.json)
        message("%s: binary file matches", quote_controls(name));
    if (options->search.goal == GOAL_COUNT)
        print_count(run->printer, found->selected);
    if (options->list == (selected ? LIST_MATCHING : LIST_OTHERS))
        print_name(run->printer);
}

static void search_opened(struct run *run, struct input *input, const char *name)
{
    const struct options *options = run->options;
    struct found found;
    int error = search_input(&options->search, run->scan, &found);
    if (error == SEARCH_FAILED)
        xfail(TROUBLE, "%s: %s", quote_controls(name), engine_error(run->engine));
    if (!error) {
        report(run, name, &found);
        print_searched(run->printer, found.searched, found.selected, found.nul);
    } else if (options->quiet && found.selected) {
        run->selected = true;
    } else if (!options->silent) {
        input_trouble(input, quote_controls(name), error);
    }
    run->trouble |= error != 0;
    input_close(input, found.stopped);
}

/* What the parent must do: threads share a large file, and a stream can be read but once. */
static bool is_left(const struct run *run)
{
    return run->worker && (!mm_scan_mapped(run->scan) || mm_scan_size(run->scan) >= LARGE);
}

/* Is a member left out, by its own name or by that of a directory that it is in? */
static bool is_excluded(const struct walk *walk, const char *member)
{
    char *path = xstrdup(member), *own = path, *slash;
    bool excluded = false;
    for (; !excluded && (slash = strchr(own, '/')); own = slash + 1) {
        *slash = '\0';
        excluded = rules_exclude(walk->folders, own, false);
    }
    excluded = excluded || rules_exclude(walk->files, own, false);
    free(path);
    return excluded;
}

/* All that is in an archive, which as a directory may be left out; or a compressed file. */
static enum outcome search_members(struct run *run, const struct entry *entry,
                                   struct members *members)
{
    const struct options *options = run->options;
    const char *slash = entry->below ? strrchr(entry->path, '/') : NULL;
    bool excluded =
        rules_exclude(options->walk.folders, slash ? slash + 1 : entry->path, !entry->below);
    struct input input;
    while (members_next(members, &input)) {
        bool inside = !members_content(members);
        bool exact = members_exact(members);
        if (inside ? excluded || (!exact && is_excluded(&options->walk, members_member(members)))
                   : entry->excluded)
            continue;
        bool with_name = options->names == NAMES_ALWAYS ||
                         (options->names == NAMES_AUTO && (run->several || entry->below || !exact));
        print_begin(run->printer, input.operand, with_name, run->scan);
        search_opened(run, &input, input.operand);
        run->decoded += mm_scan_offset(run->scan);
        if (options->quiet && run->selected)
            break;
    }
    run->trouble |= !members_close(members);
    return options->quiet && run->selected ? ENOUGH : SEARCHED;
}

enum outcome run_search(struct run *run, const struct entry *entry)
{
    const struct options *options = run->options;
    const char *name = strcmp(entry->path, "-") == 0 ? options->label : entry->name;
    struct input input;
    struct members *members;
    int error = members_open(&options->archives, entry->path, name, run->scan,
                             options->silent ? NULL : quote_controls, &input, &members);
    if (!error && members && is_output(run)) {
        say_output(run, name);
        members_close(members);
        return SEARCHED;
    }
    if (!error && members)
        return search_members(run, entry, members);
    if (entry->excluded) {
        if (!error)
            input_close(&input, 0);
        return SEARCHED;
    }
    if (!error && is_left(run)) {
        input_close(&input, 0);
        return LEFT;
    }
    bool with_name = options->names == NAMES_ALWAYS ||
                     (options->names == NAMES_AUTO && (run->several || entry->below));
    print_begin(run->printer, name, with_name, run->scan);
    if (error) {
        if (!options->silent)
            message_name(quote_controls(name), error);
        run->trouble = true;
        if (error == -EISDIR) /* it was there, but holds no line */
            report(run, name, &(struct found){0});
    } else if (is_output(run)) {
        say_output(run, name);
        input_close(&input, mm_scan_offset(run->scan));
    } else {
        search_opened(run, &input, name);
    }
    return options->quiet && run->selected ? ENOUGH : SEARCHED;
}
