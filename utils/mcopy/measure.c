/* SPDX-License-Identifier: MIT */
/* How much there is to copy, for --progress. */
#include <ftw.h>
#include <stddef.h>
#include <sys/stat.h>

#include "mcopy/measure.h"

#define DESCRIPTORS 32

static struct {
    uint64_t files, bytes;
} sum;

static int visit(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)path, (void)where;
    if (kind == FTW_F && S_ISREG(st->st_mode)) {
        sum.files++;
        sum.bytes += (uint64_t)st->st_size;
    }
    return 0;
}

void measure(const struct options *options, const char *path, uint64_t *files, uint64_t *bytes)
{
    struct stat st;
    sum.files = sum.bytes = 0;
    int how = does_follow(options, false) ? 0 : FTW_PHYS;
    if (options->one_file_system)
        how |= FTW_MOUNT;
    bool found = (does_follow(options, true) ? stat(path, &st) : lstat(path, &st)) == 0;
    if (found && !S_ISDIR(st.st_mode))
        visit(path, &st, FTW_F, NULL);
    else if (found && options->recursive)
        nftw(path, visit, DESCRIPTORS, how);
    *files += sum.files;
    *bytes += sum.bytes;
}
