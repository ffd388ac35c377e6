/* SPDX-License-Identifier: MIT */
/* How the kernel promises memory. */
#include <errno.h>
#include <stdio.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"
#include "mounts.h"

/* The number behind `field` in a file of /proc. */
static unsigned long long proc(const char *path, const char *field)
{
    char line[256];
    unsigned long long number = 0;
    bool found = false;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (!found && fgets(line, sizeof line, file))
        found = strncmp(line, field, strlen(field)) == 0 &&
                sscanf(line + strlen(field), "%llu", &number) == 1;
    fclose(file);
    assert_true(found);
    return number;
}

static void mode_and_limit_are_what_proc_says(void **state)
{
    (void)state;
    struct mm_overcommit now;
    assert_int_equal(mm_overcommit_read(&now), 0);
    assert_int_equal(now.mode, proc("/proc/sys/vm/overcommit_memory", ""));
    assert_int_equal(now.limit, 1024 * proc("/proc/meminfo", "CommitLimit:"));
    assert_true(now.committed > 0);
}

static void committed_rises_with_what_is_promised(void **state)
{
    (void)state;
    struct mm_overcommit before, after;
    struct mm_map *map;
    const size_t len = (size_t)1 << 30;
    if (SANITIZED)
        skip_aloud("a sanitizer promises nothing for its shadow");
    /* Other processes come and go: the rise counts where it is seen in one of some tries. */
    bool risen = false;
    for (int tries = 0; !risen && tries < 20; tries++) {
        assert_int_equal(mm_overcommit_read(&before), 0);
        if (mm_map_anonymous(len, 0, &map) != 0)
            skip_aloud("1 GiB of memory is not promised here");
        assert_int_equal(mm_overcommit_read(&after), 0);
        mm_map_close(map);
        risen = after.committed > before.committed + len / 2;
    }
    assert_true(risen);
}

static int read_overcommit(void *overcommit)
{
    return mm_overcommit_read(overcommit);
}

static void unreadable_proc_is_an_error(void **state)
{
    (void)state;
    struct mm_overcommit before = {MM_OVERCOMMIT_NEVER, 2, 3}, after = before;
    assert_int_equal(refused((struct refusal){SYS_openat, ENOENT, 0, 0}, read_overcommit, &after),
                     -ENOENT);
    assert_int_equal(refused((struct refusal){SYS_read, EIO, 0, 0}, read_overcommit, &after), -EIO);
    assert_memory_equal(&after, &before, sizeof after);
}

static void field_without_a_number_is_no_data(void **state)
{
    struct sandbox *box = *state;
    struct mm_overcommit now;
    box_fill(box, "without", text("MemTotal: 1 kB\n"));
    box_fill(box, "empty", text("CommitLimit: kB\n"));
    mount_file(box, "without", "/proc/meminfo");
    assert_int_equal(mm_overcommit_read(&now), -ENODATA);
    mount_file(box, "empty", "/proc/meminfo");
    assert_int_equal(mm_overcommit_read(&now), -ENODATA);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(mode_and_limit_are_what_proc_says),
        TEST(committed_rises_with_what_is_promised),
        TEST(unreadable_proc_is_an_error),
        MOUNTED_TEST(field_without_a_number_is_no_data),
    };
    return run_named(argc, argv, tests);
}
