/* SPDX-License-Identifier: MIT */
/* mgrep -- print the lines of files that match patterns, through mappings. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/message.h"
#include "common/progress.h"
#include "mgrep/engine.h"
#include "mgrep/options.h"
#include "mgrep/rules.h"
#include "mgrep/run.h"
#include "mgrep/share.h"

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
    if (run->options->archives.on)
        total = 0;
    uint64_t stands = 0;
    struct walk *walk = &run->options->walk;
    struct share *share = share_new(run);
    walk->visit = share_visit;
    walk->complain = share_complain;
    walk->context = share;
    if (run->options->progress)
        progress_start(total);
    for (; *operands; operands++) {
        uint64_t size = total > 0 ? operand_size(*operands, recurse) : 0;
        if (!walk_operand(walk, *operands))
            break;
        stands += size;
        if (!share_begun(share))
            progress_skip_to(stands);
    }
    share_free(share);
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
    archives_begin(&options.archives);

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
    options.search.threads = options.threads;

    static char *input[] = {"-", NULL}, *here[] = {".", NULL};
    bool recurse = options.walk.directories == DIRECTORIES_RECURSE;
    char **operands = optind < argc ? argv + optind : recurse ? here : input;
    options.walk.bare = operands == here;
    run.several = argc - optind > 1;
    search_operands(&run, operands, recurse);

    print_stats(run.printer);
    print_free(run.printer); /* which may look at the scan */
    mm_scan_free(run.scan);
    engine_free(run.engine);
    pattern_free(&options.request, &plan);
    rules_free(options.walk.files);
    rules_free(options.walk.folders);
    if (options.quiet && run.selected)
        return SELECTED;
    return run.trouble || options.walk.trouble ? TROUBLE : run.selected ? SELECTED : NONE_SELECTED;
}
