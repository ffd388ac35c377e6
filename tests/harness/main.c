/* SPDX-License-Identifier: MIT */
/* A test program's main: its tests by name. */
#include <stdio.h>
#include <string.h>

#include "harness.h"

int run_named_of(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
    if (argc < 2)
        return _cmocka_run_group_tests(argv[0], tests, count, NULL, NULL);
    bool list = strcmp(argv[1], "--list") == 0;
    for (size_t i = 0; i < count; i++) {
        if (list)
            puts(tests[i].name);
        else if (strcmp(argv[1], tests[i].name) == 0)
            return _cmocka_run_group_tests(argv[0], &tests[i], 1, NULL, NULL);
    }
    if (!list)
        fprintf(stderr, "%s: no test is called %s\n", argv[0], argv[1]);
    return list ? 0 : 2;
}
