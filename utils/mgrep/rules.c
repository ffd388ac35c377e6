/* SPDX-License-Identifier: MIT */
/* --include and --exclude: which names are left out. */
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/lines.h"
#include "mgrep/rules.h"

struct rule {
    char *glob;
    bool include;
};

struct rules {
    struct rule *list;
    size_t count;
};

static void add(struct rules **rules, char *glob, bool include)
{
    if (!*rules) {
        *rules = xmalloc(sizeof **rules);
        **rules = (struct rules){0};
    }
    struct rules *all = *rules;
    all->list = xrealloc(all->list, (all->count + 1) * sizeof *all->list);
    all->list[all->count++] = (struct rule){glob, include};
}

void rules_add(struct rules **rules, const char *glob, bool include)
{
    add(rules, xstrdup(glob), include);
}

/* Blanks at the end of a line do not count, nor does an empty line. */
static void add_line(void *context, const char *line, size_t len)
{
    struct rules **rules = context;
    while (len > 0 && isspace((unsigned char)line[len - 1]))
        len--;
    if (len == 0)
        return;
    char *glob = xmalloc(len + 1);
    memcpy(glob, line, len);
    glob[len] = '\0';
    add(rules, glob, false);
}

int rules_read(struct rules **rules, const char *name)
{
    return lines_read(name, add_line, rules);
}

void rules_free(struct rules *rules)
{
    if (!rules)
        return;
    for (size_t i = 0; i < rules->count; i++)
        free(rules->list[i].glob);
    free(rules->list);
    free(rules);
}

static bool matches(const char *glob, const char *name, bool suffixes)
{
    if (fnmatch(glob, name, 0) == 0)
        return true;
    for (const char *p = name; suffixes && *p; p++) {
        if (*p == '/' && p[1] != '/' && fnmatch(glob, p + 1, 0) == 0)
            return true;
    }
    return false;
}

bool rules_exclude(const struct rules *rules, const char *name, bool suffixes)
{
    if (!rules)
        return false;
    for (size_t i = rules->count; i-- > 0;) {
        if (matches(rules->list[i].glob, name, suffixes))
            return !rules->list[i].include;
    }
    return rules->list[0].include;
}
