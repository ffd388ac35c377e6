/* SPDX-License-Identifier: MIT */
/* An archive compared with a tree, or with another archive, member by member. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/members.h"
#include "common/message.h"
#include "mcmp/archive.h"

/* What is in the second archive, by name. */
struct known {
    char *name, *link;
    mode_t mode;
    bool hard;    /* a link to another member, without bytes */
    size_t place; /* in the archive, counted from 1; 0: a directory that only others are in */
};

struct table {
    struct known *entries;
    size_t count;
};

/* Two sides: the archive that is gone through, and the other. */
struct pair {
    struct tree *tree;
    const char *const *paths;
    int walked;               /* 0 or 1: the first */
    void *seen;               /* names in it, and the directories that they are in */
    void *missing;            /* directories that the other lacks */
    bool directory;           /* the other one is none, but an archive: */
    struct table table;       /* what is in it, */
    struct members *members;  /* where it is read now, */
    struct decoder_member at; /* the member there, */
    size_t place;             /* and its place */
};

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Put a name in a set.  Returns false where it was there. */
static bool add(void **set, const char *name)
{
    if (tfind(name, set, compare_texts))
        return false;
    tsearch(xstrdup(name), set, compare_texts);
    return true;
}

static bool has(void *const *set, const char *name)
{
    return tfind(name, set, compare_texts);
}

/* ------------------------------------------------------- the second archive */

static int compare_entries(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : x->place < y->place ? -1 : x->place > y->place;
}

static void append(struct table *table, struct known entry)
{
    if ((table->count & (table->count - 1)) == 0)
        table->entries = xrealloc(table->entries, (2 * table->count + 1) * sizeof *table->entries);
    table->entries[table->count++] = entry;
}

/* In order, and of several members of a name the last, which would be unpacked last. */
static void settle(struct table *table)
{
    size_t kept = 0;
    if (table->count > 0)
        qsort(table->entries, table->count, sizeof *table->entries, compare_entries);
    for (size_t i = 0; i < table->count; i++) {
        struct known *entry = &table->entries[i];
        if (i + 1 < table->count && strcmp(entry->name, entry[1].name) == 0) {
            free(entry->name);
            free(entry->link);
        } else {
            table->entries[kept++] = *entry;
        }
    }
    table->count = kept;
}

static struct known *find(const struct table *table, const char *name)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, table->entries[middle].name);
        if (order == 0)
            return &table->entries[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* The directories that a name is in, each with its end cut off in turn. */
static void append_above(struct table *table, void **above, const char *name)
{
    char *path = xstrdup(name);
    for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (add(above, path))
            append(table, (struct known){xstrdup(path), NULL, S_IFDIR, false, 0});
        *slash = '/';
    }
    free(path);
}

static void close_other(struct pair *pair)
{
    if (pair->members && !members_close(pair->members))
        pair->tree->status = TROUBLE;
    pair->members = NULL;
}

/* Begin to read the other archive, again.  Returns false after a message. */
static bool open_other(struct pair *pair)
{
    int side = !pair->walked;
    struct input input;
    close_other(pair);
    pair->place = 0;
    int error = members_open(pair->tree->archives, pair->paths[side], NULL,
                             comparer_scan(pair->tree->comparer, side), quote_controls, &input,
                             &pair->members);
    if (!error && pair->members)
        return true;
    if (!error)
        input_close(&input, 0);
    errno = error ? -error : ESTALE;
    tree_trouble(pair->tree, pair->paths[side]);
    return false;
}

static void read_table(struct pair *pair)
{
    const char *name;
    void *above = NULL;
    size_t prefix = strlen(pair->paths[!pair->walked]) + 1, place = 0;
    while ((name = members_any(pair->members, &pair->at))) {
        bool holds = !pair->at.hard_link || (pair->at.sized && pair->at.size > 0);
        append_above(&pair->table, &above, name + prefix);
        append(&pair->table, (struct known){xstrdup(name + prefix), xstrdup(pair->at.link),
                                            pair->at.mode, !holds, ++place});
    }
    settle(&pair->table);
    tdestroy(above, free);
}

/* Read the other archive up to a member.  Returns false after a message. */
static bool go_to(struct pair *pair, size_t place)
{
    if ((!pair->members || pair->place >= place) && !open_other(pair))
        return false;
    while (pair->place < place) {
        if (!members_any(pair->members, &pair->at))
            return false; /* it is not what it was; members_close() says trouble */
        pair->place++;
    }
    return true;
}

/* ------------------------------------------------------------- one member */

/* "ARCHIVE/a/b" to "ARCHIVE/a" and "b", where it is missing. */
static void say_only(struct pair *pair, int side, const char *name)
{
    char *path = tree_join(pair->paths[side], name), *slash = strrchr(path, '/');
    *slash = '\0';
    SAY(pair->tree, "Only in ", quote_controls(path), ": ", quote_controls(slash + 1));
    free(path);
}

