/* SPDX-License-Identifier: MIT */
/* mtail -- print the last part of files, and what is added to them; GNU tail's twin. */
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/members.h"
#include "common/message.h"
#include "common/options.h"
#include "mtail/mtail.h"

#define DEFAULT_COUNT 10

static void usage(FILE *to);

/* The end of each file in an archive, which is named in full before it; or of a compressed file. */
static bool tail_members(const struct options *o, struct output *out, struct members *members,
                         const char *operand)
{
    struct input input;
    bool good = true, headers = out->headers, prefix = out->prefix;
    while (members_next(members, &input)) {
        struct file file = {.name = input.operand, .shown = input.operand, .input = input};
        struct hold hold = {0};
        uint64_t until;
        bool names = !members_exact(members) && o->headers == HEADERS_MANY;
        out->headers = headers || (names && !o->prefix);
        out->prefix = prefix || (names && o->prefix);
        if (members_content(members) && strcmp(operand, "-") == 0)
            file.shown = "standard input";
        if (out->headers)
            put_header(out, &file);
        int error = find_start(input.scan, o, &hold, &until);
        if (!error) {
            print_hold(out, &file, &hold);
            error = print_until(out, &file, &file.input, until, REST);
        }
        hold_free(&hold);
        if (error)
            trouble(&file, error);
        good &= !error;
        out->last = NULL; /* the next one may stand in the same place */
    }
    out->headers = headers;
    out->prefix = prefix;
    return members_close(members) && good;
}

/* The end of one input.  Where it is to be followed, it stays open. */
static bool tail(const struct options *o, struct output *out, struct file *file,
                 struct mm_scan *scan)
{
    struct members *members = NULL;
    int error = members_open(&o->archives, file->name, NULL, scan, quote, &file->input, &members);
    if (members)
        file->input = (struct input){.operand = file->name, .fd = -1, .scan = scan};
    if (members)
        return tail_members(o, out, members, file->name);
    if (error)
        file->input = (struct input){.operand = file->name,
                                     .fd = -1,
                                     .standard = strcmp(file->name, "-") == 0,
                                     .scan = scan};
    if (error && error != -EISDIR && !file->input.standard) {
        message("cannot open %s for reading: %s", quote_always(file->name), strerror(-error));
        return o->follow ? follow_accept(o, file, error) : false;
    }
    if (out->headers)
        put_header(out, file);
    if (!error) {
        struct hold hold = {0};
        uint64_t until;
        if (!mm_scan_mapped(scan))
            stream_flush(out->stream); /* who waits for a pipe or a terminal sees the header */
        error = find_start(scan, o, &hold, &until);
        if (!error) {
            print_hold(out, file, &hold);
            error =
                print_until(out, file, &file->input, until, follow_wanted(o, file) ? SO_FAR : REST);
        }
        hold_free(&hold);
    }
    if (error == -ESTALE && o->follow)
        error = follow_truncated(file, &file->input);
    if (error)
        trouble(file, error);
    if (o->follow)
        return follow_accept(o, file, error);
    if (file->input.fd >= 0)
        input_close(&file->input, mm_scan_offset(scan));
    return !error;
}

/* ----------------------------------------------------------------- options */

/* The opening and the closing quote of the locale. */
static const char *quotes(bool closing)
{
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    return !utf8 ? "'" : closing ? "\u2019" : "\u2018";
}

/* An argument in quotes; what is no text is escaped as in C.  Valid until the next call. */
static const char *argument(const char *text)
{
    static const char letters[] = "abtnvfr"; /* for the codes 7 to 13 */
    bool ascii_quotes = *quotes(true) == '\'', printable = quote_controls(text) == text;
    static char *made;
    made = xrealloc(made, 4 * strlen(text) + 8);
    char *to = stpcpy(made, quotes(false));
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '\\' || (c == '\'' && ascii_quotes))
            to += sprintf(to, "\\%c", c);
        else if (c >= 7 && c <= 13)
            to += sprintf(to, "\\%c", letters[c - 7]);
        else if (c < ' ' || c == 127 || (c > 127 && !printable))
            to += sprintf(to, "\\%03o", c);
        else
            *to++ = (char)c;
    }
    strcpy(to, quotes(true));
    return made;
}

