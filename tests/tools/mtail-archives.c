/* SPDX-License-Identifier: MIT */
/* mtail -J: the end of what is compressed, and of the files in an archive. */
#include "archives.h"
#include "harness.h"

static void end_of_a_compressed_file(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 3000000));
    for (size_t i = 0; i < FILTER_MAKERS; i++) {
        static const char *const options[] = {"-n3", "-n+187490", "-c17", "-c+2999990", "-n0"};
        const struct maker *m = &filter_makers[i];
        if (!make(box, m))
            continue;
        for (int o = 0; o < 5; o++) {
            struct run expected = box_run(box, "/usr/bin/tail", options[o], "f", NULL);
            struct run r = box_run(box, "mtail", "-J", options[o], m->file, NULL);
            assert_run(&r, 0, expected.out, "");
            struct how how = {.in = box_load(box, m->file)};
            r = box_run_with(box, &how, "mtail", "-J", options[o], NULL);
            assert_run(&r, 0, expected.out, "");
        }
    }
}

static void each_file_of_an_archive_has_a_header(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("1\n2\n3\n"));
    box_fill(box, "b", text("4\n5"));
    shell(box, "tar -czf x.tgz a b; gzip -c a >a.gz");
    struct run r = box_run(box, "mtail", "-J", "-n2", "x.tgz", NULL);
    assert_run(&r, 0, "==> x.tgz/a <==\n2\n3\n\n==> x.tgz/b <==\n4\n5", "");
    r = box_run(box, "mtail", "-J", "-n1", "a", "x.tgz", "a.gz", NULL);
    assert_run(&r, 0, "==> a <==\n3\n\n==> x.tgz/a <==\n3\n\n==> x.tgz/b <==\n5\n==> a.gz <==\n3\n",
               "");
    r = box_run(box, "mtail", "-J", "-q", "-n1", "x.tgz", NULL);
    assert_run(&r, 0, "3\n5", "");
    r = box_run(box, "mtail", "-J", "--prefix", "-n1", "x.tgz", NULL);
    assert_run(&r, 0, "x.tgz/a:3\nx.tgz/b:5\n", "");
    r = box_run(box, "mtail", "-J", "-n1", "x.tgz/b", NULL);
    assert_run(&r, 0, "5", "");
    r = box_run(box, "mtail", "-J", "-v", "-n1", "-", NULL);
    assert_run(&r, 0, "==> standard input <==\n", "");
}

static void what_is_decoded_is_not_followed(void **state)
{
    static const char *const options[] = {"-f", "-F", "--follow=name"};
    for (int i = 0; i < 3; i++) {
        struct run r = box_run(*state, "mtail", "-J", options[i], "x.gz", NULL);
        assert_run(&r, 1, "",
                   "mtail: cannot follow what is decoded: -J goes with neither -f nor -F\n");
    }
}

static void trouble_is_told_and_the_next_file_is_taken(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 3000000));
    box_fill(box, "good", text("good\n"));
    shell(box, "gzip -c f >f.gz");
    box_truncate(box, "f.gz", 300000);
    struct run r = box_run(box, "mtail", "-J", "-q", "-n1", "f.gz", "f.gz/x", "good", NULL);
    assert_run(&r, 1, "good\n",
               "mtail: f.gz: truncated gzip input\n"
               "mtail: f.gz/x: No such file or directory\n");
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(end_of_a_compressed_file),
        TEST(each_file_of_an_archive_has_a_header),
        TEST(what_is_decoded_is_not_followed),
        TEST(trouble_is_told_and_the_next_file_is_taken),
    };
    return run_named(argc, argv, tests);
}