/* What the other side has of that name: 0 for nothing. */
static mode_t other_mode(const struct pair *pair, const char *name)
{
    struct stat st;
    if (!pair->directory) {
        const struct known *entry = find(&pair->table, name);
        return entry ? entry->mode : 0;
    }
    char *path = tree_join(pair->paths[!pair->walked], name);
    mode_t mode = lstat(path, &st) == 0 ? st.st_mode : 0;
    free(path);
    return mode;
}

/* Is it in a directory that is missing?  If so that is told, once. */
static bool is_below_missing(struct pair *pair, const char *name)
{
    bool missing = false;
    char *path = xstrdup(name);
    for (char *slash = strchr(path, '/'); slash && !missing; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        add(&pair->seen, path);
        missing = !S_ISDIR(other_mode(pair, path));
        if (missing && add(&pair->missing, path) && other_mode(pair, path) == 0)
            say_only(pair, pair->walked, path);
        *slash = '/';
    }
    free(path);
    return missing;
}

static void take(struct pair *pair, int status)
{
    if (status > pair->tree->status)
        pair->tree->status = status;
}

static void compare_links(struct pair *pair, const char *name, const char *link)
{
    const char *const *paths = pair->paths;
    char *both[2] = {tree_join(paths[0], name), tree_join(paths[1], name)}, *target;
    const struct known *entry = pair->directory ? NULL : find(&pair->table, name);
    target = entry ? xstrdup(entry->link ? entry->link : "")
                   : tree_target(pair->tree, both[!pair->walked]);
    if (target && strcmp(target, link) != 0)
        SAY(pair->tree, "Symbolic links ", quote_controls(both[0]), " and ",
            quote_controls(both[1]), " differ");
    free(target);
    free(both[0]);
    free(both[1]);
}

/* By operands: where a member is a link, what it leads to is what is compared. */
static void compare_by_name(struct pair *pair, const char *walked, const char *other)
{
    const char *names[2];
    names[pair->walked] = walked;
    names[!pair->walked] = other;
    char *both[2] = {tree_join(pair->paths[0], names[0]), tree_join(pair->paths[1], names[1])};
    close_other(pair); /* the scan of that side is needed */
    take(pair, compare(pair->tree->comparer, (const char *const *)both));
    free(both[0]);
    free(both[1]);
}

static void compare_files(struct pair *pair, struct members *members, const char *name,
                          const struct decoder_member *member)
{
    int side = pair->walked;
    const struct known *entry = pair->directory ? NULL : find(&pair->table, name);
    bool hard = member->hard_link && !(member->sized && member->size > 0);
    if (hard && entry && entry->hard && strcmp(entry->link, member->link) == 0)
        return;
    if (hard || (entry && entry->hard)) {
        compare_by_name(pair, hard ? member->link : name,
                        entry && entry->hard ? entry->link : name);
        return;
    }
    struct input inputs[2];
    if (!members_input(members, member, &inputs[side]))
        return; /* it is encrypted, and members_close() says trouble */
    if (!pair->directory) {
        if (go_to(pair, entry->place) && members_input(pair->members, &pair->at, &inputs[!side]))
            take(pair, compare_inputs(pair->tree->comparer, inputs));
        return;
    }
    char *path = tree_join(pair->paths[!side], name);
    int error = input_open(&inputs[!side], path, comparer_scan(pair->tree->comparer, !side));
    errno = -error;
    if (error)
        tree_trouble(pair->tree, path);
    else
        take(pair, compare_inputs(pair->tree->comparer, inputs));
    if (!error)
        input_close(&inputs[!side], 0);
    free(path);
}

static void compare_member(struct pair *pair, struct members *members, const char *name,
                           const struct decoder_member *member)
{
    if (is_below_missing(pair, name))
        return;
    add(&pair->seen, name);
    mode_t mode = other_mode(pair, name);
    if (mode == 0) {
        if (!S_ISDIR(member->mode) || add(&pair->missing, name))
            say_only(pair, pair->walked, name);
    } else if ((mode & S_IFMT) != (member->mode & S_IFMT)) {
        char *both[2] = {tree_join(pair->paths[0], name), tree_join(pair->paths[1], name)};
        bool swap = pair->walked == 1;
        SAY(pair->tree, "File ", quote_controls(both[0]), " is a ",
            tree_type(swap ? mode : member->mode), " while file ", quote_controls(both[1]),
            " is a ", tree_type(swap ? member->mode : mode));
        free(both[0]);
        free(both[1]);
    } else if (S_ISLNK(mode)) {
        compare_links(pair, name, member->link);
    } else if (S_ISREG(mode)) {
        compare_files(pair, members, name, member);
    }
}

