/* SPDX-License-Identifier: MIT */
/* The comparison of two files. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/members.h"
#include "common/message.h"
#include "common/progress.h"
#include "mcmp/compare.h"
#include "mcmp/pieces.h"
#include "mcmp/side.h"

struct comparer {
    const struct options *options;
    struct stream *out;
    struct pieces *pieces; /* NULL: not begun */
    struct list list;
    struct side side[2];
    /* Of the files that are being compared: */
    uint64_t begin, end;  /* of what is compared of them */
    uint64_t compared;    /* so far, with all before the beginning */
    uint64_t newlines;    /* in the first file since the beginning, where one may ask for them */
    unsigned char before; /* the byte compared last */
    bool begun;           /* something was compared, not only sizes and names */
    bool different;
};

struct comparer *comparer_new(const struct options *options, struct stream *out)
{
    struct comparer *c = xmalloc(sizeof *c);
    *c = (struct comparer){.options = options, .out = out};
    for (int i = 0; i < 2; i++)
        if (mm_scan_new(0, &c->side[i].scan) != 0)
            xfail(TROUBLE, "memory exhausted");
    return c;
}

void comparer_free(struct comparer *c)
{
    for (int i = 0; i < 2; i++)
        mm_scan_free(c->side[i].scan);
    if (c->pieces)
        pieces_free(c->pieces);
    free(c);
}

/* Were the bytes of both views so far really the files'?  Returns EQUAL if so, else TROUBLE. */
static int check(const struct comparer *c)
{
    for (int i = 0; i < 2; i++) {
        int error = mm_scan_check(c->side[i].scan);
        if (error)
            return side_trouble(&c->side[i], error);
    }
    return EQUAL;
}

/*
 * Where GNU cmp leaves a file that is its standard input: it reads blocks as large as
 * the file systems say, and ends behind the one that decided.
 */
static uint64_t left_at(const struct comparer *c, const struct side *side)
{
    uint64_t block = 1;
    for (int i = 0; i < 2; i++) {
        const struct stat *st = mm_scan_stat(c->side[i].scan);
        block = (uint64_t)st->st_blksize > block ? (uint64_t)st->st_blksize : block;
    }
    uint64_t read = c->begun ? (c->compared / block + 1) * block : 0;
    if (read > c->end)
        read = c->end;
    uint64_t size = mm_scan_size(side->scan);
    uint64_t left = size > side->start ? size - side->start : 0;
    return side->start + (read < left ? read : left);
}

/* POSIX's locale has its own word for a byte. */
static bool is_posix_locale(void)
{
    const char *locale = getenv("LC_ALL");
    if (!locale || !*locale)
        locale = getenv("LC_MESSAGES");
    if (!locale || !*locale)
        locale = getenv("LANG");
    return !locale || !*locale || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
}

/* GNU cmp prints a name as it is; among many of a tree it stays one line. */
static const char *name_of(const struct comparer *c, int side)
{
    const char *name = c->side[side].input.operand;
    return c->options->recurse ? quote_controls(name) : name;
}

/*
 * Add the newlines of the first file that stand before the beginning; and the byte before it
 * is the one compared last, where none was compared.  Returns EQUAL, or TROUBLE.
 */
static int count_before(struct comparer *c)
{
    const struct side *side = &c->side[0];
    struct mm_scan *scan;
    struct mm_view view;
    uint64_t left = c->begin;
    if (left == 0)
        return EQUAL;
    int error = mm_scan_new(0, &scan);
    if (error)
        return side_trouble(side, error);
    error = mm_scan_open(scan, side->input.fd, side->start);
    while (!error && left > 0 && (error = mm_scan_more(scan, 1, &view)) == 0 && view.len > 0) {
        size_t len = view.len < left ? view.len : (size_t)left;
        c->newlines += count_byte(view.data, len, '\n');
        left -= len;
        if (left == 0 && c->compared == c->begin)
            c->before = view.data[len - 1];
        mm_scan_consume(scan, len);
    }
    if (!error)
        error = mm_scan_check(scan);
    mm_scan_free(scan);
    return error ? side_trouble(side, error) : EQUAL;
}

static int report_first(struct comparer *c, unsigned char a, unsigned char b)
{
    char line[160], text_a[4], text_b[4];
    if (count_before(c) != EQUAL)
        return TROUBLE;
    int len = snprintf(line, sizeof line, " differ: %s %" PRIu64 ", line %" PRIu64,
                       is_posix_locale() && !c->options->print_bytes ? "char" : "byte",
                       c->compared + 1, c->newlines + 1);
    if (c->options->print_bytes)
        len +=
            snprintf(line + len, sizeof line - (size_t)len, " is %3o %.*s %3o %.*s", a,
                     (int)list_visible(a, text_a), text_a, b, (int)list_visible(b, text_b), text_b);
    for (int i = 0; i < 2; i++) {
        stream_put(c->out, name_of(c, i), strlen(name_of(c, i)));
        stream_put(c->out, " ", i == 0);
    }
    stream_put(c->out, line, (size_t)len);
    stream_byte(c->out, '\n');
    return DIFFERENT;
}

