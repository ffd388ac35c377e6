/* SPDX-License-Identifier: MIT */
/* mcopy on real file systems, in images of the test's own: content, holes, lack of room,
 * attributes. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "harness.h"
#include "mounts.h"

#define MIB ((size_t)1 << 20)

/* Mount an empty file system as directory fs of the box. */
static struct sandbox *with_system(void **state, const char *type)
{
    struct sandbox *box = *state;
    if (strcmp(type, "tmpfs") == 0) {
        mount_tmpfs(box, "fs", "64m");
        return box;
    }
    /* mkfs.xfs makes none that is smaller. */
    make_image(box, "image", type, (strcmp(type, "xfs") == 0 ? 320 : 128) * MIB);
    mount_image(box, "image", type, "fs", 0);
    return box;
}

static struct stat stat_of(struct sandbox *box, const char *name)
{
    struct stat st;
    if (lstat(box_path(box, name), &st) < 0)
        fail_msg("%s is missing", name);
    return st;
}

static void assert_names(struct sandbox *box, const char *names)
{
    struct run r = box_run(box, "/bin/ls", "-A", "-I", "lost+found", "fs", NULL);
    assert_run(&r, 0, names, "");
}

static void copy(struct sandbox *box, const char *option, const char *from, const char *to)
{
    struct run r = box_run(box, "mcopy", "--reflink=auto", option, from, to, NULL);
    assert_run(&r, 0, "", "");
    struct run compared = box_run(box, "/usr/bin/cmp", from, to, NULL);
    assert_run(&compared, 0, "", "");
}

/* New, over a file, in place, resumed, replaced; from another file system and from the same. */
static void contents(void **state, const char *type)
{
    static const char *const how[] = {"--sparse=auto", "--in-place", "--resume",
                                      "--atomic",      "--verify",   "--sync"};
    const size_t sizes[] = {0, 1, PAGE - 1, PAGE + 1, 2 * MIB, 9 * MIB + 5};
    struct sandbox *box = with_system(state, type);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        box_fill(box, "a", box_lines(box, sizes[i]));
        for (size_t j = 0; j < sizeof how / sizeof *how; j++) {
            copy(box, how[j], "a", "fs/f");
            box_fill(box, "fs/f", box_repeat(box, 'x', (j % 3) * 3 * MIB));
            copy(box, how[j], "a", "fs/f");
            copy(box, how[j], "fs/f", "fs/g");
            assert_names(box, "f\ng\n");
            unlink(box_path(box, "fs/f"));
            unlink(box_path(box, "fs/g"));
        }
    }
    unmount(box, "fs");
}

static void holes(void **state, const char *type)
{
    struct sandbox *box = with_system(state, type);
    box_fill(box, "fs/a", box_lines(box, 3 * PAGE));
    box_truncate(box, "fs/a", 32 * MIB);
    box_append(box, "fs/a", text("tail"));
    copy(box, "--reflink=never", "fs/a", "fs/auto");
    copy(box, "--sparse=never", "fs/a", "never");
    box_fill(box, "zeroes", box_load(box, "fs/a"));
    struct run r =
        box_run(box, "mcopy", "--reflink=never", "--sparse=always", "zeroes", "fs/always", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "/usr/bin/cmp", "zeroes", "fs/always", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "/bin/sync", "-f", "fs", NULL);
    assert_int_equal(r.status, 0);
    if (strcmp(type, "vfat") != 0) { /* which has no holes */
        assert_true(stat_of(box, "fs/auto").st_blocks * 512 < (blkcnt_t)MIB);
        assert_true(stat_of(box, "fs/always").st_blocks * 512 < (blkcnt_t)MIB);
    }
    unmount(box, "fs");
}

