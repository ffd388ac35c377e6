/* SPDX-License-Identifier: MIT */
/* The command line. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "common/options.h"
#include "common/threads.h"
#include "mgrep/options.h"
#include "mgrep/rules.h"
#include "mgrep/vectorscan.h"

static _Noreturn void usage(int status);
static _Noreturn void help(void);

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

/* A number that may have a minus.  Returns false for what is none. */
static bool signed_number(const char *text, bool *negative, uint64_t *value)
{
    const char *sign = text + strspn(text, " \t\n\v\f\r");
    *negative = *sign == '-';
    if (*negative && !isdigit((unsigned char)sign[1]))
        return false;
    return number(*negative ? sign + 1 : text, "", value) != NUMBER_INVALID;
}

static int64_t context_length(const char *text)
{
    bool negative;
    uint64_t value = 0;
    if (!signed_number(text, &negative, &value) || (negative && value > 0))
        xfail(TROUBLE, "%s: invalid context length argument", text);
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

/* A negative limit is none. */
static uint64_t max_count(const char *text)
{
    bool negative;
    uint64_t value = 0;
    if (!signed_number(text, &negative, &value))
        xfail(TROUBLE, "invalid max count");
    return negative && value > 0 ? UINT64_MAX : value;
}

static uint64_t max_columns(const char *text)
{
    uint64_t value = 0;
    if (number(text, "", &value) == NUMBER_INVALID)
        xfail(TROUBLE, "%s: invalid number of columns", text);
    return value;
}

static unsigned threads(const char *text)
{
    uint64_t value = 0;
    if (number(text, "", &value) == NUMBER_INVALID || value == 0)
        xfail(TROUBLE, "%s: invalid number of threads", text);
    return value > UINT_MAX ? UINT_MAX : (unsigned)value;
}

/* Which of three words an option's argument is, or abbreviates.  `status` is that of the end. */
static int one_of(const char *const words[3], const char *text, const char *option, int status)
{
    size_t len = strlen(text);
    int found = -1;
    for (int i = 0; i < 3; i++) {
        if (strncmp(text, words[i], len) != 0)
            continue;
        if (words[i][len] == '\0')
            return i;
        found = found == -1 ? i : -2;
    }
    if (found >= 0)
        return found;
    message("%s argument %s for %s", found == -2 ? "ambiguous" : "invalid", quote_always(text),
            quote_always(option));
    fprintf(stderr, "Valid arguments are:\n");
    for (int i = 0; i < 3; i++)
        fprintf(stderr, "  - %s\n", quote_always(words[i]));
    usage(status);
}

static enum directories directories(const char *text)
{
    static const char *const words[] = {"read", "recurse", "skip"};
    return (enum directories)one_of(words, text, "--directories", 1); /* as in GNU grep */
}

static enum engine_choice engine_choice(const char *text)
{
    static const char *const words[] = {"auto", "pcre2", "vectorscan"};
    return (enum engine_choice)one_of(words, text, "--engine", TROUBLE);
}

static enum devices devices(const char *text)
{
    if (strcmp(text, "read") == 0)
        return DEVICES_READ;
    if (strcmp(text, "skip") == 0)
        return DEVICES_SKIP;
    xfail(TROUBLE, "unknown devices method");
}

static enum binary binary_files(const char *text)
{
    if (strcmp(text, "binary") == 0)
        return BINARY_BINARY;
    if (strcmp(text, "text") == 0)
        return BINARY_TEXT;
    if (strcmp(text, "without-match") == 0)
        return BINARY_WITHOUT_MATCH;
    xfail(TROUBLE, "unknown binary-files type");
}

static bool colored(const char *when)
{
    const char *term = getenv("TERM");
    if (!when || strcmp(when, "auto") == 0 || strcmp(when, "tty") == 0 ||
        strcmp(when, "if-tty") == 0)
        return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
    if (strcmp(when, "always") == 0 || strcmp(when, "yes") == 0 || strcmp(when, "force") == 0)
        return true;
    if (strcmp(when, "never") == 0 || strcmp(when, "no") == 0 || strcmp(when, "none") == 0)
        return false;
    help();
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
        options->after = context_length(optarg);
        break;
    case 'B':
        options->before = context_length(optarg);
        break;
    case 'C':
        options->context = context_length(optarg);
        break;
    case 'D':
        options->walk.devices = devices(optarg);
        break;
    case 'd':
        options->walk.directories = directories(optarg);
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
        options->search.limit = max_count(optarg);
        break;
    case BINARY_FILES:
        options->search.binary = binary_files(optarg);
        break;
    case COLOR:
        options->print.color = colored(optarg);
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
        options->request.choice = engine_choice(optarg);
        break;
    case MAX_COLUMNS:
        options->print.max_columns = max_columns(optarg);
        break;
    case THREADS:
        options->threads = threads(optarg);
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

static _Noreturn void usage(int status)
{
    fputs("Usage: mgrep [OPTION]... PATTERNS [FILE]...\n", stderr);
    options_hint(status);
}

static _Noreturn void help(void)
{
    fputs("Usage: mgrep [OPTION]... PATTERNS [FILE]...\n"
          "Print the lines of each FILE that match one of the PATTERNS, one a line.\n"
          "\n"
          "Patterns:\n"
          "  -E, --extended-regexp     PATTERNS are extended regular expressions\n"
          "  -F, --fixed-strings       PATTERNS are strings\n"
          "  -G, --basic-regexp        PATTERNS are basic regular expressions (default)\n"
          "  -P, --perl-regexp         the one pattern is a Perl regular expression\n"
          "  -e, --regexp=PATTERNS     match PATTERNS\n"
          "  -f, --file=FILE           match the patterns in FILE\n"
          "  -i, -y, --ignore-case     let upper and lower case match each other\n"
          "      --no-ignore-case      tell them apart (default)\n"
          "  -w, --word-regexp         match whole words only\n"
          "  -x, --line-regexp         match whole lines only\n"
          "  -z, --null-data           lines end in a NUL byte, not in a newline\n"
          "      --engine=ENGINE       find lines by auto (default), pcre2 or vectorscan\n"
          "\n"
          "Selection and output:\n"
          "  -v, --invert-match        select the lines that do not match\n"
          "  -m, --max-count=NUM       stop after NUM selected lines\n"
          "  -c, --count               print how many lines are selected\n"
          "  -l, --files-with-matches  print the names of files with selected lines\n"
          "  -L, --files-without-match print the names of files without\n"
          "  -o, --only-matching       print the nonempty parts that match\n"
          "  -q, --quiet, --silent     print nothing\n"
          "  -s, --no-messages         be silent about files that cannot be read\n"
          "  -n, --line-number         print line numbers\n"
          "  -b, --byte-offset         print byte offsets\n"
          "  -H, --with-filename       print file names (default for several files)\n"
          "  -h, --no-filename         do not print file names\n"
          "      --label=LABEL         call standard input LABEL\n"
          "      --part=K/N            search only the lines of part K of N of each file\n"
          "      --max-columns=NUM     print no line of more than NUM bytes, but that it is there\n"
          "  -T, --initial-tab         make tabs line up\n"
          "  -Z, --null                end file names in a NUL byte\n"
          "      --line-buffered       let each line out at once\n"
          "      --stats               print figures of the search at the end\n"
          "      --progress            show on standard error how far a long search has come\n"
          "      --json                print all that is found in JSON, one object a line\n"
          "      --color[=WHEN],\n"
          "      --colour[=WHEN]       mark what matches; WHEN is always, never or auto\n"
          "\n"
          "Context:\n"
          "  -A, --after-context=NUM   print NUM lines after a selected one\n"
          "  -B, --before-context=NUM  print NUM lines before it\n"
          "  -C, --context=NUM, -NUM   print NUM lines before and after it\n"
          "      --group-separator=SEP print SEP between groups of lines\n"
          "      --no-group-separator  print nothing there\n"
          "\n"
          "Files:\n"
          "  -r, --recursive           search directories\n"
          "  -R, --dereference-recursive\n"
          "                            likewise, and follow all symbolic links\n"
          "  -d, --directories=ACTION  ACTION for directories: read, recurse or skip\n"
          "  -D, --devices=ACTION      ACTION for devices, FIFOs, sockets: read or skip\n"
          "      --include=GLOB        search only files that match GLOB\n"
          "      --exclude=GLOB        skip files that match GLOB\n"
          "      --exclude-from=FILE   skip files that match a glob in FILE\n"
          "      --exclude-dir=GLOB    skip directories that match GLOB\n"
          "  -J, --archives            a compressed file is its content, an archive a directory\n"
          "      --archive-depth=N     look into archives in archives, N deep; 4 by default\n"
          "      --archive-formats=FORMATS\n"
          "                            basic, or all: 7zip and iso9660 too\n"
          "      --sandbox=WHEN        auto, or require: decode in a sandbox or not at all\n"
          "  -a, --text                binary files are text\n"
          "  -I                        binary files do not match\n"
          "      --binary-files=TYPE   TYPE is binary, text or without-match\n"
          "  -U, --binary              no effect here\n"
          "  -u, --unix-byte-offsets   obsolete: no effect but a warning\n"
          "      --threads=N           search with N processors, as threads or processes\n"
          "\n"
          "      --help                display this help and exit\n"
          "  -V, --version             output version information and exit\n"
          "\n"
          "When FILE is -, read standard input.  With no FILE, read . with -r, else standard\n"
          "input.  Exit status is 0 if a line is selected, 1 if none, 2 for trouble.\n",
          stdout);
    exit(fflush(stdout) == 0 ? 0 : TROUBLE);
}
