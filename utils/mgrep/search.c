/* SPDX-License-Identifier: MIT */
/* The searcher: windows to lines to events. */
#include <string.h>

#include "common/count.h"
#include "common/part.h"
#include "common/progress.h"
#include "mgrep/engine.h"
#include "mgrep/pieces.h"
#include "mgrep/print.h"
#include "mgrep/search.h"

/* Where a NUL is found decides for its whole block of the input, and what follows: see mgrep(1). */
#define BLOCK ((uint64_t)96 << 10)
/* What several threads share: pieces that stay in a core's cache, after so much without a hurry. */
#define PIECE      (4 * BLOCK)
#define PIECES_MIN 8
#define WARM_UP    ((uint64_t)1 << 20)

enum step { GO_ON, STOP, FAILED };

/* The search of one input.  Positions are offsets in the input. */
struct state {
    const struct search *search;
    struct mm_scan *scan;
    struct mm_view view;
    struct found *found;
    uint64_t base;             /* of the view */
    uint64_t origin;           /* where the input began */
    uint64_t first, end;       /* of the part that is searched */
    uint64_t done;             /* all lines before are searched */
    uint64_t unended;          /* no line ends between these two */
    uint64_t checked;          /* no NUL was found before */
    uint64_t shown;            /* behind the last line that was printed, */
    bool any_shown;            /* if any was */
    uint64_t pending;          /* so many lines of trailing context are to follow */
    uint64_t lines, counted;   /* so many lines end before `counted` */
    bool binary;               /* NUL ends a line too, and no line is printed */
    bool text;                 /* whatever is in it */
    bool every;                /* every line matches, so that none need be looked for */
    bool invert;               /* lines between those that are found are selected */
    struct pieces *pieces;     /* NULL: not begun */
    bool alone;                /* no further thread is wanted */
    const struct piece *piece; /* what is searched now was searched by another thread, */
    size_t taken;              /* whose first so many lines were taken */
    bool enough;               /* a line was selected of which no more than that is told */
};

static const unsigned char *at(const struct state *s, uint64_t offset)
{
    return s->view.data + (offset - s->base);
}

static uint64_t offset_of(const struct state *s, const unsigned char *p)
{
    return s->base + (uint64_t)(p - s->view.data);
}

/* What there is of the part in the view ends here. */
static uint64_t view_end(const struct state *s)
{
    uint64_t end = s->base + s->view.len;
    return end < s->end ? end : s->end;
}

/* After a line was withheld, context may begin before what was counted already. */
static void count_to(struct state *s, uint64_t offset)
{
    if (offset >= s->counted)
        s->lines += count_byte(at(s, s->counted), offset - s->counted, s->search->eol);
    else
        s->lines -= count_byte(at(s, offset), s->counted - offset, s->search->eol);
    s->counted = offset;
}

/* How many lines there are in [begin, end), which is not empty. */
static uint64_t count_lines(const struct state *s, uint64_t begin, uint64_t end)
{
    return count_byte(at(s, begin), end - 1 - begin, s->search->eol) + 1;
}

/* The end of the line that begins at `offset`: behind its end of line, or at `limit`. */
static uint64_t line_end(const struct state *s, uint64_t offset, uint64_t limit)
{
    const unsigned char *eol = memchr(at(s, offset), s->search->eol, limit - offset);
    return eol ? offset_of(s, eol) + 1 : limit;
}

/* The beginning of the line before the one that begins at `offset`, which is not at `limit`. */
static uint64_t line_before(const struct state *s, uint64_t offset, uint64_t limit)
{
    const unsigned char *eol = memrchr(at(s, limit), s->search->eol, offset - 1 - limit);
    return eol ? offset_of(s, eol) + 1 : limit;
}

static void show(struct state *s, uint64_t begin, uint64_t end, bool selected)
{
    struct print_line line = {
        .begin = at(s, begin),
        .end = at(s, end),
        .selected = selected,
        .offset = begin - s->origin,
    };
    line.terminated = end > begin && line.end[-1] == s->search->eol;
    line.end -= line.terminated;
    if (s->search->number) {
        count_to(s, begin);
        line.number = s->lines + 1;
    }
    if (print_one_line(s->search->printer, &line)) {
        s->shown = end;
        s->any_shown = true;
    } else {
        s->found->binary = true;
    }
}

