/* SPDX-License-Identifier: MIT */
/* mcmp -- compare two files byte by byte; GNU cmp's twin. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/message.h"
#include "common/options.h"
#include "common/part.h"
#include "common/progress.h"
#include "common/stream.h"
#include "common/threads.h"
#include "mcmp/compare.h"
#include "mcmp/tree.h"

/* Long options without a letter. */
enum { THREADS = 256, PROGRESS, PART };

static void usage(FILE *to);

static bool output_is_null(void)
{
    struct stat out;
    return !output_was_closed && fstat(STDOUT_FILENO, &out) == 0 && S_ISCHR(out.st_mode) &&
           out.st_rdev == makedev(1, 3);
}

static bool is_directory(const char *name)
{
    struct stat st;
    return stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

static _Noreturn void hint(const char *format, const char *argument)
{
    if (format)
        message(format, argument);
    xfail(TROUBLE, "Try '%s --help' for more information.", tool_name());
}

/* The number that `text` is, or the end with a message about `whole`. */
static uint64_t parse(const char *text, const char *what, const char *whole)
{
    uint64_t value;
    if (number_of_base(text, 0, "kKMGTPEZY0", &value) == NUMBER_OK && value <= INT64_MAX)
        return value;
    message("invalid --%s value '%s'", what, quote_controls(whole));
    hint(NULL, NULL);
}

/* The larger of what -i and an operand say. */
static void raise_skip(uint64_t *skip_len, uint64_t value)
{
    if (*skip_len < value)
        *skip_len = value;
}

static void parse_skips(const char *text, struct options *options)
{
    const char *colon = strchr(text, ':');
    if (!colon) {
        uint64_t both = parse(text, "ignore-initial", text);
        raise_skip(&options->skip[0], both);
        raise_skip(&options->skip[1], both);
        return;
    }
    char *first = xstrdup(text);
    first[colon - text] = '\0';
    raise_skip(&options->skip[0], parse(first, "ignore-initial", text));
    raise_skip(&options->skip[1], parse(colon + 1, "ignore-initial", colon + 1));
    free(first);
}

static unsigned parse_threads(const char *text)
{
    uint64_t value;
    if (number(text, "", &value) != NUMBER_INVALID && value > 0)
        return value < THREADS_MAX ? (unsigned)value : THREADS_MAX;
    message("invalid --threads value '%s'", quote_controls(text));
    hint(NULL, NULL);
}

static void set_report(struct options *options, enum report report)
{
    if (options->report != FIRST && options->report != report)
        hint("options -l and -s are incompatible", NULL);
    options->report = report;
}

/* Options and operands; the two names come back. */
static void parse_arguments(int argc, char *argv[], struct options *options, char *names[2])
{
    static const struct option table[] = {
        {"print-bytes", no_argument, NULL, 'b'},
        {"print-chars", no_argument, NULL, 'c'},
        {"ignore-initial", required_argument, NULL, 'i'},
        {"verbose", no_argument, NULL, 'l'},
        {"bytes", required_argument, NULL, 'n'},
        {"silent", no_argument, NULL, 's'},
        {"quiet", no_argument, NULL, 's'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {"part", required_argument, NULL, PART},
        {"progress", no_argument, NULL, PROGRESS},
        {"recursive", no_argument, NULL, 'r'},
        {"threads", required_argument, NULL, THREADS},
        ARCHIVES_OPTIONS,
        {0},
    };
    int c;
    while ((c = options_next(argc, argv, "bci:Jln:rsv", table, 9)) != -1) {
        switch (c) {
        case 'b':
        case 'c':
            options->print_bytes = true;
            break;
        case 'i':
            parse_skips(optarg, options);
            break;
        case 'l':
            set_report(options, ALL);
            break;
        case 'n':;
            uint64_t limit = parse(optarg, "bytes", optarg);
            options->limit = limit < options->limit ? limit : options->limit;
            break;
        case 's':
            set_report(options, STATUS);
            break;
        case PART:
            if (!part_parse(optarg, &options->part))
                hint("invalid --part value '%s'", quote_controls(optarg));
            break;
        case PROGRESS:
            options->progress = true;
            break;
        case 'r':
            options->recurse = true;
            break;
        case THREADS:
            options->threads = parse_threads(optarg);
            break;
        case 'v':
            options_version();
        case 'h':
            options_help(usage);
        default:
            if (!archives_option(&options->archives, c, optarg))
                hint(NULL, NULL);
        }
    }
    if (options->archives.on && options->part.count > 0)
        hint("options -J and --part are incompatible", NULL);
    if (options->recurse && options->report == ALL)
        hint("options -l and -r are incompatible", NULL);
    if (optind == argc)
        hint("missing operand after '%s'", argv[argc - 1]);
    names[0] = argv[optind++];
    names[1] = optind < argc ? argv[optind++] : "-";
    for (int i = 0; i < 2 && optind < argc; i++, optind++)
        raise_skip(&options->skip[i], parse(argv[optind], "ignore-initial", argv[optind]));
    if (optind < argc)
        hint("extra operand '%s'", argv[optind]);
}

int main(int argc, char *argv[])
{
    start("mcmp");
    exit_trouble = TROUBLE;
    stream_trouble = "standard output";
    struct options options = {.limit = UINT64_MAX, .threads = threads_default()};
    char *names[2];
    parse_arguments(argc, argv, &options, names);
    archives_begin(&options.archives);
    if (options.report != STATUS && output_is_null())
        options.report = STATUS_AND_EOF;

    struct stream *out = stream_open(STDOUT_FILENO);
    struct comparer *comparer = comparer_new(&options, out);
    const char *const *operands = (const char *const *)names;
    int status;
    if (options.recurse &&
        (is_directory(names[0]) || is_directory(names[1]) ||
         (options.archives.on && strcmp(names[0], "-") != 0 && strcmp(names[1], "-") != 0))) {
        if (options.archives.on) /* decoders are forked all the time, from one thread */
            options.threads = 1;
        if (options.progress)
            progress_start(0);
        status = compare_trees(comparer, out, &options, operands);
    } else {
        options.recurse = false;
        status = compare(comparer, operands);
    }
    progress_end();
    comparer_free(comparer);
    stream_close(out);
    return status;
}

static void usage(FILE *to)
{
    fputs("Usage: mcmp [OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]\n"
          "Compare two files byte by byte.\n"
          "\n"
          "SKIP1 and SKIP2 are how many bytes to skip at the beginning of each file.\n"
          "\n"
          "  -b, --print-bytes                print differing bytes\n"
          "  -i, --ignore-initial=SKIP        skip the first SKIP bytes of both inputs\n"
          "  -i, --ignore-initial=SKIP1:SKIP2 skip the first SKIP1 bytes of FILE1 and the\n"
          "                                     first SKIP2 bytes of FILE2\n"
          "  -J, --archives                   a compressed file is its content, an archive a\n"
          "                                     directory, and ARCHIVE/MEMBER a file\n"
          "      --archive-depth=N            look into archives in archives, N deep (4)\n"
          "      --archive-formats=FORMATS    basic, or all: 7zip and iso9660 too\n"
          "  -l, --verbose                    output byte numbers and differing byte values\n"
          "  -n, --bytes=LIMIT                compare at most LIMIT bytes\n"
          "  -s, --quiet, --silent            suppress all normal output\n"
          "      --part=K/N                   compare part K of N, in bytes of the larger file\n"
          "      --progress                   show on standard error how far it has come\n"
          "  -r, --recursive                  compare two directories and all below them\n"
          "      --sandbox=WHEN               auto, or require: decode in a sandbox or not at all\n"
          "      --threads=N                  let N threads compare; as many as processors\n"
          "      --help                       display this help and exit\n"
          "  -v, --version                    output version information and exit\n"
          "\n"
          "Numbers may be followed by kB 1000, K 1024, MB 1000*1000, M 1024*1024, and so on\n"
          "for G, T, P, E, Z, Y.  If a FILE is '-' or missing, read standard input.\n"
          "Exit status is 0 if inputs are the same, 1 if different, 2 if trouble.\n",
          to);
}