static uint64_t number_or_fail(const char *text, const char *suffixes, uint64_t most,
                               const char *what)
{
    uint64_t value;
    enum number_result result = number(text, suffixes, &value);
    if (result == NUMBER_INVALID)
        xfail(1, "invalid %s: %s", what, argument(text));
    if (result == NUMBER_OVERFLOW || value > most)
        xfail(1, "invalid %s: %s: %s", what, argument(text), strerror(EOVERFLOW));
    return value;
}

/* Seconds, with a point or what the locale has in its place. */
static double seconds_or_fail(const char *text)
{
    static const char *const locales[] = {"C", ""};
    for (int i = 0; i < 2; i++) {
        setlocale(LC_NUMERIC, locales[i]);
        char *end;
        errno = 0;
        double value = strtod(text, &end);
        setlocale(LC_NUMERIC, "C");
        if (end != text && !*end && value >= 0 && !(errno == ERANGE && value > 1))
            return value;
    }
    xfail(1, "invalid number of seconds: %s", argument(text));
}

/* What --follow=WHAT means; an abbreviation will do. */
static bool by_name_or_fail(const char *what)
{
    size_t len = strlen(what);
    if (len > 0 && strncmp(what, "descriptor", len) == 0)
        return false;
    if (len > 0 && strncmp(what, "name", len) == 0)
        return true;
    message("%s argument %s for %s--follow%s", len == 0 ? "ambiguous" : "invalid", argument(what),
            quotes(false), quotes(true));
    fprintf(stderr, "Valid arguments are:\n  - %sdescriptor%s\n  - %sname%s\n", quotes(false),
            quotes(true), quotes(false), quotes(true));
    options_hint(1);
}

/*
 * The obsolete form: one option -[NUM][bcl][f] or +[NUM][bcl][f], at most one
 * file behind it, and nothing else.  _POSIX2_VERSION says how old the system is
 * to be taken for: before 2001 the form wins over -c without a number, and in
 * 2001 +NUM was a file name.
 *
 * Returns false if it is not meant.
 */
static bool obsolete(int argc, char *argv[], struct options *o)
{
    bool form = argc == 2 || (argc == 3 && !(argv[2][0] == '-' && argv[2][1])) ||
                ((argc == 3 || argc == 4) && strcmp(argv[2], "--") == 0);
    if (!form)
        return false;
    const char *version = getenv("_POSIX2_VERSION");
    char *end;
    long posix = version && *version ? strtol(version, &end, 10) : 200809;
    if (version && *version && *end)
        posix = 200809;

    const char *p = argv[1];
    bool plus = *p == '+';
    if (plus ? posix >= 200112 && posix < 200809
             : *p != '-' || (posix >= 200112 && (!p[1] || strcmp(p, "-c") == 0)))
        return false;
    const char *digits = ++p;
    p += strspn(p, "0123456789");
    bool counted = p > digits;
    char unit = *p && strchr("bcl", *p) ? *p++ : 'l';
    bool follow = *p == 'f';
    if (p[follow])
        return false;

    uint64_t count = DEFAULT_COUNT;
    errno = 0;
    if (counted)
        count = strtoumax(digits, NULL, 10);
    if (errno || (unit == 'b' && __builtin_mul_overflow(count, (uint64_t)512, &count)))
        xfail(1, "invalid number: %s: %s", argument(argv[1]), strerror(ERANGE));
    o->count = count;
    o->bytes = unit != 'l';
    o->from_start = plus;
    o->follow = follow;
    return true;
}

