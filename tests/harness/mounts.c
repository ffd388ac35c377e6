/* SPDX-License-Identifier: MIT */
/* File systems of a test's own: private, and gone with it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include "mounts.h"

#define MAX_MOUNTS 8

/* Where something is mounted; "" for a free place. */
static char mounted[MAX_MOUNTS][4200];

static bool mounts_are_own;

/* Before the box is opened: a directory is looked up in the namespace that it was opened in. */
int mounts_setup(void **state)
{
    if (!mounts_are_own)
        mounts_are_own =
            unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
    return box_setup(state);
}

static void mount_at(const char *path, const char *source, const char *type, unsigned long flags,
                     const char *options)
{
    size_t place = 0;
    if (!mounts_are_own)
        skip_aloud("only root can mount file systems");
    while (place < MAX_MOUNTS && mounted[place][0])
        place++;
    assert_true(place < MAX_MOUNTS);
    if (mount(source, path, type, flags, options) != 0) {
        print_message("%s on %s: %s\n", source, path, strerror(errno));
        skip_aloud("such a file system cannot be mounted here");
    }
    snprintf(mounted[place], sizeof(mounted[place]), "%s", path);
}

static void unmount_path(const char *path, int flags)
{
    for (size_t i = 0; i < MAX_MOUNTS; i++) {
        if (strcmp(mounted[i], path) == 0) {
            assert_int_equal(umount2(path, flags), 0);
            mounted[i][0] = '\0';
        }
    }
}

void mount_tmpfs(struct sandbox *box, const char *name, const char *size)
{
    box_directory(box, name);
    mount_at(box_path(box, name), "tmpfs", "tmpfs", 0, box_format(box, "size=%s", size));
}

void make_image(struct sandbox *box, const char *image, const char *type, size_t len)
{
    const char *mkfs = box_format(box, "/sbin/mkfs.%s", type);
    if (access(mkfs, X_OK) != 0)
        skip_aloud(box_format(box, "there is no %s here", mkfs));
    box_fill(box, image, text(""));
    box_truncate(box, image, (off_t)len);
    struct run r = box_run(box, mkfs, image, NULL);
    assert_int_equal(r.status, 0);
}

void mount_image(struct sandbox *box, const char *image, const char *type, const char *name,
                 unsigned long flags)
{
    int fd = open_loop(box, image, O_RDWR);
    if (!box_exists(box, name))
        box_directory(box, name);
    mount_at(box_path(box, name), box_format(box, "/proc/self/fd/%d", fd), type, flags, NULL);
    close(fd);
}

void mount_file(struct sandbox *box, const char *name, const char *path)
{
    mount_at(path, box_path(box, name), "none", MS_BIND, NULL);
}

void unmount(struct sandbox *box, const char *name)
{
    unmount_path(box_path(box, name), 0);
}

int open_loop(struct sandbox *box, const char *image, int flags)
{
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0)
        skip_aloud("there are no loop devices here");
    int file = open(box_path(box, image), flags | O_CLOEXEC), device = -1;
    assert_true(file >= 0);
    struct loop_config config = {.fd = (unsigned)file, .info.lo_flags = LO_FLAGS_AUTOCLEAR};
    /* Somebody else may take the free one first. */
    for (int tries = 0; device < 0 && tries < 20; tries++) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0)
            break;
        device = open(box_format(box, "/dev/loop%d", number), flags | O_CLOEXEC);
        if (device >= 0 && ioctl(device, LOOP_CONFIGURE, &config) != 0) {
            close(device);
            device = -1;
        }
    }
    close(file);
    close(control);
    if (device < 0)
        skip_aloud("no loop device can be had here");
    return device;
}

int mounts_teardown(void **state)
{
    for (size_t i = MAX_MOUNTS; i-- > 0;) {
        if (mounted[i][0])
            umount2(mounted[i], MNT_DETACH);
        mounted[i][0] = '\0';
    }
    return box_teardown(state);
}
