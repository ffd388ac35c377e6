/* SPDX-License-Identifier: MIT */
/* mcopy -- copy files and directories; GNU cp's twin. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/message.h"
#include "common/options.h"
#include "common/progress.h"

#include "mcopy/attributes.h"
#include "mcopy/backup.h"
#include "mcopy/create.h"
#include "mcopy/json.h"
#include "mcopy/measure.h"
#include "mcopy/options.h"
#include "mcopy/parents.h"
#include "mcopy/report.h"
#include "mcopy/share.h"
#include "mcopy/tally.h"
#include "mcopy/tree.h"
#include "mcopy/unpack.h"

/* False leaves errno saying why. */
static bool is_directory(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode);
}

/* The length of a name without the slashes behind it. */
static size_t without_slashes(const char *name)
{
    size_t len = strlen(name);
    while (len > 1 && name[len - 1] == '/')
        len--;
    return len;
}

/* "dir/name"; *source is where the name begins. */
static char *below(const char *dir, const char *name, size_t len, size_t *source)
{
    size_t dir_len = strlen(dir);
    bool slash = len == 0 || (name[0] != '/' && dir_len > 0 && dir[dir_len - 1] != '/');
    char *path = xmalloc(dir_len + len + 2);
    sprintf(path, "%s%s%.*s", dir, slash ? "/" : "", (int)len, name);
    *source = dir_len + slash;
    return path;
}

/* Where a copy of `from` goes in a directory: under its last name, whatever slashes follow it. */
static char *inside(const char *dir, const char *from)
{
    size_t len = without_slashes(from), begin = len, source;
    while (begin > 0 && from[begin - 1] != '/')
        begin--;
    const char *base = from + begin;
    len -= begin;
    /* "dir/.." copies what is in it, not the name of it. */
    if (len == 2 && strncmp(base, "..", 2) == 0)
        len = 0;
    return below(dir, base, len, &source);
}

/* The directory that the operands go into; NULL where there is one source and one new name. */
static const char *choose_directory(struct command *command)
{
    int count = command->count;
    if (count == 0) {
        message("missing file operand");
        options_hint(1);
    }
    if (count == 1 && !command->directory) {
        message("missing destination file operand after %s", quote_always(command->names[0]));
        options_hint(1);
    }
    if (command->directory && command->no_directory)
        xfail(1, "cannot combine --target-directory (-t) and --no-target-directory (-T)");
    if (command->directory) {
        if (!is_directory(command->directory))
            xfail(1, "target directory %s: %s", quote_always(command->directory), strerror(errno));
        return command->directory;
    }
    char *last = command->names[count - 1];
    if (command->no_directory) {
        if (count > 2) {
            message("extra operand %s", quote_always(command->names[2]));
            options_hint(1);
        }
        return NULL;
    }
    if (is_directory(last)) {
        command->count--;
        return last;
    }
    if (count > 2)
        xfail(1, "target %s: %s", quote_always(last), strerror(errno));
    return NULL;
}

/* There is one source and one archive, which is no directory. */
static const char *choose_archive(const struct command *command)
{
    if (command->count == 0)
        message("missing file operand");
    else if (command->count == 1)
        message("missing destination file operand after %s", quote_always(command->names[0]));
    if (command->count < 2)
        options_hint(1);
    if (command->count > 2) {
        message("extra operand %s", quote_always(command->names[2]));
        options_hint(1);
    }
    return NULL;
}

static bool copy_with_parents(struct tree *tree, const char *dir, const char *from)
{
    size_t source;
    bool is_new;
    char *to = below(dir, from, without_slashes(from), &source);
    source += strspn(to + source, "/");
    struct parents *parents;
    bool good = parents_make(tree->options, to, source, &is_new, &parents);
    bool made = good;
    if (made)
        good = tree_copy(tree, from, to, is_new);
    good &= parents_finish(tree->options, parents, made);
    free(to);
    return good;
}

static bool copy_into(struct tree *tree, const struct command *command, const char *dir)
{
    bool good = true;
    for (int i = 0; i < command->count; i++) {
        char *from = command->names[i];
        if (command->strip_slashes && *from)
            from[without_slashes(from)] = '\0';
        if (command->parents) {
            good &= copy_with_parents(tree, dir, from);
            continue;
        }
        bool unpacked;
        if (command->archives.on &&
            unpack(tree->options, &command->archives, from, dir, NULL, &unpacked)) {
            good &= unpacked;
            continue;
        }
        char *to = inside(dir, from);
        good &= tree_copy(tree, from, to, false);
        free(to);
    }
    return good;
}

/*
 * One source, one name.  With -f and a backup, a file that is to be copied to itself is copied to
 * its backup.
 */
static bool copy_one(struct tree *tree, struct command *command)
{
    struct options *options = &command->options;
    const char *from = command->names[0], *to = command->names[1];
    bool good;
    if (command->archives.on && unpack(options, &command->archives, from, NULL, to, &good))
        return good;
    struct stat st;
    char *name = NULL;
    if (options->force && options->backup && strcmp(from, to) == 0 && stat(to, &st) == 0 &&
        S_ISREG(st.st_mode)) {
        to = name = backup_name(options, to);
        options->backup = BACKUP_NONE;
    }
    good = tree_copy(tree, from, to, false);
    free(name);
    return good;
}

static uint64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void begin_progress(const struct command *command, bool directory)
{
    uint64_t files = 0, bytes = 0;
    for (int i = 0; i < (directory ? command->count : 1); i++)
        measure(&command->options, command->names[i], &files, &bytes);
    progress_files(bytes, files);
}

int main(int argc, char *argv[])
{
    start("mcopy");
    struct command command = {0};
    options_parse(argc, argv, &command);
    const char *directory = command.create ? choose_archive(&command) : choose_directory(&command);
    if (!directory && command.parents) {
        message("with --parents, the destination must be a directory");
        options_hint(1);
    }
    archives_begin(&command.archives);
    attributes_umask();
    command.options.into = directory;
    struct tree tree = {.options = &command.options, .share = share_new(&command.options)};
    uint64_t begun = clock_now();
    if (command.options.json)
        json_need();
    if (command.options.progress)
        begin_progress(&command, directory);
    bool good = command.create
                    ? create(&command.options, command.create, command.names[0], command.names[1])
                : directory ? copy_into(&tree, &command, directory)
                            : copy_one(&tree, &command);
    tree_free(&tree);
    progress_end();
    if (command.options.json)
        json_summary(report_stream(), &tally, clock_now() - begun, good);
    report_close();
    return good ? 0 : 1;
}
