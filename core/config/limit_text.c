/* limit_text.c: see limit_text.h */
#include "core/config/limit_text.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"

enum sg_unit sg_limit_unit(const struct sg_limit_info *info)
{
    static const struct {
        const char *name;
        enum sg_unit unit;
    } units[] = {{"bytes", SG_UNIT_BYTES}, {"ms", SG_UNIT_MS}};
    for (size_t i = 0; i < SG_ARRAY_LEN(units); i++)
        if (strcmp(units[i].name, info->unit) == 0)
            return units[i].unit;
    return SG_UNIT_COUNT;
}

int sg_limit_read(const char *text, struct sg_limits *limits, const struct sg_limit_info **ret_info)
{
    char name[32];
    const char *equals = strchr(text, '=');
    size_t n = equals ? (size_t)(equals - text) : 0;
    if (n == 0 || n >= sizeof name)
        return -EINVAL;
    memcpy(name, text, n);
    name[n] = '\0';
    const struct sg_limit_info *info = sg_limit_find(name);
    if (!info)
        return -ENOENT;
    *ret_info = info;
    return sg_value_parse(sg_limit_unit(info), equals + 1, sg_limit_at(limits, info)) < 0 ? -EDOM
                                                                                          : 0;
}