/* One file is at its end, and the other goes on. */
static int report_end(struct comparer *c, int shorter)
{
    const char *name = quote_controls(c->side[shorter].input.operand);
    char where[100] = " which is empty";
    if (c->options->report == STATUS)
        return DIFFERENT;
    int len =
        c->compared == 0 ? 0 : snprintf(where, sizeof where, " after byte %" PRIu64, c->compared);
    if (len > 0 && c->options->report == FIRST) {
        if (count_before(c) != EQUAL)
            return TROUBLE;
        bool whole = c->before == '\n';
        snprintf(where + len, sizeof where - (size_t)len, ", %s %" PRIu64,
                 whole ? "line" : "in line", c->newlines + !whole);
    }
    if (!c->options->recurse) {
        message("EOF on %s%s", name, where);
    } else if (c->options->report == FIRST) {
        stream_put(c->out, "EOF on ", 7);
        stream_put(c->out, name, strlen(name));
        stream_put(c->out, where, strlen(where));
        stream_byte(c->out, '\n');
    }
    return DIFFERENT;
}

/* What a piece with a difference says.  Returns EQUAL to go on, or the verdict. */
static int report_piece(struct comparer *c, struct piece *piece)
{
    if (check(c) != EQUAL)
        return TROUBLE;
    c->different = true;
    if (c->options->report != ALL) {
        c->compared += piece->compared;
        c->newlines += piece->newlines;
        return c->options->report == FIRST
                   ? report_first(c, piece->a[piece->compared], piece->b[piece->compared])
                   : DIFFERENT;
    }
    for (;;) {
        stream_put(c->out, piece->text, piece->text_len);
        if (!pieces_rest(c->pieces, piece))
            return EQUAL;
        if (check(c) != EQUAL)
            return TROUBLE;
    }
}

/* Compare so much of both views.  Returns EQUAL to go on, or the verdict. */
static int compare_views(struct comparer *c, const unsigned char *a, const unsigned char *b,
                         size_t len)
{
    int status = EQUAL;
    struct piece *piece;
    pieces_start(c->pieces, a, b, len, c->compared);
    while (status == EQUAL && (piece = pieces_next(c->pieces))) {
        if (piece->compared < piece->len || piece->text_len > 0)
            status = report_piece(c, piece);
        if (status != EQUAL)
            break;
        c->compared += piece->len;
        c->newlines += piece->newlines;
        c->before = piece->a[piece->len - 1];
        progress_add(piece->len);
    }
    pieces_stop(c->pieces);
    return status;
}

/* Go past what is a hole in both files without looking.  Returns EQUAL, or TROUBLE. */
static int skip_holes(struct comparer *c)
{
    uint64_t left, hole, other;
    while ((left = c->end - c->compared) > 0 && mm_scan_hole(c->side[0].scan, &hole) &&
           mm_scan_hole(c->side[1].scan, &other)) {
        if (hole > other)
            hole = other;
        if (hole > left)
            hole = left;
        for (int i = 0; i < 2; i++) {
            struct mm_scan *scan = c->side[i].scan;
            int error = mm_scan_seek(scan, mm_scan_offset(scan) + hole);
            if (error)
                return side_trouble(&c->side[i], error);
        }
        c->compared += hole;
        c->before = 0;
        progress_add(hole);
    }
    return EQUAL;
}

static int compare_content(struct comparer *c)
{
    c->begun = true;
    for (;;) {
        if (skip_holes(c) != EQUAL)
            return TROUBLE;
        uint64_t left = c->end - c->compared;
        struct mm_view view[2] = {0};
        for (int i = 0; i < 2 && left > 0; i++) {
            int error = mm_scan_more(c->side[i].scan, 1, &view[i]);
            if (error)
                return side_trouble(&c->side[i], error);
        }
        size_t len = view[0].len < view[1].len ? view[0].len : view[1].len;
        if (len > left)
            len = (size_t)left;
        if (len == 0) {
            if (check(c) != EQUAL)
                return TROUBLE;
            if (view[0].len == view[1].len || left == 0)
                return c->different ? DIFFERENT : EQUAL;
            return report_end(c, view[1].len == 0);
        }
        int status = compare_views(c, view[0].data, view[1].data, len);
        if (status != EQUAL)
            return status;
        for (int i = 0; i < 2; i++)
            mm_scan_consume(c->side[i].scan, len);
    }
}

