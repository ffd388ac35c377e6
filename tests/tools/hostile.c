/* SPDX-License-Identifier: MIT */
/*
 * Archives that somebody damaged, through every tool: no tool dies or hangs of one, and it says
 * that something is wrong.  HOSTILE_RUNS is how many (60); each comes of its number alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "archives.h"
#include "harness.h"

#define RUNS    60
#define SECONDS 10

struct sample {
    const char *name;
    struct bytes content;
    bool checked; /* a cut is seen */
};

static struct sample samples[ARCHIVE_MAKERS + FILTER_MAKERS + 2];
static size_t sample_count;

static void add_sample(struct sandbox *box, const char *name)
{
    const char *dot = strrchr(name, '.'); /* compress has neither a sum nor an end */
    bool checked =
        (strncmp(name, "tar.", 4) == 0 || strncmp(name, "f.", 2) == 0) && strcmp(dot, ".Z") != 0;
    samples[sample_count++] = (struct sample){name, box_load(box, name), checked};
}

static void make_samples(struct sandbox *box)
{
    sample_count = 0;
    box_directory(box, "t");
    box_directory(box, "t/d");
    box_fill(box, "t/a", text("first\nsecond\n"));
    box_fill(box, "t/d/b", box_lines(box, 60000));
    box_fill(box, "t/empty", text(""));
    box_fill(box, "t/d/\u00e4", text("first \u00fcber\n"));
    box_fill(box, "f", box_lines(box, 60000));
    box_truncate(box, "f", 200000);
    for (size_t i = 0; i < ARCHIVE_MAKERS; i++)
        if (make(box, &archive_makers[i]))
            add_sample(box, archive_makers[i].file);
    for (size_t i = 0; i < FILTER_MAKERS; i++)
        if (make(box, &filter_makers[i]))
            add_sample(box, filter_makers[i].file);
    shell(box, "tar -cSf sparse.tar f; tar -cf nested.tar tar.gz gnu.tar f.gz");
    add_sample(box, "sparse.tar");
    add_sample(box, "nested.tar");
}

/* Knuth's generator, so that a number gives the same archive anywhere. */
static uint64_t state;

static size_t random_below(size_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return n ? (size_t)((state >> 33) % n) : 0;
}

enum damage { FLIP, CUT, SPLICE, FILL, DAMAGES };

/* One archive, damaged.  A header is where most of what can go wrong stands: half of it is there.
 */
static struct bytes damaged(struct sandbox *box, const struct sample *from, enum damage damage)
{
    size_t len = from->content.len, head = len < 1024 ? len : 1024;
    unsigned char *data = box_keep(box, len);
    memcpy(data, from->content.data, len);
    if (damage == CUT)
        return (struct bytes){data, 1 + random_below(len - 1)};
    size_t changes = 1 + random_below(20);
    for (size_t i = 0; i < changes; i++) {
        size_t at = random_below(random_below(2) ? head : len);
        const struct sample *other = &samples[random_below(sample_count)];
        size_t most = len - at < 64 ? len - at : 64, run = 1 + random_below(most);
        size_t room = other->content.len - run;
        if (damage == FLIP)
            data[at] ^= (unsigned char)(1u << random_below(8));
        else if (damage == FILL)
            memset(data + at, random_below(2) ? 0xff : 0, run);
        else if (other->content.len > run)
            memcpy(data + at, (const char *)other->content.data + random_below(room), run);
    }
    return (struct bytes){data, len};
}

/* Run a tool on the file x; its output goes nowhere, or where it is looked at. */
static int survives(struct sandbox *box, const char *command, int trouble, unsigned long number)
{
    const char *built = getenv("MMUTILS_BIN") ? getenv("MMUTILS_BIN") : MMUTILS_BUILT;
    const char *whole = box_format(box, "timeout -s KILL %d %s/%s >out", SECONDS, built, command);
    struct run r = box_run(box, "/bin/sh", "-c", whole, NULL);
    if (r.status > trouble)
        fail_msg("number %lu: %s: status %d, %s", number, command, r.status, r.err);
    if (strstr(r.err, "forbidden") || strstr(r.err, "broke off") || strstr(r.err, "Sanitizer"))
        fail_msg("number %lu: %s: %s", number, command, r.err);
    if (r.status == trouble && trouble == 2 && r.err_len == 0)
        fail_msg("number %lu: %s: trouble without a word", number, command);
    return r.status;
}

static void damaged_archive_harms_no_tool(void **state_of_test)
{
    struct sandbox *box = *state_of_test;
    const char *runs_wanted = getenv("HOSTILE_RUNS");
    unsigned long runs = runs_wanted ? strtoul(runs_wanted, NULL, 10) : RUNS;
    make_samples(box);
    for (unsigned long number = 0; number < runs; number++) {
        state = number * 2654435761u + 12345;
        random_below(1);
        const struct sample *sample = &samples[number % sample_count];
        enum damage damage = (enum damage)(number / sample_count % DAMAGES);
        box_fill(box, "x", damaged(box, sample, damage));
        int status = survives(box, "mcat -J --archive-formats=all x", 1, number);
        struct bytes out = box_load(box, "out");
        if (damage == CUT && sample->checked && status == 0 && out.len > 0 &&
            box_load(box, "x").len > 512) {
            box_fill(box, "x", sample->content);
            survives(box, "mcat -J x", 1, number);
            struct bytes all = box_load(box, "out");
            if (all.len != out.len)
                fail_msg("number %lu: %s was cut, and nothing was said", number, sample->name);
            box_fill(box, "x", damaged(box, sample, damage));
        }
        survives(box, "mcat -J --list --archive-formats=all - <x", 1, number);
        survives(box, "mgrep -J --archive-formats=all -c 0001 x", 2, number);
        survives(box, "mtail -J --archive-formats=all -n1 x", 1, number);
        survives(box, "mcmp -J --archive-formats=all -r x t", 2, number);
        survives(box, "mcmp -J --archive-formats=all -r gnu.tar x", 2, number);
        survives(box, "mcopy -J -rp --archive-formats=all x unpacked", 1, number);
        shell(box, "chmod -R u+rwx unpacked 2>/dev/null; rm -rf unpacked");
    }
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(damaged_archive_harms_no_tool),
    };
    return run_named(argc, argv, tests);
}
