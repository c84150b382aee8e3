/* catalog.c: see catalog.h */
#include "fcgi/catalog.h"

#include <string.h>

static void put_strings(struct sg_json *j, const char *key, const struct sg_strings *s)
{
    sg_json_key(j, key);
    sg_json_open(j, '[');
    for (size_t i = 0; i < s->n; i++)
        sg_json_string(j, s->v[i]);
    sg_json_close(j, ']');
}

/* Lines "NAME VERSION" as an object. */
static void put_packages(struct sg_json *j, const char *text)
{
    char name[128];
    sg_json_key(j, "packages");
    sg_json_open(j, '{');
    while (*text) {
        size_t line = strcspn(text, "\n");
        size_t n = strcspn(text, " \n");
        if (n < line && n > 0 && n < sizeof name) {
            memcpy(name, text, n);
            name[n] = '\0';
            sg_json_key(j, name);
            sg_json_string_n(j, text + n + 1, line - n - 1);
        }
        text += line + (text[line] == '\n');
    }
    sg_json_close(j, '}');
}

void sg_catalog_write(struct sg_json *j, const struct sg_runtime *rt,
                      const struct sg_msg_runtime_reply *reply)
{
    sg_json_open(j, '{');
    sg_json_put_string(j, "language", rt->language);
    sg_json_put_string(j, "version", reply->version[0] ? reply->version : NULL);
    put_strings(j, "aliases", &rt->aliases);
    put_strings(j, "extensions", &rt->extensions);
    sg_json_put_bool(j, "compiled", rt->compiled);
    sg_json_put_bool(j, "ready", reply->ready);
    put_packages(j, reply->packages);
    sg_json_close(j, '}');
}
