/* SPDX-License-Identifier: MIT */
/* JSON, one value a line, by the jansson library, which is loaded when it is first needed. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stddef.h>

#include <jansson.h>

struct stream;

/* jansson's functions, once json_load() has returned. */
extern struct jansson {
    __typeof__(json_pack) *pack;
    __typeof__(json_stringn) *string;
    __typeof__(json_array) *array;
    __typeof__(json_array_append_new) *append;
    __typeof__(json_dump_callback) *dump;
    __typeof__(json_delete) *drop; /* what nobody else holds */
} jansson;

/* json_load -- load the library; without it the program ends with a message about --json. */
void json_load(void);

/* json_checked -- the value, or the end: it is NULL where memory ran out. */
json_t *json_checked(json_t *value);

/* json_text -- {"text":"..."}, or {"bytes":"..."} in base64 for what is not UTF-8. */
json_t *json_text(const void *data, size_t len);

/*
 * json_put -- a value, which is dropped then, as a line.
 *
 * It begins where it fits into the stream's buffer: when the input shrinks, what of it is not
 * written yet is dropped, and no half of a record should stay.
 */
void json_put(struct stream *stream, json_t *value, size_t flags);

#endif
