/* SPDX-License-Identifier: MIT */
/* The command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/options.h"
#include "common/threads.h"
#include "mgrep/arguments.h"
#include "mgrep/options.h"
#include "mgrep/rules.h"
#include "mgrep/usage.h"
#include "mgrep/vectorscan.h"

enum long_only {
    INCLUDE = 256,
    EXCLUDE,
    EXCLUDE_FROM,
    EXCLUDE_DIR,
    BINARY_FILES,
    COLOR,
    LABEL,
    LINE_BUFFERED,
    NO_IGNORE_CASE,
    GROUP_SEPARATOR,
    NO_GROUP_SEPARATOR,
    ENGINE,
    MAX_COLUMNS,
    PART,
    STATS,
    PROGRESS,
    JSON,
    THREADS,
    HELP,
};

static const char letters[] = "0123456789A:B:C:D:EFGHIJLPRTUVZabcd:e:f:hilm:noqrsuvwxyz";

static const struct option table[] = {
    {"basic-regexp", no_argument, NULL, 'G'},
    {"extended-regexp", no_argument, NULL, 'E'},
    {"fixed-regexp", no_argument, NULL, 'F'},
    {"fixed-strings", no_argument, NULL, 'F'},
    {"perl-regexp", no_argument, NULL, 'P'},
    {"after-context", required_argument, NULL, 'A'},
    {"before-context", required_argument, NULL, 'B'},
    {"binary-files", required_argument, NULL, BINARY_FILES},
    {"binary", no_argument, NULL, 'U'},
    {"byte-offset", no_argument, NULL, 'b'},
    {"context", required_argument, NULL, 'C'},
    {"color", optional_argument, NULL, COLOR},
    {"colour", optional_argument, NULL, COLOR},
    {"count", no_argument, NULL, 'c'},
    {"devices", required_argument, NULL, 'D'},
    {"directories", required_argument, NULL, 'd'},
    {"exclude", required_argument, NULL, EXCLUDE},
    {"exclude-from", required_argument, NULL, EXCLUDE_FROM},
    {"exclude-dir", required_argument, NULL, EXCLUDE_DIR},
    {"file", required_argument, NULL, 'f'},
    {"files-with-matches", no_argument, NULL, 'l'},
    {"files-without-match", no_argument, NULL, 'L'},
    {"group-separator", required_argument, NULL, GROUP_SEPARATOR},
    {"help", no_argument, NULL, HELP},
    {"include", required_argument, NULL, INCLUDE},
    {"ignore-case", no_argument, NULL, 'i'},
    {"no-ignore-case", no_argument, NULL, NO_IGNORE_CASE},
    {"initial-tab", no_argument, NULL, 'T'},
    {"label", required_argument, NULL, LABEL},
    {"line-buffered", no_argument, NULL, LINE_BUFFERED},
    {"line-number", no_argument, NULL, 'n'},
    {"line-regexp", no_argument, NULL, 'x'},
    {"max-count", required_argument, NULL, 'm'},
    {"no-filename", no_argument, NULL, 'h'},
    {"no-group-separator", no_argument, NULL, NO_GROUP_SEPARATOR},
    {"no-messages", no_argument, NULL, 's'},
    {"null", no_argument, NULL, 'Z'},
    {"null-data", no_argument, NULL, 'z'},
    {"only-matching", no_argument, NULL, 'o'},
    {"quiet", no_argument, NULL, 'q'},
    {"recursive", no_argument, NULL, 'r'},
    {"dereference-recursive", no_argument, NULL, 'R'},
    {"regexp", required_argument, NULL, 'e'},
    {"invert-match", no_argument, NULL, 'v'},
    {"silent", no_argument, NULL, 'q'},
    {"text", no_argument, NULL, 'a'},
    {"unix-byte-offsets", no_argument, NULL, 'u'},
    {"version", no_argument, NULL, 'V'},
    {"with-filename", no_argument, NULL, 'H'},
    {"word-regexp", no_argument, NULL, 'w'},
    /* Ours, the first of which peers() knows. */
    {"engine", required_argument, NULL, ENGINE},
    {"max-columns", required_argument, NULL, MAX_COLUMNS},
    {"part", required_argument, NULL, PART},
    {"stats", no_argument, NULL, STATS},
    {"progress", no_argument, NULL, PROGRESS},
    {"json", no_argument, NULL, JSON},
    {"threads", required_argument, NULL, THREADS},
    ARCHIVES_OPTIONS,
    {0},
};

