/* SPDX-License-Identifier: MIT */
/* mcache, as a user runs it: what it shows of files. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "mcache.h"

#define NOT_POSSIBLE 99

#define HEAD    " RESIDENT     PAGES  BYTES   SIZE   %% FILE\n"
#define NUMBERS "--format={file} {size} {pages} {resident} {percent}"

/* The line of numbers that is right for a file, by the kernel's own answer. */
static const char *numbers_of(struct sandbox *box, const char *name)
{
    struct stat st;
    assert_int_equal(stat(box_path(box, name), &st), 0);
    size_t pages = strlen(present(box, name)), there = resident(box, name);
    return box_format(box, "%s %jd %zu %zu %zu\n", name, (intmax_t)st.st_size, pages, there,
                      pages ? there * 100 / pages : 0);
}

/* ------------------------------------------------------------------- counts */

static void every_seventh_mib_is_counted_to_the_page(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 29 * MIB);
    for (size_t mib = 0; mib < 29; mib += 7)
        warm(box, "f", mib * MIB / PAGE, MIB / PAGE);
    assert_int_equal(resident(box, "f"), 5 * MIB / PAGE);
    struct run r = box_run(box, "mcache", NUMBERS, "f", NULL);
    assert_run(&r, 0, numbers_of(box, "f"), "");
    r = box_run(box, "mcache", "-n", "--ascii", "--columns=29", "f", NULL);
    assert_run(&r, 0,
               box_format(box, "%9zu %9zu   5.0M    29M  17 [O      O      O      O      O] f\n",
                          5 * MIB / PAGE, 29 * MIB / PAGE),
               "");
}

static void first_half_and_nothing_and_all_are_counted(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 100 * PAGE);
    struct run r = box_run(box, "mcache", NUMBERS, "f", NULL);
    assert_run(&r, 0, box_format(box, "f %zu 100 0 0\n", 100 * PAGE), "");
    warm(box, "f", 0, 50);
    r = box_run(box, "mcache", NUMBERS, "f", NULL);
    assert_run(&r, 0, box_format(box, "f %zu 100 50 50\n", 100 * PAGE), "");
    warm(box, "f", 50, 49);
    r = box_run(box, "mcache", NUMBERS, "f", NULL);
    assert_run(&r, 0, box_format(box, "f %zu 100 99 99\n", 100 * PAGE), "");
    warm(box, "f", 99, 1);
    r = box_run(box, "mcache", NUMBERS, "f", NULL);
    assert_run(&r, 0, box_format(box, "f %zu 100 100 100\n", 100 * PAGE), "");
}

static void scattered_pages_are_counted_to_the_page(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 1000 * PAGE + 1);
    for (size_t page = 0; page < 1000; page += 1 + page % 13)
        warm(box, "f", page, 1);
    struct run r = box_run(box, "mcache", NUMBERS, "f", NULL);
    assert_run(&r, 0, numbers_of(box, "f"), "");
}

static void owner_gets_what_vmtouch_and_fincore_say(void **state)
{
    struct sandbox *box = *state;
    if (access("/usr/bin/vmtouch", X_OK) != 0 || access("/usr/bin/fincore", X_OK) != 0)
        skip_aloud("vmtouch or fincore is absent");
    cold(box, "f", 12 * MIB);
    for (size_t page = 3; page < 12 * MIB / PAGE; page += 11)
        warm(box, "f", page, 2);
    struct run ours = box_run(box, "mcache", "--format={resident}", "f", NULL);
    struct run fincore = box_run(box, "/usr/bin/fincore", "-nro", "PAGES", "f", NULL);
    assert_run(&ours, 0, fincore.out, "");
    ours = box_run(box, "mcache", "--format={resident}/{pages}", "f", NULL);
    struct run vmtouch = box_run(box, "/usr/bin/vmtouch", "f", NULL);
    const char *pages = strstr(vmtouch.out, "Resident Pages: ");
    assert_non_null(pages);
    pages += strlen("Resident Pages: ");
    assert_run(&ours, 0, box_format(box, "%.*s\n", (int)strcspn(pages, " "), pages), "");
}

