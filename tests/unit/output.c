/* SPDX-License-Identifier: MIT */
/* Outputs: complete under their name, or not there. */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <libmm/mm.h>

#include "files.h"
#include "mounts.h"
#include "unnamed.h"

static struct mm_output *new_output(struct sandbox *box, const char *name, unsigned flags)
{
    struct mm_output *output;
    assert_int_equal(mm_guard_install(), 0);
    assert_int_equal(mm_output_new(AT_FDCWD, box_path(box, name), 0644, flags, &output), 0);
    return output;
}

/* Store and commit; returns the first error. */
static int put(struct mm_output *output, struct bytes content)
{
    for (size_t done = 0; done < content.len;) {
        struct mm_span span;
        int error = mm_output_window(output, content.len - done, &span);
        if (error)
            return error;
        assert_true(span.len > 0 && span.len <= content.len - done);
        memcpy(span.data, (const char *)content.data + done, span.len);
        error = mm_output_commit(output, span.len);
        if (error)
            return error;
        done += span.len;
        assert_true(mm_output_committed(output) >= done);
    }
    return 0;
}

/* How many names are in the box's directory. */
static size_t count_names(struct sandbox *box)
{
    struct run r = box_run(box, "/bin/ls", "-A", NULL);
    size_t lines = 0;
    for (size_t i = 0; i < r.out_len; i++)
        lines += r.out[i] == '\n';
    return lines;
}

static void published_file_is_whole(void **state)
{
    struct sandbox *box = *state;
    const size_t sizes[] = {0, 1, PAGE - 1, PAGE, PAGE + 1, WINDOW + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct bytes content = box_lines(box, sizes[i]);
        char *name = box_format(box, "f%zu", i);
        struct mm_output *output = new_output(box, name, 0);
        assert_int_equal(mm_output_reserve(output, 0, sizes[i]), 0);
        assert_int_equal(put(output, content), 0);
        assert_false(box_exists(box, name));
        assert_int_equal(mm_output_publish(output, i % 2), 0);
        mm_output_close(output);
        assert_bytes(box_load(box, name), content);
    }
}

static void closed_without_publishing_leaves_nothing(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output = new_output(box, "f", 0);
    assert_int_equal(put(output, text("some")), 0);
    mm_output_close(output);
    mm_output_close(NULL);
    assert_int_equal(count_names(box), 0);
}

static void existing_name_is_kept_unless_replaced(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("old"));
    struct mm_output *output = new_output(box, "f", 0);
    assert_int_equal(put(output, text("new")), 0);
    assert_int_equal(mm_output_publish(output, false), -EEXIST);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), text("old"));

    output = new_output(box, "f", MM_OUTPUT_REPLACE);
    assert_int_equal(put(output, text("new")), 0);
    assert_bytes(box_load(box, "f"), text("old"));
    assert_int_equal(mm_output_publish(output, true), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), text("new"));
    assert_int_equal(count_names(box), 1);
}

static void mode_is_subject_to_the_umask(void **state)
{
    struct sandbox *box = *state;
    mode_t mask = umask(027);
    struct mm_output *output = new_output(box, "f", 0);
    umask(mask);
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    struct stat st;
    assert_int_equal(stat(box_path(box, "f"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
}

static void missing_directory_is_an_error(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output;
    assert_int_equal(mm_output_new(AT_FDCWD, box_path(box, "no/f"), 0644, 0, &output), -ENOENT);
}

static void holes_are_skipped(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output = new_output(box, "f", 0);
    assert_int_equal(put(output, text("head")), 0);
    assert_int_equal(mm_output_skip(output, (uint64_t)8 << 20), 0);
    assert_int_equal(put(output, text("tail")), 0);
    assert_int_equal(mm_output_skip(output, 100), 0);
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    struct bytes made = box_load(box, "f");
    assert_int_equal(made.len, ((size_t)8 << 20) + 108);
    assert_memory_equal(made.data, "head\0\0", 6);
    assert_memory_equal((const char *)made.data + ((size_t)8 << 20) + 4, "tail\0", 5);
    struct stat st;
    assert_int_equal(stat(box_path(box, "f"), &st), 0);
    assert_true((size_t)st.st_blocks * 512 < made.len);
}

static void file_in_place_is_trimmed_to_what_is_good(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 9 * PAGE));
    struct mm_output *output;
    assert_int_equal(mm_output_open(fd, &output), 0);
    assert_int_equal(mm_output_fd(output), fd);
    assert_int_equal(put(output, text("good")), 0);
    struct mm_span span;
    assert_int_equal(mm_output_window(output, 5 * PAGE, &span), 0);
    memset(span.data, 'b', span.len);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), text("good"));
    assert_int_equal(mm_output_open(fd, &output), 0);
    assert_int_equal(put(output, text("better")), 0);
    assert_int_equal(mm_output_publish(output, true), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), text("better"));
    close(fd);
}

