/* SPDX-License-Identifier: MIT */
/* Figures of a search. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "common/stream.h"
#include "mgrep/stats.h"

#define SECOND UINT64_C(1000000000)

void stats_add(struct stats *stats, const struct stats *more)
{
    stats->lines += more->lines;
    stats->matches += more->matches;
    stats->inputs += more->inputs;
    stats->selected += more->selected;
    stats->bytes_printed += more->bytes_printed;
    stats->bytes_searched += more->bytes_searched;
    stats->searching += more->searching;
}

void stats_put(struct stream *stream, const struct stats *stats, uint64_t total)
{
    char text[512];
    int len =
        snprintf(text, sizeof text,
                 "\n"
                 "%" PRIu64 " matched lines\n"
                 "%" PRIu64 " files contained matches\n"
                 "%" PRIu64 " files searched\n"
                 "%" PRIu64 " bytes printed\n"
                 "%" PRIu64 " bytes searched\n"
                 "%.6f seconds spent searching\n"
                 "%.6f seconds\n",
                 stats->lines, stats->selected, stats->inputs, stats->bytes_printed,
                 stats->bytes_searched, (double)stats->searching / SECOND, (double)total / SECOND);
    stream_put(stream, text, (size_t)len);
}

uint64_t stats_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}
