/* SPDX-License-Identifier: MIT */
/* How likely a process is ended when memory runs out. */
#include <errno.h>
#include <stdio.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

static void own_score_is_read(void **state)
{
    (void)state;
    struct mm_oom by_zero, by_number;
    assert_int_equal(mm_oom_read(0, &by_zero), 0);
    assert_int_equal(mm_oom_read(getpid(), &by_number), 0);
    assert_int_equal(by_zero.adjust, by_number.adjust);
    assert_true(by_zero.score >= 0 && by_zero.score <= 2000);
    assert_true(by_zero.adjust >= -1000 && by_zero.adjust <= 1000);
}

/* In a child: what is raised could not always be taken back. */
static int raise_own(void *unused)
{
    (void)unused;
    struct mm_oom before, after;
    expect(mm_oom_read(0, &before) == 0);
    expect(mm_oom_adjust(0, 900) == 0);
    expect(mm_oom_read(0, &after) == 0);
    expect(after.adjust == 900);
    expect(after.score > before.score || before.adjust >= 900);
    expect(mm_oom_adjust(getpid(), 1000) == 0);
    expect(mm_oom_read(getpid(), &after) == 0);
    expect(after.adjust == 1000);
    return 0;
}

static void raising_always_works(void **state)
{
    (void)state;
    assert_int_equal(in_child(raise_own, NULL), 0);
}

static int set_lowest(void *unused)
{
    (void)unused;
    return mm_oom_adjust(0, -1000);
}

static void lowering_takes_a_privilege(void **state)
{
    (void)state;
    struct mm_oom oom;
    assert_int_equal(mm_oom_read(0, &oom), 0);
    if (oom.adjust == -1000)
        skip_aloud("it is the lowest already");
    assert_int_equal(without(CAP_SYS_RESOURCE, set_lowest, NULL), -EACCES);
    if (geteuid() == 0)
        assert_int_equal(as_nobody(set_lowest, NULL), -EACCES);
    struct mm_oom after;
    assert_int_equal(mm_oom_read(0, &after), 0);
    assert_int_equal(after.adjust, oom.adjust);
}

static void values_outside_of_the_scale_are_refused(void **state)
{
    (void)state;
    assert_int_equal(mm_oom_adjust(0, -1001), -EINVAL);
    assert_int_equal(mm_oom_adjust(0, 1001), -EINVAL);
}

static void process_that_is_gone_is_an_error(void **state)
{
    (void)state;
    struct mm_oom oom = {1, 2};
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(mm_oom_read(child, &oom), -ENOENT);
    assert_int_equal(mm_oom_adjust(child, 0), -ENOENT);
    assert_int_equal(oom.score, 1);
    assert_int_equal(oom.adjust, 2);
}

static void old_scale_has_its_ends_and_its_middle(void **state)
{
    (void)state;
    int adjust = 77;
    assert_int_equal(mm_oom_from_old(-18, &adjust), -EINVAL);
    assert_int_equal(mm_oom_from_old(16, &adjust), -EINVAL);
    assert_int_equal(adjust, 77);
    static const int rows[][2] = {{-17, -1000}, {-16, -941}, {-1, -58}, {0, 0},
                                  {1, 58},      {8, 470},    {14, 823}, {15, 1000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(mm_oom_from_old(rows[i][0], &adjust), 0);
        assert_int_equal(adjust, rows[i][1]);
    }
}

/* Every value of the old scale that may be set, translated by the kernel and by us. */
static int compare_with_the_kernel(void *compared)
{
    for (int old = -17; old <= 15; old++) {
        int ours;
        struct mm_oom kernel_s;
        FILE *file = fopen("/proc/self/oom_adj", "w");
        expect(file);
        fprintf(file, "%d", old);
        if (fclose(file) != 0)
            continue;
        expect(mm_oom_from_old(old, &ours) == 0);
        expect(mm_oom_read(0, &kernel_s) == 0);
        expect(kernel_s.adjust == ours);
        ++*(int *)compared;
    }
    return *(int *)compared;
}

static void old_scale_is_translated_as_the_kernel_does(void **state)
{
    (void)state;
    int none = 0;
    if (access("/proc/self/oom_adj", W_OK) != 0)
        skip_aloud("this kernel has no oom_adj");
    int status = in_child(compare_with_the_kernel, &none);
    assert_true(WIFEXITED(status));
    print_message("%d of 33 values compared; lower ones take a privilege\n", WEXITSTATUS(status));
    assert_true(WEXITSTATUS(status) >= 15);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(own_score_is_read),
        TEST(raising_always_works),
        TEST(lowering_takes_a_privilege),
        TEST(values_outside_of_the_scale_are_refused),
        TEST(process_that_is_gone_is_an_error),
        TEST(old_scale_has_its_ends_and_its_middle),
        TEST(old_scale_is_translated_as_the_kernel_does),
    };
    return run_named(argc, argv, tests);
}
