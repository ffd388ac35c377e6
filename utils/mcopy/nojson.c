/* SPDX-License-Identifier: MIT */
/* In the place of json.c where jansson was absent when mcopy was built. */
#include "common/message.h"

#include "mcopy/json.h"

void json_need(void)
{
    xfail(exit_trouble, "--json: this mcopy was built without the jansson library");
}

void json_summary(struct stream *stream, const struct tally *done, uint64_t nanoseconds, bool good)
{
    (void)stream, (void)done, (void)nanoseconds, (void)good;
}
