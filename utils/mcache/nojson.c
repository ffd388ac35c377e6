/* SPDX-License-Identifier: MIT */
/* In the place of json.c where jansson was absent when mcache was built. */
#include "common/message.h"
#include "mcache/json.h"

struct json_files *json_files_new(struct stream *out)
{
    (void)out;
    xfail(exit_trouble, "--json: this mcache was built without the jansson library");
}

/* There is no struct json_files, so that these are never called with one. */

void json_files_put(struct json_files *json, const struct file *file)
{
    (void)json, (void)file;
}

void json_files_free(struct json_files *json)
{
    (void)json;
}

void json_process_put(struct stream *out, pid_t pid, const char *command, const struct mm_oom *oom,
                      const uint64_t *locked)
{
    (void)out, (void)pid, (void)command, (void)oom, (void)locked;
}
