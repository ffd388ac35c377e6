/* SPDX-License-Identifier: MIT */
/* mcache, as a user runs it: files loaded and evicted, states saved and restored. */
#include "mcache.h"

#define COUNTS "--format={file} {resident}/{pages}"

/* -------------------------------------------------------------- load and evict */

static void evicted_files_have_no_pages_and_loaded_ones_have_all(void **state)
{
    struct sandbox *box = *state;
    cold(box, "a", 3 * MIB + 1);
    cold(box, "b", 5);
    const size_t pages = 3 * MIB / PAGE + 1;
    struct run r = box_run(box, "mcache", "--load", COUNTS, "a", "b", NULL);
    const char *all = box_format(box, "a %zu/%zu\nb 1/1\n", pages, pages);
    assert_run(&r, 0, all, "");
    r = box_run(box, "mcache", COUNTS, "a", "b", NULL);
    assert_run(&r, 0, all, "");
    assert_int_equal(resident(box, "a"), pages);
    r = box_run(box, "mcache", "--evict", COUNTS, "a", "b", NULL);
    const char *none = box_format(box, "a 0/%zu\nb 0/1\n", pages);
    assert_run(&r, 0, none, "");
    r = box_run(box, "mcache", COUNTS, "a", "b", NULL);
    assert_run(&r, 0, none, "");
    assert_int_equal(resident(box, "a"), 0);
}

static void only_the_range_is_loaded_and_evicted(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 64 * PAGE);
    const char *range = box_format(box, "--range=%zu:%zu", 10 * PAGE + 1, 4 * PAGE);
    struct run r = box_run(box, "mcache", "-t", range, COUNTS, "f", NULL);
    assert_run(&r, 0, "f 5/5\n", "");
    assert_string_equal(present(box, "f"), "0000000000111110000000000000000000000000000000000000000"
                                           "000000000");
    warm(box, "f", 30, 1);
    warm(box, "f", 33, 1);
    range = box_format(box, "--range=%zu:%zu", 30 * PAGE, PAGE);
    r = box_run(box, "mcache", "-e", range, COUNTS, "f", NULL);
    assert_run(&r, 0, "f 0/1\n", "");
    assert_string_equal(present(box, "f"), "0000000000111110000000000000000001000000000000000000000"
                                           "000000000");
}

static void missing_pages_are_loaded_between_those_there(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 64 * PAGE);
    warm(box, "f", 5, 3);
    warm(box, "f", 40, 1);
    struct run r = box_run(box, "mcache", "--touch-missing",
                           box_format(box, "--range=0:%zu", 50 * PAGE), COUNTS, "f", NULL);
    assert_run(&r, 0, "f 50/50\n", "");
    assert_int_equal(resident(box, "f"), 50);
    r = box_run(box, "mcache", "--touch-missing", COUNTS, "f", NULL);
    assert_run(&r, 0, "f 64/64\n", "");
}

static void dirty_pages_stay_unless_they_are_written(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 4 * PAGE);
    /* So that the kernel's own writing does not come in between, all is asked at once. */
    int fd = open_file(box, "f");
    assert_int_equal(pwrite(fd, "x", 1, (off_t)(2 * PAGE)), 1);
    struct run r = box_run(box, "mcache", "-e", "-n", "--columns=0", "f", NULL);
    close(fd);
    if (r.status == 0)
        skip_aloud("the page was written before it could be evicted");
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.out, ": 1 stayed, 1 not written yet (--sync)\n"));
    r = box_run(box, "mcache", "-e", "--sync", COUNTS, "f", NULL);
    assert_run(&r, 0, "f 0/4\n", "");
    assert_int_equal(((const char *)box_load(box, "f").data)[2 * PAGE], 'x');
}

static void mapped_pages_stay_and_the_process_is_named(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 4 * PAGE);
    warm(box, "f", 0, 4);
    int fd = open_file(box, "f");
    volatile const char *map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(map != MAP_FAILED);
    assert_int_equal(*map, '0');
    struct run r = box_run(box, "mcache", "-e", "-n", "--columns=0", "f", NULL);
    munmap((void *)map, PAGE);
    close(fd);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.err, "");
    assert_non_null(
        strstr(r.out, box_format(box, " stayed, mapped by %d (test-mcache-cha)\n", (int)getpid())));
    r = box_run(box, "mcache", "-e", COUNTS, "f", NULL);
    assert_run(&r, 0, "f 0/4\n", "");
}

