/* SPDX-License-Identifier: MIT */
/* Each allocation that libmm makes, failing once: -ENOMEM, and nothing is left. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include <libmm/mm.h>

#include "files.h"

/* How many allocations work before one fails; -1: all work.  libmm's are linked to these here. */
static int left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t number, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t number, size_t size);
int __wrap_asprintf(char **text, const char *format, ...);

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
    return fails() ? NULL : __real_calloc(number, size);
}

int __wrap_asprintf(char **text, const char *format, ...)
{
    if (fails())
        return -1;
    va_list args;
    va_start(args, format);
    int len = vasprintf(text, format, args);
    va_end(args);
    return len;
}

static size_t count_descriptors(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* Let the first allocation fail, then the second, up to all that `work` makes. */
static void fail_each(struct sandbox *box, int (*work)(struct sandbox *), int at_least)
{
    size_t before = count_descriptors();
    int error = -ENOMEM, allocations;
    for (allocations = 0; error; allocations++) {
        left = allocations;
        error = work(box);
        left = -1;
        assert_true(error == 0 || error == -ENOMEM);
        assert_int_equal(count_descriptors(), before);
    }
    assert_true(allocations > at_least);
}

static int make_maps(struct sandbox *box)
{
    struct mm_map *file = NULL, *memory = NULL, *copy = NULL;
    int saved = left;
    left = -1;
    int fd = open_filled(box, "f", text("x"));
    left = saved;
    int error = mm_map_file(fd, 0, 1, MM_MAP_SHARED, &file);
    if (!error)
        error = mm_map_anonymous(1, MM_MAP_SHARED | MM_MAP_ZERO, &memory);
    if (!error)
        error = mm_map_duplicate(file, NULL, &copy);
    mm_map_close(copy);
    mm_map_close(memory);
    mm_map_close(file);
    close(fd);
    return error;
}

static void maps_need_memory(void **state)
{
    fail_each(*state, make_maps, 3);
}

/* More maps than the guard's first table has places: the next one is allocated. */
static int make_many_maps(struct sandbox *box)
{
    enum { MAPS = 100 };
    struct mm_map *maps[MAPS] = {NULL};
    int saved = left, error = 0;
    left = -1;
    int fd = open_filled(box, "f", text("x"));
    left = saved;
    for (int i = 0; !error && i < MAPS; i++)
        error = mm_map_file(fd, 0, 1, 0, &maps[i]);
    for (int i = 0; i < MAPS; i++)
        mm_map_close(maps[i]);
    close(fd);
    return error;
}

static void guard_needs_memory(void **state)
{
    fail_each(*state, make_many_maps, 100);
}

static int make_ring(struct sandbox *box)
{
    (void)box;
    struct mm_ring *ring = NULL;
    int error = mm_ring_new(1, &ring);
    mm_ring_free(ring);
    return error;
}

static void rings_need_memory(void **state)
{
    fail_each(*state, make_ring, 1);
}

/* A file and then a stream, which needs a ring, and a larger one. */
static int scan_both(struct sandbox *box)
{
    struct mm_scan *scan = NULL;
    struct mm_view view;
    int ends[2], saved = left;
    left = -1;
    int fd = open_filled(box, "f", text("content"));
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    close(ends[1]);
    left = saved;
    int error = mm_scan_new(0, &scan);
    if (!error)
        error = mm_scan_open(scan, fd, 0);
    if (!error)
        error = mm_scan_more(scan, 1, &view);
    if (!error)
        error = mm_scan_open(scan, ends[0], 0);
    if (!error)
        error = mm_scan_more(scan, 1, &view);
    if (!error)
        error = mm_scan_more(scan, (size_t)1 << 20, &view);
    mm_scan_free(scan);
    close(ends[0]);
    close(fd);
    return error;
}

static void scans_need_memory(void **state)
{
    fail_each(*state, scan_both, 4);
}

static int write_and_publish(struct sandbox *box)
{
    struct mm_output *output = NULL;
    struct mm_span span;
    int saved = left;
    left = -1;
    const char *path = box_path(box, "new");
    left = saved;
    int error = mm_output_new(AT_FDCWD, path, 0644, MM_OUTPUT_REPLACE, &output);
    if (!error)
        error = mm_output_window(output, 4, &span);
    if (!error) {
        memcpy(span.data, "word", 4);
        error = mm_output_commit(output, 4);
    }
    if (!error)
        error = mm_output_publish(output, true);
    mm_output_close(output);
    return error;
}

static void outputs_need_memory(void **state)
{
    struct sandbox *box = *state;
    fail_each(box, write_and_publish, 4);
    /* Replacing takes a name more. */
    fail_each(box, write_and_publish, 5);
    assert_bytes(box_load(box, "new"), text("word"));
    struct run r = box_run(box, "/bin/ls", "-A", NULL);
    assert_run(&r, 0, "new\n", "");
}

static int write_over(struct sandbox *box)
{
    struct mm_output *output = NULL;
    int saved = left;
    left = -1;
    int fd = open_filled(box, "f", text("x"));
    left = saved;
    int error = mm_output_open(fd, &output);
    mm_output_close(output);
    close(fd);
    return error;
}

static void writing_over_needs_memory(void **state)
{
    fail_each(*state, write_over, 1);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(maps_need_memory),  TEST(guard_needs_memory),  TEST(rings_need_memory),
        TEST(scans_need_memory), TEST(outputs_need_memory), TEST(writing_over_needs_memory),
    };
    return run_named(argc, argv, tests);
}
