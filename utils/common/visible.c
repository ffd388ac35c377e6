/* SPDX-License-Identifier: MIT */
/* Text that others wrote, shown on a terminal that must not obey it. */
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "common/stream.h"
#include "common/utf8.h"
#include "common/visible.h"

/* How many bytes the character has that the text begins with; 0: it must not be shown as it is. */
static size_t harmless(const unsigned char *text, size_t len, const char *keep)
{
    if (*text < 0x80)
        return (*text >= ' ' && *text != 0x7f) || (*text && strchr(keep, *text));
    unsigned character;
    size_t size = utf8_character(text, len, &character);
    if (size > 0)
        return character >= 0xa0 ? size : 0;
    mbstate_t state = {0};
    wchar_t wide;
    size = mbrtowc(&wide, (const char *)text, len, &state);
    return size <= len && iswprint((wint_t)wide) ? size : 0; /* the two errors are huge */
}

void visible_put(struct stream *stream, const void *text, size_t len, const char *keep)
{
    const unsigned char *from = text, *p = from, *end = from + len;
    while (p < end) {
        size_t size = harmless(p, (size_t)(end - p), keep);
        if (size > 0) {
            p += size;
            continue;
        }
        char shown[8];
        int shown_len = *p < 0x80 ? snprintf(shown, sizeof shown, "^%c", *p ^ 0x40)
                                  : snprintf(shown, sizeof shown, "\\%03o", *p);
        stream_put(stream, from, (size_t)(p - from));
        stream_put(stream, shown, (size_t)shown_len);
        from = ++p;
    }
    stream_put(stream, from, (size_t)(end - from));
}
