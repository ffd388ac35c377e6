/* SPDX-License-Identifier: MIT */
/* mcat -- write files, one after the other, to standard output; GNU cat's twin. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/archives.h"
#include "common/input.h"
#include "common/members.h"
#include "common/message.h"
#include "common/options.h"
#include "common/progress.h"
#include "common/stream.h"
#include "common/visible.h"
#include "mcat/format.h"
#include "mcat/range.h"

/* Long options without a letter. */
enum { LIST = 256, NO_SPLICE, PART, PROGRESS, RANGE };

/* What is shown between two looks at the clock. */
#define PROGRESS_STEP ((size_t)1 << 20)

struct options {
    struct format_options format;
    struct range_options range;
    struct archives archives;
    bool list; /* the names of what is in an archive */
    bool no_splice;
    bool progress;
};

/* Where the bytes go. */
struct sink {
    struct stream *out;
    struct format *format; /* NULL: as they are */
    bool progress;
};

static void usage(FILE *to);

static bool is_plain(const struct format_options *o)
{
    return !(o->number || o->squeeze_blank || o->show_ends || o->show_tabs || o->show_nonprinting);
}

/* Copying a file behind its own end would go on until the disk is full. */
static bool is_output(const struct mm_scan *scan)
{
    static struct stat out;
    static int known = -1;
    if (known < 0)
        known = fstat(STDOUT_FILENO, &out) == 0 && S_ISREG(out.st_mode);
    const struct stat *in = mm_scan_stat(scan);
    return known && in->st_dev == out.st_dev && in->st_ino == out.st_ino &&
           mm_scan_offset(scan) < mm_scan_size(scan);
}

/* Count the lines of the parts before.  Returns 0, or the scan's error. */
static int pass_to(struct mm_scan *scan, const struct sink *sink, uint64_t begin)
{
    struct mm_view view;
    int error = 0;
    while (mm_scan_offset(scan) < begin && (error = mm_scan_more(scan, 1, &view)) == 0 &&
           view.len > 0) {
        uint64_t left = begin - mm_scan_offset(scan);
        size_t len = view.len < left ? view.len : (size_t)left;
        format_pass(sink->format, view.data, len);
        mm_scan_consume(scan, len);
    }
    return error;
}

/* Show the input from where the scan stands, up to `end`.  Returns 0, or the scan's error. */
static int show(struct mm_scan *scan, const struct sink *sink, uint64_t end)
{
    struct mm_view view;
    int error = 0;
    while (!error && mm_scan_offset(scan) < end && (error = mm_scan_more(scan, 1, &view)) == 0 &&
           view.len > 0) {
        uint64_t stands = mm_scan_offset(scan), size = mm_scan_size(scan), left = end - stands;
        if (view.len > left)
            view.len = (size_t)left;
        if (sink->progress && view.len > PROGRESS_STEP)
            view.len = PROGRESS_STEP;
        stands += view.len;
        if (size > end)
            size = end;
        if (sink->format)
            format_put(sink->format, view.data, view.len);
        else
            error = stream_pages(sink->out, &view, size > stands ? size - stands : 0);
        mm_scan_consume(scan, view.len);
        /* What comes from a pipe is shown before more of it is waited for. */
        if (!mm_scan_mapped(scan))
            error = stream_flush(sink->out);
        progress_add(view.len);
    }
    return error;
}

static bool cat(struct input *input, const struct options *options, const struct sink *sink)
{
    struct mm_scan *scan = input->scan;
    struct range range;
    uint64_t start = mm_scan_offset(scan);
    int error = range_find(scan, &options->range, &range);
    if (error == -ESPIPE) {
        message("%s: cannot determine file size", quote(input->operand));
        return false;
    }
    stream_from(sink->out, scan);
    bool counts = options->format.number || options->format.squeeze_blank;
    if (!error && counts && options->range.part.count > 0) {
        error = range_skip(scan, start);
        if (!error)
            error = pass_to(scan, sink, range.begin);
    }
    if (!error && mm_scan_offset(scan) != range.begin)
        error = range_skip(scan, range.begin);
    if (!error)
        error = show(scan, sink, range.end);
    int lost = stream_end(sink->out);
    if (lost || error)
        input_trouble(input, quote(input->operand), lost ? lost : error);
    return !lost && !error;
}

