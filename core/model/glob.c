#include "core/model/glob.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/model/job.h"

/* A part of a pattern or of a path: one name, not terminated. */
struct name {
    const char *at, *end;
};

/* The next character, by its code point; a byte that belongs to none stands for itself. */
static uint32_t take(struct name *s)
{
    const unsigned char *u = (const unsigned char *)s->at;
    size_t left = (size_t)(s->end - s->at), n = 1;
    if (u[0] >= 0xc2)
        n = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
    uint32_t c = n == 1 ? u[0] : u[0] & (0x7fu >> n);
    if (n > left)
        n = 1;
    for (size_t i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            n = 1;
            break;
        }
        c = c << 6 | (u[i] & 0x3f);
    }
    if (n == 1)
        c = u[0] < 0x80 ? u[0] : 0x110000u + u[0];
    s->at += n;
    return c;
}

/* One element of a set: a character, or a first and a last one. False: the pattern ends in it. */
static bool take_range(struct name *p, uint32_t *first, uint32_t *last)
{
    for (int i = 0; i < 2; i++) {
        if (p->at < p->end && *p->at == '\\')
            p->at++;
        if (p->at == p->end)
            return false;
        *(i == 0 ? first : last) = take(p);
        if (i == 0) {
            *last = *first;
            if (p->end - p->at < 2 || p->at[0] != '-' || p->at[1] == ']')
                return true;
            p->at++;
        }
    }
    return true;
}

/* The set at p, behind its bracket: is c in it? Leaves p behind it. */
static bool in_set(struct name *p, uint32_t c)
{
    bool negated = p->at < p->end && *p->at == '!', in = false;
    uint32_t first, last;
    p->at += negated;
    while (p->at < p->end && *p->at != ']' && take_range(p, &first, &last))
        in = in || (c >= first && c <= last);
    p->at += p->at < p->end;
    return in != negated;
}

/* One character of the name against one element of the pattern, which is no star. */
static bool match_one(struct name *p, struct name *s)
{
    uint32_t c = take(s);
    switch (*p->at) {
    case '?':
        p->at++;
        return true;
    case '[':
        p->at++;
        return in_set(p, c);
    case '\\':
        p->at++;
    }
    return take(p) == c;
}

/* To go back to the last star is enough: what an earlier one could take, the last one can, too. */
static bool match_name(struct name p, struct name s)
{
    struct name star = {NULL, NULL}, from = s;
    for (;;) {
        if (p.at < p.end && *p.at == '*') {
            p.at++;
            star = p;
            from = s;
            continue;
        }
        if (p.at == p.end && s.at == s.end)
            return true;
        if (p.at < p.end && s.at < s.end && match_one(&p, &s))
            continue;
        if (!star.at || from.at == from.end)
            return false;
        take(&from);
        s = from;
        p = star;
    }
}

static bool is_any_folders(const struct name *p)
{
    return p->end - p->at == 2 && p->at[0] == '*' && p->at[1] == '*';
}

static size_t split(const char *text, struct name names[SG_PATH_DEPTH_MAX])
{
    size_t n = 0;
    while (n < SG_PATH_DEPTH_MAX) {
        size_t len = strcspn(text, "/");
        names[n++] = (struct name){text, text + len};
        if (!text[len])
            break;
        text += len + 1;
    }
    return n;
}

/* Which beginnings of the pattern the path so far can be: a bit for each number of names. */
static uint32_t follow(const struct name *p, size_t np, const char *path)
{
    struct name s[SG_PATH_DEPTH_MAX];
    size_t ns = split(path, s);
    uint32_t at = 1;
    for (size_t i = 0; i <= ns; i++) {
        for (size_t k = 0; k < np; k++)
            if (at & 1u << k && is_any_folders(&p[k]))
                at |= 1u << (k + 1);
        uint32_t next = 0;
        for (size_t k = 0; i < ns && k < np; k++) {
            if (!(at & 1u << k))
                continue;
            if (is_any_folders(&p[k]))
                next |= 1u << k;
            else if (match_name(p[k], s[i]))
                next |= 1u << (k + 1);
        }
        if (i < ns)
            at = next;
    }
    return at;
}

bool sg_glob_match(const char *pattern, const char *path)
{
    struct name p[SG_PATH_DEPTH_MAX];
    size_t np = split(pattern, p);
    return follow(p, np, path) & 1u << np;
}

bool sg_glob_reaches(const char *pattern, const char *folder)
{
    struct name p[SG_PATH_DEPTH_MAX];
    size_t np = split(pattern, p);
    return follow(p, np, folder) & ((1u << np) - 1);
}

static const char *check_set(struct name *p)
{
    uint32_t first, last;
    size_t n = 0;
    if (p->at < p->end && *p->at == '!')
        p->at++;
    for (; p->at < p->end && *p->at != ']'; n++) {
        if (!take_range(p, &first, &last))
            break;
        if (first > last)
            return "has a range in [ ] whose end is before its beginning";
    }
    if (p->at == p->end)
        return "has a [ without its ]";
    p->at++;
    return n == 0 ? "has an empty [ ]" : NULL;
}

static const char *check_name(struct name p)
{
    const char *wrong = NULL;
    if (is_any_folders(&p))
        return NULL;
    for (char before = 0; p.at < p.end && !wrong;) {
        char c = *p.at;
        if (c == '*' && before == '*')
            return "has ** beside other characters: it is a whole name, as in a/**/b";
        before = c;
        if (c == '[') {
            p.at++;
            wrong = check_set(&p);
        } else if (c == '\\') {
            p.at++;
            if (p.at == p.end)
                return "has a \\ at the end of a name";
            take(&p);
        } else {
            take(&p);
        }
    }
    return wrong;
}

const char *sg_glob_check(const char *pattern)
{
    struct name p[SG_PATH_DEPTH_MAX];
    const char *wrong = sg_path_check(pattern);
    size_t np = wrong ? 0 : split(pattern, p);
    for (size_t i = 0; i < np && !wrong; i++)
        wrong = check_name(p[i]);
    return wrong;
}
