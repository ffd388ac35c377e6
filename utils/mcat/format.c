/* SPDX-License-Identifier: MIT */
/*
 * Text as -A, -b, -E, -n, -s, -T and -v show it: runs of bytes that stay as they are are
 * copied, 64 bytes at a time, up to the next byte that is shown in another way.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mcat/format.h"
#include "mcat/stops.h"

#define DIGITS 20 /* of the longest line number */
#define NUMBER 32 /* copied for a number, whatever its length */
/* So much room is left when a step begins: for a number, and 64 bytes of up to four each. */
#define STEP_ROOM ((size_t)512)
/* From so many stops among 64 bytes on, each byte goes through the table. */
#define MANY 8

/* How a byte is shown; one that asks for more thought has no length. */
struct shown {
    char text[7];
    unsigned char len;
};

struct format {
    struct stream *out;
    struct format_options options;
    struct stops stops;
    struct shown shown[256];
    struct shown newline;
    bool by_bytes; /* what is shown of a byte depends on no other: */
    struct shown alone[256];
    bool line_begins;
    bool after_blank; /* the line before was blank */
    bool pending_cr;  /* a CR that is ^M if a newline follows */
    size_t first_digit;
    char number[DIGITS + 1 + NUMBER]; /* of the line before: blanks, digits, a tab */
};

/* How -v and -T show a byte. */
static struct shown show(const struct format_options *o, unsigned char c)
{
    struct shown shown = {.len = 0};
    bool tab = c == '\t';
    if (o->show_nonprinting && c >= 128) {
        shown.text[shown.len++] = 'M';
        shown.text[shown.len++] = '-';
        c -= 128;
        tab = false;
    }
    if (tab ? o->show_tabs : o->show_nonprinting && (c < 32 || c == 127)) {
        shown.text[shown.len++] = '^';
        c ^= 64;
    }
    shown.text[shown.len++] = (char)c;
    return shown;
}

static void prepare(struct format *f)
{
    const struct format_options *o = &f->options;
    const bool cr = o->show_ends && !o->show_nonprinting;
    f->stops = (struct stops){
        .least = o->show_nonprinting ? 32 : INT8_MIN,
        .but = o->show_tabs ? '\n' : '\t',
        .equal = {'\n',
                  o->show_nonprinting ? 127
                  : cr                ? '\r'
                                      : '\n',
                  o->show_tabs ? '\t' : '\n'},
    };
    stops_prepare(&f->stops);
    for (unsigned c = 0; c < 256; c++)
        f->shown[c] = show(o, (unsigned char)c);
    f->shown['\n'].len = 0;
    if (cr)
        f->shown['\r'].len = 0;
    f->newline = o->show_ends ? (struct shown){"$\n", 2} : (struct shown){"\n", 1};
    f->by_bytes = !o->number && !o->squeeze_blank && !cr;
    memcpy(f->alone, f->shown, sizeof f->shown);
    f->alone['\n'] = f->newline;
}

struct format *format_new(const struct format_options *options, struct stream *out)
{
    struct format *f = xmalloc(sizeof *f);
    *f = (struct format){.out = out, .options = *options, .line_begins = true};
    prepare(f);
    memset(f->number, ' ', DIGITS);
    f->number[DIGITS - 1] = '0';
    f->number[DIGITS] = '\t';
    f->first_digit = DIGITS - 6;
    return f;
}

static inline char *put_shown(char *to, const struct shown *shown)
{
    memcpy(to, shown, sizeof *shown);
    return to + shown->len;
}

/* The next number, counted in its digits. */
static inline char *put_number(struct format *f, char *to)
{
    size_t i = DIGITS - 1;
    while (f->number[i] == '9')
        f->number[i--] = '0';
    f->number[i] = f->number[i] == ' ' ? '1' : (char)(f->number[i] + 1);
    if (i < f->first_digit)
        f->first_digit = i;
    memcpy(to, f->number + f->first_digit, NUMBER);
    return to + (DIGITS + 1 - f->first_digit);
}

/*
 * Show bytes one by one as f->alone says, from `p` on and in blocks of 64, while there are two
 * before `end` and `*to` is before `full`.  Returns where it stopped.
 *
 * What is copied behind the last byte of a block is overwritten by what follows.  A block
 * with a single stop and one with none, which are what a text of lines is made of, go the
 * same way, so that no branch has to guess where the lines end.
 */
static inline __attribute__((always_inline)) const unsigned char *
show_blocks(const struct format *f, const unsigned char *p, const unsigned char *end, char **to,
            const char *full, uint64_t (*find)(const struct stops *, const unsigned char *))
{
    const struct stops stops = f->stops;
    const struct shown *alone = f->alone;
    char *put = *to;
    for (; end - p >= 2 * STOPS && put < full; p += STOPS) {
        uint64_t found = find(&stops, p);
        size_t at = 0; /* so many bytes of the block are shown */
        memcpy(put, p, STOPS);
        if (__builtin_expect(!(found & (found - 1)), 1)) {
            size_t stop = found ? (size_t)__builtin_ctzll(found) : STOPS - 1;
            put = put_shown(put + stop, &alone[p[stop]]);
            at = stop + 1;
            memcpy(put, p + at, STOPS);
        } else if (__builtin_popcountll(found) < MANY) {
            for (; found; found &= found - 1) {
                size_t stop = (size_t)__builtin_ctzll(found);
                put = put_shown(put + (stop - at), &alone[p[stop]]);
                at = stop + 1;
                memcpy(put, p + at, STOPS);
            }
        } else {
            for (; at < STOPS; at++)
                put = put_shown(put, &alone[p[at]]);
        }
        put += STOPS - at;
    }
    *to = put;
    return p;
}

