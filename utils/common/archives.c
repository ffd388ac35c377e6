/* SPDX-License-Identifier: MIT */
/* The options for archives. */
#include <string.h>

#include "archive/sandbox.h"
#include "common/archives.h"
#include "common/message.h"
#include "common/options.h"

#define DEPTH     4
#define DEPTH_MAX 100

static _Noreturn void refuse(const char *option, const char *value)
{
    message("invalid --%s value '%s'", option, quote_controls(value));
    options_hint(exit_trouble);
}

static unsigned parse_depth(const char *text)
{
    uint64_t value;
    if (number(text, "", &value) == NUMBER_INVALID || value == 0)
        refuse("archive-depth", text);
    return value < DEPTH_MAX ? (unsigned)value : DEPTH_MAX;
}

/* Is the text the first of two words?  If it is neither, the program ends. */
static bool is_first(const char *text, const char *first, const char *second, const char *option)
{
    if (strcmp(text, first) != 0 && strcmp(text, second) != 0)
        refuse(option, text);
    return strcmp(text, first) == 0;
}

bool archives_option(struct archives *archives, int option, const char *argument)
{
    switch (option) {
    case 'J':
        archives->on = true;
        return true;
    case ARCHIVE_DEPTH:
        archives->depth = parse_depth(argument);
        return true;
    case ARCHIVE_FORMATS:
        archives->all = is_first(argument, "all", "basic", "archive-formats");
        return true;
    case ARCHIVE_SANDBOX:
        archives->require = is_first(argument, "require", "auto", "sandbox");
        return true;
    default:
        return false;
    }
}

void archives_begin(struct archives *archives)
{
    if (!archives->on)
        return;
    if (archives->depth == 0)
        archives->depth = DEPTH;
    archives->sandbox = sandbox_is_there();
    if (archives->sandbox)
        return;
    if (archives->require)
        xfail(exit_trouble, "this kernel has no sandbox (seccomp) to decode archives in");
    message("warning: this kernel has no sandbox (seccomp): archives are decoded without");
}