static void parse(int argc, char *argv[], struct options *o)
{
    static const struct option table[] = {
        {"bytes", required_argument, NULL, 'c'},
        {"follow", optional_argument, NULL, 'w'},
        {"lines", required_argument, NULL, 'n'},
        {"max-unchanged-stats", required_argument, NULL, 'u'},
        {"-disable-inotify", no_argument, NULL, 'i'},
        {"pid", required_argument, NULL, 'p'},
        {"quiet", no_argument, NULL, 'q'},
        {"retry", no_argument, NULL, 'r'},
        {"silent", no_argument, NULL, 'q'},
        {"sleep-interval", required_argument, NULL, 's'},
        {"verbose", no_argument, NULL, 'v'},
        {"zero-terminated", no_argument, NULL, 'z'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {"prefix", no_argument, NULL, 'P'}, /* from here on, ours only */
        ARCHIVES_OPTIONS,
        {0},
    };
    int c;
    while ((c = options_next(argc, argv, "c:n:fFJqs:vz0123456789", table, 14)) != -1) {
        switch (c) {
        case 'c':
        case 'n':
            o->bytes = c == 'c';
            o->from_start |= *optarg == '+';
            optarg += *optarg == '-';
            o->count = number_or_fail(optarg, "bkKmMGTPEZY0", UINT64_MAX,
                                      c == 'c' ? "number of bytes" : "number of lines");
            break;
        case 'f':
            o->follow = true;
            o->by_name = false;
            break;
        case 'w':
            o->follow = true;
            o->by_name = optarg && by_name_or_fail(optarg);
            break;
        case 'F':
            o->follow = o->by_name = o->retry = true;
            break;
        case 'r':
            o->retry = true;
            break;
        case 'u':
            o->patience = number_or_fail(optarg, "", UINT64_MAX,
                                         "maximum number of unchanged stats between opens");
            break;
        case 'i':
            o->no_inotify = true;
            break;
        case 'p':
            o->pid = (pid_t)number_or_fail(optarg, "", INT_MAX, "PID");
            break;
        case 's':
            o->interval = seconds_or_fail(optarg);
            break;
        case 'P':
            o->prefix = true;
            break;
        case 'q':
            o->headers = HEADERS_NEVER;
            break;
        case 'v':
            o->headers = HEADERS_ALWAYS;
            break;
        case 'z':
            o->line_end = '\0';
            break;
        case 'h':
            options_help(usage);
        case 'V':
            options_version();
        case '?':
            options_hint(1);
        default:
            if (archives_option(&o->archives, c, optarg))
                break;
            xfail(1, "option used in invalid context -- %c", c);
        }
    }
    if (o->archives.on && o->follow)
        xfail(1, "cannot follow what is decoded: -J goes with neither -f nor -F");
    if (o->retry && !o->follow)
        message("warning: --retry ignored; --retry is useful only when following");
    else if (o->retry && !o->by_name)
        message("warning: --retry only effective for the initial open");
    if (o->pid && !o->follow)
        message("warning: PID ignored; --pid=PID is useful only when following");
}

/* Every operand, and then what is added to them.  Returns whether all went well. */
static bool tail_all(const struct options *o, char **operands, size_t count)
{
    bool names = o->headers == HEADERS_ALWAYS || (o->headers == HEADERS_MANY && count > 1);
    struct output out = {.stream = stream_open(STDOUT_FILENO),
                         .line_end = o->line_end,
                         .headers = names && !o->prefix,
                         .prefix = names && o->prefix,
                         .terminal = isatty(STDOUT_FILENO) == 1};
    /* That a followed file is cut short is no error, so no lost byte may have been handed over. */
    if (o->follow)
        stream_copies(out.stream);
    struct file *files = xmalloc(count * sizeof *files);
    struct mm_scan *scan = NULL;
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        bool standard = strcmp(operands[i], "-") == 0;
        files[i] =
            (struct file){.name = operands[i], .shown = standard ? "standard input" : operands[i]};
        if ((!scan || o->follow) && mm_scan_new(0, &scan) != 0)
            xfail(1, "memory exhausted");
        good &= tail(o, &out, &files[i], scan);
    }
    if (o->follow)
        good &= follow(o, &out, files, count);
    stream_close(out.stream);
    for (size_t i = 0; i < (o->follow ? count : 1); i++)
        mm_scan_free(files[i].input.scan);
    free(files);
    return good;
}

