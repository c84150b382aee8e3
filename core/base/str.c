#include "core/base/str.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/cleanup.h"

int sg_str_copy(char *dst, size_t n, const char *src)
{
    size_t len = strlen(src);
    if (n == 0)
        return -ENAMETOOLONG;
    size_t fits = len < n ? len : n - 1;
    memcpy(dst, src, fits);
    dst[fits] = '\0';
    return fits == len ? 0 : -ENAMETOOLONG;
}

bool sg_str_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool sg_str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

int sg_str_to_u64(const char *s, uint64_t *ret)
{
    uint64_t value = 0;
    if (!*s)
        return -EINVAL;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return -EINVAL;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value))
            return strspn(s, "0123456789") == strlen(s) ? -ERANGE : -EINVAL;
    }
    *ret = value;
    return 0;
}

/* Length of the sequence that a lead byte begins, and the range of its second byte (RFC 3629,
   section 4: this is what excludes overlong forms, surrogates and what is beyond U+10FFFF). */
static const struct {
    unsigned char first, last, length, second_min, second_max;
} utf8_leads[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf}, {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

/* Bytes of the valid sequence at s, which is not ASCII; 0 when there is none. */
static size_t utf8_sequence(const unsigned char *s, size_t n)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(utf8_leads); i++) {
        if (s[0] < utf8_leads[i].first || s[0] > utf8_leads[i].last)
            continue;
        size_t length = utf8_leads[i].length;
        if (n < length || s[1] < utf8_leads[i].second_min || s[1] > utf8_leads[i].second_max)
            return 0;
        for (size_t k = 2; k < length; k++) {
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        }
        return length;
    }
    return 0;
}

size_t sg_utf8_valid_prefix(const char *s, size_t n)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t at = 0;
    while (at < n) {
        size_t length = u[at] < 0x80 ? 1 : utf8_sequence(u + at, n - at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

/* Could these bytes become one character if more followed? Whatever the ranges of RFC 3629 allow
   next, the lowest or the highest continuation byte is among it. */
static bool is_half(const char *s, size_t n)
{
    unsigned char lead = (unsigned char)s[0];
    size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
    char low[4], high[4];
    if (n >= need)
        return false;
    memset(low, 0x80, sizeof(low));
    memset(high, 0xbf, sizeof(high));
    memcpy(low, s, n);
    memcpy(high, s, n);
    return sg_utf8_valid_prefix(low, need) == need || sg_utf8_valid_prefix(high, need) == need;
}

size_t sg_utf8_half(const char *s, size_t n)
{
    for (size_t half = 1; half <= 3 && half <= n; half++)
        if (is_half(s + n - half, half))
            return half;
    return 0;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int sg_base64_encode(struct sg_buf *out, const void *data, size_t n)
{
    const unsigned char *s = data;
    if (n > SIZE_MAX / 4 || sg_buf_reserve(out, (n + 2) / 3 * 4) < 0) {
        out->failed = true;
        return -ENOMEM;
    }
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)s[i] << 16;
        v |= i + 1 < n ? (uint32_t)s[i + 1] << 8 : 0;
        v |= i + 2 < n ? s[i + 2] : 0;
        char quad[4] = {base64_digits[v >> 18], base64_digits[v >> 12 & 63],
                        i + 1 < n ? base64_digits[v >> 6 & 63] : '=',
                        i + 2 < n ? base64_digits[v & 63] : '='};
        sg_buf_append(out, quad, sizeof(quad));
    }
    return 0;
}

static int base64_value(char c)
{
    const char *at = c ? strchr(base64_digits, c) : NULL;
    return at ? (int)(at - base64_digits) : -1;
}

/* Decodes one quad into bytes; their number, or -EINVAL. Only the last quad may be padded. */
static int base64_quad(const char *s, bool last, unsigned char bytes[3])
{
    int pad = !last || s[3] != '=' ? 0 : s[2] != '=' ? 1 : 2;
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        int digit = i >= 4 - pad ? 0 : base64_value(s[i]);
        if (digit < 0)
            return -EINVAL;
        v = v << 6 | (uint32_t)digit;
    }
    bytes[0] = (unsigned char)(v >> 16);
    bytes[1] = (unsigned char)(v >> 8);
    bytes[2] = (unsigned char)v;
    /* Canonical: bits that no byte uses are zero, so that one text has one meaning. */
    if ((pad == 1 && bytes[2]) || (pad == 2 && bytes[1]))
        return -EINVAL;
    return 3 - pad;
}

int sg_base64_decode(struct sg_buf *out, const char *s, size_t n)
{
    if (n % 4 != 0)
        return -EINVAL;
    if (sg_buf_reserve(out, n / 4 * 3) < 0)
        return -ENOMEM;
    size_t before = out->len;
    for (size_t i = 0; i < n; i += 4) {
        unsigned char bytes[3];
        int got = base64_quad(s + i, i + 4 == n, bytes);
        if (got < 0) {
            out->len = before;
            out->data[before] = '\0';
            return got;
        }
        sg_buf_append(out, bytes, (size_t)got);
    }
    return 0;
}

void sg_uuid_make(char out[SG_UUID_SIZE])
{
    unsigned char b[16];
    /* getrandom(2) gives up to 256 bytes whole once the pool is initialised, and waits until it is.
     */
    while (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
        continue;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;
    for (size_t i = 0; i < sizeof(b); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[b[i] >> 4];
        out[at++] = hex[b[i] & 15];
    }
    out[at] = '\0';
}
