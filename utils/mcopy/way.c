/* SPDX-License-Identifier: MIT */
/* What is in the way of a copy: left, overwritten, moved aside or removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"

#include "mcopy/ask.h"
#include "mcopy/backup.h"
#include "mcopy/report.h"
#include "mcopy/same.h"
#include "mcopy/seen.h"
#include "mcopy/tally.h"
#include "mcopy/tree.h"

/* How fine, in nanoseconds, the times are that the file system of `st` keeps: as its own show. */
static long resolution(const struct stat *st)
{
    long finest = 1000000000;
    const long parts[] = {st->st_atim.tv_nsec, st->st_mtim.tv_nsec, st->st_ctim.tv_nsec};
    for (int i = 0; i < 3; i++)
        while (finest > 1 && parts[i] % finest != 0)
            finest /= 10;
    return finest;
}

/*
 * Is what is there as new as the source, or newer?  A copy that kept the source's time is not
 * older for what its file system could not keep of it.
 */
static bool is_current(const struct options *o, const struct stat *there, const struct stat *st)
{
    long fine = o->preserve_times ? resolution(there) : 1;
    long nsec = st->st_mtim.tv_nsec - st->st_mtim.tv_nsec % fine;
    time_t sec = st->st_mtim.tv_sec;
    if (there->st_mtim.tv_sec != sec)
        return there->st_mtim.tv_sec > sec;
    return there->st_mtim.tv_nsec >= nsec;
}

/* The destination is as new as the source: it stays, but other names of the source are its. */
static enum verdict stay_current(struct tree *tree, const struct entry *e)
{
    const struct seen *first = seen_remember(&tree->copied, &e->st, false, e->to);
    if (!first)
        return DONE;
    bool follow = does_follow(tree->options, e->operand);
    return make_hard(tree->options, first->to, follow, e->to, true, true) ? DONE : TROUBLE;
}

/* May the kinds take each other's place, and does the operand spare what this run made? */
static enum verdict compare_kinds(struct tree *tree, const struct entry *e)
{
    bool directory = S_ISDIR(e->st.st_mode), there = S_ISDIR(e->there.st_mode);
    if (directory && !there) {
        message("cannot overwrite non-directory %s with directory %s", quote_always(e->to),
                quote_always(e->from));
        return TROUBLE;
    }
    if (!there && e->operand && tree->options->backup != BACKUP_NUMBERED &&
        seen_recall(&tree->created, &e->there, e->to)) {
        message("will not overwrite just-created %s with %s", quote_always(e->to),
                quote_always(e->from));
        return TROUBLE;
    }
    if (!directory && there) {
        message("cannot overwrite directory %s with non-directory", quote_always(e->to));
        return TROUBLE;
    }
    return GO_ON;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Is the source the very file that the backup would overwrite? */
static bool source_is_backup(const struct options *o, const struct entry *e)
{
    const char *from = last_name(e->from), *to = last_name(e->to);
    size_t len = strlen(to);
    if (strncmp(from, to, len) != 0 || strcmp(from + len, o->suffix) != 0)
        return false;
    char *name = xmalloc(strlen(e->to) + strlen(o->suffix) + 1);
    stpcpy(stpcpy(name, e->to), o->suffix);
    struct stat st;
    bool result = stat(name, &st) == 0 && same_inode(&st, &e->st);
    free(name);
    return result;
}

static enum verdict move_aside(const struct options *o, struct entry *e)
{
    if (o->backup != BACKUP_NUMBERED && source_is_backup(o, e)) {
        message("backing up %s might destroy source;  %s not copied", quote_always(e->to),
                quote_always(e->from));
        return TROUBLE;
    }
    int error = backup_make(o, e->to, &e->backup);
    if (error && error != -ENOENT) {
        message("cannot backup %s: %s", quote_always(e->to), strerror(-error));
        return TROUBLE;
    }
    e->is_new = true;
    tally.backups += !error;
    return GO_ON;
}

static enum verdict take_away(const struct options *o, struct entry *e)
{
    if (unlink(e->to) != 0 && errno != ENOENT) {
        message("cannot remove %s: %s", quote_always(e->to), strerror(errno));
        return TROUBLE;
    }
    e->is_new = true;
    report_removed(o, e->to);
    return GO_ON;
}

/*
 * Another name of what is there would change with it, and what is no file cannot be written
 * over.
 */
static bool must_go(const struct options *o, const struct entry *e)
{
    return o->remove ||
           (!o->attributes_only && ((o->preserve_links && e->there.st_nlink > 1) ||
                                    (!does_follow(o, e->operand) && !S_ISREG(e->st.st_mode))));
}

static bool names_itself(const char *path)
{
    const char *name = last_name(path);
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Something is there. */
static enum verdict judge(struct tree *tree, struct entry *e)
{
    const struct options *o = tree->options;
    bool directory = S_ISDIR(e->st.st_mode);
    enum sameness sameness = SAME_NOT;
    if (!o->no_clobber)
        sameness = same_judge(o, does_follow(o, e->operand), e->from, &e->st, e->to, &e->there);
    if (sameness == SAME_BAD) {
        message("%s and %s are the same file", quote_always(e->from), quote_always(e->to));
        return TROUBLE;
    }
    if (o->update && !directory && is_current(o, &e->there, &e->st))
        return stay_current(tree, e);
    if (!directory && (o->no_clobber || (o->interactive && !ask_overwrite(o, e->to, &e->there))))
        return DONE;
    if (sameness == SAME_DONE)
        return DONE;
    enum verdict verdict = compare_kinds(tree, e);
    if (verdict != GO_ON || S_ISDIR(e->there.st_mode))
        return verdict;
    if (o->backup && !names_itself(e->from))
        return move_aside(o, e);
    return must_go(o, e) ? take_away(o, e) : GO_ON;
}

enum verdict way_make(struct tree *tree, struct entry *e)
{
    const struct options *o = tree->options;
    if (e->is_new)
        return GO_ON;
    /* A regular file can be made through a link; nothing else, nor what takes its place, can. */
    mode_t mode = e->st.st_mode;
    bool through = S_ISREG(mode) || (o->copy_contents && !S_ISDIR(mode) && !S_ISLNK(mode));
    bool unfollowed = !through || o->symbolic_link || o->hard_link || o->backup || o->remove;
    if (fstatat(AT_FDCWD, e->to, &e->there, unfollowed ? AT_SYMLINK_NOFOLLOW : 0) == 0)
        return judge(tree, e);
    if (errno == ENOENT) {
        e->is_new = true;
        return GO_ON;
    }
    /* A link that leads to itself can be removed (-f) but not opened. */
    if (errno == ELOOP && !unfollowed && o->force)
        return GO_ON;
    message("cannot stat %s: %s", quote_always(e->to), strerror(errno));
    return TROUBLE;
}