static void file_that_the_kernel_does_not_tell_of_is_unknown(void **state)
{
    struct sandbox *box = *state;
    const char *as = as_somebody(box), *file = geteuid() == 0 ? "f" : "/etc/passwd";
    box_fill(box, "f", text("root's\n"));
    struct run r =
        box_run(box, "/bin/sh", "-c", box_format(box, "%s -J --columns=4 %s", as, file), NULL);
    const char *rest = strstr(r.out, ",\"resident\":");
    assert_int_equal(r.status, 0);
    assert_string_equal(r.err, "");
    assert_non_null(rest);
    assert_string_equal(rest, ",\"resident\":null,\"dirty\":null,\"writeback\":null,"
                              "\"evicted\":null}\n");
    if (geteuid() != 0)
        return;
    r = box_run(box, "/bin/sh", "-c", box_format(box, "%s -n --columns=4 f", as), NULL);
    assert_run(&r, 0,
               "  unknown         1      ?      7   ? [????] f: the kernel tells only its owner "
               "and who may write it\n",
               "");
    r = box_run(box, "/bin/sh", "-c",
                box_format(box, "%s '--format={resident} {percent} {dirty}' f", as), NULL);
    assert_run(&r, 0, "- - -\n", "");
    /* The peer's answer to the same question. */
    if (access("/usr/bin/vmtouch", X_OK) == 0) {
        r = box_run(box, "/usr/bin/setpriv", "--reuid=65534", "--clear-groups", "--",
                    "/usr/bin/vmtouch", "f", NULL);
        assert_non_null(strstr(r.out, "100%"));
    }
}

static void unknown_files_are_in_no_sum(void **state)
{
    struct sandbox *box = *state;
    if (geteuid() != 0)
        skip_aloud("only root can make files of two owners");
    const char *as = as_somebody(box);
    box_fill(box, "a", text("root's\n"));
    box_fill(box, "b", text("somebody's\n"));
    assert_int_equal(chown(box_path(box, "b"), 65534, 65534), 0);
    drop(box, "b");
    warm(box, "b", 0, 1);
    struct run r = box_run(box, "/bin/sh", "-c", box_format(box, "%s -ns a b", as), NULL);
    assert_run(&r, 0,
               box_format(box,
                          "        1         1   %s     18 100 total of 2 files: 1 unknown, "
                          "not counted\n",
                          PAGE == 4096 ? "4.0K" : " 64K"),
               "");
}

static void empty_file_has_no_pages(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    struct run r = box_run(box, "mcache", NUMBERS " {dirty}", "f", NULL);
    assert_run(&r, 0, "f 0 0 0 0 0\n", "");
    r = box_run(box, "mcache", "-n", "--columns=3", "f", NULL);
    assert_run(&r, 0, "        0         0      0      0   0 [   ] f\n", "");
}

