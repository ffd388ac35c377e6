/* SPDX-License-Identifier: MIT */
/* What mcache was asked to do. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/options.h"
#include "common/threads.h"
#include "mcache/format.h"
#include "mcache/globs.h"
#include "mcache/options.h"
#include "mcache/show.h"

/* Long options without a letter. */
enum {
    ASCII = 256,
    BY,
    COLUMNS,
    FORMAT,
    LOCK_SELF,
    MAPS_OF,
    NO_DEREFERENCE,
    OOM_SCORE_ADJ,
    PROGRESS,
    RANGE,
    RESTORE_FROM,
    SAVE_TO,
    SYNC,
    THREADS,
    TOP,
    TOUCH_MISSING,
    WATCH,
    VERSION,
    HELP,
};

static const struct option table[] = {
    {"ascii", no_argument, NULL, ASCII},
    {"by", required_argument, NULL, BY},
    {"columns", required_argument, NULL, COLUMNS},
    {"daemon", no_argument, NULL, 'd'},
    {"dereference", no_argument, NULL, 'L'},
    {"evict", no_argument, NULL, 'e'},
    {"exclude", required_argument, NULL, 'i'},
    {"files-from", required_argument, NULL, 'b'},
    {"format", required_argument, NULL, FORMAT},
    {"help", no_argument, NULL, HELP},
    {"include", required_argument, NULL, 'I'},
    {"json", no_argument, NULL, 'J'},
    {"load", no_argument, NULL, 't'},
    {"lock", no_argument, NULL, 'l'},
    {"lock-self", no_argument, NULL, LOCK_SELF},
    {"maps", required_argument, NULL, MAPS_OF},
    {"no-dereference", no_argument, NULL, NO_DEREFERENCE},
    {"no-heading", no_argument, NULL, 'n'},
    {"null", no_argument, NULL, '0'},
    {"one-file-system", no_argument, NULL, 'x'},
    {"oom-score-adj", required_argument, NULL, OOM_SCORE_ADJ},
    {"pidfile", required_argument, NULL, 'P'},
    {"progress", no_argument, NULL, PROGRESS},
    {"range", required_argument, NULL, RANGE},
    {"restore", required_argument, NULL, RESTORE_FROM},
    {"save", required_argument, NULL, SAVE_TO},
    {"summarize", no_argument, NULL, 's'},
    {"sync", no_argument, NULL, SYNC},
    {"threads", required_argument, NULL, THREADS},
    {"top", required_argument, NULL, TOP},
    {"touch-missing", no_argument, NULL, TOUCH_MISSING},
    {"version", no_argument, NULL, VERSION},
    {"watch", optional_argument, NULL, WATCH},
    {0},
};

static void usage(FILE *to);

static _Noreturn void invalid(const char *option, const char *text)
{
    message("invalid --%s value '%s'", option, quote_controls(text));
    options_hint(1);
}

static _Noreturn void wrong(const char *what)
{
    message("%s", what);
    options_hint(1);
}

static uint64_t parse_count(const char *option, const char *text, uint64_t least, uint64_t most)
{
    uint64_t value;
    if (number(text, "", &value) != NUMBER_OK || value < least || value > most)
        invalid(option, text);
    return value;
}

/* "OFF:LEN", or "OFF:" up to the end. */
static void parse_range(const char *text, struct options *options)
{
    const char *colon = strchr(text, ':');
    if (!colon)
        invalid("range", text);
    char *first = xstrdup(text);
    first[colon - text] = '\0';
    bool good = number(first, "bkKMGTPEZY0", &options->off) == NUMBER_OK;
    free(first);
    if (good && colon[1])
        good = number(colon + 1, "bkKMGTPEZY0", &options->len) == NUMBER_OK && options->len > 0;
    if (!good || options->off > INT64_MAX || options->len > INT64_MAX)
        invalid("range", text);
}

static double parse_seconds(const char *text)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds >= 0.01) || seconds > 1e9)
        invalid("watch", text);
    return seconds;
}