/* Trailing context that lies before `limit`. */
static void show_pending(struct state *s, uint64_t limit)
{
    s->any_shown |= s->pending > 0;
    while (s->pending > 0 && s->shown < limit) {
        s->pending--;
        show(s, s->shown, line_end(s, s->shown, limit), false);
    }
}

/* Where leading context for a line at `offset` begins: no further back than what was shown. */
static uint64_t context_begin(const struct state *s, uint64_t offset)
{
    uint64_t limit = s->any_shown && s->shown > s->base ? s->shown : s->base;
    uint64_t begin = offset;
    for (uint64_t n = s->search->before; n > 0 && begin > limit; n--)
        begin = line_before(s, begin, limit);
    return begin;
}

/* What comes before the selected lines from `begin` on: other lines' context, a gap, their own. */
static void lead_in(struct state *s, uint64_t begin)
{
    show_pending(s, begin);
    uint64_t from = context_begin(s, begin);
    if (!s->any_shown || from != s->shown)
        print_gap(s->search->printer);
    while (from < begin) {
        uint64_t next = line_end(s, from, begin);
        show(s, from, next, false);
        from = next;
    }
}

/* The line is selected; `next`: in one run with the one before.  STOP when no more are to be
 * searched. */
static enum step select_line(struct state *s, uint64_t begin, uint64_t end, bool next)
{
    const struct search *search = s->search;
    if (search->goal == GOAL_LINES && !s->binary) {
        if (!next)
            lead_in(s, begin);
        show(s, begin, end, true);
        s->pending = search->after;
    }
    if (search->goal == GOAL_LINES) {
        print_selected(search->printer);
        s->found->binary |= s->binary;
    }
    s->found->selected++;
    s->found->stopped = end;
    s->found->limited = s->found->selected == search->limit;
    s->enough = search->goal == GOAL_FIRST || (search->goal == GOAL_LINES && s->binary);
    return s->enough || s->found->limited ? STOP : GO_ON;
}

/* Where one line is enough, GNU grep -v lets -m count what follows that does not match either. */
static bool counts_on(const struct state *s)
{
    return s->enough && s->search->goal == GOAL_LINES && s->search->invert &&
           s->search->limit != UINT64_MAX && !s->found->limited;
}

/* Many lines that are printed as they are, without a look at each. */
static bool show_lines(struct state *s, uint64_t begin, uint64_t end)
{
    const struct search *search = s->search;
    if (search->goal != GOAL_LINES || s->binary || search->limit != UINT64_MAX || search->before ||
        search->after || begin == end)
        return false;
    uint64_t size = mm_scan_size(s->scan), left = size > end ? size - end : 0;
    if (!print_lines(search->printer, at(s, begin), at(s, end), left))
        return false;
    s->found->selected += count_lines(s, begin, end);
    s->found->stopped = s->shown = end;
    s->any_shown = true;
    print_selected(search->printer);
    return true;
}

/* All lines of [begin, end) are selected: those between two that match, or, where every line
 * matches, each for itself. */
static enum step select_lines(struct state *s, uint64_t begin, uint64_t end)
{
    enum step step = s->enough ? STOP : GO_ON;
    if (step == GO_ON && show_lines(s, begin, end))
        return GO_ON;
    if (s->search->goal == GOAL_COUNT && begin < end) {
        uint64_t lines = count_lines(s, begin, end);
        if (lines < s->search->limit - s->found->selected) {
            s->found->selected += lines;
            s->found->stopped = end;
            return GO_ON;
        }
    }
    for (bool next = false; begin < end && (step == GO_ON || counts_on(s));
         next = s->search->invert) {
        uint64_t behind = line_end(s, begin, end);
        step = select_line(s, begin, behind, next);
        begin = behind;
    }
    return step;
}