static void large_hole_is_seen_at_once(void **state)
{
    struct sandbox *box = *state;
    int fd = open(box_path(box, "f"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const off_t size = (off_t)2 << 40;
    assert_true(fd >= 0);
    if (ftruncate(fd, size) != 0)
        skip_aloud("no file of two terabytes can be made here");
    assert_int_equal(pwrite(fd, "x", 1, size / 2), 1);
    close(fd);
    struct run r = box_run(box, "mcache", NUMBERS, "f", NULL);
    assert_run(&r, 0,
               box_format(box, "f %jd %jd 1 0\n", (intmax_t)size, (intmax_t)size / (intmax_t)PAGE),
               "");
    r = box_run(box, "mcache", "-n", "--ascii", "--columns=4", "f", NULL);
    assert_run(&r, 0,
               box_format(box, "        1 %9jd %s   2.0T  <1 [  . ] f (1 dirty)\n",
                          (intmax_t)size / (intmax_t)PAGE, PAGE == 4096 ? "  4.0K" : "   64K"),
               "");
}

static void dirty_pages_are_counted(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 4 * PAGE);
    int fd = open_file(box, "f");
    assert_int_equal(pwrite(fd, "x", 1, (off_t)(2 * PAGE)), 1);
    struct run r = box_run(box, "mcache", "--format={resident} {dirty} {evicted}", "f", NULL);
    assert_int_equal(fdatasync(fd), 0);
    close(fd);
    if (strcmp(r.out, "1 - -\n") == 0)
        skip_aloud("this kernel has no cachestat");
    assert_run(&r, 0, "1 1 0\n", "");
    r = box_run(box, "mcache", "--format={resident} {dirty} {writeback}", "f", NULL);
    assert_run(&r, 0, "1 0 0\n", "");
}

/* In a child: run a command to which the kernel refuses cachestat(2), as one before 6.5 does. */
static _Noreturn void run_without_cachestat(struct sandbox *box, const char *command)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 451, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (chdir(box_path(box, ".")) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(NOT_POSSIBLE);
    execl("/bin/sh", "sh", "-c", command, NULL);
    _exit(NOT_POSSIBLE);
}

static void counts_are_the_same_without_cachestat(void **state)
{
    struct sandbox *box = *state;
    int status = 0;
    cold(box, "f", 2000 * PAGE + 1);
    for (size_t page = 0; page < 2000; page += 1 + page % 29)
        warm(box, "f", page, 1);
    const char *command =
        box_format(box,
                   "%s '--format={file} {size} {pages} {resident} {percent}' f >out && "
                   "%s '--format={dirty} {writeback} {evicted}' f >>out && "
                   "%s -n --ascii --columns=20 f >>out",
                   tool(box), tool(box), tool(box));
    struct run picture = box_run(box, "mcache", "-n", "--ascii", "--columns=20", "f", NULL);
    pid_t child = fork();
    if (child == 0)
        run_without_cachestat(box, command);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_POSSIBLE)
        skip_aloud("no system call can be refused here");
    assert_int_equal(status, 0);
    const char *expected = box_format(box, "%s- - -\n%s", numbers_of(box, "f"), picture.out);
    assert_bytes(box_load(box, "out"), ((struct bytes){expected, strlen(expected)}));
}

static void range_counts_only_its_pages(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 20 * PAGE + 7);
    warm(box, "f", 4, 4);
    struct run r = box_run(box, "mcache", "--format={resident}/{pages}",
                           box_format(box, "--range=%zu:%zu", 3 * PAGE, 3 * PAGE), "f", NULL);
    assert_run(&r, 0, "2/3\n", "");
    r = box_run(box, "mcache", "--format={resident}/{pages}",
                box_format(box, "--range=%zu:", 7 * PAGE + 1), "f", NULL);
    assert_run(&r, 0, "1/14\n", "");
    r = box_run(box, "mcache", "--format={resident}/{pages}", "--range=1G:1G", "f", NULL);
    assert_run(&r, 0, "0/0\n", "");
}

/* ------------------------------------------------------------------- pictures */

static void blocks_show_the_share_of_each_column(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 80 * PAGE);
    warm(box, "f", 0, 10);
    warm(box, "f", 10, 1);
    warm(box, "f", 20, 9);
    struct run r = box_run(box, "mcache", "-n", "--columns=8", "f", NULL);
    assert_run(&r, 0,
               box_format(box, "       20        80 %6s %6s  25 [█▁▇     ] f\n",
                          PAGE == 4096 ? "80K" : "1.3M", PAGE == 4096 ? "320K" : "5.0M"),
               "");
    struct how plain = {.locale = "C"};
    r = box_run_with(box, &plain, "mcache", "-n", "--columns=8", "f", NULL);
    assert_run(&r, 0,
               box_format(box, "       20        80 %6s %6s  25 [O.o     ] f\n",
                          PAGE == 4096 ? "80K" : "1.3M", PAGE == 4096 ? "320K" : "5.0M"),
               "");
}

static void few_pages_are_as_wide_as_many(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 3 * PAGE);
    warm(box, "f", 1, 1);
    struct run r = box_run(box, "mcache", "-n", "--ascii", "--columns=9", "f", NULL);
    const char *picture = strchr(r.out, '[');
    assert_int_equal(r.status, 0);
    assert_non_null(picture);
    assert_string_equal(picture, "[   OOO   ] f\n");
}

