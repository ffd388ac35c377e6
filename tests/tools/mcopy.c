/* SPDX-License-Identifier: MIT */
/* mcopy, as a user runs it: what cp(1) promises. */
#include <dirent.h>
#include <sys/stat.h>

#include "harness.h"

#define TRY   "Try 'mcopy --help' for more information.\n"
#define LATER 2000000000 /* two modification times */
#define EARLY 1000000000

static struct stat stat_of(struct sandbox *box, const char *name)
{
    struct stat st;
    if (lstat(box_path(box, name), &st) < 0)
        fail_msg("%s is missing", name);
    return st;
}

static void assert_content(struct sandbox *box, const char *name, struct bytes content)
{
    assert_bytes(box_load(box, name), content);
}

static void assert_mode(struct sandbox *box, const char *name, mode_t mode)
{
    assert_int_equal(stat_of(box, name).st_mode & 07777, mode);
}

static void assert_link(struct sandbox *box, const char *name, const char *target)
{
    char buf[256] = "";
    if (readlink(box_path(box, name), buf, sizeof(buf) - 1) < 0)
        fail_msg("%s is no link", name);
    assert_string_equal(buf, target);
}

/* assert_entries -- how many names stand in a directory: nothing hidden was left behind. */
static void assert_entries(struct sandbox *box, const char *name, int count)
{
    DIR *dir = opendir(box_path(box, name));
    assert_non_null(dir);
    int found = -2; /* . and .. */
    while (readdir(dir))
        found++;
    closedir(dir);
    assert_int_equal(found, count);
}

/* with -- the box, with `content` in the file a. */
static struct sandbox *with(void **state, struct bytes content)
{
    box_fill(*state, "a", content);
    return *state;
}

/* ------------------------------------------------------------- file to file */

static void file_is_copied(void **state)
{
    struct sandbox *box = with(state, text("one\ntwo"));
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text("one\ntwo"));
    assert_entries(box, "", 2);
}

static void empty_file_is_copied(void **state)
{
    struct sandbox *box = with(state, text(""));
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text(""));
}

static void copies_edges_of(struct sandbox *box, size_t edge)
{
    for (size_t len = edge - 1; len <= edge + 1; len++) {
        struct bytes lines = box_lines(box, len);
        box_fill(box, "a", lines);
        struct run r = box_run(box, "mcopy", "a", "b", NULL);
        assert_run(&r, 0, "", "");
        assert_content(box, "b", lines);
    }
    assert_entries(box, "", 2);
}

static void files_around_a_page_are_whole(void **state)
{
    copies_edges_of(*state, PAGE);
}

static void files_around_a_window_are_whole(void **state)
{
    copies_edges_of(*state, WINDOW);
}

static void several_windows_are_whole(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 3 * WINDOW + PAGE + 1);
    box_fill(box, "a", lines);
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", lines);
}

static void longer_destination_is_cut(void **state)
{
    struct sandbox *box = with(state, text("short\n"));
    box_fill(box, "b", box_lines(box, 3 * PAGE));
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text("short\n"));
}

static void empty_file_empties_its_destination(void **state)
{
    struct sandbox *box = with(state, text(""));
    box_fill(box, "b", text("old\n"));
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text(""));
}

static void mode_comes_from_the_source_under_the_umask(void **state)
{
    struct sandbox *box = with(state, text("a"));
    box_mode(box, "a", 0751);
    mode_t old = umask(027);
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    umask(old);
    assert_run(&r, 0, "", "");
    assert_mode(box, "b", 0750);
}

static void existing_destination_keeps_its_mode(void **state)
{
    struct sandbox *box = with(state, text("a"));
    box_fill(box, "b", text("b"));
    box_mode(box, "a", 0600);
    box_mode(box, "b", 0664);
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_mode(box, "b", 0664);
}

static void existing_destination_keeps_its_inode_and_names(void **state)
{
    struct sandbox *box = with(state, text("new\n"));
    box_fill(box, "b", text("old\n"));
    assert_int_equal(link(box_path(box, "b"), box_path(box, "second")), 0);
    ino_t before = stat_of(box, "b").st_ino;
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(stat_of(box, "b").st_ino, before);
    assert_content(box, "second", text("new\n"));
}

static void link_as_destination_is_written_through(void **state)
{
    struct sandbox *box = with(state, text("new\n"));
    box_fill(box, "file", text("old\n"));
    box_link(box, "file", "b");
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_link(box, "b", "file");
    assert_content(box, "file", text("new\n"));
}

