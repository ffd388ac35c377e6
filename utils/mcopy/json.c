/* SPDX-License-Identifier: MIT */
/* What a run has done, as one JSON object, with jansson, which is loaded when it is needed. */
#include <jansson.h>

#include "common/library.h"
#include "common/message.h"
#include "common/stream.h"

#include "mcopy/json.h"

static __typeof__(json_pack) *pack;
static __typeof__(json_dump_callback) *dump;
static __typeof__(json_delete) *drop;

static const struct library_function functions[] = {
    {"json_pack", &pack},
    {"json_dump_callback", &dump},
    {"json_delete", &drop},
    {0},
};

void json_need(void)
{
    if (!library_load(JANSSON_LIBRARY, functions))
        xfail(exit_trouble, "--json: the jansson library (%s) cannot be loaded", JANSSON_LIBRARY);
}

static int put(const char *text, size_t len, void *stream)
{
    stream_put(stream, text, len);
    return 0;
}

void json_summary(struct stream *stream, const struct tally *done, uint64_t nanoseconds, bool good)
{
    json_t *summary =
        pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:f}", "complete", (int)good, "files",
             (json_int_t)done->files, "bytes", (json_int_t)done->bytes, "directories",
             (json_int_t)done->directories, "symbolic_links", (json_int_t)done->symlinks,
             "hard_links", (json_int_t)done->hard_links, "special", (json_int_t)done->special,
             "backups", (json_int_t)done->backups, "failed", (json_int_t)done->failed, "seconds",
             (double)nanoseconds / 1e9);
    if (!summary || dump(summary, put, stream, JSON_COMPACT | JSON_REAL_PRECISION(9)) != 0)
        xfail(exit_trouble, "memory exhausted");
    stream_byte(stream, '\n');
    drop(summary);
}