/* How many of the rows are the peer's. */
static int peers(void)
{
    int rows = 0;
    while (table[rows].val != ENGINE)
        rows++;
    return rows;
}

static void set_syntax(struct options *options, enum syntax syntax)
{
    enum syntax *old = &options->request.syntax;
    if (options->matcher_given && *old != syntax)
        xfail(TROUBLE, "conflicting matchers specified");
    *old = syntax;
    options->matcher_given = true;
}

/* -NUM: digits of one argument make one number. */
static void context_digit(struct options *options, char digit, bool first)
{
    int64_t *value = &options->context;
    if (first)
        *value = 0;
    *value = *value > (INT64_MAX - 9) / 10 ? INT64_MAX : *value * 10 + (digit - '0');
}

static void exclude_folder(struct options *options, const char *glob)
{
    char *copy = xstrdup(glob);
    for (size_t len = strlen(copy); len > 1 && copy[len - 1] == '/'; len--)
        copy[len - 1] = '\0';
    rules_add(&options->walk.folders, copy, false);
    free(copy);
}

static void failed_file(const char *name, int error)
{
    if (error) {
        message_name(quote_controls(name), error);
        exit(TROUBLE);
    }
}

/* The options that take an argument. */
static void set_argument(struct options *options, int c)
{
    switch (c) {
    case 'A':
        options->after = argument_context_length(optarg);
        break;
    case 'B':
        options->before = argument_context_length(optarg);
        break;
    case 'C':
        options->context = argument_context_length(optarg);
        break;
    case 'D':
        options->walk.devices = argument_devices(optarg);
        break;
    case 'd':
        options->walk.directories = argument_directories(optarg);
        break;
    case 'e':
        pattern_add(&options->request, optarg, strlen(optarg));
        options->pattern_given = true;
        break;
    case 'f':
        failed_file(optarg, pattern_file(&options->request, optarg));
        options->pattern_given = true;
        break;
    case 'm':
        options->search.limit = argument_max_count(optarg);
        break;
    case BINARY_FILES:
        options->search.binary = argument_binary_files(optarg);
        break;
    case COLOR:
        options->print.color = argument_colored(optarg);
        break;
    case EXCLUDE:
    case INCLUDE:
        rules_add(&options->walk.files, optarg, c == INCLUDE);
        break;
    case EXCLUDE_FROM:
        failed_file(optarg, rules_read(&options->walk.files, optarg));
        break;
    case EXCLUDE_DIR:
        exclude_folder(options, optarg);
        break;
    case GROUP_SEPARATOR:
        options->print.separator = optarg;
        break;
    case LABEL:
        options->label = optarg;
        break;
    case PART:
        if (!part_parse(optarg, &options->search.part))
            xfail(TROUBLE, "%s: invalid part, which is K/N with 1 <= K <= N", quote(optarg));
        break;
    case ENGINE:
        options->request.choice = argument_engine_choice(optarg);
        break;
    case MAX_COLUMNS:
        options->print.max_columns = argument_max_columns(optarg);
        break;
    case THREADS:
        options->threads = argument_threads(optarg);
        break;
    default:
        if (!archives_option(&options->archives, c, optarg))
            usage(TROUBLE);
    }
}

