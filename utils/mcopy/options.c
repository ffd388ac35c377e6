/* SPDX-License-Identifier: MIT */
/* The command line of mcopy: cp's options, and those that only we have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/pack.h"
#include "common/choice.h"
#include "common/message.h"
#include "common/options.h"

#include "mcopy/backup.h"
#include "mcopy/options.h"

static void usage(FILE *to);

/* What is said of options before all of them are known. */
struct said {
    struct command *command;
    bool backup;
    const char *control; /* of --backup */
    const char *suffix;
    bool require_context;
};

enum keep { KEEP_MODE, KEEP_TIMES, KEEP_OWNER, KEEP_LINKS, KEEP_CONTEXT, KEEP_XATTR, KEEP_ALL };

static void keep(struct said *said, enum keep what, bool yes)
{
    struct options *o = &said->command->options;
    bool all = what == KEEP_ALL;
    if (all || what == KEEP_MODE) {
        o->preserve_mode = yes;
        o->default_mode = !yes;
    }
    if (all || what == KEEP_TIMES)
        o->preserve_times = yes;
    if (all || what == KEEP_OWNER)
        o->preserve_owner = yes;
    if (all || what == KEEP_LINKS)
        o->preserve_links = yes;
    if (all || what == KEEP_XATTR)
        o->preserve_xattr = yes;
    if (what == KEEP_XATTR)
        o->require_xattr = yes;
    if (what == KEEP_CONTEXT)
        said->require_context = yes;
}

static void keep_list(struct said *said, const char *list, const char *option, bool yes)
{
    static const struct choice choices[] = {
        {"mode", KEEP_MODE},       {"timestamps", KEEP_TIMES},
        {"ownership", KEEP_OWNER}, {"links", KEEP_LINKS},
        {"context", KEEP_CONTEXT}, {"xattr", KEEP_XATTR},
        {"all", KEEP_ALL},         {0},
    };
    for (const char *word = list;; word++) {
        size_t len = strcspn(word, ",");
        keep(said, (enum keep)choice(choices, word, len, option, 1), yes);
        word += len;
        if (!*word)
            return;
    }
}

/* -p: what is not said of the mode stays so. */
static void keep_usual(struct options *o)
{
    o->preserve_mode = o->preserve_owner = o->preserve_times = true;
}

static void archive(struct options *o)
{
    keep_usual(o);
    o->follow = FOLLOW_NEVER;
    o->recursive = o->preserve_links = o->preserve_xattr = o->quiet_xattr = true;
}

/* The last of -i and -n counts. */
static void set_interactive(struct options *o, bool ask, bool leave)
{
    o->interactive = ask;
    o->no_clobber = leave;
}

static void ignore_context(const char *context)
{
    if (context)
        message("warning: ignoring --context; it requires an SELinux-enabled kernel");
}

static enum reflink reflink(const char *when)
{
    static const struct choice choices[] = {
        {"auto", REFLINK_AUTO}, {"always", REFLINK_ALWAYS}, {"never", REFLINK_NEVER}, {0}};
    return when ? (enum reflink)choice(choices, when, strlen(when), "--reflink", 1)
                : REFLINK_ALWAYS;
}

static enum sparse sparse(const char *when)
{
    static const struct choice choices[] = {
        {"never", SPARSE_NEVER}, {"auto", SPARSE_AUTO}, {"always", SPARSE_ALWAYS}, {0}};
    return (enum sparse)choice(choices, when, strlen(when), "--sparse", 1);
}

enum {
    ATTRIBUTES_ONLY = 256,
    COPY_CONTENTS,
    NO_PRESERVE,
    PARENTS,
    PRESERVE,
    REFLINK,
    REMOVE_DESTINATION,
    SPARSE,
    STRIP_SLASHES,
    HELP,
    VERSION,
    ATOMIC,
    IN_PLACE,
    JSON,
    PROGRESS,
    RESUME,
    SYNC,
    VERIFY,
    CREATE,
};

