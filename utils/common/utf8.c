/* SPDX-License-Identifier: MIT */
/* UTF-8, whatever the locale's charset is. */
#include "common/utf8.h"

size_t utf8_character(const unsigned char *data, size_t len, unsigned *character)
{
    unsigned char lead = data[0];
    if (lead < 0x80) {
        *character = lead;
        return 1;
    }
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || len < size)
        return 0;
    unsigned c = lead & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (data[i] & 0x3f);
    }
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *character = c;
    return size;
}
