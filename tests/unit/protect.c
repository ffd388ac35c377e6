/* SPDX-License-Identifier: MIT */
/* What may be done with pages: stores, loads, execution, and fences around them. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

/* The kernel's word for the rights of the page at `address`: "rw-p"; "" for no page. */
static const char *rights(const void *address)
{
    static char found[5];
    found[0] = '\0';
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    char line[8192];
    while (!found[0] && fgets(line, sizeof line, maps)) {
        uintptr_t from, to;
        char word[5];
        if (sscanf(line, "%lx-%lx %4s", &from, &to, word) == 3 && from <= (uintptr_t)address &&
            (uintptr_t)address < to)
            memcpy(found, word, sizeof found);
    }
    fclose(maps);
    return found;
}

static int store(void *address)
{
    signal(SIGSEGV, SIG_DFL);
    *(volatile unsigned char *)address = 1;
    return 0;
}

static int load(void *address)
{
    signal(SIGSEGV, SIG_DFL);
    return *(volatile unsigned char *)address & 0;
}

static void flags_are_the_rights_of_the_pages(void **state)
{
    struct sandbox *box = *state;
    static const struct {
        unsigned flags;
        const char *file, *memory;
    } rows[] = {
        {0, "r--p", "rw-p"},
        {MM_MAP_WRITE, "rw-p", "rw-p"},
        {MM_MAP_SHARED, "r--s", "rw-s"},
        {MM_MAP_SHARED | MM_MAP_WRITE, "rw-s", "rw-s"},
        {MM_MAP_NOACCESS, "---p", "---p"},
    };
    int fd = open_filled(box, "f", text("x"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mm_map *map;
        assert_int_equal(mm_map_file(fd, 0, 1, rows[i].flags, &map), 0);
        assert_string_equal(rights(mm_map_data(map)), rows[i].file);
        mm_map_close(map);
        assert_int_equal(mm_map_anonymous(1, rows[i].flags, &map), 0);
        assert_string_equal(rights(mm_map_data(map)), rows[i].memory);
        mm_map_close(map);
    }
    close(fd);
}

/* A function that returns 42, in the machine's own words. */
#if defined(__x86_64__)
static const unsigned char answer[] = {0xb8, 42, 0, 0, 0, 0xc3};
#elif defined(__aarch64__)
static const unsigned char answer[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#else
static const unsigned char answer[] = {0};
#endif

static void mapped_code_runs(void **state)
{
    struct sandbox *box = *state;
    if (sizeof answer == 1)
        skip_aloud("no code for this architecture");
    int fd = open_filled(box, "code", (struct bytes){answer, sizeof answer});
    struct mm_map *map;
    int error = mm_map_file(fd, 0, sizeof answer, MM_MAP_EXEC, &map);
    if (error == -EPERM)
        skip_aloud("the directory is mounted noexec");
    assert_int_equal(error, 0);
    assert_string_equal(rights(mm_map_data(map)), "r-xp");
    int (*function)(void) = (int (*)(void))(uintptr_t)mm_map_data(map);
    assert_int_equal(function(), 42);
    mm_map_close(map);
    close(fd);
}

static void memory_that_was_written_runs_when_it_is_sealed(void **state)
{
    skip_under_valgrind();
    (void)state;
    if (sizeof answer == 1)
        skip_aloud("no code for this architecture");
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(sizeof answer, 0, &map), 0);
    unsigned char *data = mm_map_data(map);
    memcpy(data, answer, sizeof answer);
    assert_int_equal(mm_map_protect(map, 0, sizeof answer, MM_MAP_EXEC), 0);
    assert_string_equal(rights(data), "r-xp");
    __builtin___clear_cache((char *)data, (char *)data + sizeof answer);
    int (*function)(void) = (int (*)(void))(uintptr_t)data;
    assert_int_equal(function(), 42);
    assert_killed_by(SIGSEGV, in_child(store, data));
    mm_map_close(map);
}

static void own_program_may_be_mapped_for_execution(void **state)
{
    (void)state;
    struct mm_map *map;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(mm_map_file(fd, 0, PAGE, MM_MAP_EXEC, &map), 0);
    assert_string_equal(rights(mm_map_data(map)), "r-xp");
    assert_memory_equal(mm_map_data(map), "\177ELF", 4);
    mm_map_close(map);
    close(fd);
}

/* A program that was copied through a map, and a map that lives on while it runs. */
static void maps_stay_while_a_child_executes_what_they_wrote(void **state)
{
    struct sandbox *box = *state;
    struct mm_map *from, *to;
    struct stat st;
    int in = open("/bin/true", O_RDONLY | O_CLOEXEC);
    assert_true(in >= 0 && fstat(in, &st) == 0);
    size_t len = (size_t)st.st_size;
    assert_int_equal(mm_map_file(in, 0, len, 0, &from), 0);
    int out = open_filled(box, "program", text(""));
    assert_int_equal(ftruncate(out, (off_t)len), 0);
    assert_int_equal(mm_map_file(out, 0, len, MM_MAP_WRITE | MM_MAP_SHARED, &to), 0);
    memcpy(mm_map_data(to), mm_map_data(from), len);
    mm_map_close(to);
    close(out);
    box_mode(box, "program", 0755);
    struct run r = box_run(box, box_path(box, "program"), NULL);
    if (r.status == 126 || r.status == 127)
        skip_aloud("the directory is mounted noexec");
    assert_run(&r, 0, "", "");
    assert_bytes(box_load(box, "program"), ((struct bytes){mm_map_data(from), len}));
    mm_map_close(from);
    close(in);
}

static void store_into_a_sealed_page_ends_the_process(void **state)
{
    skip_under_valgrind();
    struct sandbox *box = *state;
    struct mm_map *maps[2];
    int fd = open_filled(box, "f", box_repeat(box, 'x', 3 * PAGE));
    assert_int_equal(mm_map_anonymous(3 * PAGE, 0, &maps[0]), 0);
    assert_int_equal(mm_map_file(fd, 0, 3 * PAGE, MM_MAP_WRITE | MM_MAP_SHARED, &maps[1]), 0);
    for (size_t i = 0; i < 2; i++) {
        unsigned char *data = mm_map_data(maps[i]);
        data[PAGE] = 7;
        /* The page that holds one byte in the middle, and no other. */
        assert_int_equal(mm_map_protect(maps[i], PAGE + 5, 1, 0), 0);
        assert_killed_by(SIGSEGV, in_child(store, data + PAGE));
        assert_int_equal(in_child(load, data + PAGE), 0);
        assert_int_equal(in_child(store, data + PAGE - 1), 0);
        assert_int_equal(in_child(store, data + 2 * PAGE), 0);
        assert_int_equal(data[PAGE], 7);
        assert_int_equal(mm_map_protect(maps[i], 0, 3 * PAGE, MM_MAP_WRITE), 0);
        data[PAGE] = 8;
        assert_int_equal(mm_map_protect(maps[i], 0, 3 * PAGE, MM_MAP_NOACCESS), 0);
        assert_killed_by(SIGSEGV, in_child(load, data + PAGE));
        mm_map_close(maps[i]);
    }
    close(fd);
}

static void nobody_steps_over_a_fence(void **state)
{
    skip_under_valgrind();
    (void)state;
    static const unsigned flags[] = {0, MM_MAP_SHARED, MM_MAP_ZERO, MM_MAP_ZERO | MM_MAP_SHARED};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        struct mm_map *map;
        assert_int_equal(mm_map_anonymous(2 * PAGE, flags[i] | MM_MAP_FENCED, &map), 0);
        unsigned char *data = mm_map_data(map);
        data[0] = data[2 * PAGE - 1] = 1;
        assert_killed_by(SIGSEGV, in_child(store, data - 1));
        assert_killed_by(SIGSEGV, in_child(load, data + 2 * PAGE));
        assert_int_equal(in_child(store, data + 2 * PAGE - 1), 0);
        mm_map_close(map);
        assert_string_equal(rights(data - 1), "");
        assert_string_equal(rights(data + 2 * PAGE), "");
    }
}

