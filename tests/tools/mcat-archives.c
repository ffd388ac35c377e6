/* SPDX-License-Identifier: MIT */
/* mcat -J: compressed files and archives, made by the tools that everybody has. */
#include <locale.h>

#include "archives.h"
#include "harness.h"

#define TRY "Try 'mcat --help' for more information.\n"

/* The tree t, and what all its files are together, in the order of MEMBERS. */
static struct bytes make_tree(struct sandbox *box)
{
    struct bytes lines = box_lines(box, 300000);
    box_directory(box, "t");
    box_directory(box, "t/d");
    box_fill(box, "t/a", text("first\nsecond\n"));
    box_fill(box, "t/d/b", lines);
    box_fill(box, "t/empty", text(""));
    box_fill(box, "t/d/\u00e4", text("\u00fcber\n"));
    return box_join(box, box_join(box, text("first\nsecond\n"), lines), text("\u00fcber\n"));
}

static void compressed_file_is_its_content(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 3000000);
    box_fill(box, "f", lines);
    for (size_t i = 0; i < FILTER_MAKERS; i++) {
        const struct maker *m = &filter_makers[i];
        if (!make(box, m))
            continue;
        struct run r = box_run(box, "mcat", "-J", m->file, NULL);
        assert_run_bytes(&r, 0, lines, "");
        r = box_run_with(box, &(struct how){.in_file = m->file}, "mcat", "--archives", NULL);
        assert_run_bytes(&r, 0, lines, "");
        r = box_run_with(box, &(struct how){.in = box_load(box, m->file)}, "mcat", "-J", NULL);
        assert_run_bytes(&r, 0, lines, "");
        r = box_run(box, "mcat", m->file, NULL);
        assert_run_bytes(&r, 0, box_load(box, m->file), "");
    }
}

static void members_of_a_gzip_file_are_one_content(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 3000000);
    box_fill(box, "f", lines);
    shell(box, "gzip -c f >1.gz; gzip -9c f >2.gz; : | gzip -c >3.gz; cat 1.gz 3.gz 2.gz >all.gz;"
               "(cat 1.gz; head -c 5000 /dev/zero) >padded.gz; gzip -c 1.gz >twice.gz");
    struct run r = box_run(box, "mcat", "-J", "all.gz", NULL);
    assert_run_bytes(&r, 0, box_join(box, lines, lines), "");
    r = box_run(box, "mcat", "-J", "padded.gz", NULL);
    assert_run_bytes(&r, 0, lines, "");
    r = box_run(box, "mcat", "-J", "twice.gz", NULL);
    assert_run_bytes(&r, 0, lines, "");
}

static void sum_of_a_gzip_file_is_looked_at(void **state)
{
#ifdef MMUTILS_INFLATES
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 100000);
    box_fill(box, "f", lines);
    shell(box, "gzip -c f >f.gz");
    struct bytes gzip = box_load(box, "f.gz");
    unsigned char *data = box_keep(box, gzip.len);
    memcpy(data, gzip.data, gzip.len);
    data[gzip.len - 8] ^= 1;
    box_fill(box, "f.gz", (struct bytes){data, gzip.len});
    struct run r = box_run(box, "mcat", "-J", "f.gz", NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.err, "mcat: f.gz: gzip checksum is wrong\n");
    data[gzip.len - 8] ^= 1;
    data[gzip.len - 1] ^= 1; /* the length */
    box_fill(box, "f.gz", (struct bytes){data, gzip.len});
    r = box_run(box, "mcat", "-J", "f.gz", NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.err, "mcat: f.gz: gzip checksum is wrong\n");
#else
    (void)state;
    skip_aloud("built without ISA-L");
#endif
}

