/* SPDX-License-Identifier: MIT */
/* What stands for vectorscan where its headers were not there: nothing. */
#include <stddef.h>

#include "common/message.h"
#include "mgrep/engine.h"
#include "mgrep/vectorscan.h"

struct vectorscan *vectorscan_new(const struct plan *plan)
{
    (void)plan;
    return NULL;
}

struct vectorscan *vectorscan_share(const struct vectorscan *vectorscan)
{
    (void)vectorscan;
    return NULL;
}

void vectorscan_free(struct vectorscan *vectorscan)
{
    (void)vectorscan;
}

bool vectorscan_blind(const struct vectorscan *vectorscan)
{
    (void)vectorscan;
    return false;
}

bool vectorscan_sure(const struct vectorscan *vectorscan)
{
    (void)vectorscan;
    return false;
}

void vectorscan_region(struct vectorscan *vectorscan)
{
    (void)vectorscan;
}

bool vectorscan_next(struct vectorscan *vectorscan, const unsigned char *from,
                     const unsigned char *end, struct engine_line *line)
{
    (void)vectorscan, (void)from, (void)end, (void)line;
    return false;
}

void vectorscan_demand(void)
{
    xfail(exit_trouble, "--engine=vectorscan: this mgrep was built without the vectorscan library");
}
