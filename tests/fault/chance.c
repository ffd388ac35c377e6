/* SPDX-License-Identifier: MIT */
/* Random moments. */
#include <stdlib.h>
#include <time.h>

#include "chance.h"
#include "harness.h"

static unsigned number_from(const char *name, unsigned otherwise)
{
    const char *value = getenv(name);
    return value && *value ? (unsigned)strtoul(value, NULL, 10) : otherwise;
}

unsigned runs(void)
{
    return number_from("FAULT_RUNS", 5);
}

/* seed -- of this process's delays, printed once. */
static unsigned *seed(void)
{
    static unsigned value;
    if (!value) {
        value = number_from("FAULT_SEED", (unsigned)time(NULL));
        print_message("FAULT_SEED=%u\n", value);
    }
    return &value;
}

void delay(long most_microseconds)
{
    long us = rand_r(seed()) % most_microseconds;
    nanosleep(&(struct timespec){us / 1000000, us % 1000000 * 1000}, NULL);
}