static void what_stayed_is_a_message_where_there_are_no_lines(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 4 * PAGE);
    warm(box, "f", 0, 4);
    int fd = open_file(box, "f");
    volatile const char *map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(map != MAP_FAILED);
    assert_int_equal(*map, '0');
    struct run r = box_run(box, "mcache", "-e", "--format={pages}", "f", NULL);
    munmap((void *)map, PAGE);
    close(fd);
    size_t stayed = resident(box, "f");
    assert_run(&r, 1, "4\n",
               box_format(box, "mcache: f: %zu stayed, mapped by %d (test-mcache-cha)\n", stayed,
                          (int)getpid()));
}

/* The kernel loads by the mapping, and the file goes from under it, a little later each time. */
static void file_that_shrinks_while_it_is_loaded_is_an_error_at_most(void **state)
{
    struct sandbox *box = *state;
    size_t shrank = 0;
    box_fill(box, "f", text(""));
    for (useconds_t wait = 0; wait < 40000; wait += 2500) {
        assert_int_equal(truncate(box_path(box, "f"), 256 << 20), 0);
        struct process *p = box_start(box, NULL, "mcache", "-t", "--format={file}", "f", NULL);
        usleep(wait);
        box_truncate(box, "f", 0);
        struct run r = process_end(p);
        if (r.status == 0)
            assert_run(&r, 0, "f\n", "");
        else
            assert_run(&r, 1, "", "mcache: f: file shrank while mapped\n");
        shrank += r.status != 0;
    }
    print_message("%zu of 16 runs saw it shrink\n", shrank);
}

static void file_larger_than_memory_is_not_loaded(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    if (truncate(box_path(box, "f"), (off_t)8 << 40) != 0)
        skip_aloud("no file of eight terabytes can be made here");
    struct run r = box_run(box, "mcache", "-t", "-n", "--columns=0", "f", NULL);
    assert_run(&r, 1,
               box_format(box,
                          "        0 %9zu      0   8.0T   0 f: not loaded, as it is larger than "
                          "memory\n",
                          ((size_t)8 << 40) / PAGE),
               "");
    r = box_run(box, "mcache", "-t", COUNTS, box_format(box, "--range=1M:%zu", 2 * PAGE), "f",
                NULL);
    assert_run(&r, 0, "f 2/2\n", "");
}

static void trouble_with_one_file_does_not_stop_the_next(void **state)
{
    struct sandbox *box = *state;
    cold(box, "a", PAGE);
    cold(box, "b", PAGE);
    struct run r = box_run(box, "mcache", "-t", COUNTS, "a", "gone", "b", NULL);
    assert_run(&r, 1, "a 1/1\nb 1/1\n", "mcache: gone: No such file or directory\n");
}

static void files_of_a_tmpfs_cannot_be_evicted(void **state)
{
    struct sandbox *box = *state;
    struct statfs fs;
    const char *name = box_format(box, "/dev/shm/mcache-test-%d", (int)getpid());
    int fd = statfs("/dev/shm", &fs) == 0 && fs.f_type == TMPFS_MAGIC
                 ? open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)
                 : -1;
    if (fd < 0)
        skip_aloud("/dev/shm is no tmpfs, or cannot be written");
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    struct run r = box_run(box, "mcache", "-e", "--sync", "-n", "--columns=0", name, NULL);
    unlink(name);
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.out, " stayed, "));
}

static void progress_is_shown_on_a_terminal_alone(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", MIB);
    struct run r = box_run(box, "mcache", "-t", "--progress", COUNTS, "f", NULL);
    assert_run(&r, 0, box_format(box, "f %zu/%zu\n", MIB / PAGE, MIB / PAGE), "");
}

/* ------------------------------------------------------------ save and restore */