static void zeroes_are_content_and_no_empty_archive(void **state)
{
    struct sandbox *box = *state;
    struct bytes zeroes = box_repeat(box, 0, 100000);
    box_fill(box, "f", zeroes);
    shell(box, "gzip -c f >f.gz");
    struct run r = box_run(box, "mcat", "-J", "f.gz", "f", NULL);
    assert_run_bytes(&r, 0, box_join(box, zeroes, zeroes), "");
}

static void compressed_file_of_nothing_is_nothing(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    for (size_t i = 0; i < FILTER_MAKERS; i++) {
        if (!make(box, &filter_makers[i]))
            continue;
        struct run r = box_run(box, "mcat", "-J", filter_makers[i].file, NULL);
        assert_run(&r, 0, "", "");
    }
}

static void archive_is_the_files_in_it(void **state)
{
    struct sandbox *box = *state;
    struct bytes all = make_tree(box);
    for (size_t i = 0; i < ARCHIVE_MAKERS; i++) {
        const struct maker *m = &archive_makers[i];
        if (!make(box, m))
            continue;
        const char *formats = m->all ? "--archive-formats=all" : "--archive-formats=basic";
        struct run r =
            box_run(box, "mcat", "-J", formats, box_format(box, "%s/a", m->file),
                    box_format(box, "%s/d/b", m->file), box_format(box, "%s/empty", m->file),
                    box_format(box, "%s/d/\u00e4", m->file), NULL);
        assert_run_bytes(&r, 0, all, "");
        if (m->all) { /* these have an order of their own */
            r = box_run(box, "mcat", "-J", m->file, NULL);
            assert_run_bytes(&r, 0, box_load(box, m->file), "");
            continue;
        }
        r = box_run(box, "mcat", "-J", m->file, NULL);
        assert_run_bytes(&r, 0, all, "");
        r = box_run_with(box, &(struct how){.in = box_load(box, m->file)}, "mcat", "-J", "-", NULL);
        assert_run_bytes(&r, 0, all, "");
    }
}

static void ar_is_the_files_in_it(void **state)
{
    struct sandbox *box = *state;
    if (!has_program(box, "ar"))
        skip_aloud("no ar");
    box_fill(box, "one", text("1\n"));
    box_fill(box, "a-name-that-is-longer-than-sixteen", text("2\n"));
    shell(box, "ar rc lib.a one a-name-that-is-longer-than-sixteen");
    struct run r = box_run(box, "mcat", "-J", "lib.a", NULL);
    assert_run(&r, 0, "1\n2\n", "");
    r = box_run(box, "mcat", "-J", "--list", "lib.a", NULL);
    assert_run(&r, 0, "lib.a/one\nlib.a/a-name-that-is-longer-than-sixteen\n", "");
}

static void names_are_the_same_in_every_locale(void **state)
{
    static const char *const locales[] = {"C", "POSIX", "C.UTF-8", "en_US.ISO-8859-1"};
    struct sandbox *box = *state;
    make_tree(box);
    for (size_t i = 0; i < ARCHIVE_MAKERS; i++) {
        const struct maker *m = &archive_makers[i];
        if (!make(box, m))
            continue;
        for (int l = 0; l < 4; l++) {
            struct how how = {.locale = locales[l]};
            struct run r = box_run_with(box, &how, "mcat", "-J", "--archive-formats=all", "--list",
                                        box_format(box, "%s/d/\u00e4", m->file), NULL);
            assert_run(&r, 0, box_format(box, "%s/d/\u00e4\n", m->file), "");
        }
    }
}

static void zip_and_iso_are_read_in_any_time_zone(void **state)
{
    static const char *const zones[] = {"TZ=UTC", "TZ=America/New_York", "TZ=:/etc/localtime",
                                        "TZ=nonsense", "TZ="};
    struct sandbox *box = *state;
    make_tree(box);
    for (size_t i = 0; i < ARCHIVE_MAKERS; i++) {
        const struct maker *m = &archive_makers[i];
        if ((strcmp(m->program, "zip") != 0 && strcmp(m->program, "genisoimage") != 0) ||
            !make(box, m))
            continue;
        for (int z = 0; z < 5; z++) {
            const char *const environment[] = {zones[z], NULL};
            struct how how = {.environment = environment};
            struct run r = box_run_with(box, &how, "mcat", "-J", "--archive-formats=all",
                                        box_format(box, "%s/a", m->file), NULL);
            assert_run(&r, 0, "first\nsecond\n", "");
        }
    }
}