/* A letter, or one of the above.  Returns false for what is no option. */
static bool set_option(struct said *said, int c)
{
    struct command *command = said->command;
    struct options *o = &command->options;
    switch (c) {
    case 'a':
        archive(o);
        break;
    case ATTRIBUTES_ONLY:
        o->attributes_only = true;
        break;
    case 'b':
        said->backup = true;
        if (optarg)
            said->control = optarg;
        break;
    case COPY_CONTENTS:
        o->copy_contents = true;
        break;
    case 'd':
        o->preserve_links = true;
        o->follow = FOLLOW_NEVER;
        break;
    case 'f':
        o->force = true;
        break;
    case 'H':
        o->follow = FOLLOW_OPERANDS;
        break;
    case 'i':
        set_interactive(o, true, false);
        break;
    case 'l':
        o->hard_link = true;
        break;
    case 'L':
        o->follow = FOLLOW_ALL;
        break;
    case 'n':
        set_interactive(o, false, true);
        break;
    case NO_PRESERVE:
        keep_list(said, optarg, "--no-preserve", false);
        break;
    case PARENTS:
        command->parents = true;
        break;
    case 'P':
        o->follow = FOLLOW_NEVER;
        break;
    case 'p':
        keep_usual(o);
        break;
    case PRESERVE:
        if (optarg)
            keep_list(said, optarg, "--preserve", true);
        else
            keep_usual(o);
        break;
    case 'r':
    case 'R':
        o->recursive = true;
        break;
    case REFLINK:
        o->reflink = reflink(optarg);
        break;
    case REMOVE_DESTINATION:
        o->remove = true;
        break;
    case SPARSE:
        o->sparse = sparse(optarg);
        break;
    case 's':
        o->symbolic_link = true;
        break;
    case STRIP_SLASHES:
        command->strip_slashes = true;
        break;
    case 'S':
        said->backup = true;
        said->suffix = optarg;
        break;
    case 't':
        if (command->directory)
            xfail(1, "multiple target directories specified");
        command->directory = optarg;
        break;
    case 'T':
        command->no_directory = true;
        break;
    case 'u':
        o->update = true;
        break;
    case 'v':
        o->verbose = true;
        break;
    case 'x':
        o->one_file_system = true;
        break;
    case 'Z':
        ignore_context(optarg);
        break;
    case CREATE:
        if (!pack_knows(optarg)) {
            message("invalid --create value '%s'", quote_controls(optarg));
            options_hint(1);
        }
        command->create = optarg;
        break;
    case ATOMIC:
        o->atomic = true;
        break;
    case IN_PLACE:
        o->in_place = true;
        break;
    case JSON:
        o->json = true;
        break;
    case PROGRESS:
        o->progress = true;
        break;
    case RESUME:
        o->resume = true;
        break;
    case SYNC:
        o->sync = true;
        break;
    case VERIFY:
        o->verify = true;
        break;
    default:
        return false;
    }
    return true;
}

static _Noreturn void refuse(const char *why)
{
    message("%s", why);
    options_hint(1);
}

/* What cannot be asked of members of archives. */
static void refuse_beside_archives(const struct said *said)
{
    const struct options *o = &said->command->options;
    const struct {
        bool said;
        const char *name;
    } options[] = {
        {o->attributes_only, "--attributes-only"},
        {said->backup, "--backup"},
        {o->copy_contents, "--copy-contents"},
        {o->follow == FOLLOW_ALL, "--dereference"},
        {o->follow == FOLLOW_OPERANDS, "-H"},
        {o->hard_link, "--link"},
        {o->one_file_system, "--one-file-system"},
        {said->command->parents, "--parents"},
        {o->require_xattr, "--preserve=xattr"},
        {o->reflink == REFLINK_ALWAYS, "--reflink=always"},
        {o->sparse == SPARSE_ALWAYS, "--sparse=always"},
        {o->sparse == SPARSE_NEVER, "--sparse=never"},
        {o->symbolic_link, "--symbolic-link"},
        {o->in_place, "--in-place"},
        {o->progress, "--progress"},
        {o->resume, "--resume"},
        {o->verify, "--verify"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].said)
            xfail(1, "--archives cannot be used with %s", options[i].name);
}

static void refuse_beside_create(const struct command *command)
{
    const struct options *o = &command->options;
    const struct {
        bool said;
        const char *name;
    } options[] = {
        {command->directory, "--target-directory"},
        {o->default_mode, "--no-preserve=mode"},
        {o->remove, "--remove-destination"},
        {o->update, "--update"},
    };
    if (!command->archives.on)
        refuse("--create needs --archives");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].said)
            xfail(1, "--create cannot be used with %s", options[i].name);
}

