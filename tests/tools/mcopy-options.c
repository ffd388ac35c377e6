/* SPDX-License-Identifier: MIT */
/* mcopy's options: backups, links, what is kept, where copies go. */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "harness.h"

#define TRY "Try 'mcopy --help' for more information.\n"

static struct stat stat_of(struct sandbox *box, const char *name)
{
    struct stat st;
    if (lstat(box_path(box, name), &st) < 0)
        fail_msg("%s is missing", name);
    return st;
}

static void assert_content(struct sandbox *box, const char *name, const char *content)
{
    assert_bytes(box_load(box, name), ((struct bytes){content, strlen(content)}));
}

static void assert_mode(struct sandbox *box, const char *name, mode_t mode)
{
    assert_int_equal(stat_of(box, name).st_mode & 07777, mode);
}

static void assert_leads(struct sandbox *box, const char *name, const char *target)
{
    char buf[256] = "";
    if (readlink(box_path(box, name), buf, sizeof(buf) - 1) < 0)
        fail_msg("%s is no link", name);
    assert_string_equal(buf, target);
}

static void assert_one_file(struct sandbox *box, const char *a, const char *b)
{
    assert_int_equal(stat_of(box, a).st_ino, stat_of(box, b).st_ino);
}

static void fill(struct sandbox *box, const char *name, const char *content)
{
    box_fill(box, name, (struct bytes){content, strlen(content)});
}

/* two -- the box, with "new" in the file a and "old" in b. */
static struct sandbox *two(void **state)
{
    fill(*state, "a", "new\n");
    fill(*state, "b", "old\n");
    return *state;
}

/* ------------------------------------------------------------------- backups */

static void old_file_becomes_a_simple_backup(void **state)
{
    struct sandbox *box = two(state);
    struct run r = box_run(box, "mcopy", "-bv", "a", "b", NULL);
    assert_run(&r, 0, "'a' -> 'b' (backup: 'b~')\n", "");
    assert_content(box, "b", "new\n");
    assert_content(box, "b~", "old\n");
}

