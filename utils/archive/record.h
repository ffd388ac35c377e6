/* SPDX-License-Identifier: MIT */
/* What a decoding process and its parent share: the words of the ring, and a page. */
#ifndef ARCHIVE_RECORD_H
#define ARCHIVE_RECORD_H

#include <stdatomic.h>
#include <stdint.h>

/*
 *     MEMBER  (DATA | HOLE)*  MEMBER_END      for each member
 *     TROUBLE                                 anywhere between these
 *     END                                     no more will come
 */
enum record_kind {
    RECORD_MEMBER = 1, /* struct record_member, its name, the target of its link */
    RECORD_DATA,       /* so many bytes */
    RECORD_HOLE,       /* so many zeroes, which do not follow */
    RECORD_MEMBER_END,
    RECORD_TROUBLE, /* the name in the archive, a NUL, and what is wrong */
    RECORD_END,
};

struct record {
    uint32_t kind;
    uint32_t index; /* of the member, counted from 1 */
    uint64_t len;   /* of what follows */
};

#define RECORD_NAME_MAX ((uint32_t)64 << 10)

#define MEMBER_CONTENT   0x1u /* the content of a compressed file: it has no name of its own */
#define MEMBER_ENCRYPTED 0x2u
#define MEMBER_HARD_LINK 0x4u
#define MEMBER_SIZED     0x8u  /* the size is known */
#define MEMBER_ABSOLUTE  0x10u /* its name, or that of a hard link's target, began with a slash */
#define MEMBER_SPARSE    0x20u

struct record_member {
    uint32_t mode, flags;
    uint32_t uid, gid;
    uint32_t name_len, link_len;
    uint64_t size;
    int64_t seconds;
    uint32_t nanoseconds;
};

struct shared {
    _Atomic uint32_t unwanted; /* members up to this one are not wanted, or no more of them */
    _Atomic uint64_t progress; /* stepped by every new byte that goes in or comes out */
};

/* How a decoding process ends, but for 0 and signals. */
enum { EXIT_STUCK = 100, EXIT_NO_SANDBOX };

#endif