static int parse_adjust(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < -1000 || value > 1000)
        invalid("oom-score-adj", text);
    return (int)value;
}

static void act(struct options *options, enum action action)
{
    if (options->action != SHOW && options->action != action)
        wrong("only one of --load, --touch-missing, --evict, --lock, --save, --restore and --maps "
              "can be done");
    options->action = action;
}

/* What does nothing where it is given is an error, and not silence. */
static void check(const struct options *options)
{
    enum action action = options->action;
    bool shows = action == SHOW || action == LOAD || action == EVICT || action == MAPS;
    if ((action == RESTORE || action == MAPS) && (options->count > 0 || options->files_from)) {
        message("extra operand '%s'",
                quote_controls(options->count > 0 ? options->operands[0] : options->files_from));
        options_hint(1);
    }
    if (action != RESTORE && action != MAPS && options->count == 0 && !options->files_from)
        wrong("missing operand");
    if (options->sync && action != EVICT)
        wrong("--sync goes with --evict");
    if (options->progress && action != LOAD && action != RESTORE)
        wrong("--progress goes with --load, --touch-missing and --restore");
    if ((options->daemon || options->pidfile || options->lock_self || options->adjust_given) &&
        action != LOCK)
        wrong("--daemon, --pidfile, --lock-self and --oom-score-adj go with --lock");
    if ((options->off > 0 || options->len > 0) && action != SHOW && action != LOAD &&
        action != EVICT)
        wrong("--range goes with what is shown, loaded or evicted");
    if (options->watch > 0 && action != SHOW && action != MAPS)
        wrong("--watch goes with what is only shown");
    if (!shows && (options->json || options->format || options->top || options->by_directory ||
                   options->summarize))
        wrong("--lock, --save and --restore show no files");
    if (options->json && options->format)
        wrong("only one of --json and --format can be had");
    if (options->nul && !options->files_from)
        wrong("--null goes with --files-from");
}

void options_parse(int argc, char *argv[], struct options *options)
{
    *options = (struct options){.columns = SIZE_MAX};
    int c;
    while ((c = options_next(argc, argv, "0I:JLP:b:dei:lnstx", table, 0)) != -1) {
        switch (c) {
        case '0':
            options->nul = true;
            break;
        case 'I':
        case 'i':
            globs_add(&options->globs, optarg, c == 'I');
            break;
        case 'J':
            options->json = true;
            break;
        case 'L':
            options->links = LINKS_ALL;
            break;
        case NO_DEREFERENCE:
            options->links = LINKS_NONE;
            break;
        case 'P':
            options->pidfile = optarg;
            break;
        case 'b':
            options->files_from = optarg;
            break;
        case 'd':
            options->daemon = true;
            break;
        case 'e':
            act(options, EVICT);
            break;
        case 'l':
            act(options, LOCK);
            break;
        case 'n':
            options->bare = true;
            break;
        case 's':
            options->summarize = true;
            break;
        case TOUCH_MISSING:
            options->missing = true;
            act(options, LOAD);
            break;
        case 't':
            act(options, LOAD);
            break;
        case 'x':
            options->one_system = true;
            break;
        case ASCII:
            options->ascii = true;
            break;
        case BY:
            if (strcmp(optarg, "dir") != 0)
                invalid("by", optarg);
            options->by_directory = true;
            break;
        case COLUMNS:
            options->columns = (size_t)parse_count("columns", optarg, 0, 1000);
            break;
        case FORMAT:
            if (format_fault(optarg)) {
                message("--format: neither a field nor a character: '%s'",
                        quote_controls(format_fault(optarg)));
                options_hint(1);
            }
            options->format = optarg;
            break;
        case LOCK_SELF:
            options->lock_self = true;
            break;
        case MAPS_OF:
            act(options, MAPS);
            options->pid = (pid_t)parse_count("maps", optarg, 1, INT_MAX);
            break;
        case OOM_SCORE_ADJ:
            options->adjust = parse_adjust(optarg);
            options->adjust_given = true;
            break;
        case PROGRESS:
            options->progress = true;
            break;
        case RANGE:
            parse_range(optarg, options);
            break;
        case RESTORE_FROM:
            act(options, RESTORE);
            options->state = optarg;
            break;
        case SAVE_TO:
            act(options, SAVE);
            options->state = optarg;
            break;
        case SYNC:
            options->sync = true;
            break;
        case THREADS:
            options->threads = (unsigned)parse_count("threads", optarg, 1, THREADS_MAX);
            break;
        case TOP:
            options->top = (size_t)parse_count("top", optarg, 1, 1000000);
            break;
        case WATCH:
            options->watch = optarg ? parse_seconds(optarg) : 2;
            break;
        case VERSION:
            options_version();
        case HELP:
            options_help(usage);
        default:
            options_hint(1);
        }
    }
    options->operands = argv + optind;
    options->count = (size_t)(argc - optind);
    check(options);
    if (options->columns == SIZE_MAX)
        options->columns = show_columns();
    /* Loaded one after the other: the medium reads ahead in one place at a time. */
    if (options->action == LOAD)
        options->threads = 1;
    else if (options->threads == 0)
        options->threads = threads_default();
}

