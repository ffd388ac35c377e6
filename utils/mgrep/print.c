/* SPDX-License-Identifier: MIT */
/* The printer: names, numbers, colours, separators. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "common/stream.h"
#include "common/visible.h"
#include "mgrep/colors.h"
#include "mgrep/engine.h"
#include "mgrep/json.h"
#include "mgrep/print.h"
#include "mgrep/stats.h"
#include "mgrep/text.h"

#define HANDED ((size_t)64 << 10) /* so many bytes at once are handed over as pages */

struct printer {
    struct print_options options;
    struct colors colors;
    struct engine *engine;
    struct stream *stream;
    struct json_lines *json; /* NULL: text */
    bool terminal;           /* that is what the stream goes to */
    const char *name;
    bool with_name;
    int width;               /* of numbers, with -T */
    bool selected;           /* a line was, in this input or one before */
    struct stats stats;      /* of the inputs before this one */
    uint64_t started, begun; /* on stats_clock(): the run, this input */
    void (*gap)(void);       /* see print_divert() */
};

struct printer *print_new(const struct print_options *options, struct engine *engine)
{
    struct printer *printer = xmalloc(sizeof *printer);
    *printer = (struct printer){
        .options = *options,
        .colors = options->colors,
        .engine = engine,
        .stream = stream_open(STDOUT_FILENO),
        .terminal = isatty(STDOUT_FILENO),
    };
    if (options->json)
        printer->json = json_lines_new(printer->stream, printer->terminal);
    if (options->stats)
        printer->started = stats_clock();
    return printer;
}

void print_free(struct printer *printer)
{
    stream_close(printer->stream);
    json_lines_free(printer->json);
    free(printer);
}

void print_divert(struct printer *printer, void (*put)(const void *data, size_t len),
                  void (*gap)(void))
{
    stream_divert(printer->stream, put);
    printer->stats = (struct stats){0};
    printer->options.line_buffered = false; /* the other printer's business */
    printer->selected = false;
    printer->gap = gap;
}

struct print_sum print_sum(struct printer *printer)
{
    struct print_sum sum = {printer->selected, printer->stats};
    printer->selected = false;
    printer->stats = (struct stats){0};
    return sum;
}

void print_add(struct printer *printer, const struct print_sum *sum)
{
    printer->selected |= sum->selected;
    stats_add(&printer->stats, &sum->stats);
}

void print_pass(struct printer *printer, const void *data, size_t len)
{
    stream_from(printer->stream, NULL);
    stream_put(printer->stream, data, len);
    if (printer->options.line_buffered)
        stream_flush(printer->stream);
}

/* How wide numbers are with -T: as the largest that this input can bring. */
static int number_width(const struct print_options *options, const struct mm_scan *scan)
{
    if (!options->initial_tab)
        return 0;
    uint64_t largest = mm_scan_mapped(scan) ? mm_scan_size(scan) : INT64_MAX - 1;
    return snprintf(NULL, 0, "%" PRIu64, largest + options->number);
}

void print_begin(struct printer *printer, const char *name, bool with_name, struct mm_scan *scan)
{
    printer->name = name;
    printer->with_name = with_name;
    printer->width = number_width(&printer->options, scan);
    stream_from(printer->stream, scan);
    if (printer->json)
        json_lines_begin(printer->json, name);
    if (printer->options.stats)
        printer->begun = stats_clock();
}

int print_flush(struct printer *printer)
{
    return stream_flush(printer->stream);
}

int print_end(struct printer *printer)
{
    return stream_end(printer->stream);
}

static void put_string(struct printer *p, const char *s)
{
    stream_put(p->stream, s, strlen(s));
}

static void color_start(struct printer *p, const char *color)
{
    if (!p->options.color || !*color)
        return;
    put_string(p, "\33[");
    put_string(p, color);
    put_string(p, p->colors.no_erase ? "m" : "m\33[K");
}

static void color_end(struct printer *p, const char *color)
{
    if (p->options.color && *color)
        put_string(p, p->colors.no_erase ? "\33[m" : "\33[m\33[K");
}

static void put_name(struct printer *p)
{
    color_start(p, p->colors.name);
    if (p->terminal)
        visible_put(p->stream, p->name, strlen(p->name), "\t");
    else
        put_string(p, p->name);
    color_end(p, p->colors.name);
}

static void put_separator(struct printer *p, char separator)
{
    color_start(p, p->colors.separator);
    stream_byte(p->stream, (unsigned char)separator);
    color_end(p, p->colors.separator);
}

static void put_number(struct printer *p, uint64_t number, const char *color)
{
    char digits[32], *at = digits + sizeof digits;
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (digits + sizeof digits - at < p->width)
        *--at = ' ';
    color_start(p, color);
    stream_put(p->stream, at, (size_t)(digits + sizeof digits - at));
    color_end(p, color);
}