static void pictures_are_60_columns_or_none(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", PAGE);
    struct run r = box_run(box, "mcache", "-n", "--ascii", "f", NULL);
    const char *picture = strchr(r.out, '[');
    assert_non_null(picture);
    assert_int_equal(strcspn(picture, "]"), 61);
    r = box_run(box, "mcache", "--columns=0", "f", NULL);
    assert_run(&r, 0,
               box_format(box, HEAD "        0         1      0 %s   0 f\n",
                          PAGE == 4096 ? "  4.0K" : "   64K"),
               "");
}

/* ------------------------------------------------------------------- walking */

/* A tree with a link to a file, one to a directory, and a file with two names. */
static void tree(struct sandbox *box)
{
    box_directory(box, "d");
    box_directory(box, "d/sub");
    box_fill(box, "d/b", text("b"));
    box_fill(box, "d/a", text("a"));
    box_fill(box, "d/sub/c.log", text("c"));
    box_fill(box, "d/empty", text(""));
    box_fill(box, "out", text("o"));
    box_link(box, "../out", "d/link");
    box_link(box, "sub", "d/linked");
    assert_int_equal(link(box_path(box, "d/a"), box_path(box, "d/z")), 0);
}

static void directories_are_walked_and_links_are_not(void **state)
{
    struct sandbox *box = *state;
    tree(box);
    struct run r = box_run(box, "mcache", "--format={file}", "d", NULL);
    assert_run(&r, 0, "d/a\nd/b\nd/empty\nd/sub/c.log\n", "");
    r = box_run(box, "mcache", "--format={file}", "d/", "out", NULL);
    assert_run(&r, 0, "d/a\nd/b\nd/empty\nd/sub/c.log\nout\n", "");
}

static void symbolic_links_are_followed_as_asked(void **state)
{
    struct sandbox *box = *state;
    tree(box);
    struct run r = box_run(box, "mcache", "--format={file}", "-L", "d", NULL);
    assert_run(&r, 0, "d/a\nd/b\nd/empty\nd/link\nd/linked/c.log\n", "");
    r = box_run(box, "mcache", "--format={file}", "d/link", "d/linked", NULL);
    assert_run(&r, 0, "d/link\nd/linked/c.log\n", "");
    r = box_run(box, "mcache", "--format={file}", "--no-dereference", "d/link", "d/linked", "d/b",
                NULL);
    assert_run(&r, 0, "d/b\n", "");
}

static void loop_of_links_ends(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    box_fill(box, "d/f", text("f"));
    box_link(box, "..", "d/up");
    struct run r = box_run(box, "mcache", "--format={file}", "-L", "d", NULL);
    assert_run(&r, 0, "d/f\n", "");
}

static void file_is_counted_once(void **state)
{
    struct sandbox *box = *state;
    tree(box);
    struct run r = box_run(box, "mcache", "--format={file}", "d/b", "d", "d/z", "d/b", NULL);
    assert_run(&r, 0, "d/b\nd/a\nd/empty\nd/sub/c.log\n", "");
}

static void globs_choose_among_names(void **state)
{
    struct sandbox *box = *state;
    tree(box);
    struct run r = box_run(box, "mcache", "--format={file}", "--include=*.log", "d", "out", NULL);
    assert_run(&r, 0, "d/sub/c.log\nout\n", "");
    r = box_run(box, "mcache", "--format={file}", "-i", "sub", "-i", "e*", "d", NULL);
    assert_run(&r, 0, "d/a\nd/b\n", "");
    r = box_run(box, "mcache", "--format={file}", "-I", "[ab]", "--exclude=b", "d", NULL);
    assert_run(&r, 0, "d/a\n", "");
}

