/* nginx_locations.c: see nginx_locations.h */
#include "fcgi/doctor/nginx_locations.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/route.h"

#define PARAM "fastcgi_param"

static int block_of(const struct sg_nginx *n, int pass)
{
    return n->v[pass].parent;
}

static bool has_our_param(const struct sg_nginx *n, int pass)
{
    int level = sg_nginx_level(n, block_of(n, pass), PARAM);
    for (int at = -1; level >= 0 && (at = sg_nginx_child(n, level, PARAM, at)) >= 0;) {
        const char *name = sg_nginx_word(n, at, 1);
        if (name && sg_str_starts(name, "SANDGATE_"))
            return true;
    }
    return false;
}

int sg_locations_next(const struct sg_nginx *n, int after)
{
    for (int at = after; (at = sg_nginx_next(n, "fastcgi_pass", at)) >= 0;) {
        const char *to = sg_nginx_word(n, at, 1);
        if ((to && strstr(to, "sandgate")) || has_our_param(n, at))
            return at;
    }
    return -1;
}

bool sg_locations_runs(const struct sg_nginx *n, int pass)
{
    int location = sg_nginx_around(n, pass, "location");
    const char *how = sg_nginx_word(n, location, 1), *path = sg_nginx_word(n, location, 2);
    if (!how || !path || strcmp(how, "=") != 0)
        return true;
    for (size_t i = 0; i < sg_route_count; i++) {
        size_t len = strlen(path), end = strlen(sg_route_table[i].path);
        if (len >= end && strcmp(path + len - end, sg_route_table[i].path) == 0)
            return strcmp(sg_route_table[i].method, "POST") == 0;
    }
    return true;
}

/* The ways in which a location may be written, each with what it is compared with. */
enum kind { NONE, NAMED, EXACT, PREFIX, LAST_PREFIX, PATTERN, PATTERN_ANY_CASE };

static enum kind kind_of(const struct sg_nginx *n, int location, const char **ret)
{
    static const struct {
        const char *mark;
        enum kind kind;
    } marks[] = {{"=", EXACT}, {"^~", LAST_PREFIX}, {"~*", PATTERN_ANY_CASE}, {"~", PATTERN}};
    const char *word = sg_nginx_word(n, location, 1), *second = sg_nginx_word(n, location, 2);
    *ret = word ? word : "";
    if (!word)
        return NONE;
    for (size_t i = 0; i < SG_ARRAY_LEN(marks); i++) {
        if (!sg_str_starts(word, marks[i].mark))
            continue;
        *ret = second ? second : word + strlen(marks[i].mark); /* a blank between is not needed */
        return marks[i].kind;
    }
    return word[0] == '@' ? NAMED : PREFIX;
}

static bool matches(const char *pattern, enum kind kind, const char *path)
{
    regex_t re;
    int flags = REG_EXTENDED | REG_NOSUB | (kind == PATTERN_ANY_CASE ? REG_ICASE : 0);
    if (regcomp(&re, pattern, flags) != 0)
        return false;
    bool found = regexec(&re, path, 0, NULL, 0) == 0;
    regfree(&re);
    return found;
}

int sg_locations_for(const struct sg_nginx *n, int server, const char *path)
{
    int prefix = -1, pattern = -1;
    size_t longest = 0;
    bool last = false; /* no regular expression is asked */
    for (int at = -1; (at = sg_nginx_child(n, server, "location", at)) >= 0;) {
        const char *text;
        enum kind kind = kind_of(n, at, &text);
        size_t len = strlen(text);
        if (kind == EXACT && strcmp(text, path) == 0)
            return at;
        if ((kind == PATTERN || kind == PATTERN_ANY_CASE) && pattern < 0 &&
            matches(text, kind, path))
            pattern = at;
        if ((kind == PREFIX || kind == LAST_PREFIX) && sg_str_starts(path, text) &&
            len >= longest) {
            prefix = at;
            longest = len;
            last = kind == LAST_PREFIX;
        }
    }
    return last || pattern < 0 ? prefix : pattern;
}

/* The path of execute as it comes to a location: below a prefix of its own, or at "/". False: that
   is not known. */
