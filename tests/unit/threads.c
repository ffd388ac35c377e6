/* SPDX-License-Identifier: MIT */
/*
 * What different threads may do at once, to be judged by ThreadSanitizer: this
 * program has libmm compiled with it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include <libmm/mm.h>

#include "files.h"
#include "scans.h"

#define THREADS 4

/* together -- the same work in all threads, with one argument each; their answers are all 0. */
static void together(void *(*work)(void *), void *arguments, size_t size)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (char *)arguments + i * size), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *answer;
        assert_int_equal(pthread_join(threads[i], &answer), 0);
        assert_null(answer);
    }
}

struct job {
    int fd;
    struct bytes content;
    struct mm_map *map;
    atomic_bool *enough;
    unsigned seed;
};

static void fill(struct job jobs[THREADS], struct job job)
{
    for (unsigned i = 0; i < THREADS; i++) {
        jobs[i] = job;
        jobs[i].seed = i + 1;
    }
}

static void *scan_whole(void *argument)
{
    struct job *job = argument;
    struct mm_scan *scan;
    struct mm_view view;
    size_t seen = 0;
    bool good = mm_scan_new((1 + job->seed) * PAGE, &scan) == 0;
    for (int round = 0; good && round < 5; round++, seen = 0) {
        good = mm_scan_open(scan, job->fd, 0) == 0;
        while (good &&
               mm_scan_more(scan, 1 + (size_t)rand_r(&job->seed) % (3 * PAGE), &view) == 0 &&
               view.len > 0) {
            good = memcmp(view.data, (const char *)job->content.data + seen, view.len) == 0;
            mm_scan_consume(scan, view.len);
            seen += view.len;
        }
        good &= seen == job->content.len && mm_scan_check(scan) == 0;
    }
    mm_scan_free(scan);
    return good ? NULL : job;
}

static void each_thread_scans_the_same_file(void **state)
{
    struct sandbox *box = *state;
    struct job jobs[THREADS];
    struct bytes content = box_lines(box, 200 * PAGE + 5);
    int fd = open_filled(box, "f", content);
    fill(jobs, (struct job){.fd = fd, .content = content});
    together(scan_whole, jobs, sizeof *jobs);
    close(fd);
}

static void next_window_is_faulted_in_by_a_thread(void **state)
{
    struct bytes content;
    int fd = open_paged(*state, 5, &content);
    struct mm_scan *scan = new_scan(HELPED_WINDOW);
    struct mm_view view;
    for (unsigned windows = 1; windows < 5; windows++) {
        assert_int_equal(mm_scan_open(scan, fd, 0), 0);
        for (unsigned i = 0; i < windows; i++) {
            assert_int_equal(mm_scan_more(scan, 1, &view), 0);
            assert_memory_equal(view.data, (const char *)content.data + mm_scan_offset(scan),
                                view.len);
            mm_scan_consume(scan, view.len - 5);
        }
        mm_scan_close(scan);
    }
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_scans_as(scan, 3 * PAGE + 1, content);
    close(fd);
    mm_scan_free(scan);
}

/*
 * How many bytes are neither the file's nor zero.  Not instrumented: the page that
 * another thread's fault puts there is a store to ThreadSanitizer, a race with these loads.
 */
__attribute__((no_sanitize("thread"))) static unsigned count_wrong(const unsigned char *data,
                                                                   size_t len)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < len; i += 512)
        wrong += data[i] != 'x' && data[i] != 0;
    return wrong;
}

static void *read_until_enough(void *argument)
{
    const struct job *job = argument;
    unsigned wrong = 0;
    mm_map_pin(job->map);
    do
        wrong += count_wrong(mm_map_data(job->map), mm_map_len(job->map));
    while (!atomic_load(job->enough));
    mm_map_unpin(job->map);
    return wrong ? (void *)(uintptr_t)job : NULL;
}

static void *truncate_a_little_later(void *argument)
{
    struct job *job = argument;
    nanosleep(&(struct timespec){0, rand_r(&job->seed) % 200000}, NULL);
    void *answer = ftruncate(job->fd, (off_t)PAGE + 7) == 0 ? NULL : job;
    nanosleep(&(struct timespec){0, 1000000}, NULL);
    atomic_store(job->enough, true);
    return answer;
}

static void four_threads_read_a_map_that_a_fifth_truncates(void **state)
{
    struct sandbox *box = *state;
    const size_t len = 32 * PAGE;
    int fd = open_filled(box, "f", text(""));
    for (unsigned round = 0; round < 30; round++) {
        atomic_bool enough = false;
        struct job jobs[THREADS], cutter = {.fd = fd, .enough = &enough, .seed = round};
        struct mm_map *map;
        struct mm_fault fault;
        pthread_t thread;
        void *answer;
        box_fill(box, "f", box_repeat(box, 'x', len));
        assert_int_equal(mm_map_file(fd, 0, len, 0, &map), 0);
        fill(jobs, (struct job){.map = map, .enough = &enough});
        assert_int_equal(pthread_create(&thread, NULL, truncate_a_little_later, &cutter), 0);
        together(read_until_enough, jobs, sizeof *jobs);
        assert_int_equal(pthread_join(thread, &answer), 0);
        assert_null(answer);
        assert_int_equal(mm_map_data(map)[len - 1], 0);
        assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
        assert_int_equal(fault.offset, PAGE + 7);
        assert_int_equal(mm_map_resize(map, PAGE, 0), 0);
        mm_map_close(map);
    }
    close(fd);
}