static void names_come_from_a_list(void **state)
{
    struct sandbox *box = *state;
    tree(box);
    box_fill(box, "list", text("d/b\n\nout\nmissing\n"));
    struct run r = box_run(box, "mcache", "--format={file}", "-b", "list", "d/a", NULL);
    assert_run(&r, 1, "d/a\nd/b\nout\n", "mcache: missing: No such file or directory\n");
    struct how how = {.in = text("d/b\0out\0")};
    r = box_run_with(box, &how, "mcache", "--format={file}", "-0", "-b-", NULL);
    assert_run(&r, 0, "d/b\nout\n", "");
    r = box_run(box, "mcache", "-b", "none", NULL);
    assert_run(&r, 1, "", "mcache: none: No such file or directory\n");
}

static void many_files_come_in_order_and_in_bounded_memory(void **state)
{
    struct sandbox *box = *state;
    char *all = box_keep(box, 9000 * 8), *to = all;
    for (int i = 0; i < 9000; i++) {
        if (i % 3000 == 0)
            box_directory(box, box_format(box, "%d", i / 3000));
        to += sprintf(to, "%d/%04d\n", i / 3000, i % 3000);
        int fd = open(box_path(box, box_format(box, "%d/%04d", i / 3000, i % 3000)),
                      O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        close(fd);
    }
    struct run r = box_run(box, "mcache", "--format={file}", "0", "1", "2", NULL);
    assert_run(&r, 0, all, "");
    r = box_run(box, "mcache", "--format={file}", "--threads=1", "0", "1", "2", NULL);
    assert_run(&r, 0, all, "");
    if (SANITIZED)
        return; /* it needs address space without end */
    const char *limited =
        box_format(box, "ulimit -v 49152 && %s '--format={file}' 0 1 2", tool(box));
    r = box_run(box, "/bin/sh", "-c", limited, NULL);
    assert_run(&r, 0, all, "");
}

static void other_file_systems_are_left_out_with_x(void **state)
{
    struct sandbox *box = *state;
    /* /dev/shm is a file system of its own below /dev. */
    struct stat dev, shm;
    if (stat("/dev", &dev) != 0 || stat("/dev/shm", &shm) != 0 || dev.st_dev == shm.st_dev)
        skip_aloud("/dev/shm is no file system of its own");
    const char *name = box_format(box, "/dev/shm/mcache-test-%d", (int)getpid());
    int fd = open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        skip_aloud("/dev/shm cannot be written");
    close(fd);
    const char *include = box_format(box, "--include=%s", strrchr(name, '/') + 1);
    struct run one = box_run(box, "mcache", "--format={file}", "-x", include, "/dev", NULL);
    struct run all = box_run(box, "mcache", "--format={file}", include, "/dev", NULL);
    unlink(name);
    assert_string_equal(one.out, "");
    assert_string_equal(all.out, box_format(box, "%s\n", name));
}

/* -------------------------------------------------------------------- forms */

static void json_has_an_object_for_each_file(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "with \"quotes\"", text(""));
    box_fill(box, "\xff", text(""));
    struct run r = box_run(box, "mcache", "-J", "with \"quotes\"", "\xff", NULL);
    if (strstr(r.err, "without the jansson"))
        skip_aloud("built without jansson");
    assert_run(&r, 0,
               "{\"file\":\"with \\\"quotes\\\"\",\"size\":0,\"pages\":0,\"resident\":0,"
               "\"dirty\":0,\"writeback\":0,\"evicted\":0}\n"
               "{\"file\":{\"bytes\":\"/w==\"},\"size\":0,\"pages\":0,\"resident\":0,"
               "\"dirty\":0,\"writeback\":0,\"evicted\":0}\n",
               "");
}

static void format_knows_characters(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f\n", text(""));
    struct run r = box_run(box, "mcache", "--format=a\\tb\\\\\\{file} {file}\\0\\n", "f\n", NULL);
    assert_run_bytes(&r, 0, text("a\tb\\{file} f\n\0\n\n"), "");
}

static void wrong_formats_are_refused(void **state)
{
    static const char *const rows[][2] = {
        {"{nothing}", "'{nothing}'"}, {"a\\q", "'\\q'"}, {"{file", "'{file'"}, {"x\\", "'\\'"}};
    struct sandbox *box = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct run r =
            box_run(box, "mcache", box_format(box, "--format=%s", rows[i][0]), "f", NULL);
        assert_run(&r, 1, "",
                   box_format(box, "mcache: --format: neither a field nor a character: %s\n" TRY,
                              rows[i][1]));
    }
}

