/* SPDX-License-Identifier: MIT */
/* What a run has done, as one JSON object. */
#include "common/json.h"
#include "common/stream.h"

#include "mcopy/json.h"

void json_need(void)
{
    json_load();
}

void json_summary(struct stream *stream, const struct tally *done, uint64_t nanoseconds, bool good)
{
    json_put(stream,
             jansson.pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:f}", "complete", (int)good,
                          "files", (json_int_t)done->files, "bytes", (json_int_t)done->bytes,
                          "directories", (json_int_t)done->directories, "symbolic_links",
                          (json_int_t)done->symlinks, "hard_links", (json_int_t)done->hard_links,
                          "special", (json_int_t)done->special, "backups",
                          (json_int_t)done->backups, "failed", (json_int_t)done->failed, "seconds",
                          (double)nanoseconds / 1e9),
             JSON_COMPACT | JSON_REAL_PRECISION(9));
}
