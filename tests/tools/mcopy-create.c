/* SPDX-License-Identifier: MIT */
/* mcopy -J --create: a tree packed, which others and we unpack to the same. */
#include <sys/stat.h>

#include "archives.h"
#include "harness.h"

#define LIST(dir, file)                                                                            \
    "(cd " dir " && find . -mindepth 1 -printf '%P %y %m %n %s %T@ %l %u\\n' | sort) >" file "; "

static void make_tree(struct sandbox *box)
{
    box_directory(box, "t");
    box_directory(box, "t/d");
    box_fill(box, "t/a", text("first\nsecond\n"));
    box_fill(box, "t/d/b", box_lines(box, 3000000));
    box_fill(box, "t/empty", text(""));
    box_fill(box, "t/d/\u00e4", text("first \u00fcber\n"));
    shell(box, "cd t; ln a d/hard; ln -s ../a d/sym; mkdir d/e ro; mkfifo p; echo in >ro/f;"
               "echo long >$(printf 'n%.0s' $(seq 150 | tr '\\n' ' ')); chmod 750 d/e; chmod 600 a;"
               "touch -d '2001-02-03 04:05:06.789' a; touch -d 1998-01-01 d/e d p ro");
}

static void others_and_we_unpack_the_same(void **state)
{
    struct sandbox *box = *state;
    static const char *const formats[] = {"tar",    "tar.gz",  "tar.bz2",
                                          "tar.xz", "tar.zst", "tar.lz4"};
    if (!has_program(box, "bsdtar"))
        skip();
    make_tree(box);
    shell(box, LIST("t", "1") "cd t; find . -mindepth 1 -printf '%P\\n' | sort >../names");
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct run r =
            box_run(box, "mcopy", "-J", box_format(box, "--create=%s", formats[i]), "t", "x", NULL);
        assert_run(&r, 0, "", "");
        shell(box, "mkdir theirs; bsdtar -xpf x -C theirs;" LIST("theirs", "2") "cmp 1 2");
        shell(box, "bsdtar -tf x | sed 's,/$,,' | sort | cmp - names");
        r = box_run(box, "mcopy", "-J", "-rp", "x", "ours", NULL);
        assert_run(&r, 0, "", "");
        shell(box, LIST("ours", "2") "cmp 1 2; cmp t/d/b ours/d/b; cmp t/d/b theirs/d/b");
        shell(box, "rm -r ours theirs");
    }
    shell(box, "! gzip -t x 2>/dev/null");
}

static void zip_holds_what_it_can(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    if (!has_program(box, "bsdtar"))
        skip();
    struct run r = box_run(box, "mcopy", "-J", "--create=zip", "t", "x", NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.out, "");
    if (strncmp(r.err, "mcopy: cannot pack 't/p': ", 26) != 0)
        fail_msg("%s", r.err);
    shell(box, "rm t/p; mkdir theirs; bsdtar -xpf x -C theirs; diff -r t theirs");
    r = box_run(box, "mcopy", "-J", "-rp", "x", "ours", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "diff -r t ours; test $(stat -c %a ours/a) = 600; test -L ours/d/sym;"
               "test $(stat -c %Y ours/a) = $(stat -c %Y t/a)");
}