static void total_is_put_under_several_files(void **state)
{
    struct sandbox *box = *state;
    cold(box, "a", 3 * PAGE);
    cold(box, "b", 5 * PAGE);
    warm(box, "b", 0, 2);
    struct run r = box_run(box, "mcache", "-ns", "a", "b", NULL);
    assert_run(&r, 0,
               box_format(box, "        2         8 %6s %6s  25 total of 2 files\n",
                          PAGE == 4096 ? "8.0K" : "128K", PAGE == 4096 ? "32K" : "512K"),
               "");
    r = box_run(box, "mcache", "-s", "--format={file} {resident}", "a", "b", NULL);
    assert_run(&r, 0, "total 2\n", "");
    r = box_run(box, "mcache", "-n", "--columns=0", "a", "b", NULL);
    assert_non_null(strstr(r.out, " total of 2 files\n"));
}

static void top_shows_the_largest_residents(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    for (size_t i = 0; i < 40; i++) {
        const char *name = box_format(box, "d/%02zu", i);
        cold(box, name, 41 * PAGE);
        warm(box, name, 0, i * 7 % 40);
    }
    struct run r = box_run(box, "mcache", "--top=4", "--format={file} {resident}", "d", NULL);
    assert_run(&r, 0, "d/17 39\nd/34 38\nd/11 37\nd/28 36\n", "");
    r = box_run(box, "mcache", "--top=1000000", "--format={resident}", "d", NULL);
    assert_int_equal(strncmp(r.out, "39\n38\n37\n", 9), 0);
}

static void by_directory_sums_files(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    box_directory(box, "d/e");
    cold(box, "d/1", 2 * PAGE);
    cold(box, "d/2", 3 * PAGE);
    cold(box, "d/e/3", 9 * PAGE);
    warm(box, "d/1", 0, 1);
    warm(box, "d/e/3", 2, 4);
    struct run r =
        box_run(box, "mcache", "--by=dir", "--format={file} {resident}/{pages}", "d", NULL);
    assert_run(&r, 0, "d 1/5\nd/e 4/9\n", "");
    r = box_run(box, "mcache", "--by=dir", "--top=1", "--format={file} {resident}/{pages}", "d",
                NULL);
    assert_run(&r, 0, "d/e 4/9\n", "");
}

static void watch_shows_it_again(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 9 * PAGE);
    struct process *p =
        box_start(box, NULL, "mcache", "--watch=0.2", "-n", "--columns=0", "f", NULL);
    for (int i = 0; i < 100; i++)
        usleep(10000);
    warm(box, "f", 0, 9);
    usleep(1000000);
    process_signal(p, SIGTERM);
    struct run r = process_end(p);
    assert_int_equal(r.status, 128 + SIGTERM);
    assert_string_equal(r.err, "");
    assert_int_equal(strncmp(r.out, "        0         9 ", 20), 0);
    assert_non_null(strstr(r.out, "\n\n        9         9 "));
}

static void watch_clears_a_terminal(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    struct how how = {.out = OUT_TERMINAL};
    struct process *p = box_start(box, &how, "mcache", "--watch=1", "-n", "--columns=0", "f", NULL);
    process_expect(p, "\033[H\033[2J        0         0      0      0   0 f\n", "");
    process_signal(p, SIGTERM);
    assert_int_equal(process_end(p).status, 128 + SIGTERM);
}

static void maps_shows_what_a_process_maps(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 5 * PAGE);
    warm(box, "f", 1, 2);
    int fd = open_file(box, "f");
    void *map = mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(map != MAP_FAILED);
    const char *pid = box_format(box, "--maps=%d", (int)getpid());
    struct run r = box_run(box, "mcache", pid, "--format={file} {resident}/{pages}", NULL);
    struct run lines = box_run(box, "mcache", pid, "--columns=0", NULL);
    munmap(map, 3 * PAGE);
    close(fd);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.err, "");
    assert_non_null(strstr(r.out, box_format(box, "%s 2/5\n", box_path(box, "f"))));
    const char *begin = box_format(box, "%d (test-mcache): oom_score ", (int)getpid());
    assert_int_equal(strncmp(lines.out, begin, strlen(begin)), 0);
    assert_non_null(strstr(lines.out, ", VmLck 0\n"));
    assert_non_null(strstr(lines.out, box_format(box, "%s: %s mapped\n", box_path(box, "f"),
                                                 PAGE == 4096 ? "12K" : "192K")));
}