static void usage(FILE *to)
{
    fputs("Usage: mcache [OPTION]... FILE|DIRECTORY...\n"
          "  or:  mcache --restore=STATE [--progress]\n"
          "  or:  mcache --maps=PID [OPTION]...\n"
          "Show which pages of files are in memory, load and evict them, and keep them there.\n"
          "\n"
          "  -t, --load                load all pages of the files\n"
          "      --touch-missing       load only the pages that are absent\n"
          "  -e, --evict               have the pages forgotten, and say which stay and why\n"
          "      --sync                with --evict, write dirty pages to the medium before\n"
          "      --range=OFF:LEN       only LEN bytes from OFF on of each file, or all from there\n"
          "                              on without LEN\n"
          "  -l, --lock                keep the files in memory until SIGTERM\n"
          "  -d, --daemon              with --lock, in the background\n"
          "  -P, --pidfile=FILE        with --lock, write the process's number to FILE\n"
          "      --lock-self           with --lock, keep mcache itself in memory too\n"
          "      --oom-score-adj=N     with --lock, -1000: never ended when memory runs out\n"
          "      --save=STATE          write to STATE which pages are in memory\n"
          "      --restore=STATE       load what STATE says\n"
          "      --progress            show on standard error how far the loading has come\n"
          "      --maps=PID            show the files that a process maps\n"
          "\n"
          "  -b, --files-from=FILE     names in FILE too, one a line; '-' is standard input\n"
          "  -0, --null                those names end in NUL\n"
          "  -x, --one-file-system     stay in the file system of each operand\n"
          "  -L, --dereference         follow all symbolic links, not only operands\n"
          "      --no-dereference      follow none\n"
          "  -I, --include=GLOB        only files in directories whose names match GLOB\n"
          "  -i, --exclude=GLOB        no files or directories in them whose names match GLOB\n"
          "      --threads=N           let N threads look; as many as processors\n"
          "\n"
          "  -s, --summarize           show only the total\n"
          "      --top=N               show only the N with the most pages in memory\n"
          "      --by=dir              show directories, with the sums of the files in them\n"
          "      --watch[=SECONDS]     show it again every 2 seconds, or SECONDS\n"
          "  -J, --json                show one JSON object a line and file\n"
          "      --format=FORMAT       show FORMAT for each file, with {file} {size} {pages}\n"
          "                              {resident} {percent} {dirty} {writeback} {evicted}\n"
          "      --columns=N           make pictures of N columns; 0: none\n"
          "      --ascii               make them without block characters\n"
          "  -n, --no-heading          leave out the heading\n"
          "      --help                display this help and exit\n"
          "      --version             output version information and exit\n"
          "\n"
          "Exit status is 0, or 1 for trouble, and where pages stayed that were to be evicted or\n"
          "are absent that were to be loaded.\n",
          to);
}
