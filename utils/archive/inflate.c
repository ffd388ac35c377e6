/* SPDX-License-Identifier: MIT */
/* gzip by ISA-L. */
#include <dlfcn.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

#include "archive/inflate.h"

#define ROOM ((size_t)256 << 10) /* stays in a core's own cache */

struct inflater {
    struct inflate_state state;
    ssize_t (*read)(void *context, const void **data);
    void *context;
    bool ended; /* the input */
    const char *words;
    unsigned char room[ROOM];
};

static __typeof__(isal_inflate_init) *begin;
static __typeof__(isal_inflate_reset) *again;
static __typeof__(isal_inflate) *inflate;

bool inflate_prepare(void)
{
    static bool tried;
    if (tried)
        return inflate;
    tried = true;
    void *library = dlopen(ISAL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return false;
    void *const found[] = {dlsym(library, "isal_inflate_init"),
                           dlsym(library, "isal_inflate_reset"), dlsym(library, "isal_inflate")};
    void *const places[] = {&begin, &again, &inflate};
    if (!found[0] || !found[1] || !found[2]) {
        dlclose(library);
        return false;
    }
    for (int i = 0; i < 3; i++) /* ISO C has no cast from void * for this */
        memcpy(places[i], &found[i], sizeof found[i]);
    return true;
}

struct inflater *inflater_new(ssize_t (*read)(void *context, const void **data), void *context)
{
    struct inflater *made = inflate ? calloc(1, sizeof *made) : NULL;
    if (!made)
        return NULL;
    made->read = read;
    made->context = context;
    begin(&made->state);
    made->state.crc_flag = ISAL_GZIP;
    return made;
}

void inflater_free(struct inflater *inflater)
{
    free(inflater);
}

static int fail(struct inflater *inflater, const char *words)
{
    inflater->words = words;
    return -1;
}

/* More input, where there is none left.  Returns false for trouble. */
static bool feed(struct inflater *inflater)
{
    const void *data = NULL;
    if (inflater->state.avail_in > 0 || inflater->ended)
        return true;
    ssize_t len = inflater->read(inflater->context, &data);
    if (len < 0)
        return false;
    inflater->ended = len == 0;
    inflater->state.next_in = (void *)data;
    inflater->state.avail_in = (uint32_t)len;
    return true;
}

int inflater_next(struct inflater *inflater, const void **data, size_t *len)
{
    struct inflate_state *state = &inflater->state;
    for (;;) {
        if (!feed(inflater))
            return -1;
        if (state->block_state == ISAL_BLOCK_FINISH) {
            /* A further member may follow; what is none is no content, as for gzip. */
            if (state->avail_in == 0 || *state->next_in != 0x1f)
                return 0;
            again(state);
            state->crc_flag = ISAL_GZIP;
        }
        uint32_t before = state->avail_in;
        state->next_out = inflater->room;
        state->avail_out = ROOM;
        int result = inflate(state);
        size_t made = ROOM - state->avail_out;
        if (result == ISAL_INCORRECT_CHECKSUM)
            return fail(inflater, "gzip checksum is wrong");
        if (result < 0)
            return fail(inflater, "gzip decompression failed");
        if (made > 0) {
            *data = inflater->room;
            *len = made;
            return 1;
        }
        if (state->block_state == ISAL_BLOCK_FINISH)
            continue;
        if (inflater->ended && state->avail_in == 0)
            return fail(inflater, "truncated gzip input");
        if (state->avail_in > 0 && state->avail_in == before)
            return fail(inflater, "gzip decompression failed");
    }
}

const char *inflater_words(const struct inflater *inflater)
{
    return inflater->words;
}
