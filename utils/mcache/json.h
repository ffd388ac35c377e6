/* SPDX-License-Identifier: MIT */
/* Files told in JSON, one object a line. */
#ifndef MCACHE_JSON_H
#define MCACHE_JSON_H

#include <stdint.h>
#include <sys/types.h>

struct file;
struct json_files;
struct mm_oom;
struct stream;

/* json_files_new -- ends the program where the library that writes JSON is absent. */
struct json_files *json_files_new(struct stream *out);

/*
 * json_files_put -- {"file":..,"size":..,"pages":..,"resident":..,"dirty":..,"writeback":..,
 * "evicted":..}, with null where nobody knows.  A name that is not UTF-8 is {"bytes":".."} in
 * base64.
 */
void json_files_put(struct json_files *json, const struct file *file);

void json_files_free(struct json_files *json);

/*
 * json_process_put -- {"pid":..,"command":..,"oom_score":..,"oom_score_adj":..,"locked":..}, with
 * null for what is NULL.  To be called once json_files_new() has returned.
 */
void json_process_put(struct stream *out, pid_t pid, const char *command, const struct mm_oom *oom,
                      const uint64_t *locked);

#endif
