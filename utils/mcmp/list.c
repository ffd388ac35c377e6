/* SPDX-License-Identifier: MIT */
/* Lines about single bytes. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mcmp/list.h"

size_t list_visible(unsigned char c, char text[4])
{
    char *p = text;
    if (!isprint(c)) {
        if (c >= 128) {
            *p++ = 'M';
            *p++ = '-';
            c -= 128;
        }
        if (c < 32 || c == 127) {
            *p++ = '^';
            c ^= 64;
        }
    }
    *p++ = (char)c;
    return (size_t)(p - text);
}

void list_prepare(struct list *list, uint64_t most, bool print_bytes)
{
    list->width = snprintf(NULL, 0, "%" PRIu64, most);
    list->print_bytes = print_bytes;
    for (unsigned c = 0; c < 256; c++) {
        char text[8];
        snprintf(text, sizeof text, "%3o ", c);
        memcpy(list->octal[c], text, 4);
        memset(list->visible[c], ' ', 4);
        list_visible((unsigned char)c, list->visible[c]);
    }
}

/* A number at the end of `width` columns, which it fits. */
static void put_number(char *to, int width, uint64_t number)
{
    char *p = to + width;
    for (; number > 0 || p == to + width; number /= 10)
        *--p = (char)('0' + number % 10);
    memset(to, ' ', (size_t)(p - to));
}

size_t list_line(const struct list *list, char *to, uint64_t number, unsigned char a,
                 unsigned char b)
{
    char *p = to;
    put_number(p, list->width, number);
    p += list->width;
    *p++ = ' ';
    memcpy(p, list->octal[a], 4);
    p += 4;
    if (list->print_bytes) {
        memcpy(p, list->visible[a], 4);
        p[4] = ' ';
        p += 5;
    }
    memcpy(p, list->octal[b], 4);
    p += 3;
    if (list->print_bytes) {
        p++;
        p += list_visible(b, p);
    }
    *p++ = '\n';
    return (size_t)(p - to);
}
