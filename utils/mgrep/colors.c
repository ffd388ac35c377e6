/* SPDX-License-Identifier: MIT */
/* What GREP_COLORS says. */
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/colors.h"

static void set(struct colors *colors, const char *name, const char *value)
{
    struct {
        const char *name;
        const char **first, **second;
    } const table[] = {
        {"mt", &colors->selected_match, &colors->context_match},
        {"ms", &colors->selected_match, NULL},
        {"mc", &colors->context_match, NULL},
        {"sl", &colors->selected_line, NULL},
        {"cx", &colors->context_line, NULL},
        {"fn", &colors->name, NULL},
        {"ln", &colors->number, NULL},
        {"bn", &colors->offset, NULL},
        {"se", &colors->separator, NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, name) != 0 || !value)
            continue;
        *table[i].first = value;
        if (table[i].second)
            *table[i].second = value;
    }
    colors->reverse |= strcmp(name, "rv") == 0 && !value;
    colors->no_erase |= strcmp(name, "ne") == 0 && !value;
}

void colors_read(struct colors *colors)
{
    *colors = (struct colors){
        .selected_match = "01;31",
        .context_match = "01;31",
        .selected_line = "",
        .context_line = "",
        .name = "35",
        .number = "32",
        .offset = "32",
        .separator = "36",
    };
    const char *old = getenv("GREP_COLOR"), *all = getenv("GREP_COLORS");
    if (old && *old)
        message("warning: GREP_COLOR='%s' is deprecated; use GREP_COLORS='mt=%s'", old, old);
    if (old && *old)
        set(colors, "mt", old);
    if (!all)
        return;
    static char *kept; /* the values point into it */
    kept = xstrdup(all);
    for (char *next = kept, *item; (item = strsep(&next, ":"));) {
        char *value = strchr(item, '=');
        if (value)
            *value++ = '\0';
        /* What is no list of numbers ends the reading, as in GNU grep. */
        if (value && value[strspn(value, "0123456789;")])
            return;
        set(colors, item, value);
    }
}
