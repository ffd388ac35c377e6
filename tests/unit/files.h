/* SPDX-License-Identifier: MIT */
/* What the unit tests share: a file of the box, open. */
#ifndef UNIT_FILES_H
#define UNIT_FILES_H

#include <fcntl.h>
#include <stdlib.h>

#include <libmm/mm.h>

#include "harness.h"

/* A sanitizer makes mlock(2) do nothing, and needs address space without end. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/*
 * A new file of the box with `content`, open for reading and writing; cmocka's own SIGBUS handler
 * is put behind libmm's.
 */
static inline int open_filled(struct sandbox *box, const char *name, struct bytes content)
{
    assert_int_equal(mm_guard_install(), 0);
    box_fill(box, name, content);
    int fd = open(box_path(box, name), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

#endif
