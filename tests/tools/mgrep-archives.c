/* SPDX-License-Identifier: MIT */
/* mgrep -J: the lines of what is in archives, beside grep on the unpacked tree. */
#include <stdlib.h>

#include "archives.h"
#include "harness.h"

static void make_tree(struct sandbox *box)
{
    box_directory(box, "t");
    box_directory(box, "t/d");
    box_fill(box, "t/a", text("first\nsecond\n"));
    box_fill(box, "t/d/b", box_lines(box, 300000));
    box_fill(box, "t/empty", text(""));
    box_fill(box, "t/d/\u00e4", text("first \u00fcber\n"));
}

/* What grep does for these files of the tree, with the archive's name for the tree's. */
static struct run as_unpacked(struct sandbox *box, const char *archive, const char *option,
                              const char *pattern)
{
    const char *command = box_format(box,
                                     "cd t && grep -H %s -e '%s' " MEMBERS " >../out; status=$?;"
                                     "sed '/^--$/!s,^,%s/,' ../out; exit $status",
                                     option, pattern, archive);
    return box_run(box, "/bin/sh", "-c", command, NULL);
}

static void lines_are_those_of_the_unpacked_tree(void **state)
{
    static const char *const options[] = {"-n", "-c", "-b", "-l", "-on", "-vc", "-m2", "-A1"};
    static const char *const patterns[] = {"first", "0000[0-9]*5", "[a-z]ber"};
    struct sandbox *box = *state;
    make_tree(box);
    for (size_t i = 0; i < ARCHIVE_MAKERS; i++) {
        const struct maker *m = &archive_makers[i];
        if (!make(box, m))
            continue;
        if (m->all) /* these have an order of their own */
            continue;
        for (int o = 0; o < 8; o++) {
            const char *pattern = patterns[(i + (size_t)o) % 3];
            struct run expected = as_unpacked(box, m->file, options[o], pattern);
            struct run r = box_run(box, "mgrep", "-J", options[o], pattern, m->file, NULL);
            assert_run(&r, expected.status, expected.out, "");
        }
    }
}

static void all_formats_are_searched_when_asked(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    for (size_t i = 0; i < ARCHIVE_MAKERS; i++) {
        const struct maker *m = &archive_makers[i];
        if (!m->all || !make(box, m))
            continue;
        struct run r =
            box_run(box, "mgrep", "-J", "--archive-formats=all", "second", m->file, NULL);
        assert_run(&r, 0, box_format(box, "%s/a:second\n", m->file), "");
        r = box_run(box, "mgrep", "-J", "second", m->file, NULL);
        assert_int_not_equal(r.status, 2);
        assert_string_not_equal(r.out, box_format(box, "%s/a:second\n", m->file));
    }
}

static void compressed_file_is_a_file(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("one\ntwo\nthree\n"));
    for (size_t i = 0; i < FILTER_MAKERS; i++) {
        const struct maker *m = &filter_makers[i];
        if (!make(box, m))
            continue;
        struct run r = box_run(box, "mgrep", "-J", "-n", "t", m->file, NULL);
        assert_run(&r, 0, "2:two\n3:three\n", "");
        r = box_run(box, "mgrep", "-J", "one", "f", m->file, NULL);
        assert_run(&r, 0, box_format(box, "f:one\n%s:one\n", m->file), "");
        r = box_run_with(box, &(struct how){.in_file = m->file}, "mgrep", "-J", "-H", "one", NULL);
        assert_run(&r, 0, "(standard input):one\n", "");
        r = box_run(box, "mgrep", "-J", "-q", "none", m->file, NULL);
        assert_run(&r, 1, "", "");
    }
}