/*
 * Show bytes from `p` on up to `end`, while `to` is before `full`.  Returns where it stopped,
 * *put the end of what was put.  `find` is stops_portable() for 64 bytes, or its equal.
 */
static inline __attribute__((always_inline)) const unsigned char *
show_text(struct format *f, const unsigned char *p, const unsigned char *end, char *to,
          const char *full, uint64_t (*find)(const struct stops *, const unsigned char *),
          char **put)
{
    const struct format_options o = f->options;
    const struct stops stops = f->stops;
    bool line_begins = f->line_begins, after_blank = f->after_blank;
    if (f->by_bytes)
        p = show_blocks(f, p, end, &to, full, find);
    while (p < end && to < full) {
        if (line_begins) {
            bool blank = *p == '\n';
            if (blank && after_blank && o.squeeze_blank) {
                p++;
                continue;
            }
            after_blank = blank;
            if (o.number_nonblank ? !blank : o.number)
                to = put_number(f, to);
            line_begins = false;
        }
        uint64_t found;
        size_t run = (size_t)(end - p);
        if (run >= STOPS) {
            run = STOPS;
            found = find(&stops, p);
            memcpy(to, p, STOPS);
        } else {
            found = stops_portable(&stops, p, run);
            memcpy(to, p, run);
        }
        if (!found) {
            p += run;
            to += run;
            continue;
        }
        const unsigned char *after = p + run;
        size_t plain = (size_t)__builtin_ctzll(found);
        p += plain;
        to += plain;
        if (*p == '\n') {
            to = put_shown(to, &f->newline);
            line_begins = true;
            p++;
        } else if (f->shown[*p].len == 0) { /* a CR; is it the last of its line? */
            if (++p == end)
                f->pending_cr = true;
            else
                to =
                    put_shown(to, *p == '\n' ? &(struct shown){"^M", 2} : &(struct shown){"\r", 1});
        } else {
            after = __builtin_popcountll(found) < MANY ? p + 1 : after;
            for (; p < after && f->shown[*p].len > 0; p++)
                to = put_shown(to, &f->shown[*p]);
        }
    }
    f->line_begins = line_begins;
    f->after_blank = after_blank;
    *put = to;
    return p;
}

static uint64_t find_portable(const struct stops *stops, const unsigned char *at)
{
    return stops_portable(stops, at, STOPS);
}

typedef const unsigned char *show_function(struct format *f, const unsigned char *p,
                                           const unsigned char *end, char *to, const char *full,
                                           char **put);

#if !defined(__aarch64__) /* which has its vectors always */

static const unsigned char *show_portable(struct format *f, const unsigned char *p,
                                          const unsigned char *end, char *to, const char *full,
                                          char **put)
{
    return show_text(f, p, end, to, full, find_portable, put);
}

#endif

#if defined(__x86_64__)

__attribute__((target("avx2"))) static const unsigned char *
show_avx2(struct format *f, const unsigned char *p, const unsigned char *end, char *to,
          const char *full, char **put)
{
    return show_text(f, p, end, to, full, stops_avx2, put);
}

static show_function *best(void)
{
    return __builtin_cpu_supports("avx2") ? show_avx2 : show_portable;
}

#elif defined(__aarch64__)

static const unsigned char *show_neon(struct format *f, const unsigned char *p,
                                      const unsigned char *end, char *to, const char *full,
                                      char **put)
{
    return show_text(f, p, end, to, full, stops_neon, put);
}

static show_function *best(void)
{
    return show_neon;
}

#else

static show_function *best(void)
{
    return show_portable;
}

#endif

/* The carriage return before, now that it is known what follows. */
static void put_pending(struct format *f, unsigned char next)
{
    if (f->pending_cr)
        stream_put(f->out, next == '\n' ? "^M" : "\r", next == '\n' ? 2 : 1);
    f->pending_cr = false;
}

void format_put(struct format *f, const unsigned char *data, size_t len)
{
    show_function *show_some = best();
    const unsigned char *end = data + len;
    if (len > 0)
        put_pending(f, *data);
    while (data < end) {
        char *room = (char *)stream_room(f->out, STREAM_ROOM), *put;
        data = show_some(f, data, end, room, room + STREAM_ROOM - STEP_ROOM, &put);
        stream_filled(f->out, (size_t)(put - room));
    }
}

void format_pass(struct format *f, const unsigned char *data, size_t len)
{
    static char nowhere[(size_t)16 << 10];
    show_function *show_some = best();
    const unsigned char *end = data + len;
    char *put;
    while (data < end)
        data = show_some(f, data, end, nowhere, nowhere + sizeof nowhere - STEP_ROOM, &put);
    f->pending_cr = false;
}

void format_end(struct format *f)
{
    if (f->pending_cr)
        stream_byte(f->out, '\r');
    free(f);
}
