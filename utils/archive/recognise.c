/* SPDX-License-Identifier: MIT */
/* What is an archive or a compressed file, by its first bytes. */
#include <stdint.h>
#include <string.h>

#include "archive/recognise.h"

struct magic {
    size_t offset, len;
    const char *bytes;
    enum recognised what;
    bool all; /* only among all formats */
};

#define MAGIC(offset, bytes, what, all)                                                            \
    {                                                                                              \
        offset, sizeof(bytes) - 1, bytes, what, all                                                \
    }

static const struct magic magics[] = {
    MAGIC(0, "\x1f\x8b\x08", GZIP, false),
    MAGIC(0, "\xfd\x37zXZ\0", COMPRESSED, false),       /* xz */
    MAGIC(0, "\x28\xb5\x2f\xfd", COMPRESSED, false),    /* zstd */
    MAGIC(0, "\x04\x22\x4d\x18", COMPRESSED, false),    /* lz4 */
    MAGIC(0, "LZIP\1", COMPRESSED, false),              /* lzip */
    MAGIC(0, "070701", ARCHIVE, false),                 /* cpio, newc */
    MAGIC(0, "070702", ARCHIVE, false),                 /* the same with sums */
    MAGIC(0, "070707", ARCHIVE, false),                 /* cpio, odc */
    MAGIC(0, "!<arch>\n", ARCHIVE, false),              /* ar */
    MAGIC(0, "PK\3\4", ARCHIVE, false),                 /* zip, */
    MAGIC(0, "PK\5\6", ARCHIVE, false),                 /* without members, */
    MAGIC(0, "PK00PK\3\4", ARCHIVE, false),             /* that was to be split */
    MAGIC(0, "7z\xbc\xaf\x27\x1c", ARCHIVE, true),      /* 7zip */
    MAGIC(RECOGNISE_ALL - 6, "\1CD001", ARCHIVE, true), /* iso9660 */
};

static bool is_bzip2(const unsigned char *data, size_t len)
{
    return len >= 10 && memcmp(data, "BZh", 3) == 0 && data[3] >= '1' && data[3] <= '9' &&
           (memcmp(data + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
            memcmp(data + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

/* Two bytes are little: the third one says how long codes get, and has two bits that are 0. */
static bool is_compress(const unsigned char *data, size_t len)
{
    return len >= 3 && data[0] == 0x1f && data[1] == 0x9d && (data[2] & 0x60) == 0 &&
           (data[2] & 0x1f) >= 9 && (data[2] & 0x1f) <= 16;
}

/* A header of a binary cpio, in one byte order or the other: its name must end where it says. */
static bool is_binary_cpio(const unsigned char *data, size_t len)
{
    if (len < 28)
        return false;
    int low = data[0] == 0xc7 && data[1] == 0x71 ? 0 : 1;
    if (data[low] != 0xc7 || data[!low] != 0x71)
        return false;
    size_t name = data[20 + low] + 256u * data[20 + !low];
    unsigned mode = data[6 + low] + 256u * data[6 + !low];
    return name > 1 && 26 + name <= len && data[26 + name - 1] == '\0' && (mode & 0170000) != 0;
}

/* A header of a tar archive, of any kind: its sum is right. */
static bool is_tar(const unsigned char *data, size_t len)
{
    if (len < 512 || data[0] == '\0')
        return false;
    size_t at = 148;
    while (at < 155 && data[at] == ' ')
        at++;
    uint64_t said = 0;
    bool digits = false;
    for (; at < 156 && data[at] >= '0' && data[at] <= '7'; at++) {
        said = said * 8 + (data[at] - (uint64_t)'0');
        digits = true;
    }
    uint64_t sum = 8 * ' ';
    int64_t old = 8 * ' '; /* of bytes with a sign, as some tars of old took it */
    for (size_t i = 0; i < 512; i++) {
        if (i >= 148 && i < 156)
            continue;
        sum += data[i];
        old += (signed char)data[i];
    }
    return digits && (said == sum || (int64_t)said == old);
}

enum recognised recognise(const unsigned char *data, size_t len, bool all)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        const struct magic *m = &magics[i];
        if ((all || !m->all) && len >= m->offset + m->len &&
            memcmp(data + m->offset, m->bytes, m->len) == 0)
            return m->what;
    }
    if (is_bzip2(data, len) || is_compress(data, len))
        return COMPRESSED;
    return is_binary_cpio(data, len) || is_tar(data, len) ? ARCHIVE : PLAIN;
}