/* The first matching line at or after `from`: found in a piece, or looked for now. */
static int next_line(struct state *s, const unsigned char *from, struct engine_line *line)
{
    const struct piece *piece = s->piece;
    if (s->every)
        return 0;
    if (piece) {
        if (s->taken < piece->count) {
            *line = piece->lines[s->taken++];
            return 1;
        }
        if (from < piece->searched)
            from = piece->searched;
        if (from > piece->stop)
            return 0;
    }
    return engine_next(s->search->engine, from, line);
}

/*
 * Search the lines of [begin, end), where `end` is behind the last one's end of
 * line or at the end of input.  In a binary input they may end with a NUL instead.
 */
static enum step search_lines(struct state *s, uint64_t begin, uint64_t end)
{
    const struct search *search = s->search;
    const unsigned char *p = at(s, begin), *stop = at(s, end);
    if (stop[-1] == search->eol || (s->binary && stop[-1] == '\0'))
        stop--;
    engine_region(search->engine, stop);
    for (;;) {
        struct engine_line line = {stop, stop};
        int matched = next_line(s, p, &line);
        if (matched < 0)
            return FAILED;
        uint64_t line_begin = matched ? offset_of(s, line.begin) : end;
        uint64_t line_stop = matched && line.end < stop ? offset_of(s, line.end) + 1 : end;
        enum step step = s->invert ? select_lines(s, offset_of(s, p), line_begin)
                         : matched ? select_line(s, line_begin, line_stop, false)
                                   : GO_ON;
        if (step != GO_ON || line_stop == end)
            return step;
        p = at(s, line_stop);
    }
}

/* Is an empty line selected?  If not, those between the NULs of a binary input need no search. */
static bool selects_empty(const struct state *s)
{
    static const unsigned char empty[1];
    struct engine_line line;
    engine_region(s->search->engine, empty);
    return (engine_next(s->search->engine, empty, &line) > 0) != s->search->invert;
}

static uint64_t behind_nuls(const struct state *s, uint64_t begin, uint64_t end)
{
    const unsigned char *p = at(s, begin), *stop = at(s, end);
    for (uint64_t eight; stop - p >= (ptrdiff_t)sizeof eight; p += sizeof eight) {
        memcpy(&eight, p, sizeof eight);
        if (eight)
            break;
    }
    while (p < stop && *p == '\0')
        p++;
    return offset_of(s, p);
}

/* Search [begin, end) of a binary input, where every NUL ends a line. */
static enum step search_binary(struct state *s, uint64_t begin, uint64_t end)
{
    enum step step = GO_ON;
    bool skip = !selects_empty(s);
    while (step == GO_ON || (counts_on(s) && s->found->stopped == begin)) {
        if (skip)
            begin = behind_nuls(s, begin, end);
        if (begin == end || (s->enough && s->found->stopped != begin))
            break;
        const unsigned char *nul = memchr(at(s, begin), '\0', end - begin);
        uint64_t stop = nul ? offset_of(s, nul) + 1 : end;
        step = search_lines(s, begin, stop);
        begin = stop;
    }
    return step;
}

/* Behind the last end of line before `end`; `done` when there is none. */
static uint64_t last_line_end(struct state *s, uint64_t end)
{
    uint64_t begin = s->unended > s->done ? s->unended : s->done;
    const unsigned char *p = at(s, begin);
    const unsigned char *eol = memrchr(p, s->search->eol, end - begin);
    uint64_t last = eol ? offset_of(s, eol) + 1 : begin;
    if (s->binary) {
        const unsigned char *nul = memrchr(at(s, last), '\0', end - last);
        last = nul ? offset_of(s, nul) + 1 : last;
    }
    if (last > begin)
        return last;
    s->unended = end;
    return s->done;
}

