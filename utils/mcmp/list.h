/* SPDX-License-Identifier: MIT */
/* Lines about single bytes: those of -l, and how -b shows a byte. */
#ifndef MCMP_LIST_H
#define MCMP_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIST_LINE 64 /* a line is shorter than that; so much room is needed for one */

struct list {
    int width; /* of the first column */
    bool print_bytes;
    char octal[256][4];   /* " 12" and a blank */
    char visible[256][4]; /* as -b shows a byte, and blanks */
};

/* list_prepare -- for numbers up to `most`. */
void list_prepare(struct list *list, uint64_t most, bool print_bytes);

/* list_line -- one line, for byte `number`.  Returns its length. */
size_t list_line(const struct list *list, char *to, uint64_t number, unsigned char a,
                 unsigned char b);

/* list_visible -- a byte as -b shows it; returns its length in `text`, which nothing ends. */
size_t list_visible(unsigned char c, char text[4]);

#endif