/* --------------------------------------------------- what only the other has */

static void say_rest_of_directory(struct pair *pair, const char *path, const char *name)
{
    struct names names;
    if (!tree_list(pair->tree, path, &names)) {
        tree_forget(&names);
        return;
    }
    for (size_t i = 0; i < names.count && !tree_over(pair->tree); i++) {
        char *own = *name ? tree_join(name, names.name[i]) : xstrdup(names.name[i]);
        char *below = tree_join(path, names.name[i]);
        struct stat st;
        if (!has(&pair->seen, own))
            say_only(pair, !pair->walked, own);
        else if (lstat(below, &st) == 0 && S_ISDIR(st.st_mode) && !has(&pair->missing, own))
            say_rest_of_directory(pair, below, own);
        free(below);
        free(own);
    }
    tree_forget(&names);
}

static void say_rest_of_archive(struct pair *pair)
{
    for (size_t i = 0; i < pair->table.count && !tree_over(pair->tree); i++) {
        char *name = pair->table.entries[i].name, *slash = strrchr(name, '/');
        if (has(&pair->seen, name))
            continue;
        if (slash)
            *slash = '\0';
        bool known = !slash || has(&pair->seen, name);
        if (slash)
            *slash = '/';
        if (known)
            say_only(pair, !pair->walked, name);
    }
}

/* ------------------------------------------------------------------- a pair */

/* Go through the archive `members`, whose first member is there already. */
static void compare_pair(struct pair *pair, struct members *members, struct decoder_member *member,
                         const char *name)
{
    size_t prefix = strlen(pair->paths[pair->walked]) + 1;
    for (; name && !tree_over(pair->tree); name = members_any(members, member)) {
        char *own = xstrdup(name + prefix);
        compare_member(pair, members, own, member);
        free(own);
    }
    if (pair->directory)
        say_rest_of_directory(pair, pair->paths[!pair->walked], "");
    else
        say_rest_of_archive(pair);
    close_other(pair);
    for (size_t i = 0; i < pair->table.count; i++) {
        free(pair->table.entries[i].name);
        free(pair->table.entries[i].link);
    }
    free(pair->table.entries);
    tdestroy(pair->seen, free);
    tdestroy(pair->missing, free);
}

/* Is it an archive?  Returns its members, the first of them in *member. */
static struct members *open_archive(struct tree *tree, const char *path, int side,
                                    struct decoder_member *member, const char **name)
{
    struct input input;
    struct members *members;
    int error = members_open(tree->archives, path, NULL, comparer_scan(tree->comparer, side),
                             quote_controls, &input, &members);
    if (error || !members) {
        if (!error)
            input_close(&input, 0);
        return NULL;
    }
    *name = members_any(members, member);
    if (*name && !members_content(members))
        return members;
    if (!members_close(members))
        tree->status = TROUBLE;
    return NULL;
}

bool compare_archives(struct tree *tree, const char *const paths[2], const struct stat st[2])
{
    struct decoder_member member[2];
    struct members *members[2] = {NULL, NULL};
    const char *name[2];
    bool directory[2];
    for (int i = 0; i < 2; i++) {
        directory[i] = S_ISDIR(st[i].st_mode);
        if (!directory[i] && !S_ISREG(st[i].st_mode))
            return false;
    }
    for (int i = 0; i < 2; i++)
        if (!directory[i])
            members[i] = open_archive(tree, paths[i], i, &member[i], &name[i]);
    int walked = members[0] ? 0 : 1;
    bool both = (directory[0] || members[0]) && (directory[1] || members[1]);
    if (members[walked] && both) {
        struct pair pair = {.tree = tree,
                            .paths = paths,
                            .walked = walked,
                            .directory = directory[!walked],
                            .members = members[!walked]};
        if (!pair.directory) {
            members_close(pair.members);
            pair.members = NULL;
        }
        if (pair.directory || open_other(&pair)) {
            if (!pair.directory)
                read_table(&pair);
            close_other(&pair);
            compare_pair(&pair, members[walked], &member[walked], name[walked]);
        }
    } else if (members[0] || members[1]) {
        mode_t modes[2];
        for (int i = 0; i < 2; i++)
            modes[i] = members[i] || directory[i] ? S_IFDIR : S_IFREG;
        SAY(tree, "File ", quote_controls(paths[0]), " is a ", tree_type(modes[0]), " while file ",
            quote_controls(paths[1]), " is a ", tree_type(modes[1]));
        members_close(members[walked]);
        return true;
    } else {
        return false;
    }
    if (!members_close(members[walked]))
        tree->status = TROUBLE;
    return true;
}