/*
 * What comes before a line, or before a part of it with -o: bytes [begin, end).
 *
 * Returns false for bytes that are withheld.
 */
static bool put_head(struct printer *p, const struct print_line *line, const unsigned char *begin,
                     const unsigned char *end)
{
    const struct print_options *options = &p->options;
    size_t len = (size_t)(end - begin);
    if (!options->as_text && text_valid(begin, len) < len)
        return false;
    char separator = line->selected ? ':' : '-';
    if (p->with_name) {
        put_name(p);
        if (options->null)
            stream_byte(p->stream, '\0');
        else
            put_separator(p, separator);
    }
    if (options->number) {
        put_number(p, line->number, p->colors.number);
        put_separator(p, separator);
    }
    if (options->offset) {
        put_number(p, line->offset + (uint64_t)(begin - line->begin), p->colors.offset);
        put_separator(p, separator);
    }
    if (options->initial_tab && (p->with_name || options->number || options->offset) && len > 0)
        stream_byte(p->stream, '\t');
    return true;
}

/* A part of a line; with -z a newline may be in it. */
static void put_text(struct printer *p, const unsigned char *begin, const unsigned char *end)
{
    if (p->terminal)
        visible_put(p->stream, begin, (size_t)(end - begin), "\t\n");
    else
        stream_put(p->stream, begin, (size_t)(end - begin));
}

static void put_part(struct printer *p, const unsigned char *begin, const unsigned char *end,
                     const char *color)
{
    color_start(p, color);
    put_text(p, begin, end);
    color_end(p, color);
}

static void engine_gave_up(const struct printer *p)
{
    xfail(exit_trouble, "%s: %s", quote_controls(p->name), engine_error(p->engine));
}

/* The first match at or behind `from` that holds something; engine_line() was called. */
static bool next_match(struct printer *p, const struct print_line *line, const unsigned char *from,
                       const unsigned char **match, size_t *len)
{
    while (from < line->end) {
        size_t start;
        int found = engine_span(p->engine, (size_t)(from - line->begin), &start, len);
        if (found < 0)
            engine_gave_up(p);
        if (!found)
            break;
        *match = line->begin + start;
        if (*len > 0)
            return true;
        from = *match + 1;
    }
    return false;
}

static bool too_long(const struct printer *p, size_t len)
{
    return p->options.max_columns > 0 && len > p->options.max_columns;
}

static size_t count_matches(struct printer *p, const struct print_line *line)
{
    const unsigned char *from = line->begin, *match;
    size_t count = 0, len;
    engine_line(p->engine, line->begin, line->end);
    for (; next_match(p, line, from, &match, &len); from = match + len)
        count++;
    return count;
}

/* What stands for a line that is too long, in ripgrep's words; `matches` is 0 where unknown. */
static void put_omitted(struct printer *p, const struct print_line *line, size_t matches)
{
    char text[64];
    if (matches > 0)
        snprintf(text, sizeof text, "[Omitted long line with %zu matches]", matches);
    else
        snprintf(text, sizeof text, "[Omitted long %s line]",
                 line->selected ? "matching" : "context");
    put_string(p, text);
}

/* -o: each match as a line.  Returns false when one of them is withheld. */
static bool put_only_matches(struct printer *p, const struct print_line *line)
{
    const char *color = line->selected ? p->colors.selected_match : p->colors.context_match;
    const unsigned char *from = line->begin, *match;
    size_t len;
    engine_line(p->engine, line->begin, line->end);
    for (; next_match(p, line, from, &match, &len); from = match + len) {
        if (!put_head(p, line, match, match + len))
            return false;
        if (too_long(p, len))
            put_omitted(p, line, 0);
        else
            put_part(p, match, match + len, color);
        stream_byte(p->stream, p->options.eol);
    }
    return true;
}

/*
 * The matches in colour, with what stands before each of them.  Returns what comes
 * after the last.
 */
static const unsigned char *put_matches(struct printer *p, const struct print_line *line,
                                        const char *line_color, const char *match_color)
{
    const unsigned char *from = line->begin, *match;
    size_t len;
    engine_line(p->engine, line->begin, line->end);
    for (; next_match(p, line, from, &match, &len); from = match + len) {
        color_start(p, line_color); /* the match's own colour ends it */
        put_text(p, from, match);
        put_part(p, match, match + len, match_color);
    }
    return from;
}