static void list_names_everything(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    box_link(box, "a", "t/link");
    shell(box, "cd t && tar -cf ../x.tar a d/b link empty d");
    struct run r = box_run(box, "mcat", "-J", "--list", "x.tar", NULL);
    assert_run(&r, 0,
               "x.tar/a\nx.tar/d/b\nx.tar/link\nx.tar/empty\nx.tar/d\nx.tar/d/b\nx.tar/d/\u00e4\n",
               "");
    r = box_run(box, "mcat", "-J", "--list", "x.tar/d", NULL);
    assert_run(&r, 0, "x.tar/d/b\nx.tar/d\nx.tar/d/b\nx.tar/d/\u00e4\n", "");
    r = box_run(box, "mcat", "-J", "--list", "t/a", "x.tar/link", NULL);
    assert_run(&r, 1, "x.tar/link\n", "mcat: t/a: not an archive\n");
    r = box_run(box, "mcat", "--list", "x.tar", NULL);
    assert_run(&r, 1, "", "mcat: --list is of use only with --archives\n");
}

static void options_go_over_all_that_is_decoded(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "one", text("a\n\tb\n"));
    box_fill(box, "two", text("c"));
    shell(box, "tar -czf x.tgz one two");
    struct run r = box_run(box, "mcat", "-J", "-nT", "two", "x.tgz", NULL);
    assert_run(&r, 0, "     1\tca\n     2\t^Ib\n     3\tc", "");
    r = box_run(box, "mcat", "-J", "--range=1:3", "x.tgz", NULL);
    assert_run(&r, 0, "\n\tb", "");
    r = box_run(box, "mcat", "-J", "--part=1/2", "x.tgz", NULL);
    assert_run(&r, 1, "", "mcat: cannot combine --archives and --part\n");
}

static void what_is_no_archive_is_as_it_is(void **state)
{
    static const char *const contents[] = {
        "",        "\x1f", "\x1f\x8b", "PK", "BZh9 is no bzip2", "0707 and so on", "\x1f\x9d\xff",
        "\xc7\x71"};
    struct sandbox *box = *state;
    for (int i = 0; i < 8; i++) {
        box_fill(box, "f.tar.gz", (struct bytes){contents[i], strlen(contents[i])});
        struct run r = box_run(box, "mcat", "-J", "--archive-formats=all", "f.tar.gz", NULL);
        assert_run(&r, 0, contents[i], "");
        r = box_run_with(box, &(struct how){.in_file = "f.tar.gz"}, "mcat", "-J", NULL);
        assert_run(&r, 0, contents[i], "");
    }
}

static void file_of_that_name_is_meant_before_a_member(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("member\n"));
    shell(box, "tar -cf x.tar a");
    box_directory(box, "d");
    box_rename(box, "x.tar", "d/x.tar");
    struct run r = box_run(box, "mcat", "-J", "d/x.tar/a", NULL);
    assert_run(&r, 0, "member\n", "");
    box_rename(box, "d/x.tar", "y.tar");
    box_directory(box, "d/x.tar");
    box_fill(box, "d/x.tar/a", text("file\n"));
    r = box_run(box, "mcat", "-J", "d/x.tar/a", NULL);
    assert_run(&r, 0, "file\n", "");
    r = box_run(box, "mcat", "y.tar/a", NULL);
    assert_run(&r, 1, "", "mcat: y.tar/a: Not a directory\n");
    r = box_run(box, "mcat", "-J", "a/b", "y.tar/b", "y.tar/a/b", "no/a", "y.tar//a", NULL);
    assert_run(&r, 1, "member\n",
               "mcat: a/b: Not a directory\n"
               "mcat: y.tar/b: No such file or directory\n"
               "mcat: y.tar/a/b: No such file or directory\n"
               "mcat: no/a: No such file or directory\n");
}

