/* SPDX-License-Identifier: MIT */
/* An operand that is an archive: what it is, and where it goes. */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/message.h"

#include "mcopy/extract.h"
#include "mcopy/report.h"
#include "mcopy/seen.h"
#include "mcopy/tally.h"
#include "mcopy/unpack.h"

/* The last part of a path. */
static char *last_part(const char *path)
{
    char *copy = xstrdup(path), *last = xstrdup(basename(copy));
    free(copy);
    return last;
}

/* "f.gz" to "f", for a content that needs a name. */
static char *content_name(const char *path)
{
    static const char *const ends[] = {".gz", ".bz2", ".xz", ".zst", ".lz4", ".lz", ".Z"};
    char *name = last_part(path);
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i]);
        if (len > end && strcmp(name + len - end, ends[i]) == 0) {
            name[len - end] = '\0';
            break;
        }
    }
    return name;
}

/* Make the directory that is the copy, if it is not there.  Returns false after a message. */
static bool make_root(struct extract *u, const char *from, const char *to)
{
    struct stat st;
    if (mkdir(to, 0700) == 0) {
        extract_made(u, "");
        report_copied(u->options, from, to, NULL);
        return true;
    }
    int error = errno;
    if (error == EEXIST && lstat(to, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    if (error == EEXIST)
        message("cannot overwrite non-directory %s with directory %s", quote_always(to),
                quote_always(from));
    else
        message("cannot create directory %s: %s", quote_always(to), strerror(error));
    return false;
}

/* Choose u->path and u->prefix for one file that is to be called `to`, by a link or not. */
static bool choose_file(struct extract *u, const char *to)
{
    struct stat st, target;
    char *real = lstat(to, &st) == 0 ? realpath(to, NULL) : NULL;
    size_t len = strlen(to);
    bool special = stat(to, &target) == 0 && !S_ISREG(target.st_mode);
    if (special) {
        message("will not replace special file %s", quote_always(to));
        free(real);
        return false;
    }
    if (!real && lstat(to, &st) == 0) {
        message("not writing through dangling symlink %s", quote_always(to));
        return false;
    }
    if (!real && (len == 0 || to[len - 1] == '/')) {
        message("cannot create regular file %s: %s", quote_always(to),
                strerror(len ? ENOTDIR : ENOENT));
        return false;
    }
    if (!real || !S_ISLNK(st.st_mode)) {
        free(real);
        real = xstrdup(to);
    }
    u->prefix = last_part(real);
    const char *slash = strrchr(real, '/');
    u->path = slash == real ? xstrdup("/")
              : slash       ? strndup(real, (size_t)(slash - real))
                            : xstrdup("");
    free(real);
    return true;
}

static bool choose(struct extract *u, const char *from, const char *into, const char *to,
                   bool content)
{
    if (u->directory && !u->options->recursive) {
        message("-r not specified; omitting directory %s", quote_always(from));
        return false;
    }
    if (!u->directory && !into)
        return choose_file(u, to);
    u->path = xstrdup(into ? into : to);
    if (!into)
        u->prefix = xstrdup("");
    else if (content)
        u->prefix = content_name(from);
    else
        u->prefix = *u->select ? last_part(from) : xstrdup("");
    return into || make_root(u, from, to);
}

static bool begin(struct extract *u, const char *from, const char *into, const char *to,
                  bool content)
{
    if (!choose(u, from, into, to, content))
        return false;
    int error = inside_open(*u->path ? u->path : ".", extract_made, u, &u->inside);
    if (error)
        message("cannot open directory %s: %s", quote_always(*u->path ? u->path : "."),
                strerror(-error));
    return !error;
}

/* Go through the archive, whose first member is there already. */
static void go_through(struct extract *u, const char *name, struct decoder_member *known)
{
    for (; name; name = members_any(u->members, known)) {
        char *from = xstrdup(name), *link = xstrdup(known->link);
        char *own = xstrdup(members_member(u->members));
        bool good = extract_member(u, from, own, link, known);
        tally.failed += !good;
        u->good &= good;
        free(own);
        free(link);
        free(from);
    }
}

/* The operand without slashes that only say that it is a directory. */
static char *without_slashes(const char *from)
{
    char *operand = xstrdup(from);
    size_t len = strlen(operand);
    while (len > 1 && operand[len - 1] == '/')
        operand[--len] = '\0';
    return operand;
}

/* Could it be an archive or in one?  "-" is a file's name here, as it is to cp. */
static char *as_input(const char *from)
{
    struct stat st;
    char *operand = without_slashes(from);
    bool there = stat(from, &st) == 0;
    if (there ? !S_ISREG(st.st_mode)
              : (errno != ENOENT && errno != ENOTDIR) || stat(operand, &st) == 0) {
        free(operand);
        return NULL;
    }
    if (strcmp(operand, "-") == 0) {
        free(operand);
        operand = xstrdup("./-");
    }
    return operand;
}

/*
 * Open the archive and find its first member.  An archive in it is a file, as to any unpacker,
 * unless the operand's name leads into it.  *name is NULL for an archive without members.
 *
 * Returns false for what is no archive; *error: trouble that was reported.
 */
static bool open_archive(struct extract *u, const struct archives *archives, const char *operand,
                         struct mm_scan *scan, struct decoder_member *known, const char **name,
                         bool *error)
{
    struct archives shallow = *archives;
    struct input input;
    for (shallow.depth = 1;; shallow.depth++) {
        int result = members_open(&shallow, operand, NULL, scan, quote_always, &input, &u->members);
        if (result == 0 && !u->members)
            input_close(&input, 0);
        if (result == -ENOENT || result == -ENOTDIR || (result == 0 && !u->members))
            return false;
        *error = result != 0;
        if (result) {
            message("cannot open %s for reading: %s", quote_always(operand), strerror(-result));
            return true;
        }
        *name = members_any(u->members, known);
        if (*name || shallow.depth == archives->depth || !members_lack(u->members))
            return true;
        members_close(u->members);
    }
}

/* Learn what the first member tells of the operand. */
static bool learn(struct extract *u, const char *operand, const char *name,
                  const struct decoder_member *known)
{
    size_t own = strlen(known->name), len = strlen(name) - own - (own > 0);
    char *archive = strndup(name, len);
    if (!archive || stat(archive, &u->archive) != 0) {
        message("cannot stat %s: %s", quote_always(operand), strerror(errno));
        free(archive);
        return false;
    }
    free(archive);
    const char *rest = operand + len;
    u->select = xstrdup(rest + strspn(rest, "/"));
    bool exact = known->content || strcmp(u->select, known->name) == 0;
    u->directory = !exact || S_ISDIR(known->mode);
    return true;
}

/* An archive that holds nothing is an empty directory. */
static bool make_nothing(const struct options *options, const char *from, const char *into,
                         const char *to)
{
    struct extract u = {.options = options, .select = "", .directory = true};
    u.folders = folders_new();
    bool good =
        begin(&u, from, into, to, false) && folders_settle(u.folders, options, u.inside, u.path);
    folders_free(u.folders);
    inside_close(u.inside);
    free(u.path);
    free(u.prefix);
    return good;
}

static bool unpack_all(struct extract *u, const char *operand, const char *into, const char *to,
                       const char *name, struct decoder_member *known)
{
    u->folders = folders_new();
    u->good = learn(u, operand, name, known) && begin(u, operand, into, to, known->content);
    if (u->good)
        go_through(u, name, known);
    else
        tally.failed++;
    if (u->inside && !folders_settle(u->folders, u->options, u->inside, u->path))
        u->good = false;
    folders_free(u->folders);
    inside_close(u->inside);
    seen_free(u->empty);
    free(u->select);
    free(u->path);
    free(u->prefix);
    return u->good;
}

bool unpack(const struct options *options, const struct archives *archives, const char *from,
            const char *into, const char *to, bool *good)
{
    struct extract u = {.options = options};
    struct decoder_member known;
    struct mm_scan *scan;
    const char *name;
    bool error;
    char *operand = as_input(from);
    if (!operand)
        return false;
    if (mm_scan_new(0, &scan) != 0)
        xfail(1, "memory exhausted");
    bool is = open_archive(&u, archives, operand, scan, &known, &name, &error);
    if (is && error) {
        *good = false;
        tally.failed++;
    } else if (is && name) {
        *good = unpack_all(&u, operand, into, to, name, &known);
        *good &= members_close(u.members);
    } else if (is) {
        *good = members_close(u.members);
        if (*good)
            *good = make_nothing(options, from, into, to);
        tally.failed += !*good;
    }
    mm_scan_free(scan);
    free(operand);
    return is;
}
