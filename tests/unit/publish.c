/* SPDX-License-Identifier: MIT */
/* Outputs where something fails: nothing half is ever seen under the name. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

/* A file system that cannot make a file without a name, as most networks' cannot. */
static const struct refusal no_unnamed = {SYS_openat, EOPNOTSUPP, 2, O_TMPFILE & ~O_DIRECTORY};

/* An output of name "f" in the box, or an operation on it. */
struct work {
    struct sandbox *box;
    const char *path;
    unsigned flags;
    struct mm_output *output;
    bool sync;
    uint64_t len;
};

static struct work work_in(struct sandbox *box, unsigned flags)
{
    assert_int_equal(mm_guard_install(), 0);
    return (struct work){box, box_path(box, "f"), flags, NULL, true, 1};
}

static int begin(void *argument)
{
    struct work *work = argument;
    return mm_output_new(AT_FDCWD, work->path, 0644, work->flags, &work->output);
}

static int put_word(void *argument)
{
    const struct work *work = argument;
    struct mm_span span;
    int error = mm_output_window(work->output, 4, &span);
    if (error)
        return error;
    memcpy(span.data, "word", 4);
    return mm_output_commit(work->output, 4);
}

static int publish(void *argument)
{
    const struct work *work = argument;
    return mm_output_publish(work->output, work->sync);
}

static int reserve(void *argument)
{
    const struct work *work = argument;
    return mm_output_reserve(work->output, 0, work->len);
}

/* How many names are in the box's directory, hidden ones too. */
static size_t count_names(struct sandbox *box)
{
    struct run r = box_run(box, "/bin/ls", "-A", NULL);
    size_t lines = 0;
    for (size_t i = 0; i < r.out_len; i++)
        lines += r.out[i] == '\n';
    return lines;
}

static void hidden_name_stands_in_for_an_unnamed_file(void **state)
{
    struct sandbox *box = *state;
    struct work work = work_in(box, 0);
    assert_int_equal(refused(no_unnamed, begin, &work), 0);
    assert_int_equal(put_word(&work), 0);
    assert_false(box_exists(box, "f"));
    assert_int_equal(count_names(box), 1);
    assert_int_equal(publish(&work), 0);
    mm_output_close(work.output);
    assert_bytes(box_load(box, "f"), text("word"));
    assert_int_equal(count_names(box), 1);
}

static void hidden_name_goes_with_the_output(void **state)
{
    struct sandbox *box = *state;
    struct work work = work_in(box, 0);
    assert_int_equal(refused(no_unnamed, begin, &work), 0);
    assert_int_equal(put_word(&work), 0);
    mm_output_close(work.output);
    assert_int_equal(count_names(box), 0);
}

static void hidden_file_replaces_only_when_told(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("old"));
    struct work keeping = work_in(box, 0), replacing = work_in(box, MM_OUTPUT_REPLACE);
    assert_int_equal(refused(no_unnamed, begin, &keeping), 0);
    assert_int_equal(put_word(&keeping), 0);
    assert_int_equal(publish(&keeping), -EEXIST);
    mm_output_close(keeping.output);
    assert_bytes(box_load(box, "f"), text("old"));

    assert_int_equal(refused(no_unnamed, begin, &replacing), 0);
    assert_int_equal(put_word(&replacing), 0);
    assert_int_equal(publish(&replacing), 0);
    mm_output_close(replacing.output);
    assert_bytes(box_load(box, "f"), text("word"));
    assert_int_equal(count_names(box), 1);
}

/* A file system that knows plain renames only is asked for a link. */
static void link_stands_in_for_a_rename_without_replacing(void **state)
{
    struct sandbox *box = *state;
    const struct refusal plain_only = {SYS_renameat2, EINVAL, 4, RENAME_NOREPLACE};
    for (int exists = 0; exists < 2; exists++) {
        struct work work = work_in(box, 0);
        assert_int_equal(refused(no_unnamed, begin, &work), 0);
        assert_int_equal(put_word(&work), 0);
        assert_int_equal(refused(plain_only, publish, &work), exists ? -EEXIST : 0);
        mm_output_close(work.output);
        assert_bytes(box_load(box, "f"), text("word"));
        assert_int_equal(count_names(box), 1);
    }
}

