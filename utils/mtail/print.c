/* SPDX-License-Identifier: MIT */
/* What is printed of a file, under its header, and what is said of it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "mtail/mtail.h"

void put_header(struct output *out, const struct file *file)
{
    const char *parts[] = {out->begun ? "\n==> " : "==> ", file->shown, " <==\n"};
    stream_from(out->stream, NULL);
    for (size_t i = 0; i < 3; i++)
        stream_put(out->stream, parts[i], strlen(parts[i]));
    out->begun = true;
    out->last = file;
}

/* How much of the view is printed. */
static size_t portion_of(const struct output *out, const struct mm_view *view, enum portion portion)
{
    if (portion != LINES)
        return view->len;
    const unsigned char *end = memrchr(view->data, out->line_end, view->len);
    return end ? (size_t)(end - view->data) + 1 : 0;
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
        size_t len = portion_of(out, view, portion);
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
        if (first)
            stream_from(out->stream, scan);
        first = false;

        uint64_t size = mm_scan_size(scan), end = mm_scan_offset(scan) + view.len;
        uint64_t last = size < until ? size : until;
        error = stream_pages(out->stream, &view, last > end ? last - end : 0);
        mm_scan_consume(scan, view.len);
        /* What comes from a pipe is shown before more of it is waited for. */
        if (!error && !mm_scan_mapped(scan))
            error = stream_flush(out->stream);
    }
    int lost = stream_end(out->stream);
    /* Standard input may be read again, as another operand or by another program. */
    if (input->standard && mm_scan_mapped(scan))
        lseek(input->fd, (off_t)mm_scan_offset(scan), SEEK_SET);
    return lost ? lost : error;
}

void print_hold(struct output *out, struct hold *hold)
{
    struct mm_view view;
    while ((view = hold_view(hold)).len > 0) {
        stream_put(out->stream, view.data, view.len);
        hold_consume(hold, view.len);
    }
    hold_free(hold);
}

void trouble(const struct file *file, int error)
{
    if (error == -ESTALE)
        input_trouble(&file->input, quote(file->shown), error);
    else
        message("%s %s: %s",
                file->input.standard && input_was_closed ? "cannot fstat" : "error reading",
                quote_always(file->shown), mm_strerror(error));
}
