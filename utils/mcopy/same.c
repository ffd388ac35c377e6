/* SPDX-License-Identifier: MIT */
/*
 * A source and a destination that are one file, by GNU cp's rules.
 *
 * "Names" are the two entries as they stand in their directories, links unfollowed; the
 * "ends" are what they lead to.  From the top, the first row that fits:
 *
 *   ends the same inode, -l                       nothing to do
 *   links are not followed, both names are links  fine, if they are two entries; nothing to do
 *                                                 for two names of one link without a backup
 *   links are followed, the ends differ           fine
 *   both names are links, --remove-destination    fine
 *   backup                                        fine for two entries, but for a followed link
 *                                                 whose end would be moved away under it
 *   --remove-destination                          fine over a link, and over another name
 *   neither is a link                             fine, if they are two inodes
 *   -s over a link                                fine
 *   links are not followed, the ends differ       fine; the same with -l: nothing to do, but for
 *                                                 a link that is to be replaced
 *   else                                          one file
 */
#include <sys/stat.h>

#include "mcopy/same.h"
#include "mcopy/seen.h"

/* Both entries, as they stand and as they end. */
struct pair {
    const struct options *options;
    bool follow;
    const char *from, *to;
    struct stat from_name, to_name;
    bool same_name; /* one inode, as they stand */
    bool from_link, to_link;
};

static bool one_entry(const struct pair *p)
{
    return same_entry(p->from, p->to, p->options->into);
}

static bool links_unfollowed(const struct pair *p, enum sameness *verdict)
{
    if (p->follow || !p->from_link || !p->to_link)
        return false;
    if (one_entry(p))
        *verdict = SAME_BAD;
    else
        *verdict = p->same_name && !p->options->backup ? SAME_DONE : SAME_NOT;
    return true;
}

static enum sameness with_backup(const struct pair *p)
{
    if (p->same_name)
        return one_entry(p) ? SAME_BAD : SAME_NOT;
    return p->follow && p->from_link && !p->to_link ? SAME_BAD : SAME_NOT;
}

static bool removed_first(const struct pair *p)
{
    return p->options->remove &&
           (p->to_link || (p->same_name && p->to_name.st_nlink > 1 && !one_entry(p)));
}

/* Links are not followed, and one of the two is one: where do they end? */
static enum sameness by_ends(const struct pair *p)
{
    struct stat from = p->from_name, to = p->to_name;
    if ((p->from_link && stat(p->from, &from) != 0) || (p->to_link && stat(p->to, &to) != 0))
        return SAME_NOT;
    if (!same_inode(&from, &to))
        return SAME_NOT;
    if (p->options->hard_link)
        return p->to_link ? SAME_NOT : SAME_DONE;
    return SAME_BAD;
}

enum sameness same_judge(const struct options *options, bool follow, const char *from,
                         const struct stat *st, const char *to, const struct stat *there)
{
    bool same = same_inode(st, there);
    if (same && options->hard_link)
        return SAME_DONE;
    if (follow && !same)
        return SAME_NOT;
    struct pair p = {options, follow, from, to, *st, *there, false, false, false};
    if (follow && (lstat(to, &p.to_name) != 0 || lstat(from, &p.from_name) != 0))
        return SAME_NOT;
    p.same_name = same_inode(&p.from_name, &p.to_name);
    p.from_link = S_ISLNK(p.from_name.st_mode);
    p.to_link = S_ISLNK(p.to_name.st_mode);

    enum sameness verdict;
    if (links_unfollowed(&p, &verdict))
        return verdict;
    if (p.from_link && p.to_link && options->remove)
        return SAME_NOT;
    if (options->backup)
        return with_backup(&p);
    if (removed_first(&p))
        return SAME_NOT;
    if (!p.from_link && !p.to_link) {
        if (!p.same_name)
            return SAME_NOT;
        if (options->hard_link)
            return SAME_DONE;
    }
    if (options->symbolic_link && p.to_link)
        return SAME_NOT;
    return follow ? SAME_BAD : by_ends(&p);
}
