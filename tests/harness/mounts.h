/* SPDX-License-Identifier: MIT */
/*
 * File systems of a test's own, in the box.
 *
 * They are mounted in a private mount namespace, and loop devices detach
 * themselves with the last use: nothing is left behind, however the test ends.
 * Where mounting is not possible the test is skipped aloud.
 */
#ifndef HARNESS_MOUNTS_H
#define HARNESS_MOUNTS_H

#include "harness.h"

/* mount_tmpfs -- one of `size` ("8m") as directory `name` of the box. */
void mount_tmpfs(struct sandbox *box, const char *name, const char *size);

/* make_image -- a file of the box with an empty file system, by mkfs.`type`. */
void make_image(struct sandbox *box, const char *image, const char *type, size_t len);

/* mount_image -- what is in a file of the box as directory `name`, which may exist; mount(2)'s
 * flags. */
void mount_image(struct sandbox *box, const char *image, const char *type, const char *name,
                 unsigned long flags);

/* mount_file -- show file `name` of the box in place of the file at `path`. */
void mount_file(struct sandbox *box, const char *name, const char *path);

/* unmount -- directory `name` of the box. */
void unmount(struct sandbox *box, const char *name);

/* open_loop -- a block device over a file of the box, for as long as it is open. */
int open_loop(struct sandbox *box, const char *image, int flags);

/* MOUNTED_TEST -- TEST() for a test that mounts. */
#define MOUNTED_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, mounts_setup, mounts_teardown)
int mounts_setup(void **state);
int mounts_teardown(void **state);

#endif
