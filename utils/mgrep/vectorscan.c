/* SPDX-License-Identifier: MIT */
/* A plan's patterns in vectorscan's hands. */
#include <hs.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/library.h"
#include "common/message.h"
#include "mgrep/engine.h"
#include "mgrep/text.h"
#include "mgrep/translate.h"
#include "mgrep/vectorscan.h"

#define LINES        256                /* room for those found at once, to begin with */
#define SCAN_MIN     ((size_t)16 << 10) /* searched at once, twice as much each time */
#define SCAN_MAX     ((size_t)1 << 20)
#define PATTERNS_MAX 300 /* compiling more takes longer than it saves */

struct vectorscan {
    const struct plan *plan;
    hs_database_t *database;
    hs_scratch_t *scratch;
    bool blind, loose;
    bool shared; /* the database is another's */
    struct engine_line *lines;
    size_t taken, count, room;
    const unsigned char *scanned; /* lines that begin before are found, NULL: none */
    size_t step;
    const unsigned char *base, *end; /* of what is being scanned */
};

static __typeof__(hs_compile_multi) *compile_multi;
static __typeof__(hs_free_compile_error) *free_compile_error;
static __typeof__(hs_free_database) *free_database;
static __typeof__(hs_alloc_scratch) *alloc_scratch;
static __typeof__(hs_clone_scratch) *clone_scratch;
static __typeof__(hs_free_scratch) *free_scratch;
static __typeof__(hs_scan) *scan;
static __typeof__(hs_valid_platform) *valid_platform;
static __typeof__(hs_version) *version;

/*
 * Hyperscan finds what is there.  Its fork vectorscan misses matches since it rewrote the vector
 * code: 5.4.9 does near the end of what it searches, and with some patterns anywhere.
 */
static bool is_sound(void)
{
    unsigned major, minor, patch;
    return sscanf(version(), "%u.%u.%u", &major, &minor, &patch) == 3 && major == 5 &&
           (minor < 4 || (minor == 4 && patch <= 2));
}

/* Can the library be loaded, does it know this processor, and is it one to rely on? */
static bool is_present(void)
{
    static const struct library_function functions[] = {
        {"hs_compile_multi", &compile_multi},
        {"hs_free_compile_error", &free_compile_error},
        {"hs_free_database", &free_database},
        {"hs_alloc_scratch", &alloc_scratch},
        {"hs_clone_scratch", &clone_scratch},
        {"hs_free_scratch", &free_scratch},
        {"hs_scan", &scan},
        {"hs_valid_platform", &valid_platform},
        {"hs_version", &version},
        {0},
    };
    static int known = -1;
    if (known < 0)
        known = library_load(VECTORSCAN_LIBRARY, functions) && valid_platform() == HS_SUCCESS &&
                is_sound();
    return known;
}

void vectorscan_demand(void)
{
    if (is_present())
        return;
    if (!version)
        xfail(exit_trouble, "--engine=vectorscan: %s cannot be loaded", VECTORSCAN_LIBRARY);
    const char *number = version();
    xfail(exit_trouble, "--engine=vectorscan: version %.*s of %s cannot be relied on",
          (int)strcspn(number, " "), number, VECTORSCAN_LIBRARY);
}

/* The pattern in vectorscan's syntax, allocated, or NULL where it cannot be said. */
static char *say(struct vectorscan *v, const struct pattern *pattern)
{
    const struct plan *plan = v->plan;
    const struct syntax_options options = {plan->extended, plan->fold, plan->eol, DIALECT_BYTES};
    struct translation to;
    translate(pattern->text, pattern->len, &options, &to);
    required_free(&to.required);
    v->blind |= to.blind || to.errors;
    v->loose |= to.loose || to.backref || (plan->words && !plan->lines);
    char *regex = xmalloc(to.len + 8);
    memcpy(regex, "^(?:", 4);
    memcpy(regex + 4, to.regex, to.len);
    strcpy(regex + 4 + to.len, ")$");
    if (!plan->lines) {
        memmove(regex, regex + 4, to.len);
        regex[to.len] = '\0';
    }
    bool whole = !memchr(to.regex, '\0', to.len);
    free(to.regex);
    if (!whole) {
        free(regex);
        return NULL;
    }
    return regex;
}

static bool compile(struct vectorscan *v)
{
    size_t count = v->plan->count, said = 0;
    char **regexes = xmalloc(count * sizeof *regexes);
    unsigned *flags = xmalloc(count * sizeof *flags);
    while (said < count && (regexes[said] = say(v, &v->plan->patterns[said])))
        flags[said++] = HS_FLAG_MULTILINE;
    hs_compile_error_t *error = NULL;
    bool good =
        said == count && compile_multi((const char *const *)regexes, flags, NULL, (unsigned)count,
                                       HS_MODE_BLOCK, NULL, &v->database, &error) == HS_SUCCESS;
    if (error)
        free_compile_error(error);
    while (said > 0)
        free(regexes[--said]);
    free(regexes);
    free(flags);
    return good;
}