/* A directory with an archive, a compressed file and plain ones. */
static void make_mixture(struct sandbox *box)
{
    box_directory(box, "d");
    box_directory(box, "d/sub");
    box_fill(box, "x.log", text("hit in log\n"));
    box_fill(box, "x.txt", text("hit in txt\n"));
    box_directory(box, "old");
    box_fill(box, "old/y.log", text("hit in old\n"));
    shell(box, "tar -czf d/all.tgz x.log x.txt old; gzip -c x.log >d/sub/x.log.gz;"
               "cp x.log x.txt d/sub");
}

static struct run sorted(struct sandbox *box, const char *arguments)
{
    const char *built = getenv("MMUTILS_BIN") ? getenv("MMUTILS_BIN") : MMUTILS_BUILT;
    const char *command = box_format(box, "%s/mgrep -J %s | LC_ALL=C sort", built, arguments);
    return box_run(box, "/bin/sh", "-c", command, NULL);
}

static void archive_is_entered_and_a_directory_is_not(void **state)
{
    struct sandbox *box = *state;
    make_mixture(box);
    struct run r = box_run(box, "mgrep", "-J", "hit", "d/all.tgz", NULL);
    assert_run(&r, 0,
               "d/all.tgz/x.log:hit in log\nd/all.tgz/x.txt:hit in txt\n"
               "d/all.tgz/old/y.log:hit in old\n",
               "");
    r = box_run(box, "mgrep", "-J", "hit", "d", NULL);
    assert_run(&r, 2, "", "mgrep: d: Is a directory\n");
    r = sorted(box, "-r hit d");
    assert_run(&r, 0,
               "d/all.tgz/old/y.log:hit in old\nd/all.tgz/x.log:hit in log\n"
               "d/all.tgz/x.txt:hit in txt\nd/sub/x.log.gz:hit in log\n"
               "d/sub/x.log:hit in log\nd/sub/x.txt:hit in txt\n",
               "");
}

static void globs_are_about_the_files_in_an_archive(void **state)
{
    struct sandbox *box = *state;
    make_mixture(box);
    struct run r = sorted(box, "-rl --include='*.log' hit d");
    assert_run(&r, 0, "d/all.tgz/old/y.log\nd/all.tgz/x.log\nd/sub/x.log\n", "");
    r = sorted(box, "-rl --exclude='*.log' hit d");
    assert_run(&r, 0, "d/all.tgz/x.txt\nd/sub/x.log.gz\nd/sub/x.txt\n", "");
    r = sorted(box, "-rl --exclude-dir=old hit d");
    assert_run(&r, 0,
               "d/all.tgz/x.log\nd/all.tgz/x.txt\nd/sub/x.log\nd/sub/x.log.gz\nd/sub/x.txt\n", "");
    r = sorted(box, "-rl --exclude-dir=all.tgz hit d");
    assert_run(&r, 0, "d/sub/x.log\nd/sub/x.log.gz\nd/sub/x.txt\n", "");
    r = sorted(box, "-l --include='*.txt' hit d/all.tgz d/sub/x.log d/sub/x.log.gz");
    assert_run(&r, 0, "d/all.tgz/x.txt\n", "");
}

static void member_is_an_operand(void **state)
{
    struct sandbox *box = *state;
    make_mixture(box);
    struct run r = box_run(box, "mgrep", "-J", "hit", "d/all.tgz/old/y.log", NULL);
    assert_run(&r, 0, "hit in old\n", "");
    r = box_run(box, "mgrep", "-J", "hit", "d/all.tgz/old", NULL);
    assert_run(&r, 0, "d/all.tgz/old/y.log:hit in old\n", "");
    r = box_run(box, "mgrep", "-J", "-h", "hit", "d/all.tgz", "x.log", NULL);
    assert_run(&r, 0, "hit in log\nhit in txt\nhit in old\nhit in log\n", "");
    r = box_run(box, "mgrep", "-J", "hit", "d/all.tgz/none", "x.log", NULL);
    assert_run(&r, 2, "x.log:hit in log\n", "mgrep: d/all.tgz/none: No such file or directory\n");
    r = box_run(box, "mgrep", "-Js", "hit", "d/all.tgz/none", "x.log", NULL);
    assert_run(&r, 2, "x.log:hit in log\n", "");
    r = box_run(box, "mgrep", "hit", "d/all.tgz/old/y.log", NULL);
    assert_run(&r, 2, "", "mgrep: d/all.tgz/old/y.log: Not a directory\n");
    r = box_run_with(box, &(struct how){.in = box_load(box, "d/all.tgz")}, "mgrep", "-J", "old",
                     NULL);
    assert_run(&r, 0, "(standard input)/old/y.log:hit in old\n", "");
}