/* Set what is compared: all, up to the limit, or a part.  Returns EQUAL, or TROUBLE. */
static int set_range(struct comparer *c)
{
    const struct part *part = &c->options->part;
    c->begin = 0;
    c->end = c->options->limit;
    if (part->count == 0)
        return EQUAL;
    uint64_t size = 0, least = UINT64_MAX;
    for (int i = 0; i < 2; i++) {
        uint64_t known = side_length(&c->side[i]);
        if (known == UINT64_MAX) {
            message("%s: cannot determine file size", quote_controls(c->side[i].input.operand));
            return TROUBLE;
        }
        size = known > size ? known : size;
        least = known < least ? known : least;
    }
    if (size > c->end)
        size = c->end;
    c->begin = part_begin(part, size);
    c->end = part_end(part, size);
    /* Where the shorter file ended before, that is what there is to say of this part. */
    if (least < c->begin && c->begin < c->end)
        c->begin = least;
    for (int i = 0; i < 2; i++) {
        int error = mm_scan_seek(c->side[i].scan, c->side[i].start + c->begin);
        if (error)
            return side_trouble(&c->side[i], error);
    }
    return EQUAL;
}

/* Both sides are open. */
static int compare_sides(struct comparer *c)
{
    const struct options *o = c->options;
    for (int i = 0; i < 2; i++)
        if (side_skip(&c->side[i], o->skip[i]) != EQUAL)
            return TROUBLE;
    if (set_range(c) != EQUAL)
        return TROUBLE;
    c->compared = c->begin;
    if (sides_same(&c->side[0], &c->side[1]))
        return EQUAL;
    uint64_t a = side_length(&c->side[0]), b = side_length(&c->side[1]);
    if (o->report == STATUS && a != b && a != UINT64_MAX && b != UINT64_MAX &&
        (a < b ? a : b) < c->end && c->begin < c->end)
        return DIFFERENT;
    /* The first column of a list is as wide as the largest byte number that can come. */
    uint64_t most = o->limit < INT64_MAX ? o->limit : INT64_MAX;
    most = a < most ? a : most;
    most = b < most ? b : most;
    if (o->report == ALL)
        list_prepare(&c->list, most, o->print_bytes);
    if (!c->pieces)
        c->pieces = pieces_new(o->threads, o->report == ALL ? &c->list : NULL, o->report == FIRST);
    if (o->progress && !o->recurse) {
        most = c->end < most ? c->end : most;
        progress_start(most < INT64_MAX && most > c->begin ? most - c->begin : 0);
    }
    return compare_content(c);
}

/* Returns EQUAL, or TROUBLE where what was decoded turned out to be bad. */
static int close_side(const struct comparer *c, struct side *side)
{
    if (!side->members) {
        input_close(&side->input, left_at(c, side));
        return EQUAL;
    }
    bool good = members_close(side->members);
    side->members = NULL;
    return good ? EQUAL : TROUBLE;
}

static int open_trouble(const struct comparer *c, const char *name, int error)
{
    if (error != TOLD && (c->options->report != STATUS || error == -EISDIR))
        message_name(quote_controls(name), error);
    return TROUBLE;
}

static void begin(struct comparer *c)
{
    c->begin = c->end = c->compared = c->newlines = 0;
    c->begun = c->different = false;
}

struct mm_scan *comparer_scan(struct comparer *c, int side)
{
    return c->side[side].scan;
}

int compare_inputs(struct comparer *c, const struct input inputs[2])
{
    begin(c);
    for (int i = 0; i < 2; i++) {
        c->side[i].input = inputs[i];
        c->side[i].start = mm_scan_offset(c->side[i].scan);
    }
    return compare_sides(c);
}

int compare(struct comparer *c, const char *const names[2])
{
    begin(c);
    /* Standard input first, as the first file might be read by whoever writes to it. */
    int first = strcmp(names[1], "-") == 0;
    struct side *one = &c->side[first], *other = &c->side[!first];
    const struct options *o = c->options;
    int error = side_open(one, names[first], o);
    if (error && error != -EISDIR)
        return open_trouble(c, names[first], error);
    const uint64_t *skip = o->skip;
    /* One name twice is one file: as for GNU cmp it is enough that it is there. */
    if (strcmp(names[0], names[1]) == 0 && skip[0] == skip[1])
        return error ? EQUAL : close_side(c, one);
    int second = side_open(other, names[!first], o);
    int status = TROUBLE;
    /* GNU cmp opens a directory, and finds out when it reads; but one is equal to itself. */
    if (error && error == second && skip[0] == skip[1] && sides_same(one, other))
        status = EQUAL;
    else if (second && (second != -EISDIR || !error))
        open_trouble(c, names[!first], second);
    else if (error)
        open_trouble(c, names[first], error);
    else
        status = compare_sides(c);
    if (!second && close_side(c, other) != EQUAL)
        status = TROUBLE;
    if (!error && close_side(c, one) != EQUAL)
        status = TROUBLE;
    return status;
}
