/* SPDX-License-Identifier: MIT */
/* Files told in JSON. */
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/message.h"
#include "mcache/file.h"
#include "mcache/json.h"

struct json_files {
    struct stream *out;
};

struct json_files *json_files_new(struct stream *out)
{
    json_load();
    struct json_files *json = xmalloc(sizeof *json);
    *json = (struct json_files){out};
    return json;
}

static json_t *count(bool known, uint64_t number)
{
    return json_checked(known ? jansson.pack("I", (json_int_t)number) : jansson.pack("n"));
}

/* Text as a string, and as json_text() where it is not UTF-8. */
static json_t *name_of(const char *text)
{
    json_t *name = jansson.string(text, strlen(text));
    return name ? name : json_text(text, strlen(text));
}

void json_files_put(struct json_files *json, const struct file *file)
{
    const struct mm_resident *now = &file->now;
    bool known = !file->unknown, detailed = known && now->detailed;
    json_put(json->out,
             jansson.pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "file", name_of(file->name), "size",
                          count(true, file->size), "pages", count(true, now->pages), "resident",
                          count(known, now->cached), "dirty", count(detailed, now->dirty),
                          "writeback", count(detailed, now->writeback), "evicted",
                          count(detailed, now->evicted)),
             JSON_COMPACT);
}

void json_files_free(struct json_files *json)
{
    free(json);
}

void json_process_put(struct stream *out, pid_t pid, const char *command, const struct mm_oom *oom,
                      const uint64_t *locked)
{
    json_put(out,
             jansson.pack("{s:i,s:o,s:o,s:o,s:o}", "pid", (int)pid, "command", name_of(command),
                          "oom_score", count(oom, oom ? (uint64_t)oom->score : 0), "oom_score_adj",
                          json_checked(oom ? jansson.pack("i", oom->adjust) : jansson.pack("n")),
                          "locked", count(locked, locked ? *locked : 0)),
             JSON_COMPACT);
}
