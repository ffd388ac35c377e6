/* SPDX-License-Identifier: MIT */
/* mcat -- write files, one after the other, to standard output; GNU cat's twin. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/input.h"
#include "common/message.h"
#include "common/options.h"
#include "common/stream.h"
#include "mcat/format.h"

struct options {
    struct format_options format;
    bool no_splice;
};

/* Where the bytes go. */
struct sink {
    struct stream *out;
    struct format *format; /* NULL: as they are */
};

static void usage(FILE *to);

static bool is_plain(const struct format_options *o)
{
    return !(o->number || o->squeeze_blank || o->show_ends || o->show_tabs || o->show_nonprinting);
}

/* Copying a file behind its own end would go on until the disk is full. */
static bool is_output(const struct input *input)
{
    static struct stat out;
    static int known = -1;
    if (known < 0)
        known = fstat(STDOUT_FILENO, &out) == 0 && S_ISREG(out.st_mode);
    const struct stat *in = mm_scan_stat(input->scan);
    return known && in->st_dev == out.st_dev && in->st_ino == out.st_ino &&
           mm_scan_offset(input->scan) < mm_scan_size(input->scan);
}

static bool cat(struct input *input, const struct sink *sink)
{
    struct mm_scan *scan = input->scan;
    if (is_output(input)) {
        message("%s: input file is output file", quote(input->operand));
        return false;
    }
    stream_from(sink->out, scan);
    struct mm_view view;
    int error;
    while ((error = mm_scan_more(scan, 1, &view)) == 0 && view.len > 0) {
        if (sink->format) {
            format_put(sink->format, view.data, view.len);
        } else {
            uint64_t end = mm_scan_offset(scan) + view.len, size = mm_scan_size(scan);
            error = stream_pages(sink->out, &view, size > end ? size - end : 0);
        }
        mm_scan_consume(scan, view.len);
        /* What comes from a pipe is shown before more of it is waited for. */
        if (!mm_scan_mapped(scan))
            error = stream_flush(sink->out);
        if (error)
            break;
    }
    int lost = stream_end(sink->out);
    if (lost || error)
        input_trouble(input, quote(input->operand), lost ? lost : error);
    return !lost && !error;
}

int main(int argc, char *argv[])
{
    start("mcat");
    struct options options = {0};
    struct format_options *o = &options.format;
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
        {"no-splice", no_argument, NULL, 'P'},
        {0},
    };
    int c;
    while ((c = options_next(argc, argv, "benstuvAET", table, 9)) != -1) {
        o->number |= c == 'n' || c == 'b';
        o->number_nonblank |= c == 'b';
        o->squeeze_blank |= c == 's';
        o->show_ends |= c == 'e' || c == 'E' || c == 'A';
        o->show_tabs |= c == 't' || c == 'T' || c == 'A';
        o->show_nonprinting |= c == 'e' || c == 't' || c == 'v' || c == 'A';
        options.no_splice |= c == 'P' || c == 'u';
        if (c == 'h')
            options_help(usage);
        if (c == 'V')
            options_version();
        if (c == '?')
            options_hint(1);
    }
    if (output_was_closed)
        xfail(1, "standard output: %s", strerror(EBADF));

    struct sink sink = {.out = stream_open(STDOUT_FILENO)};
    if (!is_plain(o))
        sink.format = format_new(o, sink.out);
    if (options.no_splice)
        stream_copies(sink.out);
    struct mm_scan *scan;
    if (mm_scan_new(0, &scan) != 0)
        xfail(1, "memory exhausted");

    static char *standard_input[] = {"-", NULL};
    bool good = true, used_input = false;
    for (char **operand = optind < argc ? argv + optind : standard_input; *operand; operand++) {
        struct input input;
        used_input |= strcmp(*operand, "-") == 0;
        int error = input_open(&input, *operand, scan);
        if (error) {
            message_name(quote(*operand), error);
            good = false;
            continue;
        }
        good &= cat(&input, &sink);
        input_close(&input, mm_scan_offset(scan));
    }
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
          "      --no-splice          copy into pipes, never hand a file's own pages over\n"
          "      --help               display this help and exit\n"
          "      --version            output version information and exit\n",
          to);
}
