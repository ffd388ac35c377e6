/* SPDX-License-Identifier: MIT */
/* mgrep -- print the lines of files that match patterns, through mappings. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/input.h"
#include "common/message.h"
#include "common/progress.h"
#include "common/threads.h"
#include "mgrep/engine.h"
#include "mgrep/options.h"
#include "mgrep/rules.h"

/* What the operands are searched with, and what came of it. */
struct run {
    struct options *options;
    struct engine *engine;
    struct printer *printer;
    struct mm_scan *scan;
    struct stat output;
    bool several; /* operands */
    bool selected, trouble;
};

/* Lines that are printed into the file that they come from would be found again. */
static bool is_output(const struct run *run)
{
    const struct search *search = &run->options->search;
    const struct stat *in = mm_scan_stat(run->scan), *out = &run->output;
    return search->goal == GOAL_LINES && search->limit > 1 && S_ISREG(in->st_mode) &&
           S_ISREG(out->st_mode) && in->st_ino == out->st_ino && in->st_dev == out->st_dev;
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

/* See walk.h.  With -q the first selected line ends the run. */
static bool visit(void *context, const char *path, const char *name, bool below)
{
    struct run *run = context;
    const struct options *options = run->options;
    struct input input;
    int error = input_open(&input, path, run->scan);
    if (strcmp(path, "-") == 0)
        name = options->label;
    bool with_name =
        options->names == NAMES_ALWAYS || (options->names == NAMES_AUTO && (run->several || below));
    print_begin(run->printer, name, with_name, run->scan);
    if (error) {
        if (!options->silent)
            message_name(quote_controls(name), error);
        run->trouble = true;
        if (error == -EISDIR) /* it was there, but holds no line */
            report(run, name, &(struct found){0});
    } else if (is_output(run)) {
        if (!options->silent)
            message("%s: input file is also the output", quote_controls(name));
        run->trouble = true;
        input_close(&input, mm_scan_offset(run->scan));
    } else {
        search_opened(run, &input, name);
    }
    return !(options->quiet && run->selected);
}

/* -q is stronger than -l and -L, these than -c; a line into /dev/null is as good as none. */
static enum goal goal(struct options *options, const struct stat *output)
{
    bool to_null =
        !output_was_closed && S_ISCHR(output->st_mode) && output->st_rdev == makedev(1, 3);
    if (options->quiet || to_null)
        options->list = LIST_NO;
    if (options->quiet || to_null || options->list != LIST_NO)
        return GOAL_FIRST;
    return options->count ? GOAL_COUNT : GOAL_LINES;
}

static bool selects_nothing(const struct options *options)
{
    const struct request *request = &options->request;
    return options->search.limit == 0 || (request->count == 0 && !options->search.invert) ||
           (pattern_all_empty(request) && options->search.invert && !request->lines &&
            !request->words);
}

/* How many bytes an operand will bring: none where it cannot be read, UINT64_MAX if nobody knows.
 */
static uint64_t operand_size(const char *operand, bool recurse)
{
    struct stat st;
    bool standard = strcmp(operand, "-") == 0;
    if ((standard ? fstat(STDIN_FILENO, &st) : stat(operand, &st)) != 0)
        return 0;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) && !recurse ? 0 : UINT64_MAX;
    off_t begin = standard ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
    return begin < st.st_size ? (uint64_t)(st.st_size - begin) : 0;
}

/* The sum of the operands' sizes, or 0 if nobody knows. */
static uint64_t total_size(char **operands, bool recurse)
{
    uint64_t total = 0;
    for (; *operands; operands++) {
        uint64_t size = operand_size(*operands, recurse);
        if (size == UINT64_MAX)
            return 0;
        total += size;
    }
    return total;
}

static void search_operands(struct run *run, char **operands, bool recurse)
{
    uint64_t total = run->options->progress ? total_size(operands, recurse) : 0;
    uint64_t stands = 0;
    if (run->options->progress)
        progress_start(total);
    for (; *operands; operands++) {
        uint64_t size = total > 0 ? operand_size(*operands, recurse) : 0;
        if (!walk_operand(&run->options->walk, *operands))
            break;
        stands += size;
        progress_skip_to(stands);
    }
    progress_end();
}

/* As GNU grep: then the patterns and the files are not even looked at. */
static _Noreturn void end_without_search(const struct options *options)
{
    if (options->print.stats) {
        struct printer *printer = print_new(&options->print, NULL);
        print_stats(printer);
        print_free(printer);
    }
    exit(NONE_SELECTED);
}

int main(int argc, char *argv[])
{
    start("mgrep");
    exit_trouble = TROUBLE;
    struct options options;
    options_read(&options, argc, argv);
    struct run run = {.options = &options};
    if (output_was_closed || fstat(STDOUT_FILENO, &run.output) != 0)
        run.output = (struct stat){0};
    options.search.goal = goal(&options, &run.output);

    if (options.list != LIST_OTHERS && selects_nothing(&options))
        end_without_search(&options);

    if (options.print.color)
        colors_read(&options.print.colors);
    struct plan plan;
    const char *error;
    pattern_plan(&options.request, &plan);
    run.engine = engine_new(&plan, &error);
    if (!run.engine)
        xfail(TROUBLE, "%s", error);
    run.printer = print_new(&options.print, run.engine);
    if (mm_scan_new(0, &run.scan) != 0)
        xfail(TROUBLE, "memory exhausted");
    options.search.engine = run.engine;
    options.search.printer = run.printer;
    options.search.threads = threads_default();

    static char *input[] = {"-", NULL}, *here[] = {".", NULL};
    bool recurse = options.walk.directories == DIRECTORIES_RECURSE;
    char **operands = optind < argc ? argv + optind : recurse ? here : input;
    options.walk.bare = operands == here;
    options.walk.visit = visit;
    options.walk.context = &run;
    run.several = argc - optind > 1;
    search_operands(&run, operands, recurse);

    mm_scan_free(run.scan);
    print_stats(run.printer);
    print_free(run.printer);
    engine_free(run.engine);
    pattern_free(&options.request, &plan);
    rules_free(options.walk.files);
    rules_free(options.walk.folders);
    if (options.quiet && run.selected)
        return SELECTED;
    return run.trouble || options.walk.trouble ? TROUBLE : run.selected ? SELECTED : NONE_SELECTED;
}
