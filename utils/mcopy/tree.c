/* SPDX-License-Identifier: MIT */
/* The operands and all below them: the order of the questions is GNU cp's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/message.h"
#include "common/progress.h"

#include "mcopy/attributes.h"
#include "mcopy/report.h"
#include "mcopy/seen.h"
#include "mcopy/share.h"
#include "mcopy/tally.h"
#include "mcopy/tree.h"

void tree_free(struct tree *tree)
{
    seen_free(tree->copied);
    seen_free(tree->created);
    seen_free(tree->operands);
    share_free(tree->share);
}

/* Would the copy go through a link that this run has made? */
static bool through_own_link(const struct tree *tree, const struct entry *e)
{
    struct stat link;
    if (!e->operand || tree->options->backup || lstat(e->to, &link) != 0 || !S_ISLNK(link.st_mode))
        return false;
    return seen_recall(&tree->created, &link, e->to);
}

/*
 * A directory that this run has met before, as an operand or as the copy of one:
 *
 *   it is the copy itself         the copy would never end: an error, stop here
 *   the same copy is asked again  a warning
 *   by a link that is followed    copied once more; but not what this run has made, or the copy
 *                                 would never end either
 *   another copy is asked         it would be a hard link to a directory: an error
 */
static enum verdict copy_again(struct tree *tree, const struct entry *e, const struct seen *before)
{
    bool follow = does_follow(tree->options, e->operand);
    if (same_entry(e->from, before->to, tree->options->into) || (follow && before->made)) {
        message("cannot copy a directory, %s, into itself, %s", quote_always(tree->from),
                quote_always(tree->to));
        tree->into_itself = true;
        return TROUBLE;
    }
    if (same_entry(e->to, before->to, NULL)) {
        message("warning: source directory %s specified more than once", quote_always(tree->from));
        return DONE;
    }
    if (follow)
        return GO_ON;
    message("will not create hard link %s to directory %s", quote_always(e->to),
            quote_always(before->to));
    return TROUBLE;
}

/* Can the file come again under another name? */
static bool may_come_again(const struct options *o, const struct entry *e)
{
    return o->preserve_links && !o->hard_link &&
           (e->st.st_nlink > 1 || o->follow == FOLLOW_ALL ||
            (o->follow == FOLLOW_OPERANDS && e->operand));
}

/* Was it copied already, or is it too much of the same?  *known: it is remembered. */
static enum verdict ask_memory(struct tree *tree, const struct entry *e, bool *known)
{
    const struct options *o = tree->options;
    const struct seen *before = NULL;
    bool directory = o->recursive && S_ISDIR(e->st.st_mode);
    *known = true;
    if (directory && !e->operand)
        before = seen_recall(&tree->copied, &e->st, NULL);
    else if (directory || may_come_again(o, e))
        before = seen_remember(&tree->copied, &e->st, false, e->to);
    if (!before) {
        *known = false;
        return GO_ON;
    }
    if (directory)
        return copy_again(tree, e, before);
    bool follow = does_follow(o, e->operand);
    return make_hard(o, before->to, follow, e->to, true, true) ? DONE : TROUBLE;
}

static bool copy_by_kind(struct tree *tree, struct entry *e)
{
    const struct options *o = tree->options;
    mode_t mode = e->st.st_mode;
    if (S_ISDIR(mode))
        return directory_copy(tree, e);
    if (o->symbolic_link)
        return make_symbolic(o, e);
    if (o->hard_link)
        return make_hard(o, e->from, does_follow(o, e->operand), e->to, o->force || o->interactive,
                         false);
    if (S_ISLNK(mode))
        return make_link(o, e);
    if (!S_ISREG(mode) && !o->copy_contents)
        return make_special(o, e);
    const struct job job = {e->from,   e->to,   &e->st, does_follow(o, e->operand),
                            e->is_new, e->fresh};
    if (o->attributes_only)
        return empty_copy(o, &job);
    /* Nothing that follows asks for a new file below a directory, unless it may come again. */
    bool alone = e->is_new && !e->operand && S_ISREG(mode) && !e->backup && !may_come_again(o, e);
    return (alone && share_file(tree->share, &job)) || data_copy(o, &job);
}

/* It could not be made: what was there before comes back. */
static void restore(struct tree *tree, const struct entry *e)
{
    seen_forget(&tree->copied, &e->st);
    if (!e->backup)
        return;
    if (rename(e->backup, e->to) != 0)
        message("cannot un-backup %s: %s", quote_always(e->to), strerror(errno));
    else
        report_restored(tree->options, e->backup, e->to);
}

static bool copy_found(struct tree *tree, struct entry *e)
{
    const struct options *o = tree->options;
    bool directory = S_ISDIR(e->st.st_mode);
    enum verdict verdict = way_make(tree, e);
    if (verdict != GO_ON) {
        if (S_ISREG(e->st.st_mode))
            progress_skip((uint64_t)e->st.st_size);
        return verdict == DONE;
    }
    if (through_own_link(tree, e)) {
        message("will not copy %s through just-created symlink %s", quote_always(e->from),
                quote_always(e->to));
        return false;
    }
    if (!directory)
        report_copied(o, e->from, e->to, e->backup);
    bool known;
    verdict = ask_memory(tree, e, &known);
    bool good = verdict == GO_ON ? copy_by_kind(tree, e) : verdict == DONE;
    if (!good && !directory && !known)
        restore(tree, e);
    struct stat made;
    if (good && verdict == GO_ON && e->operand && lstat(e->to, &made) == 0)
        seen_remember(&tree->created, &made, true, e->to);
    return good;
}

bool tree_entry(struct tree *tree, struct entry *e)
{
    const struct options *o = tree->options;
    int how = does_follow(o, e->operand) ? 0 : AT_SYMLINK_NOFOLLOW;
    if (fstatat(AT_FDCWD, e->from, &e->st, how) != 0) {
        message("cannot stat %s: %s", quote_always(e->from), strerror(errno));
        tally.failed++;
        return false;
    }
    bool directory = S_ISDIR(e->st.st_mode);
    if (directory && !o->recursive) {
        message("-r not specified; omitting directory %s", quote_always(e->from));
        tally.failed++;
        return false;
    }
    if (e->operand && !directory && !o->backup && seen_entry(&tree->operands, &e->st, e->from)) {
        message("warning: source file %s specified more than once", quote_always(e->from));
        return true;
    }
    e->backup = NULL;
    bool good = copy_found(tree, e);
    /* What is wrong in a directory is counted there. */
    tally.failed += !good && !directory;
    free(e->backup);
    return good;
}

bool tree_copy(struct tree *tree, const char *from, const char *to, bool is_new)
{
    tree->from = from;
    tree->to = to;
    tree->made_directory = tree->into_itself = false;
    struct entry entry = {.from = from, .to = to, .operand = true, .is_new = is_new};
    bool good = tree_entry(tree, &entry);
    return share_settle(tree->share) && good;
}