int main(int argc, char *argv[])
{
    start("mtail");
    struct options options = {
        .count = DEFAULT_COUNT, .line_end = '\n', .interval = 1.0, .patience = 5};
    if (obsolete(argc, argv, &options))
        optind = argc > 2 && strcmp(argv[2], "--") == 0 ? 3 : 2;
    else
        parse(argc, argv, &options);

    archives_begin(&options.archives);
    static char *standard_input[] = {"-", NULL};
    char **operands = optind < argc ? argv + optind : standard_input;
    size_t count = optind < argc ? (size_t)(argc - optind) : 1;
    bool uses_input = false;
    for (size_t i = 0; i < count; i++)
        uses_input |= strcmp(operands[i], "-") == 0;
    if (options.by_name && uses_input)
        xfail(1, "cannot follow %s by name", quote_always("-"));
    if (options.count == 0 && !options.from_start && !options.follow)
        return 0; /* the peer does not even look at the files */
    bool good = tail_all(&options, operands, count);
    if (uses_input && input_was_closed)
        xfail(1, "-: %s", strerror(EBADF));
    return good ? 0 : 1;
}

static void usage(FILE *to)
{
    fputs("Usage: mtail [OPTION]... [FILE]...\n"
          "Print the last 10 lines of each FILE to standard output; with more than one\n"
          "FILE, a header with its name before each.\n"
          "\n"
          "With no FILE, or when FILE is -, read standard input.\n"
          "\n"
          "  -c, --bytes=[+]NUM          print the last NUM bytes; with +, from byte NUM on\n"
          "  -f, --follow[={name|descriptor}]\n"
          "                              print what is added as the file grows; without a\n"
          "                                value, follow the descriptor\n"
          "  -F                          the same as --follow=name --retry\n"
          "  -n, --lines=[+]NUM          print the last NUM lines instead of the last 10;\n"
          "                                with +, from line NUM on\n"
          "  -J, --archives              a compressed file is its content, an archive its\n"
          "                                files, each with a header\n"
          "      --archive-depth=N       look into archives in archives, N deep; 4 by default\n"
          "      --archive-formats=FORMATS\n"
          "                              basic, or all: 7zip and iso9660 too\n"
          "      --max-unchanged-stats=N\n"
          "                              when polling by name, look at the name again after\n"
          "                                N polls (default 5) without a change\n"
          "      --pid=PID               with -f, end after process PID has ended\n"
          "      --prefix                print the name before each line instead of headers\n"
          "  -q, --quiet, --silent       never print headers\n"
          "      --retry                 keep trying to open a file that is inaccessible\n"
          "  -s, --sleep-interval=N      with -f, poll every N seconds (default 1.0) what\n"
          "                                the kernel does not tell of, and process PID\n"
          "      --sandbox=WHEN          auto, or require: decode in a sandbox or not at all\n"
          "  -v, --verbose               always print headers\n"
          "  -z, --zero-terminated       lines end with NUL, not with newline\n"
          "      ---disable-inotify      with -f, poll everything\n"
          "      --help                  display this help and exit\n"
          "      --version               output version information and exit\n"
          "\n"
          "NUM may have a suffix: b 512, kB 1000, K 1024, MB 1000*1000, M 1024*1024, and so\n"
          "on for G, T, P, E, Z, Y; KiB is K, MiB is M, and so on.\n",
          to);
}
