/* SPDX-License-Identifier: MIT */
/* A search told in JSON, with jansson, which is loaded when it is first needed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
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

struct json_lines *json_lines_new(struct stream *stream, bool ascii)
{
    json_load();
    struct json_lines *json = xmalloc(sizeof *json);
    *json = (struct json_lines){
        .stream = stream,
        .submatches = json_checked(jansson.array()),
        .flags = JSON_COMPACT | (ascii ? JSON_ENSURE_ASCII : 0),
    };
    return json;
}

void json_lines_free(struct json_lines *json)
{
    if (!json)
        return;
    jansson.drop(json->path);
    jansson.drop(json->submatches);
    free(json);
}

/* {"type":"...","data":{...}} as a line. */
static void tell(struct json_lines *json, const char *type, json_t *data)
{
    json_put(json->stream, jansson.pack("{s:s,s:o}", "type", type, "data", json_checked(data)),
             json->flags);
}

void json_lines_begin(struct json_lines *json, const char *name)
{
    jansson.drop(json->path);
    json->path = json_text(name, strlen(name));
    json->begun = false;
    json->count_before = stream_count(json->stream);
    json->matches = 0;
}

static void begin(struct json_lines *json)
{
    if (!json->begun)
        tell(json, "begin", jansson.pack("{s:O}", "path", json->path));
    json->begun = true;
}

void json_lines_match(struct json_lines *json, const struct print_line *line,
                      const unsigned char *match, size_t len)
{
    json_int_t start = match - line->begin, end = start + (json_int_t)len;
    json_t *one =
        jansson.pack("{s:o,s:I,s:I}", "match", json_text(match, len), "start", start, "end", end);
    if (jansson.append(json->submatches, json_checked(one)) != 0)
        json_checked(NULL);
    json->matches += line->selected;
}

void json_lines_line(struct json_lines *json, const struct print_line *line)
{
    size_t len = (size_t)(line->end - line->begin) + line->terminated;
    begin(json);
    tell(json, line->selected ? "match" : "context",
         jansson.pack("{s:O,s:o,s:I,s:I,s:o}", "path", json->path, "lines",
                      json_text(line->begin, len), "line_number", (json_int_t)line->number,
                      "absolute_offset", (json_int_t)line->offset, "submatches", json->submatches));
    json->submatches = json_checked(jansson.array());
}

static json_t *new_time(uint64_t nanoseconds)
{
    const uint64_t second = 1000000000;
    char human[32];
    snprintf(human, sizeof human, "%.6fs", (double)nanoseconds / (double)second);
    return json_checked(jansson.pack("{s:I,s:I,s:s}", "secs", (json_int_t)(nanoseconds / second),
                                     "nanos", (json_int_t)(nanoseconds % second), "human", human));
}

static json_t *new_stats(const struct stats *stats)
{
    return json_checked(jansson.pack(
        "{s:o,s:I,s:I,s:I,s:I,s:I,s:I}", "elapsed", new_time(stats->searching), "searches",
        (json_int_t)stats->inputs, "searches_with_match", (json_int_t)stats->selected,
        "bytes_searched", (json_int_t)stats->bytes_searched, "bytes_printed",
        (json_int_t)stats->bytes_printed, "matched_lines", (json_int_t)stats->lines, "matches",
        (json_int_t)stats->matches));
}

void json_lines_end(struct json_lines *json, struct stats *stats, uint64_t nul)
{
    if (stats->lines == 0)
        return;
    begin(json);
    stats->matches += json->matches;
    stats->bytes_printed += stream_count(json->stream) - json->count_before;
    json_t *offset = nul < UINT64_MAX ? jansson.pack("I", (json_int_t)nul) : jansson.pack("n");
    tell(json, "end",
         jansson.pack("{s:O,s:o,s:o}", "path", json->path, "binary_offset", json_checked(offset),
                      "stats", new_stats(stats)));
}

void json_lines_summary(struct json_lines *json, const struct stats *stats, uint64_t total)
{
    tell(json, "summary",
         jansson.pack("{s:o,s:o}", "elapsed_total", new_time(total), "stats", new_stats(stats)));
}