/* What the options mean together. */
static void settle(struct said *said)
{
    struct options *o = &said->command->options;
    if (o->hard_link && o->symbolic_link)
        refuse("cannot make both hard and symbolic links");
    if (said->command->archives.on)
        refuse_beside_archives(said);
    if (said->command->create)
        refuse_beside_create(said->command);
    if (said->backup && o->no_clobber)
        refuse("options --backup and --no-clobber are mutually exclusive");
    if (o->reflink == REFLINK_ALWAYS && o->sparse != SPARSE_AUTO)
        refuse("--reflink can be used only with --sparse=auto");
    if (o->atomic && (o->in_place || o->resume))
        xfail(1, "cannot combine --atomic and %s", o->in_place ? "--in-place" : "--resume");
    if (said->backup)
        o->backup = backup_control(said->control);
    o->suffix = backup_suffix(said->suffix);
    if (o->follow == FOLLOW_UNSAID)
        o->follow = o->recursive && !o->hard_link ? FOLLOW_NEVER : FOLLOW_ALL;
    if (!o->recursive)
        o->copy_contents = true;
    if (said->require_context)
        xfail(1, "cannot preserve security context without an SELinux-enabled kernel");
    o->through_dangling = getenv("POSIXLY_CORRECT");
}

void options_parse(int argc, char *argv[], struct command *command)
{
    /* In cp's order, which shows where an abbreviation is ambiguous. */
    static const struct option table[] = {
        {"archive", no_argument, NULL, 'a'},
        {"attributes-only", no_argument, NULL, ATTRIBUTES_ONLY},
        {"backup", optional_argument, NULL, 'b'},
        {"copy-contents", no_argument, NULL, COPY_CONTENTS},
        {"dereference", no_argument, NULL, 'L'},
        {"force", no_argument, NULL, 'f'},
        {"interactive", no_argument, NULL, 'i'},
        {"link", no_argument, NULL, 'l'},
        {"no-clobber", no_argument, NULL, 'n'},
        {"no-dereference", no_argument, NULL, 'P'},
        {"no-preserve", required_argument, NULL, NO_PRESERVE},
        {"no-target-directory", no_argument, NULL, 'T'},
        {"one-file-system", no_argument, NULL, 'x'},
        {"parents", no_argument, NULL, PARENTS},
        {"path", no_argument, NULL, PARENTS}, /* its name in old times */
        {"preserve", optional_argument, NULL, PRESERVE},
        {"recursive", no_argument, NULL, 'R'},
        {"remove-destination", no_argument, NULL, REMOVE_DESTINATION},
        {"sparse", required_argument, NULL, SPARSE},
        {"reflink", optional_argument, NULL, REFLINK},
        {"strip-trailing-slashes", no_argument, NULL, STRIP_SLASHES},
        {"suffix", required_argument, NULL, 'S'},
        {"symbolic-link", no_argument, NULL, 's'},
        {"target-directory", required_argument, NULL, 't'},
        {"update", no_argument, NULL, 'u'},
        {"verbose", no_argument, NULL, 'v'},
        {"context", optional_argument, NULL, 'Z'},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        /* Ours. */
        {"atomic", no_argument, NULL, ATOMIC},
        {"in-place", no_argument, NULL, IN_PLACE},
        {"json", no_argument, NULL, JSON},
        {"progress", no_argument, NULL, PROGRESS},
        {"resume", no_argument, NULL, RESUME},
        {"sync", no_argument, NULL, SYNC},
        {"verify", no_argument, NULL, VERIFY},
        {"create", required_argument, NULL, CREATE},
        ARCHIVES_OPTIONS,
        {0},
    };
    const int ours = 12, rows = (int)(sizeof table / sizeof *table) - 1;
    struct said said = {.command = command};
    int c;
    while ((c = options_next(argc, argv, "abdfHilLnprst:uvxJPRS:TZ", table, rows - ours)) != -1) {
        if (c == HELP)
            options_help(usage);
        if (c == VERSION)
            options_version();
        if (!archives_option(&command->archives, c, optarg) && !set_option(&said, c))
            options_hint(1);
    }
    command->names = argv + optind;
    command->count = argc - optind;
    settle(&said);
}

