/* SPDX-License-Identifier: MIT */
/* The search for bytes that are shown otherwise: vectors and their portable twin agree. */
#include <stdlib.h>

#include "mcat/stops.h"

#include "harness.h"

static uint64_t by_vectors(const struct stops *stops, const unsigned char *at)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") ? stops_avx2(stops, at)
                                          : stops_portable(stops, at, STOPS);
#elif defined(__aarch64__)
    return stops_neon(stops, at);
#else
    return stops_portable(stops, at, STOPS);
#endif
}

static void vectors_agree_with_the_table(void **state)
{
    (void)state;
    srandom(7);
    for (int i = 0; i < 100000; i++) {
        unsigned char text[STOPS + 32], *at = text + random() % 32;
        struct stops stops = {.least = (signed char)random(), .but = (unsigned char)random()};
        for (int k = 0; k < 3; k++)
            stops.equal[k] = (unsigned char)random();
        stops_prepare(&stops);
        for (int k = 0; k < STOPS; k++)
            at[k] = random() % 4 ? (unsigned char)random() : stops.equal[random() % 3];
        uint64_t expected = 0;
        for (int k = 0; k < STOPS; k++) {
            bool equal = false;
            for (int e = 0; e < 3; e++)
                equal |= at[k] == stops.equal[e];
            int value = at[k] < 128 ? at[k] : at[k] - 256;
            if (equal || (value < stops.least && at[k] != stops.but))
                expected |= UINT64_C(1) << k;
        }
        assert_true(by_vectors(&stops, at) == expected);
        assert_true(stops_portable(&stops, at, STOPS) == expected);
        assert_true(stops_portable(&stops, at, 9) == (expected & 511));
    }
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {TEST(vectors_agree_with_the_table)};
    return run_named(argc, argv, tests);
}
