/* SPDX-License-Identifier: MIT */
/* An option's argument that is one of some words, or abbreviates one. */
#include <stdio.h>
#include <string.h>

#include "common/choice.h"
#include "common/message.h"
#include "common/options.h"

static _Noreturn void refuse(const struct choice *choices, const char *text, const char *option,
                             const char *how, int status)
{
    message("%s argument %s for %s", how, quote_always(text), quote_always(option));
    fprintf(stderr, "Valid arguments are:");
    for (const struct choice *c = choices; c->word; c++)
        fprintf(stderr, "%s%s", c > choices && c[-1].value == c->value ? ", " : "\n  - ",
                quote_always(c->word));
    fputc('\n', stderr);
    options_hint(status);
}

int choice(const struct choice *choices, const char *text, size_t len, const char *option,
           int status)
{
    const struct choice *found = NULL;
    bool several = false;
    for (const struct choice *c = choices; c->word; c++) {
        if (strncmp(c->word, text, len) != 0)
            continue;
        if (c->word[len] == '\0')
            return c->value;
        several |= found && found->value != c->value;
        found = c;
    }
    if (found && !several)
        return found->value;
    char *whole = xmalloc(len + 1);
    memcpy(whole, text, len);
    whole[len] = '\0';
    refuse(choices, whole, option, found ? "ambiguous" : "invalid", status);
}
