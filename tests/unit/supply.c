/* SPDX-License-Identifier: MIT */
/* Buffers that are given away: their taker sees what was in them, however late it looks. */
#include <fcntl.h>
#include <sys/uio.h>

#include "common/supply.h"

#include "harness.h"

#define SIZE ((size_t)128 << 10)

/* Some of each buffer waits in a pipe until seven more were filled. */
static void given_pages_stay(bool help)
{
    static unsigned char seen[SIZE];
    const size_t kept = PAGE + 5;
    const unsigned count = 1000, behind = 7;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct supply *supply = supply_new(SIZE);
    assert_non_null(supply);
    if (help)
        supply_help(supply);
    for (unsigned i = 0; i < count + behind; i++) {
        if (i < count) {
            unsigned char *buffer = supply_buffer(supply);
            memset(buffer, (int)i, SIZE);
            struct iovec pages = {buffer, kept};
            assert_int_equal(vmsplice(ends[1], &pages, 1, 0), kept);
            assert_true(supply_given(supply, i % 2 ? SIZE : kept));
        }
        if (i < behind)
            continue;
        assert_int_equal(read(ends[0], seen, kept), kept);
        for (size_t k = 0; k < kept; k++)
            assert_int_equal(seen[k], (unsigned char)(i - behind));
    }
    supply_free(supply);
    close(ends[0]);
    close(ends[1]);
}

static void given_pages_stay_as_they_are(void **state)
{
    (void)state;
    given_pages_stay(false);
}

static void a_thread_makes_other_pages_ready(void **state)
{
    (void)state;
    given_pages_stay(true);
}

static void nothing_is_freed(void **state)
{
    (void)state;
    supply_free(NULL);
    assert_null(supply_new((size_t)1 << 30));
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(given_pages_stay_as_they_are),
        TEST(a_thread_makes_other_pages_ready),
        TEST(nothing_is_freed),
    };
    return run_named(argc, argv, tests);
}