/* The names of all that is in an archive, a line each. */
static void list(struct members *members, struct stream *out)
{
    struct decoder_member member;
    const char *name;
    bool terminal = isatty(STDOUT_FILENO) == 1;
    while ((name = members_any(members, &member))) {
        if (terminal)
            visible_put(out, name, strlen(name), "");
        else
            stream_put(out, name, strlen(name));
        stream_byte(out, '\n');
    }
}

/* One operand: an input, or all that is in an archive. */
static bool cat_operand(const char *operand, const struct options *options, const struct sink *sink,
                        struct mm_scan *scan)
{
    struct input input;
    struct members *members;
    int error = members_open(&options->archives, operand, NULL, scan, quote, &input, &members);
    if (error) {
        message_name(quote(operand), error);
        return false;
    }
    if (!members && options->list) {
        message("%s: not an archive", quote(operand));
        input_close(&input, mm_scan_offset(scan));
        return false;
    }
    bool good = !is_output(scan); /* what is decoded is another one */
    if (!good)
        message("%s: input file is output file", quote(operand));
    if (!members) {
        good = good && cat(&input, options, sink);
        input_close(&input, mm_scan_offset(scan));
        return good;
    }
    if (good && options->list)
        list(members, sink->out);
    bool shown = true;
    while (good && !options->list && members_next(members, &input))
        shown &= cat(&input, options, sink);
    return members_close(members) && good && shown;
}

/* How much there is to show, or 0 if nobody knows. */
static uint64_t total_size(const struct options *options, char **operands)
{
    uint64_t total = 0;
    if (options->archives.on)
        return 0;
    for (; *operands; operands++) {
        struct stat st;
        bool standard = strcmp(*operands, "-") == 0;
        if ((standard ? fstat(STDIN_FILENO, &st) : stat(*operands, &st)) != 0)
            continue;
        if (!S_ISREG(st.st_mode))
            return 0;
        off_t begin = standard ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
        total += begin < st.st_size ? (uint64_t)(st.st_size - begin) : 0;
    }
    if (options->range.part.count > 0)
        return part_end(&options->range.part, total) - part_begin(&options->range.part, total);
    if (options->range.given) {
        total -= options->range.offset < total ? options->range.offset : total;
        return options->range.length < total ? options->range.length : total;
    }
    return total;
}