/* Leave only about `room` bytes. */
static void fill_up(struct sandbox *box, size_t room)
{
    struct statvfs st;
    int fd = open(box_path(box, "fs/ballast"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fstatvfs(fd, &st), 0);
    size_t free_bytes = st.f_bavail * st.f_frsize;
    assert_true(free_bytes > room);
    if (posix_fallocate(fd, 0, (off_t)(free_bytes - room)) != 0)
        skip_aloud("no room can be taken here");
    close(fd);
}

static void lack_of_room(void **state, const char *type)
{
    static const char *const how[] = {"--sparse=auto", "--sparse=always", "--atomic"};
    struct sandbox *box = with_system(state, type);
    struct bytes lines = box_lines(box, 24 * MIB);
    fill_up(box, 8 * MIB);
    box_fill(box, "large", lines);
    box_fill(box, "fs/old", text("old\n"));
    /* Known before the first byte, found in the middle of the copy, and with an old file. */
    for (size_t i = 0; i < 3; i++) {
        const char *to = i == 2 ? "fs/old" : "fs/new";
        struct run r = box_run(box, "mcopy", how[i], "large", to, NULL);
        assert_run(&r, 1, "",
                   box_format(box, "mcopy: error writing '%s': No space left on device\n", to));
        assert_names(box, "ballast\nold\n");
    }
    assert_bytes(box_load(box, "fs/old"), text("old\n"));
    /* Written over, it holds what is good. */
    struct run r = box_run(box, "mcopy", "--sparse=always", "large", "fs/old", NULL);
    assert_run(&r, 1, "", "mcopy: error writing 'fs/old': No space left on device\n");
    struct bytes left = box_load(box, "fs/old");
    assert_true(left.len < lines.len);
    assert_bytes(left, ((struct bytes){lines.data, left.len}));
    /* There is room again for what fits. */
    box_truncate(box, "fs/old", 0);
    box_fill(box, "fits", box_lines(box, 2 * MIB));
    copy(box, "--verify", "fits", "fs/new");
    unmount(box, "fs");
}

/* What cp -a keeps, mcopy -a keeps. */
static void attributes(void **state, const char *type)
{
    struct sandbox *box = with_system(state, type);
    box_fill(box, "fs/a", text("content"));
    if (access("/usr/bin/setfacl", X_OK) != 0 || access("/usr/bin/setfattr", X_OK) != 0)
        skip_aloud("there is no setfacl or setfattr here");
    struct run set = box_run(box, "/usr/bin/setfacl", "-m", "u:12345:r,g:54321:rw", "fs/a", NULL);
    if (set.status != 0)
        skip_aloud("this file system has no access control lists");
    set = box_run(box, "/usr/bin/setfattr", "-n", "user.key", "-v", "value", "fs/a", NULL);
    bool named = set.status == 0;
    struct run r = box_run(box, "/bin/cp", "-a", "fs/a", "fs/b", NULL);
    assert_run(&r, 0, "", "");
    struct run lists = box_run(box, "/usr/bin/getfacl", "-c", "fs/b", NULL);
    struct run others = box_run(box, "/usr/bin/getfattr", "-d", "fs/b", NULL);
    for (int old = 0; old < 2; old++) {
        unlink(box_path(box, "fs/b"));
        if (old)
            box_fill(box, "fs/b", text("old"));
        r = box_run(box, "mcopy", "-a", "--reflink=never", "fs/a", "fs/b", NULL);
        assert_run(&r, 0, "", "");
        r = box_run(box, "/usr/bin/getfacl", "-c", "fs/b", NULL);
        assert_run_bytes(&r, 0, ((struct bytes){lists.out, lists.out_len}), "");
        r = box_run(box, "/usr/bin/getfattr", "-d", "fs/b", NULL);
        assert_run_bytes(&r, 0, ((struct bytes){others.out, others.out_len}), "");
    }
    assert_int_equal(others.out_len > 0, named);
    /* What is replaced passes its lists on. */
    box_fill(box, "new", text("new"));
    r = box_run(box, "mcopy", "--atomic", "new", "fs/b", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "/usr/bin/getfacl", "-c", "fs/b", NULL);
    assert_run_bytes(&r, 0, ((struct bytes){lists.out, lists.out_len}), "");
    unmount(box, "fs");
}

/* Can this file system clone?  It says the same to cp. */
static void clones(void **state, const char *type)
{
    struct sandbox *box = with_system(state, type);
    struct how how = {.locale = "C"};
    struct bytes content = box_lines(box, 8 * MIB);
    box_fill(box, "fs/a", content);
    struct run peer = box_run_with(box, &how, "/bin/cp", "--reflink=always", "fs/a", "fs/b", NULL);
    for (int old = 0; old < 2; old++) {
        unlink(box_path(box, "fs/b"));
        if (old)
            box_fill(box, "fs/b", box_repeat(box, 'x', 9 * MIB));
        struct run r = box_run(box, "mcopy", "--reflink=always", "fs/a", "fs/b", NULL);
        assert_int_equal(r.status, peer.status);
        if (peer.status == 0)
            assert_bytes(box_load(box, "fs/b"), content);
        assert_run(&r, peer.status, "",
                   peer.err_len ? box_format(box, "mcopy%s", peer.err + 2) : "");
    }
    unmount(box, "fs");
}

/* EVERY -- a row for each file system. */
#define ON(type, what)                                                                             \
    static void what##_on_##type(void **state)                                                     \
    {                                                                                              \
        what(state, #type);                                                                        \
    }
#define EVERY(what) ON(ext4, what) ON(xfs, what) ON(btrfs, what) ON(tmpfs, what) ON(vfat, what)
EVERY(contents)
EVERY(holes)
EVERY(lack_of_room)
EVERY(attributes)
EVERY(clones)

#define ROWS(what)                                                                                 \
    MOUNTED_TEST(what##_on_ext4), MOUNTED_TEST(what##_on_xfs), MOUNTED_TEST(what##_on_btrfs),      \
        MOUNTED_TEST(what##_on_tmpfs), MOUNTED_TEST(what##_on_vfat)

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        ROWS(contents), ROWS(holes), ROWS(lack_of_room), ROWS(attributes), ROWS(clones),
    };
    return run_named(argc, argv, tests);
}
