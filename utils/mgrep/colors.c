/* SPDX-License-Identifier: MIT */
/* What GREP_COLORS says. */
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/colors.h"

static void set(struct colors *colors, const char *name, const char *value)
{
    struct {
        const char *name, **color;
    } const table[] = {
        {"mt", &colors->selected_match}, {"ms", &colors->selected_match},
        {"mc", &colors->context_match},  {"sl", &colors->selected_line},
        {"cx", &colors->context_line},   {"fn", &colors->name},
        {"ln", &colors->number},         {"bn", &colors->offset},
        {"se", &colors->separator},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (value && strcmp(table[i].name, name) == 0)
            *table[i].color = value;
    }
    /* What these say needs no value. */
    if (strcmp(name, "mt") == 0)
        colors->context_match = colors->selected_match;
    colors->reverse |= strcmp(name, "rv") == 0;
    colors->no_erase |= strcmp(name, "ne") == 0;
}

/* Is it a list of numbers?  Nothing else is let through to a terminal. */
static bool harmless(const char *value)
{
    return value[strspn(value, "0123456789;")] == '\0';
}

/* The items of GREP_COLORS. */
static void read_items(struct colors *colors, const char *items)
{
    static char *kept; /* the values point into it */
    kept = xstrdup(items);
    for (char *next = kept, *item; (item = strsep(&next, ":"));) {
        char *value = strchr(item, '=');
        if (value)
            *value++ = '\0';
        /* A value that is none, or is nobody's, ends the reading, as in GNU grep. */
        if (value && (!*item || !harmless(value)))
            return;
        set(colors, item, value);
    }
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
    const char *old = getenv("GREP_COLOR"), *items = getenv("GREP_COLORS");
    if (old && *old && harmless(old))
        set(colors, "mt", old);
    if (items)
        read_items(colors, items);
    if (old && (colors->selected_match == old || colors->context_match == old))
        message("warning: GREP_COLOR='%s' is deprecated; use GREP_COLORS='mt=%s'", old, old);
}
