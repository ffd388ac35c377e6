/* SPDX-License-Identifier: MIT */
/* Archives made by the tools that everybody has. */
#ifndef HARNESS_ARCHIVES_H
#define HARNESS_ARCHIVES_H

#include <stdlib.h>

#include "harness.h"

/* A way to make an archive of what is in the directory t, and how deep it must be asked. */
struct maker {
    const char *file;    /* the archive's name */
    const char *command; /* of the shell, in the directory that t is in */
    const char *program; /* that it takes */
    bool all;            /* --archive-formats=all */
};

/* The members are a, d/b, empty and, in UTF-8, d/\u00e4, in this order. */
#define MEMBERS "a d/b empty d/\u00e4"
#define CPIO    "cd t && printf '%s\\n' " MEMBERS " | tr ' ' '\\n' | cpio --quiet -o -H "

static const struct maker archive_makers[] = {
    {"gnu.tar", "cd t && tar -cf ../gnu.tar " MEMBERS, "tar", false},
    {"ustar.tar", "cd t && tar --format=ustar -cf ../ustar.tar " MEMBERS, "tar", false},
    {"pax.tar", "cd t && tar --format=pax -cf ../pax.tar " MEMBERS, "tar", false},
    {"v7.tar", "cd t && tar --format=v7 -cf ../v7.tar " MEMBERS, "tar", false},
    {"tar.gz", "cd t && tar -czf ../tar.gz " MEMBERS, "gzip", false},
    {"tar.bz2", "cd t && tar -cjf ../tar.bz2 " MEMBERS, "bzip2", false},
    {"tar.xz", "cd t && tar -cJf ../tar.xz " MEMBERS, "xz", false},
    {"tar.zst", "cd t && tar -c " MEMBERS " | zstd -q >../tar.zst", "zstd", false},
    {"tar.lz4", "cd t && tar -c " MEMBERS " | lz4 -q >../tar.lz4", "lz4", false},
    {"tar.lz", "cd t && tar -c " MEMBERS " | lzip >../tar.lz", "lzip", false},
    {"tar.Z", "cd t && tar -c " MEMBERS " | compress -c >../tar.Z", "compress", false},
    {"newc.cpio", CPIO "newc >../newc.cpio", "cpio", false},
    {"odc.cpio", CPIO "odc >../odc.cpio", "cpio", false},
    {"bin.cpio", CPIO "bin >../bin.cpio", "cpio", false},
    {"crc.cpio", CPIO "crc >../crc.cpio", "cpio", false},
    {"cpio.gz", CPIO "newc | gzip >../cpio.gz", "cpio", false},
    {"zip", "cd t && zip -q ../zip " MEMBERS " && mv ../zip.zip ../zip", "zip", false},
    {"stored.zip", "cd t && zip -q0 ../stored.zip " MEMBERS, "zip", false},
    {"7z", "cd t && 7z a -bd ../7z " MEMBERS " >/dev/null && mv ../7z.7z ../7z", "7z", true},
    {"iso", "genisoimage -quiet -J -R -input-charset utf-8 -o iso t", "genisoimage", true},
};

#define ARCHIVE_MAKERS (sizeof archive_makers / sizeof *archive_makers)

static const struct maker filter_makers[] = {
    {"f.gz", "gzip -c f >f.gz", "gzip", false},
    {"f.bz2", "bzip2 -c f >f.bz2", "bzip2", false},
    {"f.xz", "xz -c f >f.xz", "xz", false},
    {"f.zst", "zstd -qc f >f.zst", "zstd", false},
    {"f.lz4", "lz4 -qc f >f.lz4", "lz4", false},
    {"f.lz", "lzip -c f >f.lz", "lzip", false},
    {"f.Z", "compress -c f >f.Z", "compress", false},
};

#define FILTER_MAKERS (sizeof filter_makers / sizeof *filter_makers)

/* shell -- run a command in the box; it must succeed without a word. */
static inline void shell(struct sandbox *box, const char *command)
{
    struct run r = box_run(box, "/bin/sh", "-c", command, NULL);
    if (r.status != 0)
        fail_msg("%s: status %d, %s", command, r.status, r.err);
}

static inline bool has_program(struct sandbox *box, const char *program)
{
    struct run r = box_run(box, "/bin/sh", "-c", box_format(box, "command -v %s", program), NULL);
    if (r.status != 0)
        print_message("skipped: %s is absent\n", program);
    return r.status == 0;
}

/* make -- the archive, if that can be. */
static inline bool make(struct sandbox *box, const struct maker *maker)
{
    if (!has_program(box, maker->program))
        return false;
    shell(box, maker->command);
    return true;
}

#endif