static void right_that_the_descriptor_does_not_give_is_refused(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("x"));
    int fd = open(box_path(box, "f"), O_RDONLY | O_CLOEXEC);
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 1, MM_MAP_SHARED, &map), 0);
    assert_int_equal(mm_map_protect(map, 0, 1, MM_MAP_WRITE), -EACCES);
    assert_string_equal(rights(mm_map_data(map)), "r--s");
    mm_map_close(map);
    assert_int_equal(mm_map_file(fd, 0, 1, 0, &map), 0);
    assert_int_equal(mm_map_protect(map, 0, 1, MM_MAP_WRITE), 0);
    mm_map_data(map)[0] = 'y';
    assert_int_equal(mm_map_slide(map, fd, 0, 1), 0);
    assert_string_equal(rights(mm_map_data(map)), "r--p");
    assert_int_equal(mm_map_data(map)[0], 'x');
    mm_map_close(map);
    close(fd);
    assert_bytes(box_load(box, "f"), text("x"));
}

static void bytes_outside_of_the_map_and_other_flags_are_refused(void **state)
{
    (void)state;
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(100, 0, &map), 0);
    assert_int_equal(mm_map_protect(map, 0, 101, 0), -EINVAL);
    assert_int_equal(mm_map_protect(map, 101, 0, 0), -EINVAL);
    assert_int_equal(mm_map_protect(map, 1, SIZE_MAX, 0), -EINVAL);
    assert_int_equal(mm_map_protect(map, 100, 0, 0), 0);
    assert_int_equal(mm_map_protect(map, 0, 100, MM_MAP_SHARED), -EINVAL);
    assert_int_equal(mm_map_protect(map, 0, 100, 0x1000), -EINVAL);
    assert_string_equal(rights(mm_map_data(map)), "rw-p");
    mm_map_close(map);
}

static void unmapped_pages_are_out_of_memory(void **state)
{
    (void)state;
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(3 * PAGE, 0, &map), 0);
    assert_int_equal(munmap(mm_map_data(map) + PAGE, PAGE), 0);
    assert_int_equal(mm_map_protect(map, 0, 3 * PAGE, 0), -ENOMEM);
    mm_map_close(map);
}

/* The page that stands in for a lost one has the rights that were given last. */
static void store_behind_the_end_survives_rights_given_later(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("x"));
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, 2 * PAGE, MM_MAP_SHARED, &map), 0);
    assert_int_equal(mm_map_protect(map, 0, 2 * PAGE, MM_MAP_WRITE), 0);
    assert_int_equal(in_child(store, mm_map_data(map) + PAGE), 0);
    mm_map_data(map)[PAGE] = 'y';
    assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
    mm_map_close(map);
    close(fd);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(flags_are_the_rights_of_the_pages),
        TEST(mapped_code_runs),
        TEST(memory_that_was_written_runs_when_it_is_sealed),
        TEST(own_program_may_be_mapped_for_execution),
        TEST(maps_stay_while_a_child_executes_what_they_wrote),
        TEST(store_into_a_sealed_page_ends_the_process),
        TEST(nobody_steps_over_a_fence),
        TEST(right_that_the_descriptor_does_not_give_is_refused),
        TEST(bytes_outside_of_the_map_and_other_flags_are_refused),
        TEST(unmapped_pages_are_out_of_memory),
        TEST(store_behind_the_end_survives_rights_given_later),
    };
    return run_named(argc, argv, tests);
}