/* The window may move on: what is searched and is no context of what comes is let go. */
static void let_go(struct state *s)
{
    uint64_t keep = s->done;
    if (s->search->goal == GOAL_LINES && !s->binary) {
        keep = context_begin(s, s->done);
        /* GNU grep forgets where it printed, and takes its buffer for what comes next. */
        if (keep != s->shown)
            s->any_shown = false;
        s->shown = keep;
    }
    if (s->search->number && !s->binary && keep > s->counted)
        count_to(s, keep);
    mm_scan_consume(s->scan, keep - s->base);
    progress_add(keep - s->base);
    s->view.data += keep - s->base;
    s->view.len -= keep - s->base;
    s->base = keep;
}

/* Is there a NUL in the block up to `end`, or, to begin with, a hole in the file? */
static bool find_nul(struct state *s, uint64_t end)
{
    const unsigned char *found = memchr(at(s, s->checked), '\0', end - s->checked);
    uint64_t nul = found ? offset_of(s, found) : UINT64_MAX;
    if (s->checked == s->first && mm_scan_mapped(s->scan)) {
        uint64_t run;
        bool hole = mm_scan_hole(s->scan, &run);
        uint64_t begin = s->first + (hole ? 0 : run);
        if (begin < nul && begin < mm_scan_size(s->scan))
            nul = begin;
    }
    s->checked = end;
    if (nul == UINT64_MAX)
        return false;
    s->found->nul = nul - s->origin;
    return true;
}

/* More of the input, `want` bytes from the view's beginning on.  What was printed leaves first. */
static int more(struct state *s, uint64_t want)
{
    if (!mm_scan_mapped(s->scan)) {
        int error = print_flush(s->search->printer);
        if (error)
            return error;
    }
    return mm_scan_more(s->scan, want, &s->view);
}

/* Search the lines before `end`, or, with the limit reached, give them as trailing context. */
static enum step search_to(struct state *s, uint64_t end)
{
    enum step step = STOP;
    if (!s->found->limited)
        step = s->binary ? search_binary(s, s->done, end) : search_lines(s, s->done, end);
    if (step == FAILED || (step == STOP && !s->found->limited))
        return step;
    s->done = end;
    show_pending(s, end);
    return s->found->limited && s->pending == 0 ? STOP : GO_ON;
}

/*
 * May further threads help: is there much to search, and no NUL so far?
 *
 * Returns 1, 0, or the scan's error.
 */
static int share(struct state *s)
{
    const struct search *search = s->search;
    if (s->alone || s->binary || s->found->limited || s->done - s->first < WARM_UP ||
        (!s->text && s->checked % BLOCK != 0) || !mm_scan_mapped(s->scan) ||
        mm_scan_size(s->scan) < s->checked + PIECES_MIN * PIECE ||
        s->end - s->checked < PIECES_MIN * PIECE)
        return 0;
    uint64_t want = s->checked - s->base + PIECES_MIN * PIECE;
    int error = s->view.len < want ? more(s, want) : 0;
    if (error)
        return error;
    engine_invest(search->engine, s->view.data, s->view.len);
    if (!s->pieces)
        s->pieces = pieces_new(search->engine, search->threads, search->eol, !s->text);
    s->alone = !s->pieces;
    return !s->alone && s->view.len >= want;
}

/* Search most of the view in pieces. */
static enum step search_pieces(struct state *s)
{
    size_t len = view_end(s) - s->checked;
    enum step step = GO_ON;
    pieces_start(s->pieces, at(s, s->done), at(s, s->checked), len - len % BLOCK, PIECE);
    while (step == GO_ON && (s->piece = pieces_next(s->pieces))) {
        if (s->piece->nul) {
            s->alone = true;
            break;
        }
        s->taken = 0;
        s->checked = offset_of(s, s->piece->end);
        if (s->piece->stop) {
            step = search_to(s, offset_of(s, s->piece->stop) + 1);
            let_go(s);
        }
    }
    s->piece = NULL;
    pieces_stop(s->pieces);
    return step;
}

