/* SPDX-License-Identifier: MIT */
/* mcopy -- copy files and directories; GNU cp's twin. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/choice.h"
#include "common/message.h"
#include "common/options.h"
#include "common/stream.h"

#include "mcopy/mcopy.h"

static void usage(FILE *to);

struct operands {
    char **names;
    int count;
    const char *directory; /* -t */
    bool no_directory;     /* -T */
};

/* The last of -i and -n counts. */
static void set_interactive(struct options *options, bool ask, bool leave)
{
    options->interactive = ask;
    options->no_clobber = leave;
}

static enum reflink parse_reflink(const char *text)
{
    static const struct choice choices[] = {
        {"auto", REFLINK_AUTO}, {"always", REFLINK_ALWAYS}, {"never", REFLINK_NEVER}, {0}};
    return text ? (enum reflink)choice(choices, text, strlen(text), "--reflink", 1)
                : REFLINK_ALWAYS;
}

static enum sparse parse_sparse(const char *text)
{
    static const struct choice choices[] = {
        {"never", SPARSE_NEVER}, {"auto", SPARSE_AUTO}, {"always", SPARSE_ALWAYS}, {0}};
    return (enum sparse)choice(choices, text, strlen(text), "--sparse", 1);
}

/* What cannot be had together. */
static void check_data_options(const struct options *options)
{
    if (options->reflink == REFLINK_ALWAYS && options->sparse != SPARSE_AUTO) {
        message("--reflink can be used only with --sparse=auto");
        options_hint(1);
    }
    if (options->atomic && (options->in_place || options->resume))
        xfail(1, "cannot combine --atomic and %s", options->in_place ? "--in-place" : "--resume");
}

static void parse_arguments(int argc, char *argv[], struct options *options,
                            struct operands *operands)
{
    enum { SYNC = 256, HELP, VERSION, REFLINK, SPARSE, ATOMIC, IN_PLACE, RESUME, VERIFY };
    static const struct option table[] = {
        {"archive", no_argument, NULL, 'a'},
        {"force", no_argument, NULL, 'f'},
        {"interactive", no_argument, NULL, 'i'},
        {"no-clobber", no_argument, NULL, 'n'},
        {"no-target-directory", no_argument, NULL, 'T'},
        {"recursive", no_argument, NULL, 'r'},
        {"reflink", optional_argument, NULL, REFLINK},
        {"sparse", required_argument, NULL, SPARSE},
        {"target-directory", required_argument, NULL, 't'},
        {"update", no_argument, NULL, 'u'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {"atomic", no_argument, NULL, ATOMIC},
        {"in-place", no_argument, NULL, IN_PLACE},
        {"resume", no_argument, NULL, RESUME},
        {"sync", no_argument, NULL, SYNC},
        {"verify", no_argument, NULL, VERIFY},
        {0},
    };
    int c;
    while ((c = options_next(argc, argv, "afinprRt:Tuv", table, 13)) != -1) {
        switch (c) {
        case 'a':
            options->recursive = options->no_dereference = true;
            options->preserve = options->preserve_links = options->preserve_xattr = true;
            break;
        case 'f':
            options->force = true;
            break;
        case 'i':
            set_interactive(options, true, false);
            break;
        case 'n':
            set_interactive(options, false, true);
            break;
        case 'p':
            options->preserve = true;
            break;
        case 'r':
        case 'R':
            options->recursive = options->no_dereference = true;
            break;
        case 't':
            if (operands->directory)
                xfail(1, "multiple target directories specified");
            operands->directory = optarg;
            break;
        case 'T':
            operands->no_directory = true;
            break;
        case 'u':
            options->update = true;
            break;
        case 'v':
            options->verbose = true;
            break;
        case REFLINK:
            options->reflink = parse_reflink(optarg);
            break;
        case SPARSE:
            options->sparse = parse_sparse(optarg);
            break;
        case ATOMIC:
            options->atomic = true;
            break;
        case IN_PLACE:
            options->in_place = true;
            break;
        case RESUME:
            options->resume = true;
            break;
        case VERIFY:
            options->verify = true;
            break;
        case SYNC:
            options->sync = true;
            break;
        case HELP:
            options_help(usage);
        case VERSION:
            options_version();
        default:
            options_hint(1);
        }
    }
    check_data_options(options);
    operands->names = argv + optind;
    operands->count = argc - optind;
}

/* False leaves errno saying why. */
static bool is_directory(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode);
}

