/* SPDX-License-Identifier: MIT */
/* Every file is mapped: strace sees no call that moves a regular file's bytes. */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

#define CALLS                                                                                      \
    "read,pread64,readv,preadv,preadv2,write,pwrite64,writev,pwritev,pwritev2,"                    \
    "copy_file_range,sendfile,splice"

/* Where strace is, or NULL when it is absent or may not trace. */
static const char *strace(struct sandbox *box)
{
    static const char *const places[] = {"/usr/bin/strace", "/usr/local/bin/strace"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (access(places[i], X_OK) != 0)
            continue;
        struct run r = box_run(box, places[i], "-o", "/dev/null", "/bin/true", NULL);
        return r.status == 0 ? places[i] : NULL;
    }
    return NULL;
}

/* find -- the first line of the trace that is a `call` on a file of the box, or NULL. */
static const char *find(struct sandbox *box, const char *trace, const char *call)
{
    for (const char *line = trace, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        const char *name = line + strspn(line, "0123456789 ");
        const char *path = strstr(line, box_path(box, ""));
        if (path && path < end && strncmp(name, call, strlen(call)) == 0)
            return line;
    }
    return NULL;
}

/*
 * assert_mapped -- run a tool with up to three arguments under strace.  It must end
 * with `status`, map a file of the box, and never call any of CALLS on one.
 */
static void assert_mapped(struct sandbox *box, const struct how *how, int status, const char *tool,
                          const char *const arguments[3])
{
    /* A leak checker wants to trace the process itself. */
    const char *const environment[] = {"ASAN_OPTIONS=detect_leaks=0", NULL};
    const char *program = strace(box), *bin = getenv("MMUTILS_BIN");
    if (!program)
        skip_aloud("strace is absent or may not trace");
    struct how traced = how ? *how : (struct how){0};
    traced.environment = environment;
    const char *path = box_format(box, "%s/%s", bin && *bin ? bin : MMUTILS_BUILT, tool);
    struct run r = box_run_with(box, &traced, program, "-f", "-y", "-s0", "-o", "trace", "-e",
                                "trace=mmap,mremap," CALLS, path, arguments[0], arguments[1],
                                arguments[2], NULL);
    assert_int_equal(r.status, status);
    const char *trace = box_load(box, "trace").data;
    char calls[] = CALLS;
    for (char *rest = NULL, *call = strtok_r(calls, ",", &rest); call;
         call = strtok_r(NULL, ",", &rest)) {
        const char *line = find(box, trace, box_format(box, "%s(", call));
        if (line)
            fail_msg("%s: %.*s", r.command, (int)strcspn(line, "\n"), line);
    }
    assert_non_null(find(box, trace, "mmap("));
}

/* files -- the box with the files f and g, alike, of a few windows. */
static struct sandbox *files(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 2 * WINDOW + 5));
    box_fill(box, "g", box_lines(box, 2 * WINDOW + 5));
    return box;
}

static const struct how into_null = {.out = OUT_FILE, .out_file = "/dev/null"};
static const struct how from_file = {.in_file = "f", .in_offset = 100};

static void mcache_maps(void **state)
{
    struct sandbox *box = files(state);
    assert_mapped(box, NULL, 0, "mcache", (const char *const[3]){"-t", "f"});
    assert_mapped(box, NULL, 0, "mcache", (const char *const[3]){"--save=state", "f", "g"});
    assert_mapped(box, NULL, 0, "mcache", (const char *const[3]){"--restore=state"});
    box_fill(box, "list", text("f\ng\n"));
    assert_mapped(box, NULL, 0, "mcache", (const char *const[3]){"-b", "list"});
}

static void mcat_maps(void **state)
{
    struct sandbox *box = files(state);
    assert_mapped(box, &into_null, 0, "mcat", (const char *const[3]){"f"});
    assert_mapped(box, NULL, 0, "mcat", (const char *const[3]){"f"});
    assert_mapped(box, &into_null, 0, "mcat", (const char *const[3]){"-n", "f"});
}

static void mgrep_maps(void **state)
{
    struct sandbox *box = files(state);
    assert_mapped(box, &into_null, 0, "mgrep", (const char *const[3]){"0", "f"});
    assert_mapped(box, NULL, 0, "mgrep", (const char *const[3]){"-n", "77$", "f"});
    assert_mapped(box, NULL, 1, "mgrep", (const char *const[3]){"x", "f", "g"});
    assert_mapped(box, NULL, 0, "mgrep", (const char *const[3]){"--stats", "77$", "f"});
    box_fill(box, "patterns", text("x\n77$\n"));
    assert_mapped(box, NULL, 0, "mgrep", (const char *const[3]){"-f", "patterns", "f"});
}

static void mcmp_maps(void **state)
{
    struct sandbox *box = files(state);
    assert_mapped(box, NULL, 0, "mcmp", (const char *const[3]){"f", "g"});
    assert_mapped(box, NULL, 1, "mcmp", (const char *const[3]){"-i1:2", "f", "g"});
}

static void mcopy_maps(void **state)
{
    struct sandbox *box = files(state);
    assert_mapped(box, NULL, 0, "mcopy", (const char *const[3]){"f", "new"});
    assert_mapped(box, NULL, 0, "mcopy", (const char *const[3]){"f", "g"});
    assert_mapped(box, NULL, 0, "mcopy", (const char *const[3]){"-a", "f", "new"});
}

static void mtail_maps(void **state)
{
    struct sandbox *box = files(state);
    assert_mapped(box, NULL, 0, "mtail", (const char *const[3]){"f"});
    assert_mapped(box, &into_null, 0, "mtail", (const char *const[3]){"-n+2", "f"});
    assert_mapped(box, NULL, 0, "mtail", (const char *const[3]){"-c100000", "f"});
}

static void standard_input_is_mapped_too(void **state)
{
    struct sandbox *box = files(state);
    assert_mapped(box, &from_file, 0, "mcat", (const char *const[3]){"-"});
    assert_mapped(box, &from_file, 1, "mgrep", (const char *const[3]){"x"});
    assert_mapped(box, &from_file, 1, "mcmp", (const char *const[3]){"-", "g"});
    assert_mapped(box, &from_file, 0, "mtail", (const char *const[3]){"-n1"});
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(mcache_maps),
        TEST(mcat_maps),
        TEST(mgrep_maps),
        TEST(mcmp_maps),
        TEST(mcopy_maps),
        TEST(mtail_maps),
        TEST(standard_input_is_mapped_too),
    };
    return run_named(argc, argv, tests);
}