/* Rights given to some pages while others are read, and lost. */
static void rights_are_given_while_pages_are_lost(void **state)
{
    struct sandbox *box = *state;
    const size_t len = 32 * PAGE;
    int fd = open_filled(box, "f", text(""));
    for (unsigned round = 0; round < 30; round++) {
        atomic_bool enough = false;
        struct job jobs[THREADS], cutter = {.fd = fd, .enough = &enough, .seed = round};
        struct mm_map *map;
        pthread_t thread, readers[THREADS];
        void *answer;
        box_fill(box, "f", box_repeat(box, 'x', len));
        assert_int_equal(mm_map_file(fd, 0, len, 0, &map), 0);
        fill(jobs, (struct job){.map = map, .enough = &enough});
        assert_int_equal(pthread_create(&thread, NULL, truncate_a_little_later, &cutter), 0);
        for (size_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&readers[i], NULL, read_until_enough, &jobs[i]), 0);
        for (unsigned i = 0; !atomic_load(&enough); i++)
            assert_int_equal(mm_map_protect(map, 0, len, i % 2 ? MM_MAP_WRITE : 0), 0);
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_join(readers[i], &answer), 0);
            assert_null(answer);
        }
        assert_int_equal(pthread_join(thread, &answer), 0);
        assert_null(answer);
        mm_map_close(map);
    }
    close(fd);
}

/* More maps at once than the guard's first table has places, each with its own loss. */
static void *make_and_close_maps(void *argument)
{
    struct job *job = argument;
    struct mm_map *maps[40];
    struct mm_fault fault;
    bool good = true;
    for (int round = 0; good && round < 20; round++) {
        size_t made = 0;
        while (made < 40 && mm_map_file(job->fd, 0, 2 * PAGE, 0, &maps[made]) == 0)
            made++;
        good = made == 40;
        for (size_t i = 0; i < made; i++) {
            bool touch = rand_r(&job->seed) % 2;
            good &= !touch || mm_map_data(maps[i])[PAGE] == 0;
            good &= mm_map_fault(maps[i], &fault) == (touch ? -ESTALE : 0);
            if (i % 3 == 0)
                good &= mm_map_slide(maps[i], job->fd, 0, PAGE) == 0 &&
                        mm_map_fault(maps[i], &fault) == 0 && mm_map_data(maps[i])[0] == 'x';
        }
        for (size_t i = 0; i < made; i++)
            mm_map_close(maps[i]);
    }
    return good ? NULL : job;
}

static void guard_places_are_taken_and_given_at_once(void **state)
{
    struct sandbox *box = *state;
    struct job jobs[THREADS];
    int fd = open_filled(box, "f", box_repeat(box, 'x', PAGE));
    fill(jobs, (struct job){.fd = fd});
    together(make_and_close_maps, jobs, sizeof *jobs);
    close(fd);
}

#define SENT ((size_t)4 << 20)

static void *produce(void *argument)
{
    struct mm_ring *ring = argument;
    for (size_t at = 0, room; at < SENT; at += room) {
        if (mm_ring_await_space(ring, 1, -1) != 0)
            return ring;
        unsigned char *space = mm_ring_space(ring, &room);
        room = room < SENT - at ? room : SENT - at;
        for (size_t i = 0; i < room; i++)
            space[i] = (unsigned char)((at + i) % 251);
        mm_ring_produce(ring, room);
    }
    mm_ring_finish(ring);
    return NULL;
}

static void ring_joins_two_threads(void **state)
{
    (void)state;
    struct mm_ring *ring;
    pthread_t thread;
    void *answer;
    size_t at = 0, len, wrong = 0;
    assert_int_equal(mm_ring_new(3 * PAGE, &ring), 0);
    assert_int_equal(pthread_create(&thread, NULL, produce, ring), 0);
    while (mm_ring_await_data(ring, 1, -1) == 0) {
        const unsigned char *data = mm_ring_data(ring, &len);
        for (size_t i = 0; i < len; i++)
            wrong += data[i] != (at + i) % 251;
        mm_ring_consume(ring, len);
        at += len;
    }
    assert_int_equal(pthread_join(thread, &answer), 0);
    assert_null(answer);
    assert_int_equal(at, SENT);
    assert_int_equal(wrong, 0);
    mm_ring_free(ring);
}

static void *words_of_errors(void *argument)
{
    const struct job *job = argument;
    const char *words[] = {"(vm.overcommit_memory", "RLIMIT_MEMLOCK"};
    for (int i = 0; i < 100; i++)
        if (!strstr(mm_strerror(job->seed % 2 ? -ENOMEM : -ENOLCK), words[1 - job->seed % 2]))
            return (void *)(uintptr_t)job;
    return NULL;
}

static void each_thread_has_its_own_words(void **state)
{
    (void)state;
    struct job jobs[THREADS];
    fill(jobs, (struct job){.fd = -1});
    together(words_of_errors, jobs, sizeof *jobs);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(each_thread_scans_the_same_file),
        TEST(next_window_is_faulted_in_by_a_thread),
        TEST(four_threads_read_a_map_that_a_fifth_truncates),
        TEST(rights_are_given_while_pages_are_lost),
        TEST(guard_places_are_taken_and_given_at_once),
        TEST(ring_joins_two_threads),
        TEST(each_thread_has_its_own_words),
    };
    return run_named(argc, argv, tests);
}