static void maps_shows_a_deleted_file(void **state)
{
    struct sandbox *box = *state;
    cold(box, "f", 5 * PAGE);
    int fd = open_file(box, "f");
    void *map = mmap(NULL, 5 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(map != MAP_FAILED);
    assert_int_equal(unlink(box_path(box, "f")), 0);
    struct run r = box_run(box, "mcache", box_format(box, "--maps=%d", (int)getpid()),
                           "--format={file} {pages} {resident}", NULL);
    munmap(map, 5 * PAGE);
    close(fd);
    assert_int_equal(r.status, 0);
    /* Only a privileged user may open it. */
    assert_true(strstr(r.out, box_format(box, "%s (deleted) 5 0\n", box_path(box, "f"))) ||
                strstr(r.out, box_format(box, "%s (deleted) 0 -\n", box_path(box, "f"))));
}

/* ------------------------------------------------------------------ trouble */

static void missing_file_between_two_good_ones(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("A"));
    box_fill(box, "b", text("B"));
    struct run r = box_run(box, "mcache", "--format={file}", "a", "gone", "b", NULL);
    assert_run(&r, 1, "a\nb\n", "mcache: gone: No such file or directory\n");
}

static void fifo_is_no_file_to_look_at(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    box_fifo(box, "d/p");
    box_fill(box, "d/f", text("f"));
    struct run r = box_run(box, "mcache", "--format={file}", "d/p", "d", NULL);
    assert_run(&r, 1, "d/f\n",
               "mcache: d/p: neither a regular file, a directory nor a block device\n");
}

static void unreadable_file_is_an_error(void **state)
{
    struct sandbox *box = *state;
    if (geteuid() == 0)
        skip_aloud("root may read every file");
    box_fill(box, "f", text("secret"));
    box_mode(box, "f", 0);
    struct run r = box_run(box, "mcache", "f", NULL);
    assert_run(&r, 1, "", "mcache: f: Permission denied\n");
}

static void names_are_safe_to_show(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a\033[m", text(""));
    struct run r = box_run(box, "mcache", "-n", "--columns=0", "a\033[m", NULL);
    assert_run(&r, 0, "        0         0      0      0   0 'a'$'\\033''[m'\n", "");
}

static void full_device_is_a_write_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mcache", "f", NULL);
    assert_run(&r, 1, "", "mcache: write error: No space left on device\n");
}

static void closed_output_is_a_write_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    struct run r = box_run_with(box, &(struct how){.out = OUT_CLOSED}, "mcache", "f", NULL);
    assert_run(&r, 1, "", "mcache: write error: Bad file descriptor\n");
}