static void archives_in_archives_have_a_depth(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("deep\n"));
    shell(box, "tar -cf 1.tar f; gzip -c f >f.gz; tar -cf 2.tar 1.tar f.gz; tar -czf 3.tgz 2.tar;"
               "tar -cf 4.tar 3.tgz; tar -cf 5.tar 4.tar");
    struct run r = box_run(box, "mcat", "-J", "--list", "4.tar", NULL);
    assert_run(&r, 0, "4.tar/3.tgz/2.tar/1.tar/f\n4.tar/3.tgz/2.tar/f.gz\n", "");
    r = box_run(box, "mcat", "-J", "4.tar/3.tgz/2.tar/1.tar/f", NULL);
    assert_run(&r, 0, "deep\n", "");
    r = box_run(box, "mcat", "-J", "2.tar/f.gz", NULL);
    assert_run(&r, 0, "deep\n", "");
    r = box_run(box, "mcat", "-J", "--list", "5.tar", NULL);
    assert_run(&r, 0, "5.tar/4.tar/3.tgz/2.tar/1.tar\n5.tar/4.tar/3.tgz/2.tar/f.gz\n", "");
    r = box_run(box, "mcat", "-J", "--archive-depth=1", "2.tar/f.gz", NULL);
    assert_run_bytes(&r, 0, box_load(box, "f.gz"), "");
    r = box_run(box, "mcat", "-J", "--archive-depth=6", "5.tar", NULL);
    assert_run(&r, 0, "deep\ndeep\n", "");
}

static void values_that_are_none_are_refused(void **state)
{
    static const char *const bad[][2] = {{"archive-depth", "0"},
                                         {"archive-depth", "x"},
                                         {"archive-formats", "a"},
                                         {"sandbox", "never"}};
    for (int i = 0; i < 4; i++) {
        struct run r =
            box_run(*state, "mcat", box_format(*state, "--%s=%s", bad[i][0], bad[i][1]), NULL);
        assert_run(&r, 1, "",
                   box_format(*state, "mcat: invalid --%s value '%s'\n" TRY, bad[i][0], bad[i][1]));
    }
}

static void encrypted_members_are_named_and_skipped(void **state)
{
    struct sandbox *box = *state;
    if (!has_program(box, "zip"))
        skip_aloud("no zip");
    box_fill(box, "a", text("secret\n"));
    box_fill(box, "b", text("open\n"));
    shell(box, "zip -qP pw x.zip a && zip -q x.zip b");
    struct run r = box_run(box, "mcat", "-J", "x.zip", "b", NULL);
    assert_run(&r, 1, "open\nopen\n", "mcat: x.zip/a: encrypted, skipped\n");
}

static void damaged_archive_is_an_error_and_the_next_input_is_taken(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 3000000);
    box_fill(box, "f", lines);
    shell(box, "gzip -c f >f.gz; tar -czf x.tgz f");
    box_truncate(box, "f.gz", 300000);
    box_truncate(box, "x.tgz", 300000);
    box_fill(box, "good", text("good\n"));
    struct run r = box_run(box, "mcat", "-J", "f.gz", "good", NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.err, "mcat: f.gz: truncated gzip input\n");
    assert_true(r.out_len > 5 && strcmp(r.out + r.out_len - 5, "good\n") == 0);
    assert_memory_equal(r.out, lines.data, r.out_len - 5);
    r = box_run(box, "mcat", "-J", "x.tgz", "good", NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.err, "mcat: x.tgz/f: truncated gzip input\n");
    assert_memory_equal(r.out, lines.data, r.out_len - 5);
}

