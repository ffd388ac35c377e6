/* SPDX-License-Identifier: MIT */
/* Text as mcat's options show it: vectors, their portable twin and a look at each byte agree. */
#include <stdio.h>
#include <stdlib.h>

#include "mcat/format.c"

#include "harness.h"

#define LEN_MAX 700

/* What the function shows of the text, in steps of a small buffer; `to` has room for all. */
static size_t shown_by(show_function *show_some, const struct format_options *options,
                       const unsigned char *data, size_t len, char *to)
{
    struct format *f = format_new(options, NULL);
    const unsigned char *end = data + len;
    char *put = to;
    while (data < end)
        data = show_some(f, data, end, put, put + 100, &put);
    free(f);
    return (size_t)(put - to);
}

/* The same, where no line has to be known. */
static size_t shown_singly(const struct format_options *o, const unsigned char *data, size_t len,
                           char *to)
{
    char *put = to;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = data[i];
        if (c == '\n') {
            put += sprintf(put, o->show_ends ? "$\n" : "\n");
            continue;
        }
        if (c == '\t' && !o->show_tabs) {
            *put++ = '\t';
            continue;
        }
        if (o->show_nonprinting && c >= 128)
            put += sprintf(put, "M-");
        if (o->show_nonprinting)
            c &= 127;
        if ((o->show_nonprinting && (c < 32 || c == 127)) || (c == '\t' && o->show_tabs))
            put += sprintf(put, "^%c", c ^ 64);
        else
            *put++ = (char)c;
    }
    return (size_t)(put - to);
}

/* Lines of printing bytes among which one in `rarity` is of another kind. */
static void fill(unsigned char *text, size_t len, long rarity)
{
    static const unsigned char others[] = {'\n', '\n', '\n', '\t', '\r', '\0', 0x7f, 0x80, 0xff};
    for (size_t i = 0; i < len; i++)
        text[i] = random() % rarity ? (unsigned char)(' ' + random() % 95)
                                    : others[(size_t)random() % sizeof others];
}

static void vectors_twin_and_single_bytes_agree(void **state)
{
    (void)state;
    static char expected[4 * LEN_MAX * 8], found[4 * LEN_MAX * 8], twin[4 * LEN_MAX * 8];
    unsigned char text[LEN_MAX];
    srandom(7);
    for (unsigned i = 0; i < 20000; i++) {
        const struct format_options o = {.number = i & 1,
                                         .number_nonblank = i & 2 && i & 1,
                                         .squeeze_blank = i & 4,
                                         .show_ends = i & 8,
                                         .show_tabs = i & 16,
                                         .show_nonprinting = i & 32};
        size_t len = (size_t)random() % (LEN_MAX + 1);
        fill(text, len, 1L << random() % 9);
        size_t portably = shown_by(show_portable, &o, text, len, twin);
        assert_bytes(((struct bytes){found, shown_by(best(), &o, text, len, found)}),
                     ((struct bytes){twin, portably}));
        bool lines = o.number || o.squeeze_blank || (o.show_ends && !o.show_nonprinting);
        if (!lines)
            assert_bytes(((struct bytes){twin, portably}),
                         ((struct bytes){expected, shown_singly(&o, text, len, expected)}));
    }
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {TEST(vectors_twin_and_single_bytes_agree)};
    return run_named(argc, argv, tests);
}