static void wrong_options_are_refused(void **state)
{
    static const char *const rows[][4] = {
        {NULL, NULL, NULL, "missing operand"},
        {"--range=1", "f", NULL, "invalid --range value '1'"},
        {"--range=1:x", "f", NULL, "invalid --range value '1:x'"},
        {"--range=1:0", "f", NULL, "invalid --range value '1:0'"},
        {"--top=0", "f", NULL, "invalid --top value '0'"},
        {"--by=file", "f", NULL, "invalid --by value 'file'"},
        {"--columns=x", "f", NULL, "invalid --columns value 'x'"},
        {"--watch=0", "f", NULL, "invalid --watch value '0'"},
        {"--maps=0", NULL, NULL, "invalid --maps value '0'"},
        {"--threads=0", "f", NULL, "invalid --threads value '0'"},
        {"--oom-score-adj=1001", "f", NULL, "invalid --oom-score-adj value '1001'"},
        {"--maps=1", "f", NULL, "extra operand 'f'"},
        {"--restore=s", "f", NULL, "extra operand 'f'"},
        {"--sync", "f", NULL, "--sync goes with --evict"},
        {"--progress", "f", NULL, "--progress goes with --load, --touch-missing and --restore"},
        {"--daemon", "f", NULL,
         "--daemon, --pidfile, --lock-self and --oom-score-adj go with --lock"},
        {"-l", "--range=1:1", "f", "--range goes with what is shown, loaded or evicted"},
        {"-e", "--watch", "f", "--watch goes with what is only shown"},
        {"-l", "--json", "f", "--lock, --save and --restore show no files"},
        {"--json", "--format=x", "f", "only one of --json and --format can be had"},
        {"-0", "f", NULL, "--null goes with --files-from"},
        {"-t", "-e", "f",
         "only one of --load, --touch-missing, --evict, --lock, --save, --restore and --maps can "
         "be done"},
        {"-y", "f", NULL, "invalid option -- 'y'"},
    };
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct run r = box_run(box, "mcache", rows[i][0], rows[i][1], rows[i][2], NULL);
        assert_run(&r, 1, "", box_format(box, "mcache: %s\n" TRY, rows[i][3]));
    }
}

static void process_that_is_not_there_is_an_error(void **state)
{
    struct run r = box_run(*state, "mcache", "--maps=2147483647", NULL);
    assert_run(&r, 1, "", "mcache: process 2147483647: No such process\n");
}

static void help_goes_to_standard_output(void **state)
{
    const char *begin = "Usage: mcache [OPTION]... FILE|DIRECTORY...\n";
    struct run r = run_begins(box_run(*state, "mcache", "--help", NULL), begin);
    assert_run(&r, 0, begin, "");
}

static void version_names_the_tool(void **state)
{
    struct run r = run_begins(box_run(*state, "mcache", "--version", NULL), "mcache (");
    assert_run(&r, 0, "mcache (", "");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(every_seventh_mib_is_counted_to_the_page),
        TEST(first_half_and_nothing_and_all_are_counted),
        TEST(scattered_pages_are_counted_to_the_page),
        TEST(owner_gets_what_vmtouch_and_fincore_say),
        TEST(file_that_the_kernel_does_not_tell_of_is_unknown),
        TEST(unknown_files_are_in_no_sum),
        TEST(empty_file_has_no_pages),
        TEST(large_hole_is_seen_at_once),
        TEST(dirty_pages_are_counted),
        TEST(counts_are_the_same_without_cachestat),
        TEST(range_counts_only_its_pages),
        TEST(blocks_show_the_share_of_each_column),
        TEST(few_pages_are_as_wide_as_many),
        TEST(pictures_are_60_columns_or_none),
        TEST(directories_are_walked_and_links_are_not),
        TEST(symbolic_links_are_followed_as_asked),
        TEST(loop_of_links_ends),
        TEST(file_is_counted_once),
        TEST(globs_choose_among_names),
        TEST(names_come_from_a_list),
        TEST(many_files_come_in_order_and_in_bounded_memory),
        TEST(other_file_systems_are_left_out_with_x),
        TEST(json_has_an_object_for_each_file),
        TEST(format_knows_characters),
        TEST(wrong_formats_are_refused),
        TEST(total_is_put_under_several_files),
        TEST(top_shows_the_largest_residents),
        TEST(by_directory_sums_files),
        TEST(watch_shows_it_again),
        TEST(watch_clears_a_terminal),
        TEST(maps_shows_what_a_process_maps),
        TEST(maps_shows_a_deleted_file),
        TEST(missing_file_between_two_good_ones),
        TEST(fifo_is_no_file_to_look_at),
        TEST(unreadable_file_is_an_error),
        TEST(names_are_safe_to_show),
        TEST(full_device_is_a_write_error),
        TEST(closed_output_is_a_write_error),
        TEST(wrong_options_are_refused),
        TEST(process_that_is_not_there_is_an_error),
        TEST(help_goes_to_standard_output),
        TEST(version_names_the_tool),
    };
    return run_named(argc, argv, tests);
}