static void dangling_link_as_destination_is_refused(void **state)
{
    struct sandbox *box = with(state, text("new\n"));
    box_link(box, "nowhere", "b");
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: not writing through dangling symlink 'b'\n");
    assert_false(box_exists(box, "nowhere"));
}

static void link_as_source_is_followed(void **state)
{
    struct sandbox *box = with(state, text("content\n"));
    box_link(box, "a", "l");
    struct run r = box_run(box, "mcopy", "l", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_true(S_ISREG(stat_of(box, "b").st_mode));
    assert_content(box, "b", text("content\n"));
}

static void holes_stay_holes(void **state)
{
    struct sandbox *box = with(state, text("begin"));
    box_truncate(box, "a", 64 << 20);
    box_append(box, "a", text("end"));
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(stat_of(box, "b").st_size, (64 << 20) + 3);
    assert_true(stat_of(box, "b").st_blocks < 4096);
    struct run same = box_run(box, "/usr/bin/cmp", "a", "b", NULL);
    assert_run(&same, 0, "", "");
}

static void pipe_as_source_is_copied_to_its_end(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 3000001);
    struct how how = {.in = lines};
    struct run r = box_run_with(box, &how, "mcopy", "/dev/stdin", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", lines);
}

static void fifo_as_source_is_copied_to_its_end(void **state)
{
    struct sandbox *box = with(state, box_lines(*state, 200000));
    box_fifo(box, "fifo");
    struct process *writer = box_start(box, NULL, "/bin/sh", "-c", "cat a >fifo", NULL);
    struct run r = box_run(box, "mcopy", "fifo", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", box_lines(box, 200000));
    process_end(writer);
}

static void standard_input_as_file_starts_where_it_stands(void **state)
{
    struct sandbox *box = with(state, text("0123456789"));
    struct how how = {.in_file = "a", .in_offset = 4};
    struct run peer = box_run_with(box, &how, "/bin/cp", "/dev/stdin", "peer", NULL);
    struct run r = box_run_with(box, &how, "mcopy", "/dev/stdin", "b", NULL);
    assert_run(&peer, 0, "", "");
    assert_run(&r, 0, "", "");
    assert_content(box, "b", box_load(box, "peer"));
}

static void proc_file_is_copied_though_its_size_is_zero(void **state)
{
    struct sandbox *box = *state;
    struct run r = box_run(box, "mcopy", "/proc/version", "b", NULL);
    assert_run(&r, 0, "", "");
    struct run peer = box_run(box, "/bin/cat", "/proc/version", NULL);
    assert_content(box, "b", (struct bytes){peer.out, peer.out_len});
}

static void character_device_as_destination_is_written(void **state)
{
    struct sandbox *box = with(state, text("a"));
    struct run r = box_run(box, "mcopy", "a", "/dev/null", NULL);
    assert_run(&r, 0, "", "");
}

static void full_device_is_a_write_error(void **state)
{
    struct sandbox *box = with(state, text("a"));
    struct run r = box_run(box, "mcopy", "a", "/dev/full", NULL);
    assert_run(&r, 1, "", "mcopy: error writing '/dev/full': No space left on device\n");
}

/* ----------------------------------------------------------- to a directory */

static void files_are_copied_into_a_directory(void **state)
{
    struct sandbox *box = with(state, text("A"));
    box_fill(box, "b", text("B"));
    box_directory(box, "d");
    struct run r = box_run(box, "mcopy", "a", "b", "d", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "d/a", text("A"));
    assert_content(box, "d/b", text("B"));
    assert_entries(box, "d", 2);
}

static void missing_file_between_two_good_ones(void **state)
{
    struct sandbox *box = with(state, text("A"));
    box_fill(box, "b", text("B"));
    box_directory(box, "d");
    struct run r = box_run(box, "mcopy", "a", "gone", "b", "d", NULL);
    assert_run(&r, 1, "", "mcopy: cannot stat 'gone': No such file or directory\n");
    assert_content(box, "d/a", text("A"));
    assert_content(box, "d/b", text("B"));
}

static void target_directory_comes_first_with_t(void **state)
{
    struct sandbox *box = with(state, text("A"));
    box_directory(box, "d");
    struct run r = box_run(box, "mcopy", "-t", "d", "a", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "d/a", text("A"));
    r = box_run(box, "mcopy", "--target-directory=gone", "a", NULL);
    assert_run(&r, 1, "", "mcopy: target directory 'gone': No such file or directory\n");
}

static void no_target_directory_with_capital_t(void **state)
{
    struct sandbox *box = with(state, text("A"));
    box_directory(box, "d");
    struct run r = box_run(box, "mcopy", "-T", "a", "d", NULL);
    assert_run(&r, 1, "", "mcopy: cannot overwrite directory 'd' with non-directory\n");
    assert_entries(box, "d", 0);
}

static void several_files_need_a_directory(void **state)
{
    struct sandbox *box = with(state, text("A"));
    struct run r = box_run(box, "mcopy", "a", "a", "gone", NULL);
    assert_run(&r, 1, "", "mcopy: target 'gone': No such file or directory\n");
    box_fill(box, "file", text(""));
    r = box_run(box, "mcopy", "a", "a", "file", NULL);
    assert_run(&r, 1, "", "mcopy: target 'file': Not a directory\n");
}

static void source_named_twice_is_warned_of(void **state)
{
    struct sandbox *box = with(state, text("A"));
    box_directory(box, "d");
    struct run r = box_run(box, "mcopy", "a", "a", "d", NULL);
    assert_run(&r, 0, "", "mcopy: warning: source file 'a' specified more than once\n");
}

/* ----------------------------------------------------------------- trouble */

static void directory_needs_recursion(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    struct run r = box_run(box, "mcopy", "d", "e", NULL);
    assert_run(&r, 1, "", "mcopy: -r not specified; omitting directory 'd'\n");
    assert_false(box_exists(box, "e"));
}

static void file_onto_itself_is_refused(void **state)
{
    struct sandbox *box = with(state, text("precious\n"));
    struct run r = box_run(box, "mcopy", "a", "./a", NULL);
    assert_run(&r, 1, "", "mcopy: 'a' and './a' are the same file\n");
    assert_content(box, "a", text("precious\n"));
    assert_int_equal(link(box_path(box, "a"), box_path(box, "b")), 0);
    r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: 'a' and 'b' are the same file\n");
    assert_content(box, "a", text("precious\n"));
}

static void missing_directory_of_the_destination_is_an_error(void **state)
{
    struct sandbox *box = with(state, text("a"));
    struct run r = box_run(box, "mcopy", "a", "gone/b", NULL);
    assert_run(&r, 1, "",
               "mcopy: cannot create regular file 'gone/b': No such file or directory\n");
}

static void unreadable_source_is_an_error(void **state)
{
    struct sandbox *box = with(state, text("a"));
    if (geteuid() == 0)
        skip_aloud("root may read every file");
    box_mode(box, "a", 0);
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: cannot open 'a' for reading: Permission denied\n");
    assert_false(box_exists(box, "b"));
}

static void directory_without_write_permission_is_an_error(void **state)
{
    struct sandbox *box = with(state, text("a"));
    if (geteuid() == 0)
        skip_aloud("root may write everywhere");
    box_directory(box, "d");
    box_mode(box, "d", 0555);
    struct run r = box_run(box, "mcopy", "a", "d", NULL);
    assert_run(&r, 1, "", "mcopy: cannot create regular file 'd/a': Permission denied\n");
}

static void write_protected_destination_is_replaced_with_force(void **state)
{
    struct sandbox *box = with(state, text("new\n"));
    if (geteuid() == 0)
        skip_aloud("root may write every file");
    box_fill(box, "b", text("old\n"));
    box_mode(box, "b", 0444);
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: cannot create regular file 'b': Permission denied\n");
    r = box_run(box, "mcopy", "-f", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text("new\n"));
}

static void operands_are_demanded(void **state)
{
    struct run r = box_run(*state, "mcopy", NULL);
    assert_run(&r, 1, "", "mcopy: missing file operand\n" TRY);
    r = box_run(*state, "mcopy", "a", NULL);
    assert_run(&r, 1, "", "mcopy: missing destination file operand after 'a'\n" TRY);
}

static void target_options_conflict(void **state)
{
    struct run r = box_run(*state, "mcopy", "-t", "d", "-T", "a", NULL);
    assert_run(&r, 1, "",
               "mcopy: cannot combine --target-directory (-t) and --no-target-directory (-T)\n");
}

static void unknown_options_are_refused(void **state)
{
    struct run r = box_run(*state, "mcopy", "-y", NULL);
    assert_run(&r, 1, "", "mcopy: invalid option -- 'y'\n" TRY);
    r = box_run(*state, "mcopy", "--nonsense", NULL);
    assert_run(&r, 1, "", "mcopy: unrecognized option '--nonsense'\n" TRY);
}

static void name_with_a_newline_is_quoted(void **state)
{
    struct sandbox *box = with(state, text("a"));
    struct run r = box_run(box, "mcopy", "-v", "a", "n\nl", NULL);
    assert_run(&r, 0, "'a' -> 'n'$'\\n''l'\n", "");
}

static void verbose_to_a_full_device_is_a_write_error(void **state)
{
    struct sandbox *box = with(state, text("a"));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mcopy", "-v", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: write error: No space left on device\n");
}

static void closed_output_does_not_matter_unused(void **state)
{
    struct sandbox *box = with(state, text("a"));
    struct how how = {.out = OUT_CLOSED, .in_closed = true};
    struct run r = box_run_with(box, &how, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text("a"));
}

static void help_goes_to_standard_output(void **state)
{
    const char *begin = "Usage: mcopy [OPTION]... [-T] SOURCE DEST\n";
    struct run r = run_begins(box_run(*state, "mcopy", "--help", NULL), begin);
    assert_run(&r, 0, begin, "");
}

static void version_names_the_tool(void **state)
{
    struct run r = run_begins(box_run(*state, "mcopy", "--version", NULL), "mcopy (");
    assert_run(&r, 0, "mcopy (", "");
}

/* ------------------------------------------------------------------ options */

static void verbose_names_each_file(void **state)
{
    struct sandbox *box = with(state, text("A"));
    box_directory(box, "d");
    struct run r = box_run(box, "mcopy", "-v", "a", "d", NULL);
    assert_run(&r, 0, "'a' -> 'd/a'\n", "");
}

static void interactive_asks_and_obeys(void **state)
{
    struct sandbox *box = with(state, text("new\n"));
    box_fill(box, "b", text("old\n"));
    struct how no = {.in = text("n\n")}, yes = {.in = text("y\n")};
    struct run r = box_run_with(box, &no, "mcopy", "-i", "a", "b", NULL);
    assert_run(&r, 0, "", "mcopy: overwrite 'b'? ");
    assert_content(box, "b", text("old\n"));
    r = box_run_with(box, &yes, "mcopy", "--interactive", "a", "b", NULL);
    assert_run(&r, 0, "", "mcopy: overwrite 'b'? ");
    assert_content(box, "b", text("new\n"));
}

static void interactive_asks_nothing_for_a_new_file(void **state)
{
    struct sandbox *box = with(state, text("new\n"));
    struct run r = box_run(box, "mcopy", "-i", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text("new\n"));
}

static void no_clobber_keeps_an_existing_file(void **state)
{
    struct sandbox *box = with(state, text("new\n"));
    box_fill(box, "b", text("old\n"));
    struct run r = box_run(box, "mcopy", "-n", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text("old\n"));
    r = box_run(box, "mcopy", "-i", "--no-clobber", "a", "c", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "c", text("new\n"));
}

static void update_copies_only_what_is_newer(void **state)
{
    struct sandbox *box = with(state, text("new\n"));
    box_fill(box, "b", text("old\n"));
    box_time(box, "a", EARLY);
    box_time(box, "b", LATER);
    struct run r = box_run(box, "mcopy", "-u", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text("old\n"));
    box_time(box, "b", EARLY - 1);
    r = box_run(box, "mcopy", "-uv", "a", "b", NULL);
    assert_run(&r, 0, "'a' -> 'b'\n", "");
    assert_content(box, "b", text("new\n"));
}

static void preserve_keeps_mode_and_time(void **state)
{
    struct sandbox *box = with(state, text("a"));
    box_mode(box, "a", 0604);
    box_time(box, "a", EARLY);
    struct run r = box_run(box, "mcopy", "-p", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_mode(box, "b", 0604);
    assert_int_equal(stat_of(box, "b").st_mtime, EARLY);
}

static void plain_copy_does_not_keep_the_time(void **state)
{
    struct sandbox *box = with(state, text("a"));
    box_time(box, "a", EARLY);
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_int_not_equal(stat_of(box, "b").st_mtime, EARLY);
}

static void sync_copies_the_same_bytes(void **state)
{
    struct sandbox *box = with(state, box_lines(*state, 3 * PAGE + 1));
    struct run r = box_run(box, "mcopy", "--sync", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", box_lines(box, 3 * PAGE + 1));
}

/* --------------------------------------------------------------- recursion */

static struct sandbox *tree(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    box_directory(box, "t/sub");
    box_directory(box, "t/empty");
    box_fill(box, "t/one", text("1\n"));
    box_fill(box, "t/sub/two", text("2\n"));
    box_link(box, "one", "t/link");
    box_fifo(box, "t/fifo");
    return box;
}

static void recursion_copies_a_tree(void **state)
{
    struct sandbox *box = tree(state);
    struct run r = box_run(box, "mcopy", "-r", "t", "u", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "u/one", text("1\n"));
    assert_content(box, "u/sub/two", text("2\n"));
    assert_link(box, "u/link", "one");
    assert_true(S_ISFIFO(stat_of(box, "u/fifo").st_mode));
    assert_entries(box, "u/empty", 0);
    assert_entries(box, "u", 5);
}

static void recursion_into_a_directory_makes_one_below(void **state)
{
    struct sandbox *box = tree(state);
    box_directory(box, "u");
    struct run r = box_run(box, "mcopy", "-R", "t", "u", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "u/t/sub/two", text("2\n"));
}

static void recursion_with_capital_t_merges(void **state)
{
    struct sandbox *box = tree(state);
    box_directory(box, "u");
    box_fill(box, "u/other", text("o\n"));
    struct run r = box_run(box, "mcopy", "-rT", "t", "u", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "u/one", text("1\n"));
    assert_content(box, "u/other", text("o\n"));
}

static void recursion_names_directories_too(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    box_fill(box, "t/one", text("1\n"));
    struct run r = box_run(box, "mcopy", "-rv", "t", "u", NULL);
    assert_run(&r, 0, "'t' -> 'u'\n't/one' -> 'u/one'\n", "");
}

static void recursion_into_itself_is_refused(void **state)
{
    struct sandbox *box = tree(state);
    struct run r = box_run(box, "mcopy", "-r", "t", "t/sub", NULL);
    assert_run(&r, 1, "", "mcopy: cannot copy a directory, 't', into itself, 't/sub/t'\n");
}

static void directory_over_a_file_is_refused(void **state)
{
    struct sandbox *box = tree(state);
    box_fill(box, "u", text("file\n"));
    struct run r = box_run(box, "mcopy", "-r", "t", "u", NULL);
    assert_run(&r, 1, "", "mcopy: cannot overwrite non-directory 'u' with directory 't'\n");
    assert_content(box, "u", text("file\n"));
}

static void directory_modes_come_along(void **state)
{
    struct sandbox *box = tree(state);
    box_mode(box, "t/sub", 0751);
    mode_t old = umask(022);
    struct run r = box_run(box, "mcopy", "-r", "t", "u", NULL);
    umask(old);
    assert_run(&r, 0, "", "");
    assert_mode(box, "u/sub", 0751);
}

static void read_only_directory_can_be_copied(void **state)
{
    struct sandbox *box = tree(state);
    box_mode(box, "t/sub", 0555);
    struct run r = box_run(box, "mcopy", "-r", "t", "u", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "u/sub/two", text("2\n"));
    assert_mode(box, "u/sub", 0555);
}

static void archive_keeps_times_links_and_modes(void **state)
{
    struct sandbox *box = tree(state);
    box_mode(box, "t/one", 0640);
    box_time(box, "t/one", EARLY);
    box_time(box, "t/link", EARLY + 1);
    box_time(box, "t/sub", EARLY + 2);
    box_time(box, "t", EARLY + 3);
    struct run r = box_run(box, "mcopy", "-a", "t", "u", NULL);
    assert_run(&r, 0, "", "");
    assert_mode(box, "u/one", 0640);
    assert_int_equal(stat_of(box, "u/one").st_mtime, EARLY);
    assert_int_equal(stat_of(box, "u/link").st_mtime, EARLY + 1);
    assert_int_equal(stat_of(box, "u/sub").st_mtime, EARLY + 2);
    assert_int_equal(stat_of(box, "u").st_mtime, EARLY + 3);
    assert_link(box, "u/link", "one");
}

static void archive_keeps_hard_links_together(void **state)
{
    struct sandbox *box = tree(state);
    assert_int_equal(link(box_path(box, "t/one"), box_path(box, "t/sub/again")), 0);
    struct run r = box_run(box, "mcopy", "-a", "t", "u", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(stat_of(box, "u/one").st_ino, stat_of(box, "u/sub/again").st_ino);
    assert_int_equal(stat_of(box, "u/one").st_nlink, 2);
}

static void archive_of_a_link_is_a_link(void **state)
{
    struct sandbox *box = with(state, text("a"));
    box_link(box, "a", "l");
    struct run r = box_run(box, "mcopy", "-a", "l", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_link(box, "b", "a");
}

static void file_does_not_go_through_a_link_of_the_same_run(void **state)
{
    struct sandbox *box = *state;
    mkdir(box_path(box, "a"), 0755);
    mkdir(box_path(box, "b"), 0755);
    mkdir(box_path(box, "to"), 0755);
    assert_int_equal(symlink("nowhere", box_path(box, "a/x")), 0);
    box_fill(box, "b/x", text("b"));
    struct run r = box_run(box, "mcopy", "-a", "a/x", "b/x", "to", NULL);
    assert_run(&r, 1, "", "mcopy: will not copy 'b/x' through just-created symlink 'to/x'\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(file_is_copied),
        TEST(empty_file_is_copied),
        TEST(files_around_a_page_are_whole),
        TEST(files_around_a_window_are_whole),
        TEST(several_windows_are_whole),
        TEST(longer_destination_is_cut),
        TEST(empty_file_empties_its_destination),
        TEST(mode_comes_from_the_source_under_the_umask),
        TEST(existing_destination_keeps_its_mode),
        TEST(existing_destination_keeps_its_inode_and_names),
        TEST(link_as_destination_is_written_through),
        TEST(dangling_link_as_destination_is_refused),
        TEST(link_as_source_is_followed),
        TEST(holes_stay_holes),
        TEST(pipe_as_source_is_copied_to_its_end),
        TEST(fifo_as_source_is_copied_to_its_end),
        TEST(standard_input_as_file_starts_where_it_stands),
        TEST(proc_file_is_copied_though_its_size_is_zero),
        TEST(character_device_as_destination_is_written),
        TEST(full_device_is_a_write_error),
        TEST(files_are_copied_into_a_directory),
        TEST(missing_file_between_two_good_ones),
        TEST(target_directory_comes_first_with_t),
        TEST(no_target_directory_with_capital_t),
        TEST(several_files_need_a_directory),
        TEST(source_named_twice_is_warned_of),
        TEST(directory_needs_recursion),
        TEST(file_onto_itself_is_refused),
        TEST(missing_directory_of_the_destination_is_an_error),
        TEST(unreadable_source_is_an_error),
        TEST(directory_without_write_permission_is_an_error),
        TEST(write_protected_destination_is_replaced_with_force),
        TEST(operands_are_demanded),
        TEST(target_options_conflict),
        TEST(unknown_options_are_refused),
        TEST(name_with_a_newline_is_quoted),
        TEST(verbose_to_a_full_device_is_a_write_error),
        TEST(closed_output_does_not_matter_unused),
        TEST(help_goes_to_standard_output),
        TEST(version_names_the_tool),
        TEST(verbose_names_each_file),
        TEST(interactive_asks_and_obeys),
        TEST(interactive_asks_nothing_for_a_new_file),
        TEST(no_clobber_keeps_an_existing_file),
        TEST(update_copies_only_what_is_newer),
        TEST(preserve_keeps_mode_and_time),
        TEST(plain_copy_does_not_keep_the_time),
        TEST(sync_copies_the_same_bytes),
        TEST(recursion_copies_a_tree),
        TEST(recursion_into_a_directory_makes_one_below),
        TEST(recursion_with_capital_t_merges),
        TEST(recursion_names_directories_too),
        TEST(recursion_into_itself_is_refused),
        TEST(directory_over_a_file_is_refused),
        TEST(directory_modes_come_along),
        TEST(read_only_directory_can_be_copied),
        TEST(archive_keeps_times_links_and_modes),
        TEST(archive_keeps_hard_links_together),
        TEST(archive_of_a_link_is_a_link),
        TEST(file_does_not_go_through_a_link_of_the_same_run),
    };
    return run_named(argc, argv, tests);
}