static int let_go(void *argument)
{
    mm_output_close(((struct work *)argument)->output);
    return 0;
}

static void child_that_closes_an_output_takes_nothing_away(void **state)
{
    struct sandbox *box = *state;
    struct work work = work_in(box, 0);
    assert_int_equal(refused(no_unnamed, begin, &work), 0);
    assert_int_equal(put_word(&work), 0);
    assert_int_equal(in_child(let_go, &work), 0);
    assert_int_equal(publish(&work), 0);
    mm_output_close(work.output);
    assert_bytes(box_load(box, "f"), text("word"));

    int fd = open(work.path, O_RDWR | O_CLOEXEC);
    assert_int_equal(mm_output_open(fd, &work.output), 0);
    assert_int_equal(put_word(&work), 0);
    struct mm_span span;
    assert_int_equal(mm_output_window(work.output, 100, &span), 0);
    assert_int_equal(in_child(let_go, &work), 0);
    memcpy(span.data, "s", 1);
    assert_int_equal(mm_output_commit(work.output, 1), 0);
    mm_output_close(work.output);
    close(fd);
    assert_bytes(box_load(box, "f"), text("words"));
}

static void name_of_a_directory_is_not_replaced(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "f");
    for (int hidden = 0; hidden < 2; hidden++) {
        struct work work = work_in(box, MM_OUTPUT_REPLACE);
        assert_int_equal(hidden ? refused(no_unnamed, begin, &work) : begin(&work), 0);
        assert_int_equal(publish(&work), -EISDIR);
        mm_output_close(work.output);
        assert_int_equal(count_names(box), 1);
    }
}

static void name_may_be_relative_to_a_directory(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output;
    box_directory(box, "a");
    box_directory(box, "a/b");
    int dir = open(box_path(box, "a"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    static const char *const names[] = {"f", "b/f", "./b/../g"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(mm_output_new(dir, names[i], 0600, 0, &output), 0);
        assert_int_equal(mm_output_publish(output, true), 0);
        mm_output_close(output);
        assert_true(box_exists(box, box_format(box, "a/%s", names[i])));
    }
    close(dir);
}

static void attributes_are_set_through_the_descriptor(void **state)
{
    struct sandbox *box = *state;
    struct work work = work_in(box, 0);
    struct stat st;
    assert_int_equal(begin(&work), 0);
    assert_int_equal(fchmod(mm_output_fd(work.output), 0751), 0);
    assert_int_equal(publish(&work), 0);
    mm_output_close(work.output);
    assert_int_equal(stat(work.path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0751);
}

static void forbidden_directory_is_an_error(void **state)
{
    struct work work = work_in(*state, 0);
    assert_int_equal(as_nobody(begin, &work), -EACCES);
    assert_null(work.output);
}

static void nothing_is_published_that_did_not_reach_the_medium(void **state)
{
    struct sandbox *box = *state;
    static const struct refusal refusals[] = {
        {SYS_msync, EIO, 0, 0}, {SYS_fsync, EIO, 0, 0}, {SYS_ftruncate, EIO, 0, 0}};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct work work = work_in(box, 0);
        struct mm_span span;
        assert_int_equal(begin(&work), 0);
        assert_int_equal(put_word(&work), 0);
        assert_int_equal(mm_output_window(work.output, 1000, &span), 0);
        assert_int_equal(refused(refusals[i], publish, &work), -EIO);
        mm_output_close(work.output);
        assert_int_equal(count_names(box), 0);
    }
}

static void name_that_did_not_reach_the_medium_is_an_error(void **state)
{
    struct work work = work_in(*state, 0);
    assert_int_equal(begin(&work), 0);
    assert_int_equal(refused((struct refusal){SYS_openat, EMFILE, 0, 0}, publish, &work), -EMFILE);
    mm_output_close(work.output);
}

/* Needed where another output has the first hidden name. */
static void no_random_name_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("old"));
    struct work other = work_in(box, 0), work = work_in(box, MM_OUTPUT_REPLACE);
    assert_int_equal(refused(no_unnamed, begin, &other), 0);
    assert_int_equal(begin(&work), 0);
    assert_int_equal(refused((struct refusal){SYS_getrandom, EINTR, 0, 0}, publish, &work), -EINTR);
    mm_output_close(work.output);
    mm_output_close(other.output);
    assert_bytes(box_load(box, "f"), text("old"));
    assert_int_equal(count_names(box), 1);
}

