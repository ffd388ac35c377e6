/* SPDX-License-Identifier: MIT */
/* What stands behind an option: numbers, and words of which it takes some. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/message.h"
#include "common/options.h"
#include "mgrep/arguments.h"
#include "mgrep/options.h"
#include "mgrep/usage.h"

/* A number that may have a minus.  Returns false for what is none. */
static bool signed_number(const char *text, bool *negative, uint64_t *value)
{
    const char *sign = text + strspn(text, " \t\n\v\f\r");
    *negative = *sign == '-';
    if (*negative && !isdigit((unsigned char)sign[1]))
        return false;
    return number(*negative ? sign + 1 : text, "", value) != NUMBER_INVALID;
}

int64_t argument_context_length(const char *text)
{
    bool negative;
    uint64_t value = 0;
    if (!signed_number(text, &negative, &value) || (negative && value > 0))
        xfail(TROUBLE, "%s: invalid context length argument", text);
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

/* A negative limit is none. */
uint64_t argument_max_count(const char *text)
{
    bool negative;
    uint64_t value = 0;
    if (!signed_number(text, &negative, &value))
        xfail(TROUBLE, "invalid max count");
    return negative && value > 0 ? UINT64_MAX : value;
}

uint64_t argument_max_columns(const char *text)
{
    uint64_t value = 0;
    if (number(text, "", &value) == NUMBER_INVALID)
        xfail(TROUBLE, "%s: invalid number of columns", text);
    return value;
}

unsigned argument_threads(const char *text)
{
    uint64_t value = 0;
    if (number(text, "", &value) == NUMBER_INVALID || value == 0)
        xfail(TROUBLE, "%s: invalid number of threads", text);
    return value > UINT_MAX ? UINT_MAX : (unsigned)value;
}

/* Which of three words an option's argument is, or abbreviates.  `status` is that of the end. */
static int one_of(const char *const words[3], const char *text, const char *option, int status)
{
    size_t len = strlen(text);
    int found = -1;
    for (int i = 0; i < 3; i++) {
        if (strncmp(text, words[i], len) != 0)
            continue;
        if (words[i][len] == '\0')
            return i;
        found = found == -1 ? i : -2;
    }
    if (found >= 0)
        return found;
    message("%s argument %s for %s", found == -2 ? "ambiguous" : "invalid", quote_always(text),
            quote_always(option));
    fprintf(stderr, "Valid arguments are:\n");
    for (int i = 0; i < 3; i++)
        fprintf(stderr, "  - %s\n", quote_always(words[i]));
    usage(status);
}

enum directories argument_directories(const char *text)
{
    static const char *const words[] = {"read", "recurse", "skip"};
    return (enum directories)one_of(words, text, "--directories", 1); /* as in GNU grep */
}

enum engine_choice argument_engine_choice(const char *text)
{
    static const char *const words[] = {"auto", "pcre2", "vectorscan"};
    return (enum engine_choice)one_of(words, text, "--engine", TROUBLE);
}

enum devices argument_devices(const char *text)
{
    if (strcmp(text, "read") == 0)
        return DEVICES_READ;
    if (strcmp(text, "skip") == 0)
        return DEVICES_SKIP;
    xfail(TROUBLE, "unknown devices method");
}

enum binary argument_binary_files(const char *text)
{
    if (strcmp(text, "binary") == 0)
        return BINARY_BINARY;
    if (strcmp(text, "text") == 0)
        return BINARY_TEXT;
    if (strcmp(text, "without-match") == 0)
        return BINARY_WITHOUT_MATCH;
    xfail(TROUBLE, "unknown binary-files type");
}

bool argument_colored(const char *when)
{
    const char *term = getenv("TERM");
    if (!when || strcmp(when, "auto") == 0 || strcmp(when, "tty") == 0 ||
        strcmp(when, "if-tty") == 0)
        return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
    if (strcmp(when, "always") == 0 || strcmp(when, "yes") == 0 || strcmp(when, "force") == 0)
        return true;
    if (strcmp(when, "never") == 0 || strcmp(when, "no") == 0 || strcmp(when, "none") == 0)
        return false;
    help();
}
