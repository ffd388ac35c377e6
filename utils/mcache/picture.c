/* SPDX-License-Identifier: MIT */
/* A bar that shows where in a file the pages in memory are. */
#include <string.h>

#include "common/stream.h"
#include "mcache/picture.h"

/* For the levels 0 to 8, and for what is unknown. */
static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█", "?"};
static const char letters[] = " ..oooooO?";

void picture_put(struct stream *out, const unsigned char *levels, size_t columns, bool ascii)
{
    char text[256];
    size_t len = 0;
    for (size_t i = 0; i < columns; i++) {
        if (len + sizeof "█" > sizeof text) {
            stream_put(out, text, len);
            len = 0;
        }
        if (ascii)
            text[len++] = letters[levels[i]];
        else
            len = (size_t)(stpcpy(text + len, blocks[levels[i]]) - text);
    }
    stream_put(out, text, len);
}
