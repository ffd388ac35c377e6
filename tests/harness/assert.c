/* SPDX-License-Identifier: MIT */
/* What was expected, what came, and where they part. */
#include <stdio.h>
#include <string.h>

#include "private.h"

/* Bytes shown before and behind the place where two texts part. */
#define BEFORE 60
#define BEHIND 400

static size_t parting(struct bytes a, struct bytes b)
{
    const unsigned char *x = a.data, *y = b.data;
    size_t shorter = a.len < b.len ? a.len : b.len, i = 0;
    if (shorter && memcmp(x, y, shorter) == 0)
        return shorter;
    while (i < shorter && x[i] == y[i])
        i++;
    return i;
}

static void show(const char *label, struct bytes b, size_t at)
{
    const unsigned char *data = b.data;
    size_t from = at > BEFORE ? at - BEFORE : 0;
    size_t to = b.len - from > BEFORE + BEHIND ? from + BEFORE + BEHIND : b.len;
    char line[4 * (BEFORE + BEHIND) + 1], *end = line;
    for (size_t i = from; i < to; i++) {
        if (data[i] == '\n')
            end += sprintf(end, "\\n");
        else if (data[i] < ' ' || data[i] == 0x7f)
            end += sprintf(end, "\\%03o", data[i]);
        else
            *end++ = (char)data[i];
    }
    *end = '\0';
    print_error("  %s (%zu bytes): %s\"%s\"%s\n", label, b.len, from ? "..." : "", line,
                to < b.len ? "..." : "");
}

static bool same(const char *what, struct bytes actual, struct bytes expected)
{
    if (actual.len == expected.len &&
        (actual.len == 0 || memcmp(actual.data, expected.data, actual.len) == 0))
        return true;
    size_t at = parting(actual, expected);
    print_error("%s: differs at byte %zu\n", what, at);
    show("expected", expected, at);
    show("actual", actual, at);
    return false;
}

void assert_bytes_at(struct bytes actual, struct bytes expected, const char *file, int line)
{
    if (!same("content", actual, expected))
        _fail(file, line);
}

void assert_run_at(const struct run *run, int status, struct bytes out, const char *err,
                   const char *file, int line)
{
    bool good = run->status == status;
    if (!good)
        print_error("status: expected %d, actual %d\n", status, run->status);
    good &= same("standard output", (struct bytes){run->out, run->out_len}, out);
    good &= same("standard error", (struct bytes){run->err, run->err_len},
                 (struct bytes){err, strlen(err)});
    if (!good) {
        print_error("of: %s\n", run->command);
        _fail(file, line);
    }
}

struct run run_begins(struct run run, const char *begin)
{
    if (run.out_len > strlen(begin))
        run.out_len = strlen(begin);
    return run;
}
