/* SPDX-License-Identifier: MIT */
/* mcmp -- compare two files byte by byte; GNU cmp's twin. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/count.h"
#include "common/input.h"
#include "common/message.h"
#include "common/options.h"
#include "common/stream.h"

enum { EQUAL = 0, DIFFERENT = 1, TROUBLE = 2 };

/* How much is compared before the next look: half of a core's second cache. */
#define BLOCK ((size_t)256 << 10)

enum report { FIRST, ALL, STATUS, STATUS_AND_EOF };

struct options {
    enum report report;
    bool print_bytes;
    uint64_t limit;
    uint64_t skip[2];
};

struct side {
    struct input input;
    uint64_t start; /* where the comparison begins in the file */
};

/* One comparison, and how far it has come. */
struct comparison {
    const struct options *options;
    struct side side[2];
    struct stream *out;
    uint64_t compared;
    uint64_t newlines;    /* in the first file so far, where it is a stream */
    unsigned char before; /* the byte compared last */
    int width;            /* of -l's first column */
    bool begun;           /* something was compared, not only sizes and names */
    bool different;
};

static void usage(FILE *to);

static _Noreturn void fail(const struct side *side, int error)
{
    input_trouble(&side->input, quote_controls(side->input.operand), error);
    exit(TROUBLE);
}

/* Were the bytes of both views so far really the files'? */
static void check(struct comparison *c)
{
    for (int i = 0; i < 2; i++) {
        int error = mm_scan_check(c->side[i].input.scan);
        if (error)
            fail(&c->side[i], error);
    }
}

/* The first place where the two differ; `len` where they do not. */
static size_t first_difference(const unsigned char *a, const unsigned char *b, size_t len)
{
    size_t i = 0;
    for (; i + sizeof(uint64_t) <= len; i += sizeof(uint64_t)) {
        uint64_t x, y;
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        if (x != y)
            break;
    }
    while (i < len && a[i] == b[i])
        i++;
    return i;
}

/* A byte as -b shows it. */
static const char *visible(unsigned char c, char text[5])
{
    char *p = text;
    if (!isprint(c)) {
        if (c >= 128) {
            *p++ = 'M';
            *p++ = '-';
            c -= 128;
        }
        if (c < 32 || c == 127) {
            *p++ = '^';
            c ^= 64;
        }
    }
    *p++ = (char)c;
    *p = '\0';
    return text;
}

/* Newlines in the first file before the place reached; read again where that is possible. */
static uint64_t newlines(struct comparison *c)
{
    struct side *side = &c->side[0];
    if (!mm_scan_mapped(side->input.scan))
        return c->newlines;
    struct mm_scan *scan;
    struct mm_view view;
    uint64_t left = c->compared, count = 0;
    int error = mm_scan_new(0, &scan);
    if (!error)
        error = mm_scan_open(scan, side->input.fd, side->start);
    while (!error && left > 0 && (error = mm_scan_more(scan, 1, &view)) == 0 && view.len > 0) {
        size_t len = view.len < left ? view.len : (size_t)left;
        count += count_byte(view.data, len, '\n');
        mm_scan_consume(scan, len);
        left -= len;
    }
    if (!error)
        error = mm_scan_check(scan);
    if (error)
        fail(side, error);
    mm_scan_free(scan);
    return count;
}

/*
 * Where GNU cmp leaves a file that is its standard input: it reads blocks as large as
 * the file systems say, and ends behind the one that decided.
 */
static uint64_t left_at(const struct comparison *c, const struct side *side)
{
    uint64_t block = 1;
    for (int i = 0; i < 2; i++) {
        const struct stat *st = mm_scan_stat(c->side[i].input.scan);
        block = (uint64_t)st->st_blksize > block ? (uint64_t)st->st_blksize : block;
    }
    uint64_t read = c->begun ? (c->compared / block + 1) * block : 0;
    if (read > c->options->limit)
        read = c->options->limit;
    uint64_t size = mm_scan_size(side->input.scan);
    uint64_t left = size > side->start ? size - side->start : 0;
    return side->start + (read < left ? read : left);
}

static _Noreturn void finish(struct comparison *c, int status)
{
    for (int i = 0; i < 2; i++)
        input_close(&c->side[i].input, left_at(c, &c->side[i]));
    stream_close(c->out);
    exit(status);
}

static void report_first(struct comparison *c, unsigned char a, unsigned char b)
{
    char line[160], text_a[5], text_b[5];
    const char *name[2] = {c->side[0].input.operand, c->side[1].input.operand};
    /* POSIX's locale has its own word for it. */
    const char *locale = getenv("LC_ALL");
    if (!locale || !*locale)
        locale = getenv("LC_MESSAGES");
    if (!locale || !*locale)
        locale = getenv("LANG");
    bool posix = !locale || !*locale || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
    int len = snprintf(line, sizeof line, " differ: %s %" PRIu64 ", line %" PRIu64,
                       posix && !c->options->print_bytes ? "char" : "byte", c->compared + 1,
                       newlines(c) + 1);
    if (c->options->print_bytes)
        len += snprintf(line + len, sizeof line - (size_t)len, " is %3o %s %3o %s", a,
                        visible(a, text_a), b, visible(b, text_b));
    stream_put(c->out, name[0], strlen(name[0]));
    stream_byte(c->out, ' ');
    stream_put(c->out, name[1], strlen(name[1]));
    stream_put(c->out, line, (size_t)len);
    stream_byte(c->out, '\n');
}