/* 200 files with patterns; what mincore(2) says of each is kept in `patterns`. */
static size_t make_patterns(struct sandbox *box, const char *patterns[200], size_t *files)
{
    size_t sum = 0;
    *files = 0;
    for (size_t i = 0; i < 200; i++) {
        const char *name = box_format(box, "d/%03zu", i);
        drop(box, name);
        for (size_t page = i % 5; page + 1 < i; page += 2 + i % 7 + page % 3)
            warm(box, name, page, 1 + page % 2);
        patterns[i] = present(box, name);
        size_t there = 0;
        for (const char *page = patterns[i]; *page; page++)
            there += *page == '1';
        sum += there;
        *files += there > 0;
    }
    return sum;
}

/* How many of the files are not as they were. */
static size_t different(struct sandbox *box, const char *const patterns[200])
{
    size_t count = 0;
    for (size_t i = 0; i < 200; i++)
        count += strcmp(present(box, box_format(box, "d/%03zu", i)), patterns[i]) != 0;
    return count;
}

/*
 * The kernel may take pages away whenever it needs some: where it did so between two looks, all
 * is done again.  What is wrong here is wrong each time.
 */
static void pattern_of_200_files_is_restored_to_the_page(void **state)
{
    struct sandbox *box = *state;
    const char *patterns[200];
    size_t files, lost = 200;
    box_directory(box, "d");
    for (size_t i = 0; i < 200; i++)
        cold(box, box_format(box, "d/%03zu", i), (1 + i) * PAGE - i);
    for (int attempt = 0; attempt < 5 && lost > 0; attempt++) {
        size_t sum = make_patterns(box, patterns, &files);
        struct run r = box_run(box, "mcache", "--save=state", "d", NULL);
        assert_run(&r, 0, "", "");
        if (different(box, patterns) > 0)
            continue;
        for (size_t i = 0; i < 200; i++) {
            drop(box, box_format(box, "d/%03zu", i));
            assert_int_equal(resident(box, box_format(box, "d/%03zu", i)), 0);
        }
        r = box_run(box, "mcache", "--restore=state", NULL);
        lost = different(box, patterns);
        const char *begin = box_format(box, "%zu pages of %zu files restored, ", sum, files);
        assert_int_equal(r.status, 0);
        assert_string_equal(r.err, "");
        assert_int_equal(strncmp(r.out, begin, strlen(begin)), 0);
    }
    assert_int_equal(lost, 0);
}

static void state_is_text(void **state)
{
    struct sandbox *box = *state;
    cold(box, "a\\b\nc", 9 * PAGE + 1);
    box_fill(box, "empty", text(""));
    warm(box, "a\\b\nc", 0, 1);
    warm(box, "a\\b\nc", 4, 3);
    warm(box, "a\\b\nc", 9, 1);
    struct run r = box_run(box, "mcache", "--save=state", "a\\b\nc", "empty", NULL);
    assert_run(&r, 0, "", "");
    const char *expected = box_format(box,
                                      "mcache-state 1\npage %zu\nfile %zu %s/a\\\\b\\nc\n"
                                      "run 0 1\nrun 4 3\nrun 9 1\nfile 0 %s/empty\n",
                                      PAGE, 9 * PAGE + 1, real_path(box), real_path(box));
    assert_bytes(box_load(box, "state"), ((struct bytes){expected, strlen(expected)}));
    drop(box, "a\\b\nc");
    r = box_run(box, "mcache", "--restore=state", NULL);
    assert_int_equal(r.status, 0);
    assert_string_equal(present(box, "a\\b\nc"), "1000111001");
}

