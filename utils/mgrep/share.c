/* SPDX-License-Identifier: MIT */
/* Many inputs shared among worker processes, with the output of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/progress.h"
#include "common/workers.h"
#include "mgrep/options.h"
#include "mgrep/run.h"
#include "mgrep/share.h"

/* So many files, or bytes of them, take as long as it takes to begin a worker. */
#define ALONE_FILES 32
#define ALONE_BYTES ((uint64_t)8 << 20)

struct share {
    struct run *run;
    struct work work;
    struct workers *workers; /* NULL: not begun */
    unsigned files;          /* searched here, */
    uint64_t bytes;          /* and their bytes */
};

/* An item begins with this; its path, or the whole message, follows, with a NUL. */
struct item {
    bool message;
    bool below;
    bool regular;
    bool excluded;
    unsigned char prefix; /* so many bytes of the path are not in the name */
};

/* What a worker says. */
enum say {
    SAY_OUTPUT,
    SAY_MESSAGE,
    SAY_GAP,  /* between groups of lines, if there was one before */
    SAY_SUM,  /* struct sum */
    SAY_LEFT, /* an item that the parent must do */
};

struct sum {
    bool selected, trouble;
    struct print_sum print;
    uint64_t progress; /* so many bytes were searched */
};

static struct entry entry_of(const char *text, struct item *item)
{
    memcpy(item, text, sizeof *item);
    const char *path = text + sizeof *item;
    return (struct entry){path, path + item->prefix, item->below, item->regular, item->excluded};
}

/* ------------------------------------------------------------- in a worker */

static void say_output(const void *data, size_t len)
{
    worker_say(SAY_OUTPUT, data, len);
}

static void say_message(const char *text, size_t len)
{
    worker_say(SAY_MESSAGE, text, len);
}

static void say_gap(void)
{
    worker_say(SAY_GAP, NULL, 0);
}

static void begin(void *context)
{
    struct run *run = ((struct share *)context)->run;
    run->worker = true;
    run->selected = run->trouble = false;
    run->options->search.threads = 1;
    print_divert(run->printer, say_output, say_gap);
    message_to = say_message;
    progress_hide();
}

static void settle(void *context)
{
    struct run *run = ((struct share *)context)->run;
    print_flush(run->printer);
    struct sum sum = {run->selected, run->trouble, print_sum(run->printer), progress_take()};
    run->selected = run->trouble = false;
    worker_say(SAY_SUM, &sum, sizeof sum);
}

static bool perform(void *context, const char *text, size_t len)
{
    struct item item;
    struct entry entry = entry_of(text, &item);
    enum outcome outcome = run_search(((struct share *)context)->run, &entry);
    if (outcome == LEFT) {
        settle(context);
        worker_say(SAY_LEFT, text, len);
    }
    return outcome != ENOUGH;
}

/* ----------------------------------------------------------- in the parent */

static bool here(void *context, const char *text, size_t len)
{
    struct share *share = context;
    struct item item;
    struct entry entry = entry_of(text, &item);
    (void)len;
    if (item.message) {
        message("%s", entry.path);
        return true;
    }
    enum outcome outcome = run_search(share->run, &entry);
    mm_scan_close(share->run->scan); /* it may have a thread, and a worker may be forked yet */
    return outcome != ENOUGH;
}

static bool take(void *context, unsigned kind, const char *data, size_t len)
{
    struct share *share = context;
    struct run *run = share->run;
    struct sum sum;
    switch ((enum say)kind) {
    case SAY_OUTPUT:
        print_pass(run->printer, data, len);
        break;
    case SAY_MESSAGE:
        message_pass(data, len);
        break;
    case SAY_GAP:
        print_gap(run->printer);
        break;
    case SAY_SUM:
        memcpy(&sum, data, sizeof sum);
        run->selected |= sum.selected;
        run->trouble |= sum.trouble;
        print_add(run->printer, &sum.print);
        progress_add(sum.progress);
        break;
    case SAY_LEFT:
        return here(context, data, len);
    }
    return !(run->options->quiet && run->selected);
}

static void lost(void *context, const char *text, size_t len, int signal)
{
    struct share *share = context;
    struct item item;
    struct entry entry = entry_of(text, &item);
    (void)len;
    message("%s: the process that searched it was ended by signal %d (%s)",
            quote_controls(entry.name), signal, strsignal(signal));
    share->run->trouble = true;
}

struct share *share_new(struct run *run)
{
    struct share *share = xmalloc(sizeof *share);
    *share = (struct share){
        .run = run,
        .work =
            {
                .context = share,
                .begin = begin,
                .perform = perform,
                .settle = settle,
                .take = take,
                .here = here,
                .lost = lost,
            },
    };
    return share;
}

static bool give(struct share *share, struct item item, const char *text)
{
    size_t len = strlen(text) + 1;
    char *joined = xmalloc(sizeof item + len);
    memcpy(joined, &item, sizeof item);
    memcpy(joined + sizeof item, text, len);
    bool go_on = workers_give(share->workers, joined, sizeof item + len, !item.regular);
    free(joined);
    return go_on;
}

/* The first inputs are searched here: most runs have few. */
static bool visit_alone(struct share *share, const struct entry *entry)
{
    const struct run *run = share->run;
    bool go_on = run_search(share->run, entry) != ENOUGH;
    share->files++;
    share->bytes += mm_scan_mapped(run->scan) ? mm_scan_size(run->scan) : run->decoded;
    share->run->decoded = 0;
    if ((share->files >= ALONE_FILES || share->bytes >= ALONE_BYTES) && run->options->threads > 1) {
        mm_scan_close(run->scan);
        share->workers = workers_new(&share->work, run->options->threads);
    }
    return go_on;
}

bool share_visit(void *context, const struct entry *entry)
{
    struct share *share = context;
    if (!share->workers)
        return visit_alone(share, entry);
    struct item item = {
        .below = entry->below,
        .regular = entry->regular,
        .excluded = entry->excluded,
        .prefix = (unsigned char)(entry->name - entry->path),
    };
    return give(share, item, entry->path);
}

void share_complain(void *context, const char *name, const char *reason)
{
    struct share *share = context;
    const char *quoted = quote_controls(name);
    if (!share->workers) {
        message("%s: %s", quoted, reason);
        return;
    }
    size_t len = strlen(quoted) + strlen(reason) + sizeof ": ";
    char *text = xmalloc(len);
    snprintf(text, len, "%s: %s", quoted, reason);
    give(share, (struct item){.message = true}, text);
    free(text);
}

bool share_begun(const struct share *share)
{
    return share->workers;
}

void share_free(struct share *share)
{
    if (share->workers)
        workers_free(share->workers);
    free(share);
}