static void file_in_place_has_its_whole_size_last(void **state)
{
    struct sandbox *box = *state;
    const size_t len = 20 * PAGE + 7;
    struct bytes content = box_lines(box, len);
    int fd = open_filled(box, "f", box_repeat(box, 'x', PAGE));
    struct mm_output *output;
    struct stat st;
    assert_int_equal(mm_output_open(fd, &output), 0);
    assert_int_equal(mm_output_reserve(output, 0, len), 0);
    while (mm_output_committed(output) < len) {
        struct mm_span span;
        size_t done = (size_t)mm_output_committed(output);
        assert_int_equal(mm_output_window(output, len - done, &span), 0);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal((size_t)st.st_size == len, done >= 20 * PAGE);
        memcpy(span.data, (const char *)content.data + done, span.len);
        assert_int_equal(mm_output_commit(output, span.len), 0);
    }
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), content);
    close(fd);
}

static void file_in_place_is_at_most_a_large_page_ahead(void **state)
{
    struct sandbox *box = *state;
    const size_t len = ((size_t)5 << 20) + 12345, step = (size_t)2 << 20;
    struct bytes content = box_lines(box, len);
    struct mm_output *output = new_output(box, "f", MM_OUTPUT_IN_PLACE);
    struct stat st;
    assert_int_equal(mm_output_reserve(output, 0, len), 0);
    for (size_t done; (done = (size_t)mm_output_committed(output)) < len;) {
        struct mm_span span;
        assert_int_equal(mm_output_window(output, len - done, &span), 0);
        assert_int_equal(fstat(mm_output_fd(output), &st), 0);
        assert_true((size_t)st.st_size <= done + step);
        assert_int_equal((size_t)st.st_size == len, len - done <= PAGE);
        memcpy(span.data, (const char *)content.data + done, span.len);
        assert_int_equal(mm_output_commit(output, span.len), 0);
        assert_true(box_exists(box, "f"));
    }
    assert_int_equal(mm_output_publish(output, true), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), content);
    /* The name must be new. */
    assert_int_equal(mm_output_new(AT_FDCWD, box_path(box, "f"), 0644, MM_OUTPUT_IN_PLACE, &output),
                     -EEXIST);
}

static void new_file_in_place_stays_as_far_as_it_is_good(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output = new_output(box, "f", MM_OUTPUT_IN_PLACE);
    assert_int_equal(mm_output_reserve(output, 0, 8 * PAGE), 0);
    assert_int_equal(put(output, text("good")), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), text("good"));
}

static void file_is_resumed_behind_its_good_bytes(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output;
    assert_int_equal(mm_guard_install(), 0);
    int fd = open_filled(box, "f", text("good, bad"));
    assert_int_equal(mm_output_resume(fd, 10, &output), -EINVAL);
    assert_bytes(box_load(box, "f"), text("good, bad"));
    assert_int_equal(mm_output_resume(fd, 6, &output), 0);
    assert_int_equal(mm_output_committed(output), 6);
    assert_bytes(box_load(box, "f"), text("good, "));
    assert_int_equal(put(output, text("better")), 0);
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), text("good, better"));
    assert_int_equal(mm_output_resume(-1, 0, &output), -EBADF);
    close(fd);
}

static void evicted_file_is_read_from_the_medium(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 3 * PAGE + 5);
    struct mm_output *output = new_output(box, "f", 0);
    assert_int_equal(put(output, content), 0);
    assert_int_equal(mm_output_evict(output), 0);
    struct stat st;
    assert_int_equal(fstat(mm_output_fd(output), &st), 0);
    assert_int_equal(st.st_size, content.len);
    struct mm_map *map;
    assert_int_equal(mm_map_file(mm_output_fd(output), 0, content.len, 0, &map), 0);
    assert_memory_equal(mm_map_data(map), content.data, content.len);
    mm_map_close(map);
    /* Writing may go on. */
    assert_int_equal(put(output, text("more")), 0);
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), box_join(box, content, text("more")));
}

static void output_is_cut_to_what_is_good_after_all(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text(""));
    struct mm_output *output;
    assert_int_equal(mm_output_open(fd, &output), 0);
    assert_int_equal(put(output, box_lines(box, 3 * PAGE)), 0);
    assert_int_equal(mm_output_cut(output, 3 * PAGE + 1), -EINVAL);
    assert_int_equal(mm_output_cut(output, 100), 0);
    assert_int_equal(mm_output_committed(output), 100);
    assert_bytes(box_load(box, "f"), box_lines(box, 100));
    assert_int_equal(put(output, text("x")), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), box_join(box, box_lines(box, 100), text("x")));
    close(fd);
}

