/* SPDX-License-Identifier: MIT */
/* What is said of the work besides trouble: -v. */
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "common/stream.h"

#include "mcopy/report.h"

static struct stream *out;

struct stream *report_stream(void)
{
    if (!out)
        out = stream_open(STDOUT_FILENO);
    return out;
}

static void say(const char *text)
{
    stream_put(report_stream(), text, strlen(text));
}

void report_copied(const struct options *options, const char *from, const char *to,
                   const char *backup)
{
    if (!options->verbose)
        return;
    say(quote_always(from));
    say(" -> ");
    say(quote_always(to));
    if (backup) {
        say(" (backup: ");
        say(quote_always(backup));
        say(")");
    }
    say("\n");
}

void report_parent(const struct options *options, const char *from, const char *to)
{
    if (!options->verbose)
        return;
    say(from);
    say(" -> ");
    say(to);
    say("\n");
}

void report_removed(const struct options *options, const char *path)
{
    if (!options->verbose)
        return;
    say("removed ");
    say(quote_always(path));
    say("\n");
}

void report_restored(const struct options *options, const char *backup, const char *path)
{
    if (!options->verbose)
        return;
    say(quote_always(backup));
    say(" -> ");
    say(quote_always(path));
    say(" (unbackup)\n");
}

void report_flush(void)
{
    if (out)
        stream_flush(out);
}

void report_close(void)
{
    if (out)
        stream_close(out);
    out = NULL;
}