static int search_all(struct state *s)
{
    bool ended = false;
    for (;;) {
        int shared = share(s);
        if (shared < 0)
            return shared;
        if (shared) {
            enum step step = search_pieces(s);
            if (step != GO_ON)
                return step == FAILED ? SEARCH_FAILED : 0;
            continue;
        }
        /* A block of a file is judged whole; of a stream, what has arrived. */
        uint64_t have = view_end(s);
        uint64_t block = (s->checked / BLOCK + 1) * BLOCK;
        bool judge = !s->text && !s->binary;
        bool by_block = judge && mm_scan_mapped(s->scan);
        uint64_t want = by_block ? block : have + 1;
        ended |= have == s->end;
        if (!ended && (by_block ? have < block : s->checked >= have)) {
            int error = more(s, want - s->base);
            if (error)
                return error;
            have = view_end(s);
            ended = have < want;
        }
        if (have == s->done && ended)
            return 0;
        uint64_t end = block < have ? block : have;
        if (!judge) {
            s->checked = end;
        } else if (find_nul(s, end)) {
            if (s->search->binary == BINARY_WITHOUT_MATCH) {
                s->found->selected = 0;
                return 0;
            }
            s->binary = true;
            s->pending = 0;
            s->checked = end = have;
        }
        uint64_t last = last_line_end(s, end);
        if (last == s->done && ended && end == have)
            last = have;
        if (last == s->done)
            continue;
        enum step step = search_to(s, last);
        if (step != GO_ON)
            return step == FAILED ? SEARCH_FAILED : 0;
        let_go(s);
    }
}

/*
 * Where the peer leaves a standard input that is a file: behind the last line
 * that -m let through; where one line was enough, behind the block that it reads
 * at a time; else at the end.
 */
static uint64_t where_to_leave(const struct state *s, uint64_t start)
{
    uint64_t last = s->found->stopped, end = mm_scan_size(s->scan);
    if (end < start)
        end = start;
    if (s->found->limited && s->search->goal != GOAL_FIRST)
        return last;
    if (s->found->selected == 0 || s->search->goal != GOAL_FIRST)
        return end;
    uint64_t behind = start + ((last - start - 1) / BLOCK + 1) * BLOCK;
    return behind < end ? behind : end;
}

/* Find the part, and the number of its first line where that will be printed. */
static int begin_part(struct state *s)
{
    const struct search *search = s->search;
    if (search->part.count == 0)
        return 0;
    uint64_t size = mm_scan_size(s->scan);
    int error = part_lines(&search->part, s->scan, search->eol, &s->first, &s->end);
    if (!error && search->number && (error = mm_scan_seek(s->scan, s->origin)) == 0) {
        struct mm_view view;
        for (uint64_t at = s->origin; at < s->first; at += view.len) {
            if ((error = mm_scan_more(s->scan, 1, &view)) != 0 || view.len == 0)
                break;
            if (view.len > s->first - at)
                view.len = s->first - at;
            s->lines += count_byte(view.data, view.len, search->eol);
            mm_scan_consume(s->scan, view.len);
        }
    }
    if (s->end == size)
        s->end = UINT64_MAX; /* the last part grows with the file */
    s->base = s->done = s->checked = s->shown = s->counted = s->first;
    return error;
}

int search_input(const struct search *search, struct mm_scan *scan, struct found *found)
{
    uint64_t start = mm_scan_offset(scan);
    struct state s = {
        .search = search,
        .scan = scan,
        .found = found,
        .base = start,
        .origin = start,
        .first = start,
        .end = UINT64_MAX,
        .done = start,
        .checked = start,
        .shown = start,
        .counted = start,
        .text = search->binary == BINARY_TEXT || search->eol == '\0',
        .every = engine_every_line(search->engine),
    };
    s.invert = search->invert != s.every;
    *found = (struct found){.limited = search->limit == 0, .nul = UINT64_MAX, .stopped = start};
    int error = begin_part(&s);
    if (!error)
        error = search_all(&s);
    pieces_free(s.pieces);
    int lost = print_end(search->printer);
    if (!lost && search->goal != GOAL_LINES)
        lost = mm_scan_check(scan);
    /* What follows the last selected line may have been left out, or given as context only. */
    bool early = found->limited || found->stopped > s.done;
    found->searched = (early ? found->stopped : s.done) - s.first;
    found->stopped = where_to_leave(&s, start);
    return error ? error : lost;
}
