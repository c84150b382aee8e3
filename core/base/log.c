#include "core/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"

/* Longest message before escaping; what is longer is cut. */
#define MESSAGE_MAX 2048

static struct {
    char ident[32];
    bool syslog;
    enum sg_log_level most;
} log_state = {.ident = "sandgate", .most = SG_LOG_INFO};

static const struct {
    const char *name;
    enum sg_log_level level;
} level_names[] = {
    {"error", SG_LOG_ERR}, {"warning", SG_LOG_WARNING}, {"notice", SG_LOG_NOTICE},
    {"info", SG_LOG_INFO}, {"debug", SG_LOG_DEBUG},
};

int sg_log_level_from_name(const char *name)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(level_names); i++) {
        if (strcmp(level_names[i].name, name) == 0)
            return (int)level_names[i].level;
    }
    return -EINVAL;
}

int sg_log_open(const char *ident, const char *target, enum sg_log_level most)
{
    bool to_syslog = strcmp(target, "syslog") == 0;
    if (!to_syslog && strcmp(target, "stderr") != 0)
        return -EINVAL;
    if (log_state.syslog)
        closelog();
    sg_str_copy(log_state.ident, sizeof(log_state.ident), ident);
    log_state.syslog = to_syslog;
    log_state.most = most;
    if (to_syslog)
        openlog(log_state.ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
    return 0;
}

const char *sg_log_word(const char *text, char *word, size_t n)
{
    size_t i = 0;
    for (; text[i] && i + 1 < n; i++) {
        unsigned char c = (unsigned char)text[i];
        word[i] = c > ' ' && c < 0x7f && c != '=' ? text[i] : '_';
    }
    word[i] = '\0';
    return i > 0 ? word : "-";
}

static size_t put_hex(char *dst, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    dst[0] = '\\';
    dst[1] = 'x';
    dst[2] = hex[byte >> 4];
    dst[3] = hex[byte & 15];
    return 4;
}

/* Is s[at] a byte to be escaped? valid: s is valid UTF-8 up to there. The C1 controls, which
   terminals obey too, are U+0080 to U+009F, hence 0xc2 and one byte. */
static bool is_control(const unsigned char *s, size_t at, size_t valid)
{
    if (s[at] < 0x80)
        return s[at] < 0x20 || s[at] == 0x7f;
    if (at >= valid)
        return true;
    bool leads = s[at] == 0xc2 && s[at + 1] < 0xa0;
    bool follows = at > 0 && s[at - 1] == 0xc2 && s[at] < 0xa0;
    return leads || follows;
}

/* Writes s with control characters and bytes that are not UTF-8 as \xNN, and a backslash doubled,
   so that what was written can be told from what was escaped. dst has room for four bytes for each
   of s, and a NUL. Returns the length. */
static size_t escape(char *dst, const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t n = strlen(s), len = 0;
    size_t valid = sg_utf8_valid_prefix(s, n);
    for (size_t i = 0; i < n; i++) {
        if (is_control(u, i, valid))
            len += put_hex(dst + len, u[i]);
        else
            dst[len++] = s[i];
        if (s[i] == '\\')
            dst[len++] = '\\';
        if (i == valid)
            valid = i + 1 + sg_utf8_valid_prefix(s + i + 1, n - i - 1);
    }
    dst[len] = '\0';
    return len;
}

void sg_log(enum sg_log_level level, const char *fmt, ...)
{
    if (level > log_state.most)
        return;
    int saved = errno;
    char message[MESSAGE_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);

    char line[sizeof(log_state.ident) + 16 + 4 * MESSAGE_MAX];
    int prefix = log_state.syslog
                     ? 0
                     : snprintf(line, sizeof(line), "%s[%d]: ", log_state.ident, (int)getpid());
    size_t n = (size_t)prefix + escape(line + prefix, message);
    if (log_state.syslog) {
        syslog((int)level, "%s", line);
    } else {
        /* One write(2), so that lines of several processes do not mix. */
        line[n++] = '\n';
        (void)sg_fd_write_all(STDERR_FILENO, line, n);
    }
    errno = saved;
}

void sg_log_error(enum sg_log_level level, const struct sg_error *err)
{
    sg_log(level, "%s%s%s", err->text, err->fix[0] ? "; fix: " : "", err->fix);
}