/* Where a copy of `from` goes in a directory: under its last name, whatever slashes follow it. */
static char *inside(const char *dir, const char *from)
{
    size_t len = strlen(from);
    while (len > 1 && from[len - 1] == '/')
        len--;
    size_t begin = len;
    while (begin > 0 && from[begin - 1] != '/')
        begin--;
    const char *base = from + begin;
    len -= begin;
    /* "dir/.." copies what is in it, not the name of it. */
    if (len == 2 && strncmp(base, "..", 2) == 0)
        len = 0;
    size_t dir_len = strlen(dir);
    const char *slash = len == 0 || (dir_len > 0 && dir[dir_len - 1] == '/') ? "" : "/";
    char *path = xmalloc(dir_len + len + 2);
    sprintf(path, "%s%s%.*s", dir, slash, (int)len, base);
    return path;
}

/* The directory that the operands go into; NULL where there is one source and one new name. */
static const char *choose_directory(struct operands *operands)
{
    int count = operands->count;
    if (operands->directory && operands->no_directory)
        xfail(1, "cannot combine --target-directory (-t) and --no-target-directory (-T)");
    if (count == 0) {
        message("missing file operand");
        options_hint(1);
    }
    if (operands->directory) {
        if (!is_directory(operands->directory))
            xfail(1, "target directory %s: %s", quote_always(operands->directory), strerror(errno));
        return operands->directory;
    }
    if (count == 1) {
        message("missing destination file operand after %s", quote_always(operands->names[0]));
        options_hint(1);
    }
    char *last = operands->names[count - 1];
    if (operands->no_directory) {
        if (count > 2) {
            message("extra operand %s", quote_always(operands->names[2]));
            options_hint(1);
        }
        return NULL;
    }
    if (is_directory(last)) {
        operands->count--;
        return last;
    }
    if (count > 2)
        xfail(1, "target %s: %s", quote_always(last), strerror(errno));
    return NULL;
}

int main(int argc, char *argv[])
{
    start("mcopy");
    struct options options = {0};
    struct operands operands = {0};
    parse_arguments(argc, argv, &options, &operands);
    const char *directory = choose_directory(&operands);

    struct tree *tree = tree_new(&options);
    bool good = true;
    if (!directory) {
        good = tree_copy(tree, operands.names[0], operands.names[1]);
    } else {
        for (int i = 0; i < operands.count; i++) {
            char *to = inside(directory, operands.names[i]);
            good &= tree_copy(tree, operands.names[i], to);
            free(to);
        }
    }
    tree_free(tree);
    if (options.verbose)
        stream_close(verbose_out());
    return good ? 0 : 1;
}

static void usage(FILE *to)
{
    fputs("Usage: mcopy [OPTION]... [-T] SOURCE DEST\n"
          "  or:  mcopy [OPTION]... SOURCE... DIRECTORY\n"
          "  or:  mcopy [OPTION]... -t DIRECTORY SOURCE...\n"
          "Copy SOURCE to DEST, or several SOURCEs to DIRECTORY.\n"
          "\n"
          "  -a, --archive                copy recursively and keep links, special files and\n"
          "                                 all attributes\n"
          "  -f, --force                  remove a destination that cannot be opened\n"
          "  -i, --interactive            ask before overwriting (overrides -n)\n"
          "  -n, --no-clobber             never overwrite (overrides -i)\n"
          "  -p                           keep mode, ownership and timestamps\n"
          "  -r, -R, --recursive          copy directories with what is in them\n"
          "      --reflink[=WHEN]         let copies share their sources' blocks: always (the\n"
          "                                 default of WHEN), auto (where that can be done,\n"
          "                                 the default) or never\n"
          "      --sparse=WHEN            make holes of zeroes: auto (where the source has\n"
          "                                 holes, the default), always or never\n"
          "  -t, --target-directory=DIR   copy all SOURCEs into DIR\n"
          "  -T, --no-target-directory    treat DEST as a normal file\n"
          "  -u, --update                 copy only what is newer than the destination, or\n"
          "                                 missing there\n"
          "  -v, --verbose                say what is being done\n"
          "      --atomic                 replace a destination whole, or not at all\n"
          "      --in-place               give a new file its name at once; its size is what is\n"
          "                                 good of it\n"
          "      --resume                 go on with such a copy; implies --in-place\n"
          "      --sync                   return when the copies are on the medium\n"
          "      --verify                 compare each copy, as the medium has it, with its\n"
          "                                 source\n"
          "      --help                   display this help and exit\n"
          "      --version                output version information and exit\n",
          to);
}