static void report_one(struct comparison *c, uint64_t at, unsigned char a, unsigned char b)
{
    char text_a[5], text_b[5];
    char *line = (char *)stream_room(c->out, 80);
    int len;
    if (c->options->print_bytes)
        len = sprintf(line, "%*" PRIu64 " %3o %-4s %3o %s\n", c->width, at, a, visible(a, text_a),
                      b, visible(b, text_b));
    else
        len = sprintf(line, "%*" PRIu64 " %3o %3o\n", c->width, at, a, b);
    stream_filled(c->out, (size_t)len);
}

/* What is to be said where two blocks differ, the first time at `at`. */
static void report_block(struct comparison *c, const unsigned char *a, const unsigned char *b,
                         size_t at, size_t len)
{
    check(c);
    c->different = true;
    switch (c->options->report) {
    case FIRST:
        if (!mm_scan_mapped(c->side[0].input.scan))
            c->newlines += count_byte(a, at, '\n');
        c->compared += at;
        report_first(c, a[at], b[at]);
        finish(c, DIFFERENT);
    case ALL:
        for (size_t i = at; i < len; i += 1 + first_difference(a + i + 1, b + i + 1, len - i - 1))
            report_one(c, c->compared + i + 1, a[i], b[i]);
        break;
    default:
        finish(c, DIFFERENT);
    }
}

static void compare_views(struct comparison *c, const unsigned char *a, const unsigned char *b,
                          size_t len)
{
    bool count = c->options->report == FIRST && !mm_scan_mapped(c->side[0].input.scan);
    for (size_t done = 0; done < len;) {
        size_t part = len - done < BLOCK ? len - done : BLOCK;
        if (memcmp(a + done, b + done, part) != 0)
            report_block(c, a + done, b + done, first_difference(a + done, b + done, part), part);
        if (count)
            c->newlines += count_byte(a + done, part, '\n');
        c->before = a[done + part - 1];
        c->compared += part;
        done += part;
    }
}

static void report_end(struct comparison *c, int shorter)
{
    const char *name = quote_controls(c->side[shorter].input.operand);
    if (c->options->report == STATUS)
        return;
    if (c->compared == 0) {
        message("EOF on %s which is empty", name);
    } else if (c->options->report == FIRST) {
        bool whole = c->before == '\n';
        message("EOF on %s after byte %" PRIu64 ", %s %" PRIu64, name, c->compared,
                whole ? "line" : "in line", newlines(c) + !whole);
    } else {
        message("EOF on %s after byte %" PRIu64, name, c->compared);
    }
}

/* Go past what is a hole in both files without looking. */
static uint64_t skip_holes(struct comparison *c, uint64_t left)
{
    uint64_t hole, other;
    if (!mm_scan_hole(c->side[0].input.scan, &hole) || !mm_scan_hole(c->side[1].input.scan, &other))
        return 0;
    if (hole > other)
        hole = other;
    if (hole > left)
        hole = left;
    for (int i = 0; hole > 0 && i < 2; i++) {
        struct mm_scan *scan = c->side[i].input.scan;
        int error = mm_scan_seek(scan, mm_scan_offset(scan) + hole);
        if (error)
            fail(&c->side[i], error);
    }
    return hole;
}

static _Noreturn void compare(struct comparison *c)
{
    c->begun = true;
    for (;;) {
        uint64_t left = c->options->limit - c->compared;
        uint64_t hole = skip_holes(c, left);
        if (hole > 0) {
            c->compared += hole;
            c->before = 0;
            continue;
        }
        struct mm_view view[2] = {0};
        for (int i = 0; i < 2 && left > 0; i++) {
            int error = mm_scan_more(c->side[i].input.scan, 1, &view[i]);
            if (error)
                fail(&c->side[i], error);
        }
        size_t len = view[0].len < view[1].len ? view[0].len : view[1].len;
        if (len > left)
            len = (size_t)left;
        if (len == 0) {
            check(c);
            if (view[0].len != view[1].len && left > 0) {
                report_end(c, view[1].len == 0);
                finish(c, DIFFERENT);
            }
            finish(c, c->different ? DIFFERENT : EQUAL);
        }
        compare_views(c, view[0].data, view[1].data, len);
        for (int i = 0; i < 2; i++)
            mm_scan_consume(c->side[i].input.scan, len);
    }
}

