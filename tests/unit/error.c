/* SPDX-License-Identifier: MIT */
/* Errors in words. */
#include <errno.h>
#include <stdio.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"
#include "mounts.h"

#define OVERCOMMIT "/proc/sys/vm/overcommit_memory"

static void errors_of_our_own_say_what_happened(void **state)
{
    (void)state;
    assert_string_equal(mm_strerror(-ESTALE), "file shrank while mapped");
    assert_string_equal(mm_strerror(-EIO), "medium failed under the mapping (Input/output error)");
    assert_string_equal(mm_strerror(-EBUSY), "mapping is in use");
}

static void other_errors_are_libc_s(void **state)
{
    (void)state;
    static const int errors[] = {EACCES, EINVAL, ENOSPC, ENODEV, EPIPE, ESRCH, 0};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        assert_string_equal(mm_strerror(-errors[i]), strerror(errors[i]));
        assert_string_equal(mm_strerror(errors[i]), strerror(errors[i]));
    }
}

/* The kernel's mode is left alone: another file is shown in its place, to this test only. */
static void lack_of_memory_tells_the_overcommit_mode(void **state)
{
    struct sandbox *box = *state;
    static const char begin[] = "no memory or address space for a mapping of that size (";
    static const char *const rest[] = {
        "vm.overcommit_memory is 0: what obviously cannot fit is refused)",
        "vm.overcommit_memory is 1: only address space or a limit can lack)"};
    for (int mode = 0; mode <= 2; mode++) {
        struct mm_overcommit now;
        char *name = box_format(box, "mode%d", mode);
        box_fill(box, name, (struct bytes){box_format(box, "%d\n", mode), 2});
        mount_file(box, name, OVERCOMMIT);
        assert_int_equal(mm_overcommit_read(&now), 0);
        assert_int_equal(now.mode, mode);
        const char *words = mm_strerror(-ENOMEM);
        assert_memory_equal(words, begin, sizeof begin - 1);
        words += sizeof begin - 1;
        if (mode == MM_OVERCOMMIT_NEVER) {
            unsigned long long committed, limit;
            int end = 0;
            assert_int_equal(sscanf(words,
                                    "vm.overcommit_memory is 2: %llu of %llu KiB are promised)%n",
                                    &committed, &limit, &end),
                             2);
            assert_int_equal(end, strlen(words));
            assert_int_equal(limit, now.limit / 1024);
        } else {
            assert_string_equal(words, rest[mode]);
        }
    }
}

static int words_without_proc(void *argument)
{
    const int *error = argument;
    static const char *const words[] = {"no memory or address space for a mapping of that size",
                                        "more than may be locked in memory (RLIMIT_MEMLOCK)"};
    expect(strcmp(mm_strerror(*error), words[*error == -ENOLCK]) == 0);
    return 0;
}

static void words_do_not_need_proc(void **state)
{
    (void)state;
    int errors[] = {-ENOMEM, -ENOLCK};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(
            refused((struct refusal){SYS_openat, ENOENT, 0, 0}, words_without_proc, &errors[i]), 0);
}

static void version_has_three_numbers(void **state)
{
    (void)state;
    int major, minor, patch, end = 0;
    assert_int_equal(sscanf(mm_version(), "%d.%d.%d%n", &major, &minor, &patch, &end), 3);
    assert_int_equal(end, strlen(mm_version()));
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(errors_of_our_own_say_what_happened),
        TEST(other_errors_are_libc_s),
        MOUNTED_TEST(lack_of_memory_tells_the_overcommit_mode),
        TEST(words_do_not_need_proc),
        TEST(version_has_three_numbers),
    };
    return run_named(argc, argv, tests);
}
