/* SPDX-License-Identifier: MIT */
/* What is printed of a file, under its header, and what is said of it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "common/visible.h"
#include "mtail/mtail.h"

/* What a terminal would obey is made visible. */
static void put_name(struct output *out, const struct file *file)
{
    if (out->terminal)
        visible_put(out->stream, file->shown, strlen(file->shown), "\t");
    else
        stream_put(out->stream, file->shown, strlen(file->shown));
}

void put_header(struct output *out, const struct file *file)
{
    const char *begin = out->begun ? "\n==> " : "==> ";
    stream_from(out->stream, NULL);
    stream_put(out->stream, begin, strlen(begin));
    put_name(out, file);
    stream_put(out->stream, " <==\n", 5);
    out->begun = true;
    out->last = file;
}

/* Lines with the name before each, or for a terminal; the last may lack its end or its beginning.
 */
static void put_lines(struct output *out, const struct file *file, const struct mm_view *view)
{
    const unsigned char *p = view->data, *end = p + view->len;
    while (p < end) {
        const unsigned char *line_end = memchr(p, out->line_end, (size_t)(end - p));
        size_t len = (size_t)((line_end ? line_end : end) - p);
        if (out->prefix && !out->in_line) {
            put_name(out, file);
            stream_byte(out->stream, ':');
        }
        if (out->terminal)
            visible_put(out->stream, p, len, "\t\n");
        else
            stream_put(out->stream, p, len);
        if (line_end)
            stream_byte(out->stream, out->line_end);
        out->in_line = !line_end;
        p += len + (line_end != NULL);
    }
}

/* With a prefix, whatever is printed next begins a line. */
static void finish_line(struct output *out)
{
    if (out->prefix && out->in_line)
        stream_byte(out->stream, out->line_end);
    out->in_line = false;
}

/* How much is left of `len` bytes without a character of UTF-8 that goes on behind them. */
static size_t whole_characters(const unsigned char *data, size_t len)
{
    for (size_t back = 1; back < 4 && back <= len; back++) {
        unsigned char byte = data[len - back];
        size_t size = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1;
        if (size > back)
            return len - back;
        if (byte < 0x80 || byte >= 0xc0)
            break;
    }
    return len;
}

/*
 * How much of the view is printed; it goes to the `last` byte that there is.
 *
 *   output             SO_FAR              LINES           REST
 *   plain              all                 whole lines     all
 *   for a terminal     whole characters    whole lines     all, a view's cut behind a character
 *   with a prefix      whole lines         whole lines     all, a view's cut behind a line
 */
static size_t portion_of(const struct output *out, const struct mm_view *view, enum portion portion,
                         bool last)
{
    if (portion == REST && last)
        return view->len;
    if (portion == LINES || out->prefix) {
        const unsigned char *end = memrchr(view->data, out->line_end, view->len);
        return end ? (size_t)(end - view->data) + 1 : 0;
    }
    return out->terminal ? whole_characters(view->data, view->len) : view->len;
}

/* What is to be printed next, before byte `until`; nothing at the end. */
static int next_view(const struct output *out, struct mm_scan *scan, uint64_t until,
                     enum portion portion, struct mm_view *view)
{
    size_t want = 1;
    for (;;) {
        int error = mm_scan_more(scan, want, view);
        if (error)
            return error;
        uint64_t offset = mm_scan_offset(scan);
        bool last = view->len < want || view->len >= until - offset ||
                    (mm_scan_mapped(scan) && view->len >= mm_scan_size(scan) - offset);
        if (view->len > until - offset)
            view->len = (size_t)(until - offset);
        size_t len = portion_of(out, view, portion, last);
        if (len > 0 || last) {
            view->len = len;
            return 0;
        }
        want = view->len + 1;
    }
}

int print_until(struct output *out, const struct file *file, const struct input *input,
                uint64_t until, enum portion portion)
{
    struct mm_scan *scan = input->scan;
    struct mm_view view;
    bool first = true;
    int error = 0;
    while (!error && mm_scan_offset(scan) < until) {
        error = next_view(out, scan, until, portion, &view);
        if (error || view.len == 0)
            break;
        if (first && out->headers && out->last != file)
            put_header(out, file);
        if (first && out->last != file)
            finish_line(out);
        if (first)
            stream_from(out->stream, scan);
        first = false;
        out->last = file;

        uint64_t size = mm_scan_size(scan), end = mm_scan_offset(scan) + view.len;
        uint64_t last = size < until ? size : until;
        if (out->prefix || out->terminal)
            put_lines(out, file, &view);
        else
            error = stream_pages(out->stream, &view, last > end ? last - end : 0);
        mm_scan_consume(scan, view.len);
        /* What comes from a pipe is shown before more of it is waited for. */
        if (!error && !mm_scan_mapped(scan))
            error = stream_flush(out->stream);
    }
    int lost = stream_end(out->stream);
    if (portion == REST)
        finish_line(out);
    /* Standard input may be read again, as another operand or by another program. */
    if (input->standard && mm_scan_mapped(scan))
        lseek(input->fd, (off_t)mm_scan_offset(scan), SEEK_SET);
    return lost ? lost : error;
}

void print_hold(struct output *out, const struct file *file, struct hold *hold)
{
    struct mm_view view;
    while ((view = hold_view(hold)).len > 0) {
        if (out->prefix || out->terminal)
            put_lines(out, file, &view);
        else
            stream_give(out->stream, view.data, view.len);
        out->last = file;
        hold_consume(hold, view.len);
    }
    hold_free(hold);
}

void trouble(const struct file *file, int error)
{
    if (error == -ESTALE || (error == -EBADMSG && file->input.members))
        input_trouble(&file->input, quote(file->shown), error);
    else
        message("%s %s: %s",
                file->input.standard && input_was_closed ? "cannot fstat" : "error reading",
                quote_always(file->shown), mm_strerror(error));
}