static void usage(FILE *to)
{
    fputs("Usage: mcopy [OPTION]... [-T] SOURCE DEST\n"
          "  or:  mcopy [OPTION]... SOURCE... DIRECTORY\n"
          "  or:  mcopy [OPTION]... -t DIRECTORY SOURCE...\n"
          "Copy SOURCE to DEST, or several SOURCEs to DIRECTORY.\n"
          "\n"
          "What is copied:\n"
          "  -a, --archive                -dR --preserve=all\n"
          "      --attributes-only        give the copy the attributes, but no bytes\n"
          "      --copy-contents          with -R, copy what comes out of special files\n"
          "  -d                           --no-dereference --preserve=links\n"
          "  -H                           follow the symbolic links that are SOURCEs\n"
          "  -l, --link                   make hard links\n"
          "  -L, --dereference            follow all symbolic links\n"
          "      --no-preserve=LIST       keep none of these attributes\n"
          "  -p                           --preserve=mode,ownership,timestamps\n"
          "  -P, --no-dereference         follow no symbolic link\n"
          "      --preserve[=LIST]        keep these attributes: mode, ownership,\n"
          "                                 timestamps (the default), links, xattr,\n"
          "                                 context, all\n"
          "  -r, -R, --recursive          copy directories with what is in them\n"
          "  -s, --symbolic-link          make symbolic links\n"
          "  -x, --one-file-system        stay out of other file systems' directories\n"
          "  -Z, --context[=CONTEXT]      ignored: there is no SELinux here\n"
          "Where it goes:\n"
          "      --parents                below DIRECTORY, with SOURCE's own directories\n"
          "      --strip-trailing-slashes  take the slashes behind each SOURCE away\n"
          "  -t, --target-directory=DIR   copy all SOURCEs into DIR\n"
          "  -T, --no-target-directory    treat DEST as a normal file\n"
          "What becomes of a file that is there:\n"
          "  -b, --backup[=CONTROL]       keep it under another name: none, off; numbered,\n"
          "                                 t; existing, nil; simple, never\n"
          "  -f, --force                  remove it if it cannot be opened\n"
          "  -i, --interactive            ask before it is overwritten (overrides -n)\n"
          "  -n, --no-clobber             leave it (overrides -i)\n"
          "      --remove-destination     remove it before the copy is made\n"
          "  -S, --suffix=SUFFIX          what a backup's name ends in, for ~\n"
          "  -u, --update                 leave it unless it is older than SOURCE\n"
          "How bytes are copied:\n"
          "      --reflink[=WHEN]         let copies share their sources' blocks: always (the\n"
          "                                 default of WHEN), auto (where that can be done,\n"
          "                                 the default) or never\n"
          "      --sparse=WHEN            make holes of zeroes: auto (where the source has\n"
          "                                 holes, the default), always or never\n"
          "      --atomic                 replace a destination whole, or not at all\n"
          "      --in-place               give a new file its name at once; its size is what is\n"
          "                                 good of it\n"
          "      --resume                 go on with such a copy; implies --in-place\n"
          "      --sync                   return when the copies are on the medium\n"
          "      --verify                 compare each copy, as the medium has it, with its\n"
          "                                 source\n"
          "Archives:\n"
          "  -J, --archives               copy what is in a compressed file; with -r, what\n"
          "                                 is in an archive into DEST itself\n"
          "      --archive-depth=N        lead into archives in archives, N deep (4)\n"
          "      --archive-formats=FORMATS  basic, or all: 7zip and iso9660 too\n"
          "      --create=FORMAT          with -J, pack SOURCE into the archive DEST: tar,\n"
          "                                 tar.gz, tar.bz2, tar.xz, tar.zst, tar.lz4, zip\n"
          "      --sandbox=WHEN           auto, or require: decode in a sandbox or not at all\n"
          "\n"
          "  -v, --verbose                say what is being done\n"
          "      --json                   say in JSON what was done, at the end\n"
          "      --progress               show how far it is, on standard error\n"
          "      --help                   display this help and exit\n"
          "      --version                output version information and exit\n",
          to);
}
