/* SPDX-License-Identifier: MIT */
/* mcmp -J: what is compressed, members, and archives beside trees. */
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

static void compressed_file_is_its_content(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 3000000));
    box_fill(box, "g", box_join(box, box_lines(box, 2999984), text("something else\n")));
    for (size_t i = 0; i < FILTER_MAKERS; i++) {
        const struct maker *m = &filter_makers[i];
        if (!make(box, m))
            continue;
        struct run r = box_run(box, "mcmp", "-J", m->file, "f", NULL);
        assert_run(&r, 0, "", "");
        r = box_run(box, "mcmp", "-J", m->file, filter_makers[0].file, NULL);
        assert_run(&r, 0, "", "");
        r = box_run(box, "mcmp", "-J", "g", m->file, NULL);
        assert_run(&r, 1, box_format(box, "g %s differ: byte 2999985, line 187500\n", m->file), "");
        r = box_run_with(box, &(struct how){.in_file = m->file}, "mcmp", "-J", "f", NULL);
        assert_run(&r, 0, "", "");
        r = box_run(box, "mcmp", "-s", m->file, "f", NULL);
        assert_run(&r, 1, "", "");
    }
}

static void member_is_a_file_and_an_archive_a_directory(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    shell(box, "tar -czf x.tgz -C t a d empty; tar -cf y.tar -C t d");
    struct run r = box_run(box, "mcmp", "-J", "x.tgz/d/b", "y.tar/d/b", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mcmp", "-J", "x.tgz/a", "t/d/b", NULL);
    assert_run(&r, 1, "x.tgz/a t/d/b differ: byte 1, line 1\n", "");
    r = box_run(box, "mcmp", "-J", "x.tgz/empty", "t/a", NULL);
    assert_run(&r, 1, "", "mcmp: EOF on x.tgz/empty which is empty\n");
    r = box_run(box, "mcmp", "-J", "x.tgz", "t/a", NULL);
    assert_run(&r, 2, "", "mcmp: x.tgz: Is a directory\n");
    r = box_run(box, "mcmp", "-J", "t/a", "x.tgz/none", NULL);
    assert_run(&r, 2, "", "mcmp: x.tgz/none: No such file or directory\n");
    r = box_run(box, "mcmp", "-J", "--part=1/2", "t/a", "x.tgz/a", NULL);
    assert_run(&r, 2, "",
               "mcmp: options -J and --part are incompatible\n"
               "mcmp: Try 'mcmp --help' for more information.\n");
}

static void archive_is_compared_with_its_tree(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    for (size_t i = 0; i < ARCHIVE_MAKERS; i++) {
        const struct maker *m = &archive_makers[i];
        if (!make(box, m))
            continue;
        struct run r =
            box_run(box, "mcmp", "-J", "--archive-formats=all", "-r", m->file, "t", NULL);
        assert_run(&r, 0, "", "");
        r = box_run(box, "mcmp", "-J", "--archive-formats=all", "-r", "t", m->file, NULL);
        assert_run(&r, 0, "", "");
        r = box_run(box, "mcmp", "-J", "--archive-formats=all", "-r", "gnu.tar", m->file, NULL);
        assert_run(&r, 0, "", "");
    }
}

static void differences_of_trees_are_told(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    box_link(box, "a", "t/link");
    shell(box, "cp -a t u; tar -cf t.tar -C t a d empty link");
    box_fill(box, "u/a", text("First\nsecond\n"));
    box_rename(box, "u/empty", "u/d/empty");
    box_rename(box, "u/d/b", "u/b");
    shell(box, "rm u/link; ln -s b u/link; mkdir u/d/b u/new; : >u/new/x; tar -cf u.tar -C u .");
    struct run r = box_run(box, "mcmp", "-J", "-r", "t.tar", "u", NULL);
    static const char *const lines[] = {
        "t.tar/a u/a differ: byte 1, line 1\n",
        "File t.tar/d/b is a regular file while file u/d/b is a directory\n",
        "Only in t.tar: empty\n",
        "Symbolic links t.tar/link and u/link differ\n",
        "Only in u: b\n",
        "Only in u/d: empty\n",
        "Only in u: new\n",
    };
    size_t len = 0;
    assert_int_equal(r.status, 1);
    assert_string_equal(r.err, "");
    for (int i = 0; i < 7; i++, len++) {
        if (!strstr(r.out, lines[i]))
            fail_msg("not told: %s in %s", lines[i], r.out);
        len += strlen(lines[i]) - 1;
    }
    assert_int_equal(r.out_len, len);
    struct run both = box_run(box, "mcmp", "-J", "-r", "t.tar", "u.tar", NULL);
    assert_int_equal(both.status, 1);
    assert_int_equal(both.out_len, len + 6 * strlen(".tar"));
    r = box_run(box, "mcmp", "-J", "-r", "-s", "t.tar", "u", NULL);
    assert_run(&r, 1, "", "");
    r = box_run(box, "mcmp", "-J", "-r", "t.tar", "u/a", NULL);
    assert_run(&r, 1, "File t.tar is a directory while file u/a is a regular file\n", "");
    r = box_run(box, "mcmp", "-J", "-r", "u/d", "t.tar/a", NULL);
    assert_run(&r, 2, "", "mcmp: t.tar/a: Not a directory\n");
}

static void archives_in_trees_are_directories(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    box_directory(box, "x");
    box_directory(box, "y");
    shell(box, "tar -czf x/t -C t a d empty; tar -cf y/t -C t empty d a; gzip -c t/a >x/a.gz;"
               "gzip -1 -c t/a >y/a.gz; cp -a t x/u; tar -cf y/u -C t d a empty");
    struct run r = box_run(box, "mcmp", "-J", "-r", "x", "y", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "tar -cf y/t -C t d a; rm y/u; tar -cJf y/u -C t a empty");
    r = box_run(box, "mcmp", "-J", "-r", "x", "y", NULL);
    assert_run(&r, 1, "Only in x/t: empty\nOnly in x/u: d\n", "");
}

static void hard_links_are_what_they_lead_to(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    shell(box,
          "ln t/a t/hard; tar -cf x.tar -C t a d hard empty; tar -cf y.tar -C t hard a d empty");
    struct run r = box_run(box, "mcmp", "-J", "-r", "x.tar", "t", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mcmp", "-J", "-r", "x.tar", "y.tar", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "rm t/hard; echo other >t/hard");
    r = box_run(box, "mcmp", "-J", "-r", "x.tar", "t", NULL);
    assert_run(&r, 1, "x.tar/a t/hard differ: byte 1, line 1\n", "");
}

static void damaged_archive_is_trouble(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    box_fill(box, "t/large", box_lines(box, 3000000));
    shell(box, "tar -czf x.tgz -C t a d empty large");
    box_truncate(box, "x.tgz", 300000);
    struct run r = box_run(box, "mcmp", "-J", "-r", "x.tgz", "t", NULL);
    assert_run(&r, 2, "", "mcmp: x.tgz/large: truncated gzip input\n");
    r = box_run(box, "mcmp", "-J", "x.tgz/large", "t/large", NULL);
    assert_run(&r, 2, "", "mcmp: x.tgz/large: truncated gzip input\n");
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(compressed_file_is_its_content),    TEST(member_is_a_file_and_an_archive_a_directory),
        TEST(archive_is_compared_with_its_tree), TEST(differences_of_trees_are_told),
        TEST(archives_in_trees_are_directories), TEST(hard_links_are_what_they_lead_to),
        TEST(damaged_archive_is_trouble),
    };
    return run_named(argc, argv, tests);
}
