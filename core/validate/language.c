/* language.c: see language.h */
#include "core/validate/language.h"

#include <string.h>

#include "core/base/cleanup.h"

struct sg_language *const sg_languages[] = {&sg_language_python, &sg_language_javascript, NULL};

static bool is_among(const char *const *list, const char *text)
{
    while (*list && strcmp(*list, text) != 0)
        list++;
    return *list != NULL;
}

static bool init_roles(struct sg_language *l)
{
    const TSLanguage *grammar = l->grammar();
    uint32_t n = ts_language_symbol_count(grammar);
    if (n > SG_KINDS_MAX)
        return false;
    for (const struct sg_role_row *row = l->roles; row->kind; row++) {
        bool there = false;
        for (uint32_t kind = 0; kind < n; kind++) {
            const char *name = ts_language_symbol_name(grammar, (TSSymbol)kind);
            if (!name || strcmp(name, row->kind) != 0 ||
                ts_language_symbol_type(grammar, (TSSymbol)kind) != TSSymbolTypeRegular)
                continue;
            l->role_of[kind] = (uint8_t)row->role;
            l->bind_of[kind] = row->bind;
            there = true;
        }
        if (!there)
            return false;
    }
    return true;
}

bool sg_language_init(struct sg_language *l)
{
    const TSLanguage *grammar = l->grammar();
    for (int f = 0; f < SG_FIELD_COUNT; f++) {
        const char *name = l->fields[f];
        if (!name)
            continue;
        l->field_of[f] = ts_language_field_id_for_name(grammar, name, (uint32_t)strlen(name));
        if (l->field_of[f] == 0)
            return false;
    }
    return init_roles(l);
}

struct sg_language *sg_language_find(const char *name)
{
    for (size_t i = 0; sg_languages[i]; i++)
        if (strcmp(sg_languages[i]->name, name) == 0 || is_among(sg_languages[i]->aliases, name))
            return sg_languages[i];
    return NULL;
}

struct sg_language *sg_language_by_extension(const char *extension)
{
    for (size_t i = 0; sg_languages[i]; i++)
        if (is_among(sg_languages[i]->extensions, extension))
            return sg_languages[i];
    return NULL;
}

enum sg_role sg_language_role(const struct sg_language *l, uint16_t kind)
{
    return kind < SG_KINDS_MAX ? (enum sg_role)l->role_of[kind] : SG_ROLE_NONE;
}