static void archive_that_shrinks_while_it_is_read_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, (size_t)64 << 20));
    box_fill(box, "good", text("good\n"));
    shell(box, "tar -cf x.tar f");
    struct process *p =
        box_start(box, &(struct how){.out = OUT_HELD}, "mcat", "-J", "x.tar", "good", NULL);
    process_blocked(p);
    box_truncate(box, "x.tar", 4096);
    process_release(p);
    struct run r = process_end(p);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.err, "mcat: x.tar/f: file shrank while mapped, at byte 4096\n");
    assert_memory_equal(r.out, box_load(box, "f").data, r.out_len - 5);
    assert_string_equal(r.out + r.out_len - 5, "good\n");
}

static void reader_that_leaves_ends_the_decoder_too(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, (size_t)16 << 20));
    shell(box, "gzip -1 f");
    struct how how = {.out = OUT_GONE, .out_bytes = 1000};
    struct run r = box_run_with(box, &how, "mcat", "-J", "f.gz", NULL);
    assert_int_equal(r.status, 128 + 13);
    assert_int_equal(r.out_len, 1000);
    how.in = box_load(box, "f.gz");
    r = box_run_with(box, &how, "mcat", "-J", NULL);
    assert_int_equal(r.status, 128 + 13);
}

static void archive_that_is_the_output_is_refused(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("content\n"));
    shell(box, "tar -cf x.tar a");
    struct bytes before = box_load(box, "x.tar");
    struct how how = {.out = OUT_FILE, .out_file = "x.tar", .out_append = true};
    struct run r = box_run_with(box, &how, "mcat", "-J", "x.tar", "x.tar/a", NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.err, "mcat: x.tar: input file is output file\n"
                               "mcat: x.tar/a: input file is output file\n");
    assert_bytes(box_load(box, "x.tar"), before);
    r = box_run_with(box, &how, "mgrep", "-J", "content", "x.tar", NULL);
    assert_int_equal(r.status, 2);
    assert_string_equal(r.err, "mgrep: x.tar: input file is also the output\n");
    assert_bytes(box_load(box, "x.tar"), before);
}

static void sparse_members_are_whole(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("begin"));
    box_truncate(box, "f", 3 << 20);
    box_append(box, "f", text("middle"));
    box_truncate(box, "f", 5 << 20);
    shell(box, "tar -cSf x.tar f; tar --format=pax -cSf p.tar f");
    struct run r = box_run(box, "mcat", "-J", "x.tar", NULL);
    assert_run_bytes(&r, 0, box_load(box, "f"), "");
    r = box_run(box, "mcat", "-J", "p.tar", NULL);
    assert_run_bytes(&r, 0, box_load(box, "f"), "");
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(compressed_file_is_its_content),
        TEST(members_of_a_gzip_file_are_one_content),
        TEST(sum_of_a_gzip_file_is_looked_at),
        TEST(zeroes_are_content_and_no_empty_archive),
        TEST(compressed_file_of_nothing_is_nothing),
        TEST(archive_is_the_files_in_it),
        TEST(ar_is_the_files_in_it),
        TEST(names_are_the_same_in_every_locale),
        TEST(zip_and_iso_are_read_in_any_time_zone),
        TEST(list_names_everything),
        TEST(options_go_over_all_that_is_decoded),
        TEST(what_is_no_archive_is_as_it_is),
        TEST(file_of_that_name_is_meant_before_a_member),
        TEST(archives_in_archives_have_a_depth),
        TEST(values_that_are_none_are_refused),
        TEST(encrypted_members_are_named_and_skipped),
        TEST(damaged_archive_is_an_error_and_the_next_input_is_taken),
        TEST(archive_that_shrinks_while_it_is_read_is_an_error),
        TEST(reader_that_leaves_ends_the_decoder_too),
        TEST(archive_that_is_the_output_is_refused),
        TEST(sparse_members_are_whole),
    };
    return run_named(argc, argv, tests);
}
