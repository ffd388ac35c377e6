/* SPDX-License-Identifier: MIT */
/* Strings that every match of a pattern holds. */
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/literal.h"
#include "mgrep/required.h"

unsigned required_rarity(const unsigned char *bytes, size_t len)
{
    unsigned first = 255, second = 255;
    for (size_t i = 0; i < len; i++) {
        unsigned rank = literal_rank(bytes[i]);
        if (rank < first) {
            second = first;
            first = rank;
        } else if (rank < second) {
            second = rank;
        }
    }
    return first + second;
}

/* The run ends, and takes its place among the others. */
static void end_run(struct required *r)
{
    struct required_run run = r->run;
    r->run = (struct required_run){0};
    r->last = 0;
    r->closed = false;
    size_t at = r->count;
    if (run.len > 0) {
        unsigned rarity = required_rarity(run.bytes, run.len);
        while (at > 0 && required_rarity(r->runs[at - 1].bytes, r->runs[at - 1].len) > rarity)
            at--;
    }
    if (run.len == 0 || at == REQUIRED_RUNS) {
        free(run.bytes);
        return;
    }
    if (r->count == REQUIRED_RUNS)
        free(r->runs[--r->count].bytes);
    memmove(&r->runs[at + 1], &r->runs[at], (r->count - at) * sizeof *r->runs);
    r->runs[at] = run;
    r->count++;
}

void required_add(struct required *r, const char *bytes, size_t len, bool blind)
{
    if (r->closed)
        end_run(r);
    struct required_run *run = &r->run;
    run->bytes = xrealloc(run->bytes, run->len + len);
    memcpy(run->bytes + run->len, bytes, len);
    run->len += len;
    run->blind |= blind;
    r->last = len;
}

void required_repeat(struct required *r, long least)
{
    r->broken = true;
    r->closed = true;
    if (least > 0)
        return;
    r->run.len -= r->last;
    r->last = 0;
}

void required_break(struct required *r)
{
    r->broken = true;
    end_run(r);
}

void required_alternative(struct required *r)
{
    required_break(r);
    r->none = true;
}

void required_end(struct required *r)
{
    end_run(r);
    r->whole = !r->broken && r->count > 0;
    if (r->none)
        required_free(r);
}

void required_free(struct required *r)
{
    while (r->count > 0)
        free(r->runs[--r->count].bytes);
}