static void numbered_backups_count_on(void **state)
{
    struct sandbox *box = two(state);
    fill(box, "b.~9~", "nine\n");
    struct run r = box_run(box, "mcopy", "--backup=t", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b.~10~", "old\n");
    assert_content(box, "b.~9~", "nine\n");
}

static void existing_numbered_backups_decide(void **state)
{
    struct sandbox *box = two(state);
    fill(box, "b.~1~", "one\n");
    struct run r = box_run(box, "mcopy", "-b", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b.~2~", "old\n");
    assert_false(box_exists(box, "b~"));
}

static void suffix_makes_backups_and_environment_names_them(void **state)
{
    struct sandbox *box = two(state);
    struct run r = box_run(box, "mcopy", "-S", ".old", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b.old", "old\n");
    const char *const environment[] = {"SIMPLE_BACKUP_SUFFIX=.env", "VERSION_CONTROL=never", NULL};
    r = box_run_with(box, &(struct how){.environment = environment}, "mcopy", "-b", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b.env", "new\n");
}

static void backup_in_a_directory_stays_there(void **state)
{
    struct sandbox *box = two(state);
    box_directory(box, "d");
    fill(box, "d/a", "old\n");
    struct run r = box_run(box, "mcopy", "-b", "a", "d", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "d/a~", "old\n");
    assert_false(box_exists(box, "a~"));
}

static void file_is_copied_to_its_own_backup_with_force(void **state)
{
    struct sandbox *box = two(state);
    struct run r = box_run(box, "mcopy", "-bf", "a", "a", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "a~", "new\n");
    r = box_run(box, "mcopy", "-b", "a", "a", NULL);
    assert_run(&r, 1, "", "mcopy: 'a' and 'a' are the same file\n");
}

static void backup_that_is_the_source_is_refused(void **state)
{
    struct sandbox *box = two(state);
    fill(box, "b~", "older\n");
    struct run r = box_run(box, "mcopy", "--backup=simple", "b~", "b", NULL);
    assert_run(&r, 1, "", "mcopy: backing up 'b' might destroy source;  'b~' not copied\n");
    assert_content(box, "b", "old\n");
}

static void backup_comes_back_when_the_copy_fails(void **state)
{
    struct sandbox *box = two(state);
    box_fifo(box, "p");
    box_link(box, "p", "l");
    struct run r = box_run(box, "mcopy", "-bv", "-s", "--no-dereference", "./l", "b", NULL);
    assert_run(&r, 0, "'./l' -> 'b' (backup: 'b~')\n", "");
    box_directory(box, "d");
    fill(box, "d/a", "old\n");
    r = box_run(box, "mcopy", "-bvs", "a", "d/a", NULL);
    assert_run(&r, 1, "'a' -> 'd/a' (backup: 'd/a~')\n'd/a~' -> 'd/a' (unbackup)\n",
               "mcopy: d/a: can make relative symbolic links only in current directory\n");
    assert_content(box, "d/a", "old\n");
}

static void bad_control_is_named(void **state)
{
    struct sandbox *box = two(state);
    struct run r = box_run(box, "mcopy", "--backup=x", "a", "b", NULL);
    assert_run(&r, 1, "",
               "mcopy: invalid argument 'x' for 'backup type'\nValid arguments are:\n"
               "  - 'none', 'off'\n  - 'simple', 'never'\n  - 'existing', 'nil'\n"
               "  - 'numbered', 't'\n" TRY);
    const char *const environment[] = {"VERSION_CONTROL=n", NULL};
    r = box_run_with(box, &(struct how){.environment = environment}, "mcopy", "-b", "a", "b", NULL);
    assert_run(&r, 1, "",
               "mcopy: ambiguous argument 'n' for '$VERSION_CONTROL'\nValid arguments are:\n"
               "  - 'none', 'off'\n  - 'simple', 'never'\n  - 'existing', 'nil'\n"
               "  - 'numbered', 't'\n" TRY);
}

/* --------------------------------------------------------------------- links */

static void hard_and_symbolic_links_instead_of_copies(void **state)
{
    struct sandbox *box = two(state);
    struct run r = box_run(box, "mcopy", "-l", "a", "hard", NULL);
    assert_run(&r, 0, "", "");
    assert_one_file(box, "a", "hard");
    r = box_run(box, "mcopy", "-s", "a", "soft", NULL);
    assert_run(&r, 0, "", "");
    assert_leads(box, "soft", "a");
    r = box_run(box, "mcopy", "-l", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: cannot create hard link 'b' to 'a': File exists\n");
    r = box_run(box, "mcopy", "-lf", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_one_file(box, "a", "b");
    r = box_run(box, "mcopy", "-ls", "a", "c", NULL);
    assert_run(&r, 1, "", "mcopy: cannot make both hard and symbolic links\n" TRY);
}

static void links_are_followed_as_asked(void **state)
{
    struct sandbox *box = two(state);
    box_directory(box, "t");
    box_link(box, "../a", "t/l");
    box_link(box, "t", "top");
    struct run r = box_run(box, "mcopy", "-RP", "top", "P", NULL);
    assert_run(&r, 0, "", "");
    assert_leads(box, "P", "t");
    r = box_run(box, "mcopy", "-RH", "top", "H", NULL);
    assert_run(&r, 0, "", "");
    assert_leads(box, "H/l", "../a");
    r = box_run(box, "mcopy", "-RL", "top", "L", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "L/l", "new\n");
    r = box_run(box, "mcopy", "-d", "t/l", "d", NULL);
    assert_run(&r, 0, "", "");
    assert_leads(box, "d", "../a");
}

static void cyclic_link_is_found_out(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    box_link(box, ".", "t/l");
    struct run r = box_run(box, "mcopy", "-RL", "t", "c", NULL);
    assert_run(&r, 1, "", "mcopy: cannot copy cyclic symbolic link 't/l'\n");
}

static void copy_into_itself_through_a_link_ends(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    fill(box, "t/f", "f\n");
    box_link(box, "t", "l");
    struct run r = box_run(box, "mcopy", "-RL", "l", "l", NULL);
    assert_run(&r, 1, "", "mcopy: cannot copy a directory, 'l', into itself, 'l/l'\n");
}

static void dangling_link_is_written_through_for_posix(void **state)
{
    struct sandbox *box = two(state);
    box_link(box, "made", "l");
    const char *const environment[] = {"POSIXLY_CORRECT=1", NULL};
    struct run r =
        box_run_with(box, &(struct how){.environment = environment}, "mcopy", "a", "l", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "made", "new\n");
}

static void destination_is_removed_before(void **state)
{
    struct sandbox *box = two(state);
    assert_int_equal(link(box_path(box, "b"), box_path(box, "other")), 0);
    struct run r = box_run(box, "mcopy", "-v", "--remove-destination", "a", "b", NULL);
    assert_run(&r, 0, "removed 'b'\n'a' -> 'b'\n", "");
    assert_content(box, "b", "new\n");
    assert_content(box, "other", "old\n");
}

/* ---------------------------------------------------------------- attributes */

static void lists_of_attributes_add_and_take_away(void **state)
{
    struct sandbox *box = two(state);
    box_mode(box, "a", 0741);
    box_time(box, "a", 1000000000);
    mode_t mask = umask(022);
    struct run r = box_run(box, "mcopy", "--preserve=mode,time", "--no-preserve=timestamps", "a",
                           "kept", NULL);
    assert_run(&r, 0, "", "");
    assert_mode(box, "kept", 0741);
    assert_true(stat_of(box, "kept").st_mtime > 1000000000);
    r = box_run(box, "mcopy", "--preserve=timestamps", "--no-preserve=mode", "a", "plain", NULL);
    umask(mask);
    assert_run(&r, 0, "", "");
    assert_mode(box, "plain", 0644);
    assert_int_equal(stat_of(box, "plain").st_mtime, 1000000000);
}

static void bad_attribute_is_named(void **state)
{
    struct sandbox *box = two(state);
    struct run r = box_run(box, "mcopy", "--preserve=mode,x,y", "a", "b", NULL);
    assert_run(&r, 1, "",
               "mcopy: invalid argument 'y' for '--preserve'\nValid arguments are:\n"
               "  - 'mode'\n  - 'timestamps'\n  - 'ownership'\n  - 'links'\n  - 'context'\n"
               "  - 'xattr'\n  - 'all'\n" TRY);
    r = box_run(box, "mcopy", "--preserve=context", "a", "b", NULL);
    assert_run(&r, 1, "",
               "mcopy: cannot preserve security context without an SELinux-enabled kernel\n");
    r = box_run(box, "mcopy", "-Z", "--context=any", "a", "b", NULL);
    assert_run(&r, 0, "",
               "mcopy: warning: ignoring --context; it requires an SELinux-enabled kernel\n");
}

static void extended_attributes_are_kept_where_asked(void **state)
{
    struct sandbox *box = two(state);
    if (lsetxattr(box_path(box, "a"), "user.test", "value", 5, 0) != 0)
        skip_aloud("the file system has no extended attributes");
    box_mode(box, "a", 0444);
    char value[16];
    struct run r = box_run(box, "mcopy", "--preserve=xattr", "a", "x", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(lgetxattr(box_path(box, "x"), "user.test", value, sizeof value), 5);
    assert_mode(box, "x", 0444);
    r = box_run(box, "mcopy", "-a", "--no-preserve=xattr", "a", "none", NULL);
    assert_run(&r, 0, "", "");
    assert_true(lgetxattr(box_path(box, "none"), "user.test", value, sizeof value) < 0);
}

static void attributes_come_without_bytes(void **state)
{
    struct sandbox *box = two(state);
    box_mode(box, "a", 0640);
    struct run r = box_run(box, "mcopy", "--attributes-only", "-p", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", "old\n");
    assert_mode(box, "b", 0640);
    r = box_run(box, "mcopy", "--attributes-only", "a", "c", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "c", "");
    r = box_run(box, "mcopy", "--attributes-only", "gone", "c", NULL);
    assert_run(&r, 1, "", "mcopy: cannot stat 'gone': No such file or directory\n");
}

static void time_and_mode_are_kept_where_a_hole_is_last(void **state)
{
    struct sandbox *box = two(state);
    box_truncate(box, "a", 1 << 20);
    box_mode(box, "a", 04755);
    box_time(box, "a", 1000000000);
    fill(box, "z", "");
    box_truncate(box, "z", 4096);
    box_time(box, "z", 1000000000);
    struct run r = box_run(box, "mcopy", "-p", "a", "c", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(stat_of(box, "c").st_mtime, 1000000000);
    assert_int_equal(stat_of(box, "c").st_size, 1 << 20);
    assert_mode(box, "c", 04755);
    r = box_run(box, "mcopy", "-p", "--sparse=always", "z", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(stat_of(box, "b").st_mtime, 1000000000);
    assert_int_equal(stat_of(box, "b").st_size, 4096);
}

static void hard_links_stay_links_when_asked(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    fill(box, "t/one", "x\n");
    assert_int_equal(link(box_path(box, "t/one"), box_path(box, "t/two")), 0);
    struct run r = box_run(box, "mcopy", "-R", "--preserve=links", "t", "kept", NULL);
    assert_run(&r, 0, "", "");
    assert_one_file(box, "kept/one", "kept/two");
    r = box_run(box, "mcopy", "-a", "--no-preserve=links", "t", "apart", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(stat_of(box, "apart/one").st_nlink, 1);
}

static void contents_of_a_fifo_are_copied(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    box_fifo(box, "t/p");
    struct process *process =
        box_start(box, &(struct how){0}, "mcopy", "-R", "--copy-contents", "t", "c", NULL);
    FILE *pipe = fopen(box_path(box, "t/p"), "w");
    fputs("through\n", pipe);
    fclose(pipe);
    struct run r = process_end(process);
    assert_run(&r, 0, "", "");
    assert_content(box, "c/p", "through\n");
}

/* --------------------------------------------------------------------- where */

static void parents_are_made(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "x");
    box_directory(box, "x/y");
    box_mode(box, "x/y", 0700);
    fill(box, "x/y/f", "f\n");
    box_directory(box, "d");
    struct run r = box_run(box, "mcopy", "-v", "--parents", "x//y/f", "d", NULL);
    assert_run(&r, 0, "x -> d/x\nx//y -> d/x//y\n'x//y/f' -> 'd/x//y/f'\n", "");
    assert_content(box, "d/x/y/f", "f\n");
    assert_mode(box, "d/x/y", 0700);
    r = box_run(box, "mcopy", "--parents", "x/y/f", "e", NULL);
    assert_run(&r, 1, "", "mcopy: with --parents, the destination must be a directory\n" TRY);
    r = box_run(box, "mcopy", "--path", "gone/f", "d", NULL);
    assert_run(&r, 1, "", "mcopy: failed to get attributes of 'gone': No such file or directory\n");
}

static void parents_overwrite_behind_a_made_directory(void **state)
{
    struct sandbox *box = two(state);
    box_directory(box, "x");
    fill(box, "x/f", "f\n");
    box_directory(box, "d");
    fill(box, "d/a", "old\n");
    struct run r = box_run(box, "mcopy", "--parents", "x/f", "a", "d", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "d/a", "new\n");
}

static void trailing_slashes_are_stripped(void **state)
{
    struct sandbox *box = two(state);
    box_directory(box, "d");
    box_link(box, "d", "l");
    struct run r = box_run(box, "mcopy", "-P", "l/", "d", NULL);
    assert_run(&r, 1, "", "mcopy: -r not specified; omitting directory 'l/'\n");
    r = box_run(box, "mcopy", "-P", "--strip-trailing-slashes", "l/", "d", NULL);
    assert_run(&r, 0, "", "");
    assert_leads(box, "d/l", "d");
}

static void one_file_system_is_enough(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    fill(box, "t/f", "f\n");
    struct run r = box_run(box, "mcopy", "-Rx", "t", "c", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "c/f", "f\n");
    r = box_run(box, "mcopy", "-Rx", "/dev", "c", NULL);
    assert_true(box_exists(box, "c/dev/pts"));
    assert_int_equal(stat_of(box, "c/dev/pts").st_nlink, 2);
}

static void ambiguous_abbreviations_name_only_the_peers_options(void **state)
{
    struct sandbox *box = two(state);
    struct run r = box_run(box, "mcopy", "--re", "a", "b", NULL);
    assert_run(&r, 1, "",
               "mcopy: option '--re' is ambiguous; possibilities: '--recursive' "
               "'--remove-destination' '--reflink'\n" TRY);
    r = box_run(box, "mcopy", "-bn", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: options --backup and --no-clobber are mutually exclusive\n" TRY);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(old_file_becomes_a_simple_backup),
        TEST(numbered_backups_count_on),
        TEST(existing_numbered_backups_decide),
        TEST(suffix_makes_backups_and_environment_names_them),
        TEST(backup_in_a_directory_stays_there),
        TEST(file_is_copied_to_its_own_backup_with_force),
        TEST(backup_that_is_the_source_is_refused),
        TEST(backup_comes_back_when_the_copy_fails),
        TEST(bad_control_is_named),
        TEST(hard_and_symbolic_links_instead_of_copies),
        TEST(links_are_followed_as_asked),
        TEST(cyclic_link_is_found_out),
        TEST(copy_into_itself_through_a_link_ends),
        TEST(dangling_link_is_written_through_for_posix),
        TEST(destination_is_removed_before),
        TEST(lists_of_attributes_add_and_take_away),
        TEST(bad_attribute_is_named),
        TEST(extended_attributes_are_kept_where_asked),
        TEST(attributes_come_without_bytes),
        TEST(time_and_mode_are_kept_where_a_hole_is_last),
        TEST(hard_links_stay_links_when_asked),
        TEST(contents_of_a_fifo_are_copied),
        TEST(parents_are_made),
        TEST(parents_overwrite_behind_a_made_directory),
        TEST(trailing_slashes_are_stripped),
        TEST(one_file_system_is_enough),
        TEST(ambiguous_abbreviations_name_only_the_peers_options),
    };
    return run_named(argc, argv, tests);
}
