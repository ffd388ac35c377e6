/* SPDX-License-Identifier: MIT */
/* Files that were loaded or evicted. */
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/vfs.h>

#include "mcache/change.h"
#include "mcache/file.h"
#include "mcache/options.h"
#include "mcache/users.h"

static char text[800];

/* Memory is the only place that the files of some file systems have. */
static bool is_memory(const char *name)
{
    struct statfs fs;
    return statfs(name, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

/* Why pages stayed in memory that are neither dirty nor on their way to the medium. */
static const char *holders(struct users *users, const struct file *file)
{
    if (is_memory(file->name))
        return "memory is the only place of this file";
    const char *who = users_text(users, file->device, file->inode);
    return *who ? who : "in use, or in one folio with pages that are";
}

static const char *evicted_note(struct users *users, const struct file *file)
{
    const struct mm_resident *now = &file->now;
    uint64_t unwritten = now->detailed ? now->dirty + now->writeback : 0;
    int len = snprintf(text, sizeof text, "%ju stayed", (uintmax_t)now->cached);
    if (unwritten > 0)
        len += snprintf(text + len, sizeof text - (size_t)len, ", %ju not written yet (--sync)",
                        (uintmax_t)unwritten);
    if (unwritten < now->cached)
        snprintf(text + len, sizeof text - (size_t)len, ", %s", holders(users, file));
    return text;
}

const char *change_note(const struct options *options, struct users *users, const struct file *file,
                        bool *short_of)
{
    if (file->unknown)
        return NULL;
    if (file->oversize) {
        *short_of = true;
        return "not loaded, as it is larger than memory";
    }
    if (options->action == EVICT && file->now.cached > 0) {
        *short_of = true;
        return evicted_note(users, file);
    }
    if (options->action == LOAD && file->now.cached < file->now.pages) {
        *short_of = true;
        snprintf(text, sizeof text, "%ju were loaded and are gone again, memory is short",
                 (uintmax_t)(file->now.pages - file->now.cached));
        return text;
    }
    return NULL;
}