static void abandoned_file_in_place_is_trimmed(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output = new_output(box, "f", MM_OUTPUT_IN_PLACE);
    struct mm_span span;
    assert_int_equal(put(output, text("good")), 0);
    assert_int_equal(mm_output_window(output, PAGE, &span), 0);
    mm_output_abandon(output);
    assert_bytes(box_load(box, "f"), text("good"));
    mm_output_close(output);
}

static void clone_needs_a_file_system_for_it(void **state)
{
    struct sandbox *box = *state;
    mount_tmpfs(box, "small", "1m");
    int from = open_filled(box, "small/a", text("some"));
    struct mm_output *output = new_output(box, "small/f", 0);
    int error = mm_output_clone(output, from);
    assert_true(error == -EOPNOTSUPP || error == -ENOTTY || error == -EINVAL);
    assert_int_equal(put(output, text("x")), 0);
    assert_int_equal(mm_output_clone(output, from), -EINVAL);
    mm_output_close(output);
    close(from);
    unmount(box, "small");
}

static void clone_shares_the_bytes(void **state)
{
    struct sandbox *box = *state;
    make_image(box, "image", "btrfs", (size_t)128 << 20);
    mount_image(box, "image", "btrfs", "small", 0);
    struct bytes content = box_lines(box, 5 * PAGE + 3);
    int from = open_filled(box, "small/a", content);
    struct mm_output *output = new_output(box, "small/f", 0);
    assert_int_equal(mm_output_clone(output, from), 0);
    assert_int_equal(mm_output_committed(output), content.len);
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "small/f"), content);
    close(from);
    unmount(box, "small");
}

static void file_open_for_reading_only_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("x"));
    int fd = open(box_path(box, "f"), O_RDONLY | O_CLOEXEC);
    struct mm_output *output;
    assert_int_equal(mm_output_open(fd, &output), -EINVAL);
    close(fd);
    assert_bytes(box_load(box, "f"), text("x"));
}

static void impossible_reservation_is_refused(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output = new_output(box, "f", 0);
    assert_int_equal(mm_output_reserve(output, 0, UINT64_MAX), -EFBIG);
    assert_int_equal(mm_output_reserve(output, UINT64_MAX, 1), -EFBIG);
    assert_int_equal(mm_output_reserve(output, 0, 0), 0);
    mm_output_close(output);
}

static void lack_of_room_is_known_before_the_first_byte(void **state)
{
    struct sandbox *box = *state;
    mount_tmpfs(box, "small", "1m");
    struct mm_output *output = new_output(box, "small/f", 0);
    assert_int_equal(mm_output_reserve(output, 0, (uint64_t)2 << 20), -ENOSPC);
    mm_output_close(output);
    unmount(box, "small");
}

static void store_without_room_is_an_error(void **state)
{
    struct sandbox *box = *state;
    mount_tmpfs(box, "small", "1m");
    struct mm_output *output = new_output(box, "small/f", 0);
    assert_int_equal(put(output, box_repeat(box, 'x', (size_t)2 << 20)), -ENOSPC);
    assert_int_equal(mm_output_committed(output), 0);
    mm_output_close(output);
    assert_false(box_exists(box, "small/f"));
    unmount(box, "small");
}

/* vfat has no O_TMPFILE: a hidden name stands in. */
static void file_system_without_unnamed_files_works(void **state)
{
    struct sandbox *box = *state;
    make_image(box, "image", "vfat", (size_t)16 << 20);
    mount_image(box, "image", "vfat", "fat", 0);
    struct mm_output *output = new_output(box, "fat/f", 0);
    assert_int_equal(put(output, text("some")), 0);
    assert_false(box_exists(box, "fat/f"));
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "fat/f"), text("some"));

    output = new_output(box, "fat/f", 0);
    assert_int_equal(mm_output_publish(output, false), -EEXIST);
    mm_output_close(output);
    output = new_output(box, "fat/f", MM_OUTPUT_REPLACE);
    assert_int_equal(put(output, text("other")), 0);
    assert_int_equal(mm_output_publish(output, true), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "fat/f"), text("other"));
    struct run r = box_run(box, "/bin/ls", "-A", "fat", NULL);
    assert_run(&r, 0, "f\n", "");
    unmount(box, "fat");
}

static void hidden_name_stands_in_for_none(void **state)
{
    struct sandbox *box = *state;
    refuse_unnamed_files();
    struct mm_output *output = new_output(box, "f", 0);
    assert_int_equal(put(output, text("some")), 0);
    assert_false(box_exists(box, "f"));
    assert_int_equal(count_names(box), 1);
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), text("some"));

    output = new_output(box, "f", 0);
    assert_int_equal(mm_output_publish(output, false), -EEXIST);
    mm_output_close(output);
    output = new_output(box, "f", MM_OUTPUT_REPLACE);
    assert_int_equal(put(output, text("other")), 0);
    assert_int_equal(mm_output_publish(output, true), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), text("other"));
    assert_int_equal(count_names(box), 1);
}