static void parse_arguments(int argc, char *argv[], struct options *options)
{
    static const struct option table[] = {
        {"number-nonblank", no_argument, NULL, 'b'},
        {"number", no_argument, NULL, 'n'},
        {"squeeze-blank", no_argument, NULL, 's'},
        {"show-nonprinting", no_argument, NULL, 'v'},
        {"show-ends", no_argument, NULL, 'E'},
        {"show-tabs", no_argument, NULL, 'T'},
        {"show-all", no_argument, NULL, 'A'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {"no-splice", no_argument, NULL, NO_SPLICE},
        {"part", required_argument, NULL, PART},
        {"progress", no_argument, NULL, PROGRESS},
        {"range", required_argument, NULL, RANGE},
        {"list", no_argument, NULL, LIST},
        ARCHIVES_OPTIONS,
        {0},
    };
    struct format_options *o = &options->format;
    struct range_options *range = &options->range;
    int c;
    while ((c = options_next(argc, argv, "benstuvAEJT", table, 9)) != -1) {
        o->number |= c == 'n' || c == 'b';
        o->number_nonblank |= c == 'b';
        o->squeeze_blank |= c == 's';
        o->show_ends |= c == 'e' || c == 'E' || c == 'A';
        o->show_tabs |= c == 't' || c == 'T' || c == 'A';
        o->show_nonprinting |= c == 'e' || c == 't' || c == 'v' || c == 'A';
        options->no_splice |= c == NO_SPLICE || c == 'u';
        options->progress |= c == PROGRESS;
        options->list |= c == LIST;
        archives_option(&options->archives, c, optarg);
        if (c == PART && !part_parse(optarg, &range->part))
            xfail(1, "invalid part: %s", quote_always(optarg));
        if (c == RANGE && !range_parse(optarg, range))
            xfail(1, "invalid range: %s", quote_always(optarg));
        if (c == 'h')
            options_help(usage);
        if (c == 'V')
            options_version();
        if (c == '?')
            options_hint(1);
    }
    if (options->archives.on && range->part.count > 0)
        xfail(1, "cannot combine --archives and --part");
    if (options->list && !options->archives.on)
        xfail(1, "--list is of use only with --archives");
    if (options->list && range->given)
        xfail(1, "cannot combine --list and --range");
    if (range->given && range->part.count > 0)
        xfail(1, "cannot combine --part and --range");
    if ((range->given || range->part.count > 0) && argc - optind > 1) {
        message("extra operand %s", quote_always(argv[optind + 1]));
        options_hint(1);
    }
}

int main(int argc, char *argv[])
{
    start("mcat");
    struct options options = {0};
    parse_arguments(argc, argv, &options);
    if (output_was_closed)
        xfail(1, "standard output: %s", strerror(EBADF));
    archives_begin(&options.archives);

    struct sink sink = {.out = stream_open(STDOUT_FILENO), .progress = options.progress};
    if (!is_plain(&options.format)) {
        sink.format = format_new(&options.format, sink.out);
        stream_help(sink.out);
    }
    if (options.no_splice)
        stream_copies(sink.out);
    struct mm_scan *scan;
    if (mm_scan_new(0, &scan) != 0)
        xfail(1, "memory exhausted");

    static char *standard_input[] = {"-", NULL};
    char **operands = optind < argc ? argv + optind : standard_input;
    bool good = true, used_input = false;
    if (options.progress)
        progress_start(total_size(&options, operands));
    for (; *operands; operands++) {
        used_input |= strcmp(*operands, "-") == 0;
        good &= cat_operand(*operands, &options, &sink, scan);
    }
    progress_end();
    if (sink.format)
        format_end(sink.format);
    mm_scan_free(scan);
    stream_close(sink.out);
    if (used_input && input_was_closed)
        xfail(1, "closing standard input: %s", strerror(EBADF));
    return good ? 0 : 1;
}

static void usage(FILE *to)
{
    fputs("Usage: mcat [OPTION]... [FILE]...\n"
          "Concatenate FILE(s) to standard output.\n"
          "\n"
          "With no FILE, or when FILE is -, read standard input.\n"
          "\n"
          "  -A, --show-all           equivalent to -vET\n"
          "  -b, --number-nonblank    number nonempty output lines, overrides -n\n"
          "  -e                       equivalent to -vE\n"
          "  -E, --show-ends          display $ at end of each line\n"
          "  -n, --number             number all output lines\n"
          "  -s, --squeeze-blank      suppress repeated empty output lines\n"
          "  -t                       equivalent to -vT\n"
          "  -T, --show-tabs          display TAB characters as ^I\n"
          "  -u                       write what was read at once: implies --no-splice\n"
          "  -v, --show-nonprinting   use ^ and M- notation, except for LFD and TAB\n"
          "  -J, --archives           a compressed file is its content, an archive its files\n"
          "      --archive-depth=N    look into archives in archives, N deep; 4 by default\n"
          "      --archive-formats=FORMATS\n"
          "                           basic, or all: 7zip and iso9660 too\n"
          "      --list               with -J, list what is in an archive\n"
          "      --no-splice          write copies, never a file's own pages\n"
          "      --part=K/N           show the lines that begin in part K of N of FILE\n"
          "      --progress           show on standard error how far it has come\n"
          "      --range=OFF:LEN      show LEN bytes of FILE from byte OFF on, counted from 0\n"
          "      --sandbox=WHEN       auto, or require: decode in a sandbox or not at all\n"
          "      --help               display this help and exit\n"
          "      --version            output version information and exit\n",
          to);
}
