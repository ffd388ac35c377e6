/* SPDX-License-Identifier: MIT */
/* Operands and directories to inputs. */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/rules.h"
#include "mgrep/walk.h"

static void trouble(struct walk *walk, const char *name, int error)
{
    if (!walk->quiet)
        message_name(quote_controls(name), error);
    walk->trouble = true;
}

static bool is_device(mode_t mode)
{
    return S_ISCHR(mode) || S_ISBLK(mode) || S_ISSOCK(mode) || S_ISFIFO(mode);
}

static bool skips_devices(const struct walk *walk, bool operand)
{
    return walk->devices == DEVICES_SKIP || (walk->devices == DEVICES_OPERANDS && !operand);
}

/*
 * One entry below a directory operand, or the operand itself.  Below, a glob
 * must match the last part of the name; the operand may match by any suffix.
 */
static bool visit_entry(struct walk *walk, FTS *fts, FTSENT *entry)
{
    bool operand = entry->fts_level == FTS_ROOTLEVEL;
    const char *name = entry->fts_path;
    if (walk->bare && name[1])
        name += 2;
    const char *matched = operand ? entry->fts_path : entry->fts_name;
    bool folder =
        entry->fts_info == FTS_D || entry->fts_info == FTS_DC || entry->fts_info == FTS_DNR;
    if (entry->fts_info == FTS_DP)
        return true;
    if (!(folder && operand && walk->bare) &&
        rules_exclude(folder ? walk->folders : walk->files, matched, operand)) {
        fts_set(fts, entry, FTS_SKIP);
        return true;
    }
    switch (entry->fts_info) {
    case FTS_D:
    case FTS_SL:
        return true;
    case FTS_DC:
        if (!walk->quiet)
            message("%s: warning: recursive directory loop", quote_controls(name));
        return true;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        trouble(walk, name, entry->fts_errno);
        return true;
    case FTS_DEFAULT:
        if (skips_devices(walk, operand) && is_device(entry->fts_statp->st_mode))
            return true;
        break;
    default:
        break;
    }
    return walk->visit(walk->context, entry->fts_path, name, true);
}

/* The order is that in which the directories give their entries, as in GNU grep. */
static bool walk_directory(struct walk *walk, const char *operand)
{
    char *root = xstrdup(operand), *roots[] = {root, NULL};
    for (size_t len = strlen(root); len > 1 && root[len - 1] == '/' && root[len - 2] == '/'; len--)
        root[len - 1] = '\0';
    int options = FTS_NOCHDIR | (walk->follow ? FTS_LOGICAL : FTS_PHYSICAL | FTS_COMFOLLOW);
    FTS *fts = fts_open(roots, options, NULL);
    bool go_on = true;
    if (!fts) {
        trouble(walk, operand, errno);
        goto out;
    }
    FTSENT *entry;
    while (go_on && (errno = 0, entry = fts_read(fts)))
        go_on = visit_entry(walk, fts, entry);
    if (go_on && errno)
        trouble(walk, operand, errno);
    fts_close(fts);
out:
    free(root);
    return go_on;
}

bool walk_operand(struct walk *walk, const char *operand)
{
    struct stat st;
    if (strcmp(operand, "-") == 0)
        return walk->visit(walk->context, operand, operand, false);
    if (stat(operand, &st) != 0) {
        trouble(walk, operand, errno);
        return true;
    }
    bool folder = S_ISDIR(st.st_mode);
    if (skips_devices(walk, true) && is_device(st.st_mode))
        return true;
    if (folder && walk->directories == DIRECTORIES_SKIP)
        return true;
    if (!(folder && walk->bare) &&
        rules_exclude(folder ? walk->folders : walk->files, operand, true))
        return true;
    if (folder && walk->directories == DIRECTORIES_RECURSE)
        return walk_directory(walk, operand);
    return walk->visit(walk->context, operand, operand, false);
}