/* The names in a directory of the box, hidden ones too. */
static const char *names_in(struct sandbox *box, const char *name)
{
    struct run r = box_run(box, "/bin/ls", "-A", name, NULL);
    return r.out;
}

/* A child makes a file and is killed; what it leaves is locked by nobody. */
static void leave_an_orphan(struct sandbox *box, const char *name)
{
    pid_t child = fork();
    if (child == 0) {
        struct mm_output *output;
        if (mm_output_new(AT_FDCWD, box_path(box, name), 0644, 0, &output) == 0)
            raise(SIGKILL);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void orphan_is_removed_and_a_living_one_is_not(void **state)
{
    struct sandbox *box = *state;
    refuse_unnamed_files();
    box_directory(box, "dir");
    leave_an_orphan(box, "dir/f");
    const char *orphan = names_in(box, "dir");
    assert_memory_equal(orphan, ".mm-", 4);

    struct mm_output *first = new_output(box, "dir/f", 0);
    assert_string_equal(names_in(box, "dir"), orphan);
    struct mm_output *second = new_output(box, "dir/f", 0);
    assert_int_equal(strlen(names_in(box, "dir")), 2 * strlen(orphan));
    assert_int_equal(put(first, text("first")), 0);
    assert_int_equal(put(second, text("second")), 0);
    assert_int_equal(mm_output_publish(first, false), 0);
    assert_int_equal(mm_output_publish(second, false), -EEXIST);
    mm_output_close(first);
    mm_output_abandon(second);
    assert_string_equal(names_in(box, "dir"), "f\n");
    mm_output_close(second);
    assert_bytes(box_load(box, "dir/f"), text("first"));
}

/* Replacing goes by way of a hidden name; what stands there and is no orphan stays. */
static void replacement_finds_another_hidden_name(void **state)
{
    struct sandbox *box = *state;
    refuse_unnamed_files();
    box_directory(box, "dir");
    leave_an_orphan(box, "dir/f");
    char *hidden = box_format(box, "%.20s", names_in(box, "dir"));
    assert_int_equal(unlink(box_path(box, box_format(box, "dir/%s", hidden))), 0);
    /* It follows from the name alone. */
    box_fill(box, "f", text("old"));
    box_directory(box, hidden);
    struct mm_output *output = new_output(box, "f", MM_OUTPUT_REPLACE);
    assert_int_equal(put(output, text("new")), 0);
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    assert_bytes(box_load(box, "f"), text("new"));
    assert_true(box_exists(box, hidden));
    assert_int_equal(rmdir(box_path(box, hidden)), 0);

    box_fill(box, hidden, text("orphan"));
    output = new_output(box, "f", MM_OUTPUT_REPLACE);
    assert_int_equal(mm_output_publish(output, false), 0);
    mm_output_close(output);
    assert_false(box_exists(box, hidden));
    assert_bytes(box_load(box, "f"), text(""));
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(published_file_is_whole),
        TEST(closed_without_publishing_leaves_nothing),
        TEST(existing_name_is_kept_unless_replaced),
        TEST(mode_is_subject_to_the_umask),
        TEST(missing_directory_is_an_error),
        TEST(holes_are_skipped),
        TEST(file_in_place_is_trimmed_to_what_is_good),
        TEST(file_in_place_has_its_whole_size_last),
        TEST(file_in_place_is_at_most_a_large_page_ahead),
        TEST(new_file_in_place_stays_as_far_as_it_is_good),
        TEST(file_is_resumed_behind_its_good_bytes),
        TEST(evicted_file_is_read_from_the_medium),
        TEST(output_is_cut_to_what_is_good_after_all),
        TEST(abandoned_file_in_place_is_trimmed),
        TEST(file_open_for_reading_only_is_an_error),
        TEST(impossible_reservation_is_refused),
        MOUNTED_TEST(lack_of_room_is_known_before_the_first_byte),
        MOUNTED_TEST(store_without_room_is_an_error),
        MOUNTED_TEST(file_system_without_unnamed_files_works),
        MOUNTED_TEST(clone_needs_a_file_system_for_it),
        MOUNTED_TEST(clone_shares_the_bytes),
        /* Without unnamed files from here on: */
        TEST(hidden_name_stands_in_for_none),
        TEST(orphan_is_removed_and_a_living_one_is_not),
        TEST(replacement_finds_another_hidden_name),
    };
    return run_named(argc, argv, tests);
}