static void what_files_have_lost_is_not_restored(void **state)
{
    struct sandbox *box = *state;
    cold(box, "a", 9 * PAGE);
    cold(box, "b", 9 * PAGE);
    cold(box, "c", 9 * PAGE);
    warm(box, "a", 1, 8);
    warm(box, "b", 1, 8);
    warm(box, "c", 3, 1);
    struct run r = box_run(box, "mcache", "--save=state", "a", "b", "c", NULL);
    assert_run(&r, 0, "", "");
    drop(box, "a");
    drop(box, "c");
    box_truncate(box, "a", (off_t)(3 * PAGE));
    assert_int_equal(unlink(box_path(box, "b")), 0);
    r = box_run(box, "mcache", "--restore=state", NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(
        r.err, box_format(box, "mcache: %s/b: No such file or directory\n", real_path(box)));
    assert_string_equal(present(box, "a"), "011");
    assert_string_equal(present(box, "c"), "000100000");
}

static void wrong_states_load_nothing(void **state)
{
    static const struct {
        const char *text;
        int line;
    } rows[] = {
        {"", 1},
        {"something else\n", 1},
        {"mcache-state 2\npage 4096\n", 1},
        {"mcache-state 1\n", 1},
        {"mcache-state 1\npage x\n", 2},
        {"mcache-state 1\npage 4096\nrun 0 1\n", 3},
        {"mcache-state 1\npage 4096\nfile 4096 f\n", 3},
        {"mcache-state 1\npage 4096\nfile 4096 /f\nrun 1\n", 4},
        {"mcache-state 1\npage 4096\nfile 4096 /f\nrun 5 1\nrun 4 1\n", 5},
        {"mcache-state 1\npage 4096\nfile 4096 /f\nrun 5 0\n", 4},
        {"mcache-state 1\npage 4096\nfile 4096 /f\nrun 18446744073709551615 2\n", 4},
        {"mcache-state 1\npage 4096\nfile 4096 /f\nwhat\n", 4},
    };
    struct sandbox *box = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        box_fill(box, "state", (struct bytes){rows[i].text, strlen(rows[i].text)});
        struct run r = box_run(box, "mcache", "--restore=state", NULL);
        assert_run(
            &r, 1, "",
            box_format(box, "mcache: state: no state of mcache, at line %d\n", rows[i].line));
    }
    struct run r = box_run(box, "mcache", "--restore=none", NULL);
    assert_run(&r, 1, "", "mcache: none: No such file or directory\n");
}

static void what_nobody_tells_is_not_saved(void **state)
{
    struct sandbox *box = *state;
    const char *as = as_somebody(box), *file = geteuid() == 0 ? "f" : "/etc/passwd";
    box_fill(box, "f", text("root's\n"));
    box_mode(box, ".", 0777);
    struct run r =
        box_run(box, "/bin/sh", "-c", box_format(box, "%s --save=state %s", as, file), NULL);
    assert_run(&r, 1, "",
               box_format(box,
                          "mcache: %s: not saved: the kernel does not tell this user what of it "
                          "is in memory\n",
                          file));
    const char *expected = box_format(box, "mcache-state 1\npage %zu\n", PAGE);
    assert_bytes(box_load(box, "state"), ((struct bytes){expected, strlen(expected)}));
}

static void state_that_cannot_be_written_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    struct run r = box_run(box, "mcache", "--save=none/state", "f", NULL);
    assert_run(&r, 1, "", "mcache: none/state: No such file or directory\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(evicted_files_have_no_pages_and_loaded_ones_have_all),
        TEST(only_the_range_is_loaded_and_evicted),
        TEST(missing_pages_are_loaded_between_those_there),
        TEST(dirty_pages_stay_unless_they_are_written),
        TEST(mapped_pages_stay_and_the_process_is_named),
        TEST(what_stayed_is_a_message_where_there_are_no_lines),
        TEST(file_that_shrinks_while_it_is_loaded_is_an_error_at_most),
        TEST(file_larger_than_memory_is_not_loaded),
        TEST(trouble_with_one_file_does_not_stop_the_next),
        TEST(files_of_a_tmpfs_cannot_be_evicted),
        TEST(progress_is_shown_on_a_terminal_alone),
        TEST(pattern_of_200_files_is_restored_to_the_page),
        TEST(state_is_text),
        TEST(what_files_have_lost_is_not_restored),
        TEST(wrong_states_load_nothing),
        TEST(what_nobody_tells_is_not_saved),
        TEST(state_that_cannot_be_written_is_an_error),
    };
    return run_named(argc, argv, tests);
}
