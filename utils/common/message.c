/* SPDX-License-Identifier: MIT */
/* Messages, names made safe to print, and how a tool starts. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "common/message.h"

int exit_trouble = 1;
bool input_was_closed;
bool output_was_closed;
void (*before_message)(void);
void (*clear_line)(void);
void (*message_to)(const char *text, size_t len);

static const char *tool;

void start(const char *name)
{
    tool = name;
    /* Only the character set matters here; the other categories would be eleven files to open. */
    setlocale(LC_CTYPE, "");
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        input_was_closed |= fd == 0;
        output_was_closed |= fd == 1;
        /* The lowest free descriptor is `fd`; without /dev/null it stays closed. */
        (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
    }
}

const char *tool_name(void)
{
    return tool;
}

/* Without memory for it the message goes to standard error after all. */
static bool divert(const char *format, va_list args)
{
    char *text, *line;
    if (!message_to || vasprintf(&text, format, args) < 0)
        return false;
    int len = asprintf(&line, "%s: %s\n", tool, text);
    if (len >= 0) {
        message_to(line, (size_t)len);
        free(line);
    }
    free(text);
    return len >= 0;
}

static void vmessage(const char *format, va_list args)
{
    if (before_message)
        before_message();
    va_list copy;
    va_copy(copy, args);
    bool diverted = divert(format, copy);
    va_end(copy);
    if (diverted)
        return;
    if (clear_line)
        clear_line();
    flockfile(stderr);
    fprintf(stderr, "%s: ", tool);
    vfprintf(stderr, format, args);
    putc('\n', stderr);
    fflush(stderr);
    funlockfile(stderr);
}

void message_pass(const char *text, size_t len)
{
    if (before_message)
        before_message();
    if (clear_line)
        clear_line();
    fwrite(text, 1, len, stderr);
    fflush(stderr);
}

void message(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vmessage(format, args);
    va_end(args);
}

void message_name(const char *name, int error)
{
    message("%s: %s", name, strerror(error < 0 ? -error : error));
}

void xfail(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vmessage(format, args);
    va_end(args);
    exit(status);
}

static _Noreturn void exhausted(void)
{
    xfail(exit_trouble, "memory exhausted");
}

void *xmalloc(unsigned long size)
{
    void *made = malloc(size ? size : 1);
    if (!made)
        exhausted();
    return made;
}

void *xrealloc(void *old, unsigned long size)
{
    void *made = realloc(old, size ? size : 1);
    if (!made)
        exhausted();
    return made;
}

char *xstrdup(const char *s)
{
    char *made = strdup(s);
    if (!made)
        exhausted();
    return made;
}

/* The length of the printable character at `s`; 0 for a control character or an invalid byte. */
static size_t printable(const char *s)
{
    if (*s >= ' ' && *s <= '~') /* nearly all names are of these alone */
        return 1;
    mbstate_t state = {0};
    wchar_t wide;
    size_t len = mbrtowc(&wide, s, strlen(s), &state);
    return len == 0 || len > MB_LEN_MAX || !iswprint((wint_t)wide) ? 0 : len;
}

static bool has_controls(const char *name)
{
    size_t len;
    for (const char *s = name; *s; s += len)
        if ((len = printable(s)) == 0)
            return true;
    return false;
}

/*
 * Does a shell see more in it than a word?  coreutils quote a colon too, which
 * would look like the end of the name, and # ~ { } only where they are special.
 */
static bool needs_quotes(const char *name)
{
    if (!*name || strchr("#~", *name) || strcmp(name, "{") == 0 || strcmp(name, "}") == 0)
        return true;
    return strpbrk(name, " !\"$&'()*;<=>?[\\^`|:") || has_controls(name);
}

/* Characters that mean themselves between double quotes in a shell, and in C. */
static bool plain_in_double_quotes(const char *name)
{
    for (const char *s = name; *s; s++)
        if (strchr("!\"$&()*;<=>?[\\^`|{}@", *s) || (unsigned char)*s >= 0x80)
            return false;
    return !has_controls(name);
}

/* One of eight buffers, so that several names fit in one message. */
static char *slot(size_t size)
{
    static char *slots[8];
    static unsigned next;
    char **s = &slots[next++ % 8];
    *s = xrealloc(*s, size);
    return *s;
}

/* 'a b', "it's", 'a'$'\n''b': single quotes, with the shell's $'' around what does not print. */
static const char *quoted(const char *name)
{
    /* The longest that one byte becomes is '$'\ooo'' . */
    char *text = slot(strlen(name) * 12 + 3);
    char *to = text;
    if (strchr(name, '\'') && plain_in_double_quotes(name)) {
        sprintf(text, "\"%s\"", name);
        return text;
    }
    bool escaping = false;
    *to++ = '\'';
    for (const char *s = name; *s;) {
        size_t len = printable(s);
        if (len == 0) {
            static const char letters[] = "abtnvfr"; /* for the codes 7 to 13 */
            if (!escaping)
                to = stpcpy(to, "'$'");
            escaping = true;
            unsigned char c = (unsigned char)*s++;
            to +=
                c >= 7 && c <= 13 ? sprintf(to, "\\%c", letters[c - 7]) : sprintf(to, "\\%03o", c);
            continue;
        }
        if (escaping)
            to = stpcpy(to, "''");
        escaping = false;
        if (*s == '\'')
            to = stpcpy(to, "'\\''");
        else
            to = mempcpy(to, s, len);
        s += len;
    }
    strcpy(to, "'");
    return text;
}

const char *quote_always(const char *name)
{
    return quoted(name);
}

const char *quote(const char *name)
{
    return needs_quotes(name) ? quoted(name) : name;
}

const char *quote_controls(const char *name)
{
    return has_controls(name) ? quoted(name) : name;
}
