#include "core/config/scan.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/str.h"

struct scan {
    char *s; /* borrowed; NUL-terminated */
    size_t n, at;
    unsigned line;
    bool in_token; /* the character before belongs to an unquoted word */
    struct sg_error *err;
};

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f;
}

static bool looking_at(const struct scan *sc, const char *what)
{
    return sg_str_starts(sc->s + sc->at, what);
}

/* Blanks up to the end of the line, which stays. */
static int line_comment(struct scan *sc)
{
    while (sc->at < sc->n && sc->s[sc->at] != '\n')
        sc->s[sc->at++] = ' ';
    return 0;
}

static int block_comment(struct scan *sc)
{
    const char *end = strstr(sc->s + sc->at + 2, "*/");
    if (!end)
        return sg_error_set(sc->err, SG_E_INVALID, "comment is not closed; allowed: /* ... */");
    size_t stop = (size_t)(end - sc->s) + 2;
    for (; sc->at < stop; sc->at++) {
        if (sc->s[sc->at] == '\n')
            sc->line++;
        else
            sc->s[sc->at] = ' ';
    }
    return 0;
}

/* What of a double-quoted string would not reach us as it is written; NULL when fine. */
static const char *bad_escape(const struct scan *sc)
{
    char next = sc->s[sc->at + 1];
    if (looking_at(sc, "${"))
        return "${NAME} is not replaced here; allowed: the value itself, or single quotes";
    if (sc->s[sc->at] == '\\' && (next == 'x' || (next >= '0' && next <= '9')))
        return "numeric escape; allowed: \\\" \\\\ \\n \\t, or the character itself";
    return NULL;
}

static int quoted(struct scan *sc)
{
    char quote = sc->s[sc->at];
    unsigned begin = sc->line;
    for (sc->at++; sc->at < sc->n && sc->s[sc->at] != quote; sc->at++) {
        const char *wrong = quote == '"' ? bad_escape(sc) : NULL;
        if (wrong)
            return sg_error_set(sc->err, SG_E_INVALID, "%s", wrong);
        if (sc->s[sc->at] == '\\' && sc->at + 1 < sc->n)
            sc->at++;
        if (is_control(sc->s[sc->at]))
            return sg_error_set(sc->err, SG_E_INVALID, "control character in a string");
        if (sc->s[sc->at] == '\n')
            sc->line++;
    }
    if (sc->at >= sc->n) {
        sc->line = begin;
        return sg_error_set(sc->err, SG_E_INVALID, "string is not closed; allowed: %c...%c", quote,
                            quote);
    }
    sc->at++;
    return 0;
}

/* One character outside comments and strings. */
static int plain(struct scan *sc)
{
    char c = sc->s[sc->at];
    if (c == ';')
        return sg_error_set(sc->err, SG_E_INVALID,
                            "unexpected ';'; allowed: lines that end without it");
    if (strchr("*+()$|\\", c) || is_control(c))
        return sg_error_set(sc->err, SG_E_INVALID,
                            "unexpected %s%.1s; allowed: such a character only in quotes",
                            is_control(c) ? "control character" : "", is_control(c) ? "" : &c);
    sc->line += c == '\n';
    sc->in_token = !strchr(" \t\r\n={},", c);
    sc->at++;
    return 0;
}

static int scan_next(struct scan *sc)
{
    bool in_token = sc->in_token;
    char c = sc->s[sc->at];
    sc->in_token = false;
    /* Inside a word // is part of it, as in an address; # and the block comment are not. */
    if (c == '#' || (!in_token && looking_at(sc, "//")))
        return line_comment(sc);
    if (looking_at(sc, "/*"))
        return block_comment(sc);
    if (c == '"' || c == '\'')
        return quoted(sc);
    return plain(sc);
}

int sg_scan(char *text, size_t n, unsigned *ret_line, struct sg_error *err)
{
    struct scan sc = {.s = text, .n = n, .line = 1, .err = err};
    int r = 0;
    if (memchr(text, '\0', n)) {
        *ret_line = 1;
        return sg_error_set(err, SG_E_INVALID, "NUL byte; allowed: text");
    }
    while (r == 0 && sc.at < n)
        r = scan_next(&sc);
    *ret_line = sc.line;
    return r;
}
