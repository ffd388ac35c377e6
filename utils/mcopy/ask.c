/* SPDX-License-Identifier: MIT */
/* Questions of -i. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "common/message.h"

#include "mcopy/ask.h"
#include "mcopy/report.h"

/* One line of standard input. */
static bool answered_yes(void)
{
    static struct mm_scan *answers;
    struct mm_view view = {0};
    size_t want = 1;
    if (!answers &&
        (mm_scan_new(0, &answers) != 0 || mm_scan_open(answers, STDIN_FILENO, MM_SCAN_HERE) != 0))
        return false;
    const unsigned char *newline = NULL;
    while (mm_scan_more(answers, want, &view) == 0 && view.len >= want) {
        newline = memchr(view.data, '\n', view.len);
        if (newline)
            break;
        want = view.len + 1;
    }
    bool yes = view.len > 0 && (view.data[0] == 'y' || view.data[0] == 'Y');
    mm_scan_consume(answers, newline ? (size_t)(newline + 1 - view.data) : view.len);
    return yes;
}

/* "rwxr-sr-x" */
static void permissions(mode_t mode, char text[10])
{
    memcpy(text, "rwxrwxrwx", 10);
    for (int i = 0; i < 9; i++)
        if (!(mode & (0400u >> i)))
            text[i] = '-';
    if (mode & S_ISUID)
        text[2] = mode & S_IXUSR ? 's' : 'S';
    if (mode & S_ISGID)
        text[5] = mode & S_IXGRP ? 's' : 'S';
    if (mode & S_ISVTX)
        text[8] = mode & S_IXOTH ? 't' : 'T';
}

bool ask_overwrite(const struct options *options, const char *to, const struct stat *st)
{
    report_flush();
    if (clear_line)
        clear_line();
    if (S_ISLNK(st->st_mode) || euidaccess(to, W_OK) == 0) {
        fprintf(stderr, "%s: overwrite %s? ", tool_name(), quote_always(to));
    } else {
        char text[10];
        permissions(st->st_mode, text);
        fprintf(stderr,
                options->force || options->remove
                    ? "%s: replace %s, overriding mode %04o (%s)? "
                    : "%s: unwritable %s (mode %04o, %s); try anyway? ",
                tool_name(), quote_always(to), st->st_mode & 07777u, text);
    }
    fflush(stderr);
    return answered_yes();
}