/* What -o does not ask for: the whole line, its matches in colour. */
static bool put_line(struct printer *p, const struct print_line *line)
{
    const struct print_options *options = &p->options;
    const struct colors *colors = &p->colors;
    const unsigned char *rest = line->begin, *tail = line->end;
    const char *line_color = "";
    if (!put_head(p, line, line->begin, line->end))
        return false;
    bool matches = line->selected != options->invert;
    if (too_long(p, (size_t)(line->end - line->begin))) {
        put_omitted(p, line, options->color && matches ? count_matches(p, line) : 0);
        stream_byte(p->stream, options->eol);
        return true;
    }
    if (options->color) {
        bool as_selected = line->selected != (options->invert && colors->reverse);
        const char *match_color = line->selected ? colors->selected_match : colors->context_match;
        line_color = as_selected ? colors->selected_line : colors->context_line;
        if (matches && *match_color)
            rest = put_matches(p, line, line_color, match_color);
    }
    /* A carriage return before the end of line stays outside of the colour. */
    if (tail > rest && tail[-1] == '\r')
        tail--;
    if (tail > rest)
        put_part(p, rest, tail, line_color);
    if (tail < line->end && options->eol == '\n')
        stream_byte(p->stream, '\r'); /* harmless there */
    else
        put_text(p, tail, line->end);
    stream_byte(p->stream, options->eol);
    return true;
}

static void put_json(struct printer *p, const struct print_line *line, bool matches)
{
    const unsigned char *from = line->begin, *match;
    size_t len;
    if (matches) {
        engine_line(p->engine, line->begin, line->end);
        for (; next_match(p, line, from, &match, &len); from = match + len)
            json_lines_match(p->json, line, match, len);
    }
    json_lines_line(p->json, line);
}

bool print_one_line(struct printer *printer, const struct print_line *line)
{
    const struct print_options *options = &printer->options;
    bool matches = line->selected != options->invert, good = true;
    if (printer->json)
        put_json(printer, line, matches);
    else if (!options->only_matching)
        good = put_line(printer, line);
    else if (matches)
        good = put_only_matches(printer, line);
    if (options->line_buffered)
        stream_flush(printer->stream);
    return good;
}

bool print_lines(struct printer *printer, const unsigned char *begin, const unsigned char *end,
                 uint64_t left)
{
    const struct print_options *options = &printer->options;
    size_t len = (size_t)(end - begin);
    if (printer->with_name || options->number || options->offset || options->initial_tab ||
        options->only_matching || options->color || options->line_buffered ||
        options->max_columns > 0 || options->context || printer->json || printer->terminal ||
        end[-1] != options->eol || (!options->as_text && text_valid(begin, len) < len))
        return false;
    if (len < HANDED)
        stream_put(printer->stream, begin, len);
    else
        stream_pages(printer->stream, &(struct mm_view){begin, len}, left);
    return true;
}

void print_gap(struct printer *printer)
{
    const struct print_options *options = &printer->options;
    if (printer->json || !options->context || !options->separator)
        return;
    if (!printer->selected) {
        if (printer->gap && stream_flush(printer->stream) == 0)
            printer->gap();
        return;
    }
    color_start(printer, printer->colors.separator);
    put_string(printer, options->separator);
    color_end(printer, printer->colors.separator);
    stream_byte(printer->stream, '\n');
}

void print_selected(struct printer *printer)
{
    printer->selected = true;
}

void print_count(struct printer *printer, uint64_t count)
{
    char digits[32];
    if (printer->with_name) {
        put_name(printer);
        if (printer->options.null)
            stream_byte(printer->stream, '\0');
        else
            put_separator(printer, ':');
    }
    int len = snprintf(digits, sizeof digits, "%" PRIu64 "\n", count);
    stream_put(printer->stream, digits, (size_t)len);
    if (printer->options.line_buffered)
        stream_flush(printer->stream);
}

void print_name(struct printer *printer)
{
    put_name(printer);
    stream_byte(printer->stream, printer->options.null ? '\0' : '\n');
    if (printer->options.line_buffered)
        stream_flush(printer->stream);
}

void print_searched(struct printer *printer, uint64_t bytes, uint64_t selected, uint64_t nul)
{
    if (!printer->options.stats)
        return;
    struct stats stats = {
        .lines = selected,
        .inputs = 1,
        .selected = selected > 0,
        .bytes_searched = bytes,
        .searching = stats_clock() - printer->begun,
    };
    if (printer->json)
        json_lines_end(printer->json, &stats, nul);
    if (printer->options.line_buffered)
        stream_flush(printer->stream);
    stats_add(&printer->stats, &stats);
}

void print_stats(struct printer *printer)
{
    if (!printer->options.stats)
        return;
    struct stats *stats = &printer->stats;
    uint64_t total = stats_clock() - printer->started;
    if (printer->json) {
        json_lines_summary(printer->json, stats, total);
    } else {
        stats->bytes_printed = stream_count(printer->stream);
        stats_put(printer->stream, stats, total);
    }
}
