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

struct options {
    bool number;
    bool number_nonblank;
    bool squeeze_blank;
    bool show_ends;
    bool show_tabs;
    bool show_nonprinting;
    bool no_splice;
};

/* Where the text stands; files follow one another as one text. */
struct text {
    struct stream *out;
    const struct options *options;
    unsigned long long line;
    bool within_line; /* bytes of the line were already written */
    bool after_blank; /* the line before was blank */
    bool pending_cr;  /* a CR that is ^M if a newline follows */
};

static void usage(FILE *to);

static bool plain(const struct options *o)
{
    return !(o->number || o->number_nonblank || o->squeeze_blank || o->show_ends || o->show_tabs ||
             o->show_nonprinting);
}

/* One byte as -v and -T show it; returns its length in `to`, at most 4. */
static size_t visible(const struct options *o, unsigned char c, unsigned char *to)
{
    unsigned char *p = to;
    if (c == '\t' && !o->show_tabs) {
        *p++ = c;
    } else if (!o->show_nonprinting) {
        if (c == '\t') {
            *p++ = '^';
            c = 'I';
        }
        *p++ = c;
    } else {
        if (c >= 128) {
            *p++ = 'M';
            *p++ = '-';
            c -= 128;
        }
        if (c < 32 || c == 127) {
            *p++ = '^';
            c ^= 64;
        }
        *p++ = c;
    }
    return (size_t)(p - to);
}

/* The bytes of a line, without its newline. */
static void put_bytes(struct text *text, const unsigned char *data, size_t len)
{
    const struct options *o = text->options;
    if (!o->show_nonprinting && !o->show_tabs) {
        stream_put(text->out, data, len);
        return;
    }
    while (len > 0) {
        size_t part = len < 4096 ? len : 4096;
        unsigned char *to = stream_room(text->out, 4 * part);
        size_t filled = 0;
        for (size_t i = 0; i < part; i++)
            filled += visible(o, data[i], to + filled);
        stream_filled(text->out, filled);
        data += part;
        len -= part;
    }
}

static void put_number(struct text *text)
{
    char number[32];
    int len = snprintf(number, sizeof number, "%6llu\t", ++text->line);
    stream_put(text->out, number, (size_t)len);
}

/* A part of a line from `data` to `end`; with `newline`, to the end of that line. */
static void put_line(struct text *text, const unsigned char *data, const unsigned char *end,
                     bool newline)
{
    const struct options *o = text->options;
    if (!text->within_line) {
        bool blank = data == end && newline;
        if (blank && text->after_blank && o->squeeze_blank)
            return;
        text->after_blank = blank;
        if (o->number_nonblank ? !blank : o->number)
            put_number(text);
    }
    if (text->pending_cr && (data < end || newline)) {
        stream_put(text->out, data == end ? "^M" : "\r", data == end ? 2 : 1);
        text->pending_cr = false;
    }
    bool cr = o->show_ends && !o->show_nonprinting && data < end && end[-1] == '\r';
    put_bytes(text, data, (size_t)(end - data) - cr);
    if (newline) {
        if (cr)
            stream_put(text->out, "^M", 2);
        if (o->show_ends)
            stream_byte(text->out, '$');
        stream_byte(text->out, '\n');
    } else {
        text->pending_cr = cr;
    }
    text->within_line = !newline;
}

static void put_text(struct text *text, const struct mm_view *view)
{
    const unsigned char *p = view->data, *end = view->data + view->len;
    while (p < end) {
        const unsigned char *newline = memchr(p, '\n', (size_t)(end - p));
        put_line(text, p, newline ? newline : end, newline != NULL);
        p = newline ? newline + 1 : end;
    }
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

static bool cat(struct input *input, struct text *text)
{
    struct mm_scan *scan = input->scan;
    if (is_output(input)) {
        message("%s: input file is output file", quote(input->operand));
        return false;
    }
    stream_from(text->out, scan);
    struct mm_view view;
    int error;
    while ((error = mm_scan_more(scan, 1, &view)) == 0 && view.len > 0) {
        if (plain(text->options)) {
            uint64_t end = mm_scan_offset(scan) + view.len, size = mm_scan_size(scan);
            error = stream_pages(text->out, &view, size > end ? size - end : 0);
        } else {
            put_text(text, &view);
        }
        mm_scan_consume(scan, view.len);
        /* What comes from a pipe is shown before more of it is waited for. */
        if (!mm_scan_mapped(scan))
            error = stream_flush(text->out);
        if (error)
            break;
    }
    int lost = stream_end(text->out);
    if (lost || error)
        input_trouble(input, quote(input->operand), lost ? lost : error);
    return !lost && !error;
}

int main(int argc, char *argv[])
{
    start("mcat");
    struct options options = {0};
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
        options.number |= c == 'n' || c == 'b';
        options.number_nonblank |= c == 'b';
        options.squeeze_blank |= c == 's';
        options.show_ends |= c == 'e' || c == 'E' || c == 'A';
        options.show_tabs |= c == 't' || c == 'T' || c == 'A';
        options.show_nonprinting |= c == 'e' || c == 't' || c == 'v' || c == 'A';
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

    struct text text = {.out = stream_open(STDOUT_FILENO), .options = &options};
    if (options.no_splice)
        stream_copies(text.out);
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
        good &= cat(&input, &text);
        input_close(&input, mm_scan_offset(scan));
    }
    if (text.pending_cr)
        stream_byte(text.out, '\r');
    mm_scan_free(scan);
    stream_close(text.out);
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
