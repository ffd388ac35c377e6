/* SPDX-License-Identifier: MIT */
/* In the place of json.c where jansson was absent when mgrep was built. */
#include "common/message.h"
#include "mgrep/json.h"

struct json_lines *json_lines_new(struct stream *stream, bool ascii)
{
    (void)stream, (void)ascii;
    xfail(exit_trouble, "--json: this mgrep was built without the jansson library");
}

/* There is no struct json_lines, so that the others are never called. */

void json_lines_free(struct json_lines *json)
{
    (void)json;
}

void json_lines_begin(struct json_lines *json, const char *name)
{
    (void)json, (void)name;
}

void json_lines_match(struct json_lines *json, const struct print_line *line,
                      const unsigned char *match, size_t len)
{
    (void)json, (void)line, (void)match, (void)len;
}

void json_lines_line(struct json_lines *json, const struct print_line *line)
{
    (void)json, (void)line;
}

void json_lines_end(struct json_lines *json, struct stats *stats, uint64_t nul)
{
    (void)json, (void)stats, (void)nul;
}

void json_lines_summary(struct json_lines *json, const struct stats *stats, uint64_t total)
{
    (void)json, (void)stats, (void)total;
}
