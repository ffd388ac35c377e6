/* SPDX-License-Identifier: MIT */
/* JSON, one value a line. */
#include <stdlib.h>

#include "common/json.h"
#include "common/library.h"
#include "common/message.h"
#include "common/stream.h"

struct jansson jansson;

void json_load(void)
{
    static const struct library_function functions[] = {
        {"json_pack", &jansson.pack},
        {"json_stringn", &jansson.string},
        {"json_array", &jansson.array},
        {"json_array_append_new", &jansson.append},
        {"json_dump_callback", &jansson.dump},
        {"json_delete", &jansson.drop},
        {0},
    };
    if (!library_load(JANSSON_LIBRARY, functions))
        xfail(exit_trouble, "--json: the jansson library (%s) cannot be loaded", JANSSON_LIBRARY);
}

json_t *json_checked(json_t *value)
{
    if (!value)
        xfail(exit_trouble, "memory exhausted");
    return value;
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
    json_t *value = json_checked(jansson.string(text, text_len));
    free(text);
    return value;
}

json_t *json_text(const void *data, size_t len)
{
    json_t *text = jansson.string(data, len);
    if (text)
        return json_checked(jansson.pack("{s:o}", "text", text));
    return json_checked(jansson.pack("{s:o}", "bytes", base64(data, len)));
}

static int put(const char *text, size_t len, void *stream)
{
    stream_put(stream, text, len);
    return 0;
}

void json_put(struct stream *stream, json_t *value, size_t flags)
{
    stream_room(stream, STREAM_ROOM);
    if (jansson.dump(json_checked(value), put, stream, flags) != 0)
        xfail(exit_trouble, "memory exhausted");
    stream_byte(stream, '\n');
    jansson.drop(value);
}