/* How many bytes of a regular file are to be compared, at most; UINT64_MAX where nobody knows. */
static uint64_t known_length(const struct side *side)
{
    if (!mm_scan_mapped(side->input.scan))
        return UINT64_MAX;
    uint64_t size = mm_scan_size(side->input.scan);
    return size > side->start ? size - side->start : 0;
}

static bool is_same(const struct side *a, const struct side *b)
{
    const struct stat *x = mm_scan_stat(a->input.scan), *y = mm_scan_stat(b->input.scan);
    return x->st_dev == y->st_dev && x->st_ino == y->st_ino && a->start == b->start &&
           mm_scan_mapped(a->input.scan) == mm_scan_mapped(b->input.scan);
}

/* Go to where the comparison of this side begins. */
static void skip(struct side *side, uint64_t len)
{
    struct mm_scan *scan = side->input.scan;
    int error = 0;
    if (mm_scan_mapped(scan)) {
        side->start = mm_scan_offset(scan) + len;
        error = mm_scan_seek(scan, side->start);
    }
    while (!error && !mm_scan_mapped(scan) && len > 0) {
        struct mm_view view;
        error = mm_scan_more(scan, 1, &view);
        if (error || view.len == 0)
            break;
        size_t part = view.len < len ? view.len : (size_t)len;
        mm_scan_consume(scan, part);
        len -= part;
    }
    if (error)
        fail(side, error);
}

/* As wide as the largest byte number that can come. */
static int column_width(const struct comparison *c)
{
    uint64_t most = c->options->limit < INT64_MAX ? c->options->limit : INT64_MAX;
    for (int i = 0; i < 2; i++) {
        uint64_t known = known_length(&c->side[i]);
        most = known < most ? known : most;
    }
    return snprintf(NULL, 0, "%" PRIu64, most);
}

static bool output_is_null(void)
{
    struct stat out;
    return !output_was_closed && fstat(STDOUT_FILENO, &out) == 0 && S_ISCHR(out.st_mode) &&
           out.st_rdev == makedev(1, 3);
}

static void open_side(struct side *side, const char *operand, bool quiet)
{
    struct mm_scan *scan;
    if (mm_scan_new(0, &scan) != 0)
        xfail(TROUBLE, "memory exhausted");
    int error = input_open(&side->input, operand, scan);
    if (!error)
        return;
    if (!quiet || error == -EISDIR)
        message_name(quote_controls(operand), error);
    exit(TROUBLE);
}

/* A directory is equal to itself; GNU cmp finds that before it reads. */
static bool same_directory(char *const names[2])
{
    struct stat a, b;
    return stat(names[0], &a) == 0 && S_ISDIR(a.st_mode) && stat(names[1], &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
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
    if (number(text, "kKMGTPEZY0", &value) == NUMBER_OK && value <= INT64_MAX)
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
        {0},
    };
    int c;
    while ((c = options_next(argc, argv, "bci:ln:sv", table, 9)) != -1) {
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
        case 'v':
            options_version();
        case 'h':
            options_help(usage);
        default:
            hint(NULL, NULL);
        }
    }
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
    struct options options = {.limit = UINT64_MAX};
    char *names[2];
    parse_arguments(argc, argv, &options, names);
    if (same_directory(names))
        return EQUAL;

    struct comparison c = {.options = &options, .out = stream_open(STDOUT_FILENO)};
    bool quiet = options.report == STATUS;
    if (!quiet && output_is_null())
        options.report = STATUS_AND_EOF;
    /* Standard input first, as the first file might be read by whoever writes to it. */
    int first = strcmp(names[1], "-") == 0;
    open_side(&c.side[first], names[first], quiet);
    open_side(&c.side[!first], names[!first], quiet);
    for (int i = 0; i < 2; i++)
        skip(&c.side[i], options.skip[i]);
    if (is_same(&c.side[0], &c.side[1]))
        finish(&c, EQUAL);
    if (quiet) {
        uint64_t a = known_length(&c.side[0]), b = known_length(&c.side[1]);
        if (a != b && a != UINT64_MAX && b != UINT64_MAX && (a < b ? a : b) < options.limit)
            finish(&c, DIFFERENT);
    }
    if (options.report == ALL)
        c.width = column_width(&c);
    compare(&c);
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
          "  -l, --verbose                    output byte numbers and differing byte values\n"
          "  -n, --bytes=LIMIT                compare at most LIMIT bytes\n"
          "  -s, --quiet, --silent            suppress all normal output\n"
          "      --help                       display this help and exit\n"
          "  -v, --version                    output version information and exit\n"
          "\n"
          "Numbers may be followed by kB 1000, K 1024, MB 1000*1000, M 1024*1024, and so on\n"
          "for G, T, P, E, Z, Y.  If a FILE is '-' or missing, read standard input.\n"
          "Exit status is 0 if inputs are the same, 1 if different, 2 if trouble.\n",
          to);
}