struct vectorscan *vectorscan_new(const struct plan *plan)
{
    if (plan->perl || plan->count == 0 || plan->count > PATTERNS_MAX || plan->eol != '\n' ||
        text_charset() == CHARSET_OTHER || !is_present())
        return NULL;
    struct vectorscan *v = xmalloc(sizeof *v);
    *v = (struct vectorscan){.plan = plan, .step = SCAN_MIN};
    if (compile(v) && alloc_scratch(v->database, &v->scratch) == HS_SUCCESS)
        return v;
    vectorscan_free(v);
    return NULL;
}

struct vectorscan *vectorscan_share(const struct vectorscan *v)
{
    struct vectorscan *copy = xmalloc(sizeof *copy);
    *copy = (struct vectorscan){
        .plan = v->plan,
        .database = v->database,
        .blind = v->blind,
        .loose = v->loose,
        .shared = true,
        .step = SCAN_MIN,
    };
    if (clone_scratch(v->scratch, &copy->scratch) != HS_SUCCESS)
        xfail(exit_trouble, "memory exhausted");
    return copy;
}

void vectorscan_free(struct vectorscan *v)
{
    if (!v)
        return;
    if (v->scratch)
        free_scratch(v->scratch);
    if (v->database && !v->shared)
        free_database(v->database);
    free(v->lines);
    free(v);
}

bool vectorscan_blind(const struct vectorscan *v)
{
    return v->blind;
}

bool vectorscan_sure(const struct vectorscan *v)
{
    return !v->loose;
}

void vectorscan_region(struct vectorscan *v)
{
    v->scanned = NULL;
    v->taken = v->count = 0;
}

/* A line that is not there yet, behind the first `n`. */
static void add_line(struct vectorscan *v, size_t n, const unsigned char *begin,
                     const unsigned char *end)
{
    if (v->count == v->room) {
        v->room = v->room ? 2 * v->room : LINES;
        v->lines = xrealloc(v->lines, v->room * sizeof *v->lines);
    }
    memmove(&v->lines[n + 1], &v->lines[n], (v->count - n) * sizeof *v->lines);
    v->lines[n] = (struct engine_line){begin, end};
    v->count++;
}

/*
 * A match ends at `to`, and every line has one end of its own: it holds the byte before.
 * Matches come in any order, so that a scan must go on to its end.
 */
static int found(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                 void *context)
{
    struct vectorscan *v = context;
    const unsigned char *at = v->base + to;
    (void)id, (void)from, (void)flags;
    size_t n = v->count; /* lines that begin before it */
    while (n > 0 && at < v->lines[n - 1].begin)
        n--;
    if (n > 0 && at <= v->lines[n - 1].end)
        return 0;
    const unsigned char *low = n > 0 ? v->lines[n - 1].end + 1 : v->base;
    const unsigned char *before = memrchr(low, '\n', (size_t)(at - low));
    const unsigned char *after = memchr(at, '\n', (size_t)(v->end - at));
    add_line(v, n, before ? before + 1 : low, after ? after : v->end);
    return 0;
}

/* Where a scan from `from` on ends: at the end of a line. */
static const unsigned char *scan_end(const struct vectorscan *v, const unsigned char *from,
                                     const unsigned char *end)
{
    if ((size_t)(end - from) <= v->step)
        return end;
    const unsigned char *eol = memchr(from + v->step, '\n', (size_t)(end - from) - v->step);
    const unsigned char *stop = eol ? eol : end;
    if (stop - from > UINT_MAX && (eol = memchr(from, '\n', v->step)))
        stop = eol;
    return stop;
}

/* Search some more lines from `from` on. */
static void scan_more(struct vectorscan *v, const unsigned char *from, const unsigned char *end)
{
    const unsigned char *stop = scan_end(v, from, end);
    if (v->step < SCAN_MAX)
        v->step *= 2;
    v->base = from;
    v->end = stop;
    v->taken = v->count = 0;
    v->scanned = stop + 1;
    if (stop - from > UINT_MAX) { /* one line, longer than can be told */
        add_line(v, 0, from, stop);
        return;
    }
    hs_error_t error =
        scan(v->database, (const char *)from, (unsigned)(stop - from), 0, v->scratch, found, v);
    if (error != HS_SUCCESS)
        xfail(exit_trouble, "vectorscan failed with error %d", error);
    /* Behind the last newline there is no line to it. */
    bool empty = stop == from || stop[-1] == '\n';
    if (empty && (v->count == 0 || v->lines[v->count - 1].begin < stop))
        add_line(v, v->count, stop, stop);
}

bool vectorscan_next(struct vectorscan *v, const unsigned char *from, const unsigned char *end,
                     struct engine_line *line)
{
    for (;;) {
        for (; v->taken < v->count; v->taken++) {
            if (v->lines[v->taken].begin >= from) {
                *line = v->lines[v->taken++];
                return true;
            }
        }
        if (!v->scanned || v->scanned < from)
            v->scanned = from;
        if (v->scanned > end)
            return false;
        scan_more(v, v->scanned, end);
    }
}