static void set_option(struct options *options, int c)
{
    switch (c) {
    case 'G':
        set_syntax(options, SYNTAX_BASIC);
        break;
    case 'E':
        set_syntax(options, SYNTAX_EXTENDED);
        break;
    case 'F':
        set_syntax(options, SYNTAX_FIXED);
        break;
    case 'P':
        set_syntax(options, SYNTAX_PERL);
        break;
    case 'H':
        options->names = NAMES_ALWAYS;
        break;
    case 'h':
        options->names = NAMES_NEVER;
        break;
    case 'I':
        options->search.binary = BINARY_WITHOUT_MATCH;
        break;
    case 'a':
        options->search.binary = BINARY_TEXT;
        break;
    case 'U': /* there is no other kind of file here */
        break;
    case 'L':
        options->list = LIST_OTHERS;
        break;
    case 'l':
        options->list = LIST_MATCHING;
        break;
    case 'R':
    case 'r':
        options->walk.directories = DIRECTORIES_RECURSE;
        options->walk.follow |= c == 'R';
        break;
    case 'T':
        options->print.initial_tab = true;
        break;
    case 'V':
        options_version();
    case 'Z':
        options->print.null = true;
        break;
    case 'b':
        options->print.offset = true;
        break;
    case 'c':
        options->count = true;
        break;
    case 'i':
    case 'y':
        options->request.fold = true;
        break;
    case NO_IGNORE_CASE:
        options->request.fold = false;
        break;
    case 'n':
        options->print.number = true;
        break;
    case 'o':
        options->print.only_matching = true;
        break;
    case 'q':
        options->quiet = true;
        break;
    case 's':
        options->silent = true;
        break;
    case 'u':
        message("warning: --unix-byte-offsets (-u) is obsolete");
        break;
    case 'v':
        options->search.invert = true;
        break;
    case 'w':
        options->request.words = true;
        break;
    case 'x':
        options->request.lines = true;
        break;
    case 'z':
        options->request.eol = '\0';
        break;
    case LINE_BUFFERED:
        options->print.line_buffered = true;
        break;
    case NO_GROUP_SEPARATOR:
        options->print.separator = NULL;
        break;
    case JSON:
        options->print.json = true;
        break;
    case PROGRESS:
        options->progress = true;
        break;
    case STATS:
        options->print.stats = true;
        break;
    case HELP:
        help();
    default:
        set_argument(options, c);
    }
}

/* JSON has no shape for what -c, -l and -L print, and brings its own figures. */
static void settle_json(struct options *options)
{
    struct print_options *print = &options->print;
    if (options->count || options->list != LIST_NO)
        xfail(TROUBLE, "--json cannot be used with --%s",
              options->count                   ? "count"
              : options->list == LIST_MATCHING ? "files-with-matches"
                                               : "files-without-match");
    print->json = print->stats = !options->quiet;
}

/* What one option implies for another, once all are known. */
static void settle(struct options *options)
{
    struct print_options *print = &options->print;
    struct search *search = &options->search;
    if (options->after < 0)
        options->after = options->context;
    if (options->before < 0)
        options->before = options->context;
    /* As in GNU grep no pattern and -v is the empty pattern without, each line for itself. */
    if (options->request.count == 0 && search->invert) {
        pattern_add(&options->request, "", 0);
        search->invert = options->request.words = options->request.lines = false;
    }
    print->context = options->after >= 0 || options->before >= 0;
    print->invert = search->invert;
    print->as_text = search->binary == BINARY_TEXT;
    print->eol = search->eol = options->request.eol;
    if (print->json)
        settle_json(options);
    if (options->request.choice == ENGINE_VECTORSCAN)
        vectorscan_demand();
    search->number = print->number || print->json;
    search->after = options->after > 0 ? (uint64_t)options->after : 0;
    search->before = options->before > 0 ? (uint64_t)options->before : 0;
    options->walk.quiet = options->silent;
    options->walk.archives = options->archives.on;
    if (options->archives.on && search->part.count > 0)
        xfail(TROUBLE, "--archives cannot be used with --part");
    if (options->walk.devices == DEVICES_OPERANDS && options->walk.follow)
        options->walk.devices = DEVICES_READ;
}

void options_read(struct options *options, int argc, char *argv[])
{
    *options = (struct options){
        .request = {.eol = '\n'},
        .print = {.separator = "--"},
        .search = {.limit = UINT64_MAX},
        .label = "(standard input)",
        .before = -1,
        .after = -1,
        .context = -1,
    };
    int c, digit_at = 0;
    for (;;) {
        int at = optind;
        c = options_next(argc, argv, letters, table, peers());
        if (c == -1)
            break;
        if (c >= '0' && c <= '9') {
            context_digit(options, (char)c, digit_at != at);
            digit_at = at;
        } else {
            set_option(options, c);
        }
    }
    if (!options->pattern_given) {
        if (optind == argc)
            usage(TROUBLE);
        pattern_add(&options->request, argv[optind], strlen(argv[optind]));
        optind++;
    }
    if (options->threads == 0)
        options->threads = threads_default();
    settle(options);
}