static void first_match_ends_a_quiet_search(void **state)
{
    struct sandbox *box = *state;
    make_mixture(box);
    struct run r = box_run(box, "mgrep", "-J", "-q", "hit", "d/all.tgz", "none", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mgrep", "-J", "--part=1/2", "hit", "d/all.tgz", NULL);
    assert_run(&r, 2, "", "mgrep: --archives cannot be used with --part\n");
}

static void many_archives_are_searched_by_workers(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    box_fill(box, "f", box_lines(box, 100000));
    shell(box, "i=0; while [ $i -lt 80 ]; do echo hit $i >n; cat f n | gzip -1 >d/$i.gz;"
               "tar -cf d/$i.tar f n; i=$((i+1)); done; rm f n");
    struct run one = sorted(box, "-r --threads=1 hit d");
    struct run four = sorted(box, "-r --threads=4 hit d");
    assert_run(&four, 0, one.out, "");
    size_t lines = 0;
    for (const char *p = one.out; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 160);
}

static void damaged_archive_is_trouble_and_the_search_goes_on(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 3000000));
    shell(box, "tar -czf x.tgz f");
    box_truncate(box, "x.tgz", 300000);
    box_fill(box, "g", text("the end\n"));
    struct run r = box_run(box, "mgrep", "-J", "-c", "end", "x.tgz", "g", NULL);
    assert_run(&r, 2, "g:1\n", "mgrep: x.tgz/f: truncated gzip input\n");
}

/* Where the address space is little, much that is decoded must not be kept. */
static void bomb_is_searched_in_little_memory(void **state)
{
    struct sandbox *box = *state;
    const char *built = getenv("MMUTILS_BIN") ? getenv("MMUTILS_BIN") : MMUTILS_BUILT;
    const char *limit = box_format(box, "ulimit -v 600000; exec %s/mgrep", built);
    struct run r = box_run(box, "/bin/sh", "-c", box_format(box, "%s --version", limit), NULL);
    if (r.status != 0)
        skip_aloud("this build does not run in so little memory");
    if (!has_program(box, "zstd"))
        skip_aloud("no zstd");
    box_fill(box, "f", text(""));
    box_truncate(box, "f", (off_t)2 << 30);
    shell(box, "zstd -qc f >f.zst; tar -cSf f.tar f; rm f");
    r = box_run(box, "/bin/sh", "-c", box_format(box, "%s -J -c x f.zst", limit), NULL);
    assert_run(&r, 1, "0\n", "");
    r = box_run(box, "/bin/sh", "-c", box_format(box, "%s -J -c x f.tar", limit), NULL);
    assert_run(&r, 1, "f.tar/f:0\n", "");
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(lines_are_those_of_the_unpacked_tree),
        TEST(all_formats_are_searched_when_asked),
        TEST(compressed_file_is_a_file),
        TEST(archive_is_entered_and_a_directory_is_not),
        TEST(globs_are_about_the_files_in_an_archive),
        TEST(member_is_an_operand),
        TEST(first_match_ends_a_quiet_search),
        TEST(many_archives_are_searched_by_workers),
        TEST(damaged_archive_is_trouble_and_the_search_goes_on),
        TEST(bomb_is_searched_in_little_memory),
    };
    return run_named(argc, argv, tests);
}