static void only_lack_of_room_refuses_a_reservation(void **state)
{
    static const int rows[][2] = {{ENOSPC, -ENOSPC}, {EDQUOT, -EDQUOT}, {EFBIG, -EFBIG},
                                  {EOPNOTSUPP, 0},   {ENOSYS, 0},       {EIO, 0}};
    struct work work = work_in(*state, 0);
    assert_int_equal(begin(&work), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(refused((struct refusal){SYS_fallocate, rows[i][0], 0, 0}, reserve, &work),
                         rows[i][1]);
    assert_int_equal(put_word(&work), 0);
    assert_int_equal(publish(&work), 0);
    mm_output_close(work.output);
    assert_bytes(box_load(*state, "f"), text("word"));
}

static void windows_that_cannot_be_made_are_errors(void **state)
{
    struct work work = work_in(*state, 0);
    assert_int_equal(begin(&work), 0);
    assert_int_equal(refused((struct refusal){SYS_ftruncate, EDQUOT, 0, 0}, put_word, &work),
                     -EDQUOT);
    assert_int_equal(refused((struct refusal){SYS_mmap, ENOMEM, 3, MAP_SHARED}, put_word, &work),
                     -ENOMEM);
    assert_int_equal(mm_output_committed(work.output), 0);
    assert_int_equal(put_word(&work), 0);
    mm_output_close(work.output);
}

static void file_size_limit_is_an_error(void **state)
{
    struct rlimit limit, small;
    struct work work = work_in(*state, 0);
    assert_int_equal(begin(&work), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = (struct rlimit){3, limit.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int put = put_word(&work);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(put, -EFBIG);
    mm_output_close(work.output);
}

static void window_is_no_longer_than_asked_and_than_a_window(void **state)
{
    struct work work = work_in(*state, 0);
    struct mm_span span;
    assert_int_equal(begin(&work), 0);
    assert_int_equal(mm_output_window(work.output, 100, &span), 0);
    assert_int_equal(span.len, 100);
    assert_int_equal(mm_output_commit(work.output, 100), 0);
    assert_int_equal(mm_output_window(work.output, SIZE_MAX, &span), 0);
    assert_true(span.len > 0 && span.len <= WINDOW);
    assert_int_equal(mm_output_commit(work.output, span.len), 0);
    assert_int_equal(mm_output_committed(work.output), 100 + span.len);
    mm_output_close(work.output);
}

static void bad_descriptor_to_write_over_is_an_error(void **state)
{
    struct mm_output *output = *state;
    assert_int_equal(mm_output_open(-1, &output), -EBADF);
    assert_ptr_equal(output, *state);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(hidden_name_stands_in_for_an_unnamed_file),
        TEST(hidden_name_goes_with_the_output),
        TEST(hidden_file_replaces_only_when_told),
        TEST(link_stands_in_for_a_rename_without_replacing),
        TEST(child_that_closes_an_output_takes_nothing_away),
        TEST(name_of_a_directory_is_not_replaced),
        TEST(name_may_be_relative_to_a_directory),
        TEST(attributes_are_set_through_the_descriptor),
        TEST(forbidden_directory_is_an_error),
        TEST(nothing_is_published_that_did_not_reach_the_medium),
        TEST(name_that_did_not_reach_the_medium_is_an_error),
        TEST(no_random_name_is_an_error),
        TEST(only_lack_of_room_refuses_a_reservation),
        TEST(windows_that_cannot_be_made_are_errors),
        TEST(file_size_limit_is_an_error),
        TEST(window_is_no_longer_than_asked_and_than_a_window),
        TEST(bad_descriptor_to_write_over_is_an_error),
    };
    return run_named(argc, argv, tests);
}
