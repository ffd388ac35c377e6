/* SPDX-License-Identifier: MIT */
/* Option parsing that keeps a GNU peer's abbreviations, and numbers with suffixes. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/options.h"
#include "common/stream.h"

/*
 * The row that `text` (up to its '=') means among the first `rows`: exact, or the only one.
 * *several says that it could be several.
 */
static const struct option *match(const char *text, const struct option *table, int rows,
                                  bool *several)
{
    *several = false;
    size_t len = strcspn(text, "=");
    const struct option *found = NULL;
    for (int i = 0; i < rows; i++) {
        const struct option *row = &table[i];
        if (strncmp(row->name, text, len) != 0)
            continue;
        if (row->name[len] == '\0')
            return row;
        /* Two names for the same option are no ambiguity. */
        if (found && (found->val != row->val || found->has_arg != row->has_arg))
            *several = true;
        if (!found)
            found = row;
    }
    return *several ? NULL : found;
}

int options_next(int argc, char *const argv[], const char *letters, const struct option *table,
                 int peers)
{
    /* The next option is the first such word that getopt_long has not passed yet. */
    int next = optind > 0 ? optind : 1;
    bool in_order = letters[0] == '+' || getenv("POSIXLY_CORRECT");
    while (!in_order && next < argc && (argv[next][0] != '-' || argv[next][1] == '\0'))
        next++;
    if (next < argc && argv[next][0] == '-' && argv[next][1] == '-' && argv[next][2] != '\0') {
        bool several;
        const struct option *row = match(argv[next] + 2, table, peers, &several);
        /* What is ambiguous among the peer's is so in the peer's words, without ours. */
        if (several) {
            struct option *theirs = xmalloc(((size_t)peers + 1) * sizeof *theirs);
            memcpy(theirs, table, (size_t)peers * sizeof *theirs);
            theirs[peers] = (struct option){0};
            int c = getopt_long(argc, argv, letters, theirs, NULL);
            free(theirs);
            return c;
        }
        const char *value = strchr(argv[next], '=');
        if (row && strcspn(argv[next] + 2, "=") < strlen(row->name)) {
            char *whole = xmalloc(strlen(row->name) + (value ? strlen(value) : 0) + 3);
            sprintf(whole, "--%s%s", row->name, value ? value : "");
            ((char **)argv)[next] = whole;
        }
    }
    return getopt_long(argc, argv, letters, table, NULL);
}

static _Noreturn void end_printing(void)
{
    if (fflush(stdout) != 0)
        xfail(exit_trouble, "%s: %s", stream_trouble, strerror(errno));
    exit(0);
}

void options_help(void (*usage)(FILE *to))
{
    usage(stdout);
    end_printing();
}

void options_version(void)
{
    printf("%s (mmutils) %s\n", tool_name(), MMUTILS_VERSION);
    end_printing();
}

void options_hint(int status)
{
    fprintf(stderr, "Try '%s --help' for more information.\n", tool_name());
    exit(status);
}

/* The power of 1000 or 1024 that a letter stands for; -1 for none. */
static int power(char letter)
{
    switch (letter) {
    case 'k':
    case 'K':
        return 1;
    case 'M':
    case 'm':
        return 2;
    case 'G':
    case 'g':
        return 3;
    case 'T':
    case 't':
        return 4;
    case 'P':
        return 5;
    case 'E':
        return 6;
    case 'Z':
        return 7;
    case 'Y':
        return 8;
    default:
        return -1;
    }
}

/* Multiply, staying at the largest number when it is passed. */
static bool scale(uint64_t *value, uint64_t by)
{
    if (!__builtin_mul_overflow(*value, by, value))
        return true;
    *value = UINT64_MAX;
    return false;
}

enum number_result number(const char *text, const char *suffixes, uint64_t *value)
{
    return number_of_base(text, 10, suffixes, value);
}

/* What a digit counts; 16 for what is none. */
static unsigned digit_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;
    return at ? (unsigned)(at - digits) : 16;
}

enum number_result number_of_base(const char *text, unsigned base, const char *suffixes,
                                  uint64_t *value)
{
    const char *s = text + strspn(text, " \t\n\v\f\r");
    if (*s == '+')
        s++;
    if (base == 0) {
        bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit_value(s[2]) < 16;
        base = hex ? 16 : *s == '0' ? 8 : 10;
        s += hex ? 2 : 0;
    }
    bool fits = true;
    const char *digits = s;
    uint64_t n = 0;
    for (; digit_value(*s) < base; s++)
        if (!scale(&n, base) || __builtin_add_overflow(n, (uint64_t)digit_value(*s), &n))
            fits = false;
    if (!fits)
        n = UINT64_MAX;
    if (s == digits) {
        if (!*s || s != text || !strchr(suffixes, *s))
            return NUMBER_INVALID;
        n = 1;
    }
    if (*s) {
        if (!strchr(suffixes, *s))
            return NUMBER_INVALID;
        if (*s == 'b') {
            fits &= scale(&n, 512);
            s++;
        } else {
            int times = power(*s);
            if (times < 0)
                return NUMBER_INVALID;
            uint64_t factor = 1024;
            s++;
            /* The second letter, where the peer's list of suffixes has the 0 that allows it. */
            if (strchr(suffixes, '0') && (*s == 'B' || *s == 'D')) {
                factor = 1000;
                s++;
            } else if (strchr(suffixes, '0') && s[0] == 'i' && s[1] == 'B') {
                s += 2;
            }
            while (times-- > 0)
                fits &= scale(&n, factor);
        }
        if (*s)
            return NUMBER_INVALID;
    }
    *value = fits ? n : UINT64_MAX;
    return fits ? NUMBER_OK : NUMBER_OVERFLOW;
}