static void holes_are_kept(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    box_fill(box, "t/f", box_lines(box, 100000));
    box_truncate(box, "t/f", 64 << 20);
    box_append(box, "t/f", text("the end\n"));
    box_fill(box, "t/g", text(""));
    box_truncate(box, "t/g", 50 << 20);
    struct stat st;
    if (stat(box_path(box, "t/f"), &st) != 0 || st.st_blocks > 2048)
        skip_aloud("this file system has no holes");
    struct run r = box_run(box, "mcopy", "-J", "--create=tar", "t", "x", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(stat(box_path(box, "x"), &st), 0);
    assert_true(st.st_size < 1 << 20);
    r = box_run(box, "mcopy", "-J", "-r", "x", "o", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "cmp t/f o/f; cmp t/g o/g; mkdir p; tar -xf x -C p; cmp t/f p/f; cmp t/g p/g");
    assert_int_equal(stat(box_path(box, "o/f"), &st), 0);
    assert_true(st.st_blocks < 2048);
}

static void one_tree_gives_one_archive(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    struct run r = box_run(box, "mcopy", "-J", "--create=tar.gz", "t", "x", NULL);
    assert_run(&r, 0, "", "");
    r = box_run_with(box, &(struct how){.locale = "C"}, "mcopy", "-J", "--create=tar.gz", "t/", "y",
                     NULL);
    assert_run(&r, 0, "", "");
    shell(box, "gzip -dc x >1; gzip -dc y >2; cmp 1 2");
}

static void file_is_packed_under_its_name(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    box_link(box, "t/a", "link");
    struct run r = box_run(box, "mcopy", "-J", "-v", "--create=tar", "link", "x", NULL);
    assert_run(&r, 0, "'link' -> 'x/link'\n", "");
    r = box_run(box, "mcat", "-J", "x/link", NULL);
    assert_run(&r, 0, "first\nsecond\n", "");
}

static void what_is_there_is_treated_as_asked(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    box_fill(box, "x", text("old"));
    box_mode(box, "x", 0640);
    box_link(box, "x", "link");
    struct run r = box_run(box, "mcopy", "-J", "-n", "--create=tar", "t", "x", NULL);
    assert_run(&r, 0, "", "");
    assert_bytes(box_load(box, "x"), text("old"));
    r = box_run(box, "mcopy", "-J", "--sync", "--create=tar", "t", "link", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "test -L link; test $(stat -c %a x) = 640; tar -tf x >/dev/null; mv x t/x");
    r = box_run(box, "mcopy", "-J", "--create=tar", "t", "t/x", NULL);
    assert_run(&r, 0, "", "mcopy: warning: 't/x' is the archive itself, and is left out\n");
    r = box_run(box, "mcopy", "-J", "--create=tar", "t", "t/d", NULL);
    assert_run(&r, 1, "", "mcopy: cannot overwrite directory 't/d' with non-directory\n");
    r = box_run(box, "mcopy", "-J", "--create=tar", "t", "/dev/null", NULL);
    assert_run(&r, 1, "", "mcopy: will not replace special file '/dev/null'\n");
    r = box_run(box, "mcopy", "-J", "--create=tar", "t/a", "t/a", NULL);
    assert_run(&r, 1, "", "mcopy: 't/a' and 't/a' are the same file\n");
    r = box_run(box, "mcopy", "-J", "--create=tar", "none", "y", NULL);
    assert_run(&r, 1, "", "mcopy: cannot stat 'none': No such file or directory\n");
    assert_false(box_exists(box, "y"));
}

static void unreadable_file_is_left_out(void **state)
{
    struct sandbox *box = *state;
    if (geteuid() == 0)
        skip_aloud("root may read all files");
    make_tree(box);
    box_mode(box, "t/a", 0);
    struct run r = box_run(box, "mcopy", "-J", "--create=tar", "t", "x", NULL);
    assert_run(&r, 1, "", "mcopy: cannot open 't/a' for reading: Permission denied\n");
    shell(box, "tar -tf x | grep -q d/b");
}

static void wrong_use_is_refused(void **state)
{
    struct sandbox *box = *state;
    struct run r = box_run(box, "mcopy", "--create=tar", "t", "x", NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.out, "");
    if (!strstr(r.err, "mcopy: --create needs --archives\n"))
        fail_msg("%s", r.err);
    r = box_run(box, "mcopy", "-J", "--create=rar", "t", "x", NULL);
    if (r.status != 1 || !strstr(r.err, "mcopy: invalid --create value 'rar'\n"))
        fail_msg("%s", r.err);
    r = box_run(box, "mcopy", "-J", "--create=tar", "t", NULL);
    if (r.status != 1 || !strstr(r.err, "missing destination file operand after 't'\n"))
        fail_msg("%s", r.err);
    r = box_run(box, "mcopy", "-J", "--create=tar", "t", "u", "x", NULL);
    if (r.status != 1 || !strstr(r.err, "mcopy: extra operand 'x'\n"))
        fail_msg("%s", r.err);
    r = box_run(box, "mcopy", "-J", "-u", "--create=tar", "t", "x", NULL);
    assert_run(&r, 1, "", "mcopy: --create cannot be used with --update\n");
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(others_and_we_unpack_the_same),
        TEST(zip_holds_what_it_can),
        TEST(holes_are_kept),
        TEST(one_tree_gives_one_archive),
        TEST(file_is_packed_under_its_name),
        TEST(what_is_there_is_treated_as_asked),
        TEST(unreadable_file_is_left_out),
        TEST(wrong_use_is_refused),
    };
    return run_named(argc, argv, tests);
}