static bool execute_path(const struct sg_nginx *n, int location, char *ret, size_t size)
{
    static const char execute[] = "/v1/execute";
    const char *text;
    enum kind kind = kind_of(n, location, &text);
    if (kind == PATTERN || kind == PATTERN_ANY_CASE) {
        sg_str_copy(ret, size, execute);
        return matches(text, kind, execute);
    }
    const char *own = strstr(text, "/v1");
    size_t len = own ? (size_t)(own - text) : strlen(text);
    len -= !own && len > 0 && text[len - 1] == '/';
    snprintf(ret, size, "%.*s%s", (int)len, text, execute);
    return kind != EXACT && sg_str_starts(ret, text);
}

bool sg_locations_takes(const struct sg_nginx *n, int pass)
{
    int location = sg_nginx_around(n, pass, "location");
    char path[256];
    const char *text;
    if (location < 0) /* in a server {}: there are no others */
        return true;
    if (kind_of(n, location, &text) == NAMED || sg_nginx_child(n, location, "internal", -1) >= 0)
        return false;
    int server = n->v[location].parent;
    const char *around = sg_nginx_word(n, server, 0);
    if (!around || strcmp(around, "server") != 0 || !execute_path(n, location, path, sizeof path))
        return true;
    return sg_locations_for(n, server, path) == location;
}

void sg_locations_name(const struct sg_nginx *n, int pass, char *ret, size_t size)
{
    int location = sg_nginx_around(n, pass, "location");
    size_t len = 0;
    sg_str_copy(ret, size, "a server without a location");
    for (unsigned i = 0; location >= 0 && i < n->v[location].nwords && len < size; i++)
        len += (size_t)snprintf(ret + len, size - len, "%s%s", i ? " " : "",
                                sg_nginx_word(n, location, i));
}

const char *sg_locations_param(const struct sg_nginx *n, int pass, const char *name)
{
    int level = sg_nginx_level(n, block_of(n, pass), PARAM);
    const char *value = NULL;
    for (int at = -1; level >= 0 && (at = sg_nginx_child(n, level, PARAM, at)) >= 0;) {
        const char *key = sg_nginx_word(n, at, 1);
        if (key && strcmp(key, name) == 0)
            value = sg_nginx_word(n, at, 2);
    }
    return value;
}

const char *sg_locations_value(const struct sg_nginx *n, int pass, const char *name,
                               const char *dflt)
{
    const char *value = sg_nginx_word(n, sg_nginx_in_force(n, block_of(n, pass), name), 1);
    return value ? value : dflt;
}

struct unit {
    const char *name;
    uint64_t times;
};

/* Numbers with units, one behind the other: their sum. */
static bool add_up(const char *text, const struct unit *units, size_t nunits, uint64_t *ret)
{
    *ret = 0;
    if (!*text)
        return false;
    while (*text) {
        char number[20] = "";
        size_t n = strspn(text, "0123456789"), len = strspn(text + n, "abcdefghijklmnopqrstuvwxyz"
                                                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        uint64_t value = 0, times = 0;
        if (n == 0 || n >= sizeof number)
            return false;
        memcpy(number, text, n);
        for (size_t i = 0; i < nunits; i++)
            if (strlen(units[i].name) == len && strncmp(units[i].name, text + n, len) == 0)
                times = units[i].times;
        if (sg_str_to_u64(number, &value) < 0 || times == 0 || value > UINT64_MAX / 2 / times)
            return false;
        *ret += value * times;
        text += n + len;
        text += strspn(text, " ");
    }
    return true;
}

bool sg_nginx_size(const char *text, uint64_t *ret)
{
    static const struct unit units[] = {{"", 1},        {"k", 1 << 10}, {"K", 1 << 10},
                                        {"m", 1 << 20}, {"M", 1 << 20}, {"g", 1 << 30},
                                        {"G", 1 << 30}};
    return add_up(text, units, SG_ARRAY_LEN(units), ret);
}

bool sg_nginx_time(const char *text, uint64_t *ret)
{
    static const struct unit units[] = {{"ms", 1},       {"s", 1000},    {"", 1000},
                                        {"m", 60000},    {"h", 3600000}, {"d", 86400000},
                                        {"w", 604800000}};
    return add_up(text, units, SG_ARRAY_LEN(units), ret);
}
