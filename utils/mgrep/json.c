/* SPDX-License-Identifier: MIT */
/* A search told in JSON, with jansson, which is loaded when it is first needed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/library.h"
#include "common/message.h"
#include "common/stream.h"
#include "mgrep/json.h"
#include "mgrep/print.h"
#include "mgrep/stats.h"

struct json_lines {
    struct stream *stream;
    size_t flags;          /* for the dump */
    json_t *path;          /* the name */
    json_t *submatches;    /* of the line that is told next */
    bool begun;            /* "begin" was told */
    uint64_t count_before; /* bytes in the stream before this input */
    uint64_t matches;      /* in this input */
};

/* jansson's functions.  What is dropped, nobody else holds. */
static __typeof__(json_pack) *pack;
static __typeof__(json_stringn) *new_string;
static __typeof__(json_array) *new_array;
static __typeof__(json_array_append_new) *append;
static __typeof__(json_dump_callback) *dump;
static __typeof__(json_delete) *drop;

static const struct library_function functions[] = {
    {"json_pack", &pack},
    {"json_stringn", &new_string},
    {"json_array", &new_array},
    {"json_array_append_new", &append},
    {"json_dump_callback", &dump},
    {"json_delete", &drop},
    {0},
};

/* Values are NULL where memory ran out, and what holds them then is too. */
static json_t *checked(json_t *value)
{
    if (!value)
        xfail(exit_trouble, "memory exhausted");
    return value;
}

struct json_lines *json_lines_new(struct stream *stream, bool ascii)
{
    if (!library_load(JANSSON_LIBRARY, functions))
        xfail(exit_trouble, "--json: the jansson library (%s) cannot be loaded", JANSSON_LIBRARY);
    struct json_lines *json = xmalloc(sizeof *json);
    *json = (struct json_lines){
        .stream = stream,
        .submatches = checked(new_array()),
        .flags = JSON_COMPACT | (ascii ? JSON_ENSURE_ASCII : 0),
    };
    return json;
}

void json_lines_free(struct json_lines *json)
{
    if (!json)
        return;
    drop(json->path);
    drop(json->submatches);
    free(json);
}

static json_t *base64(const unsigned char *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t text_len = (len + 2) / 3 * 4;
    char *text = xmalloc(text_len), *to = text;
    for (size_t i = 0; i < len; i += 3) {
        size_t here = len - i;
        unsigned bits = (unsigned)data[i] << 16 | (here > 1 ? (unsigned)data[i + 1] << 8 : 0) |
                        (here > 2 ? data[i + 2] : 0);
        *to++ = digits[bits >> 18];
        *to++ = digits[bits >> 12 & 63];
        *to++ = here > 1 ? digits[bits >> 6 & 63] : '=';
        *to++ = here > 2 ? digits[bits & 63] : '=';
    }
    json_t *value = checked(new_string(text, text_len));
    free(text);
    return value;
}

/* {"text":"..."}, or {"bytes":"..."} in base64 for what is not UTF-8. */
static json_t *new_text(const void *data, size_t len)
{
    json_t *text = new_string(data, len);
    if (text)
        return checked(pack("{s:o}", "text", text));
    return checked(pack("{s:o}", "bytes", base64(data, len)));
}

static int put(const char *text, size_t len, void *stream)
{
    stream_put(stream, text, len);
    return 0;
}

/*
 * {"type":"...","data":{...}} as a line.  It begins where it fits into the stream's buffer: when
 * the input shrinks, what of it is not written yet is dropped, and no half of a record should stay.
 */
static void tell(struct json_lines *json, const char *type, json_t *data)
{
    json_t *message = checked(pack("{s:s,s:o}", "type", type, "data", checked(data)));
    stream_room(json->stream, STREAM_ROOM);
    if (dump(message, put, json->stream, json->flags) != 0)
        xfail(exit_trouble, "memory exhausted");
    stream_byte(json->stream, '\n');
    drop(message);
}

void json_lines_begin(struct json_lines *json, const char *name)
{
    drop(json->path);
    json->path = new_text(name, strlen(name));
    json->begun = false;
    json->count_before = stream_count(json->stream);
    json->matches = 0;
}

static void begin(struct json_lines *json)
{
    if (!json->begun)
        tell(json, "begin", pack("{s:O}", "path", json->path));
    json->begun = true;
}

void json_lines_match(struct json_lines *json, const struct print_line *line,
                      const unsigned char *match, size_t len)
{
    json_int_t start = match - line->begin, end = start + (json_int_t)len;
    json_t *one = pack("{s:o,s:I,s:I}", "match", new_text(match, len), "start", start, "end", end);
    if (append(json->submatches, checked(one)) != 0)
        checked(NULL);
    json->matches += line->selected;
}

void json_lines_line(struct json_lines *json, const struct print_line *line)
{
    size_t len = (size_t)(line->end - line->begin) + line->terminated;
    begin(json);
    tell(json, line->selected ? "match" : "context",
         pack("{s:O,s:o,s:I,s:I,s:o}", "path", json->path, "lines", new_text(line->begin, len),
              "line_number", (json_int_t)line->number, "absolute_offset", (json_int_t)line->offset,
              "submatches", json->submatches));
    json->submatches = checked(new_array());
}

static json_t *new_time(uint64_t nanoseconds)
{
    const uint64_t second = 1000000000;
    char human[32];
    snprintf(human, sizeof human, "%.6fs", (double)nanoseconds / (double)second);
    return checked(pack("{s:I,s:I,s:s}", "secs", (json_int_t)(nanoseconds / second), "nanos",
                        (json_int_t)(nanoseconds % second), "human", human));
}

static json_t *new_stats(const struct stats *stats)
{
    return checked(pack("{s:o,s:I,s:I,s:I,s:I,s:I,s:I}", "elapsed", new_time(stats->searching),
                        "searches", (json_int_t)stats->inputs, "searches_with_match",
                        (json_int_t)stats->selected, "bytes_searched",
                        (json_int_t)stats->bytes_searched, "bytes_printed",
                        (json_int_t)stats->bytes_printed, "matched_lines", (json_int_t)stats->lines,
                        "matches", (json_int_t)stats->matches));
}

void json_lines_end(struct json_lines *json, struct stats *stats, uint64_t nul)
{
    if (stats->lines == 0)
        return;
    begin(json);
    stats->matches += json->matches;
    stats->bytes_printed += stream_count(json->stream) - json->count_before;
    json_t *offset = nul < UINT64_MAX ? pack("I", (json_int_t)nul) : pack("n");
    tell(json, "end",
         pack("{s:O,s:o,s:o}", "path", json->path, "binary_offset", checked(offset), "stats",
              new_stats(stats)));
}

void json_lines_summary(struct json_lines *json, const struct stats *stats, uint64_t total)
{
    tell(json, "summary",
         pack("{s:o,s:o}", "elapsed_total", new_time(total), "stats", new_stats(stats)));
}
