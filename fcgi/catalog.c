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

/* The modules that a template has imported: words; "none" is none of them. */
static void put_modules(struct sg_json *j, const char *words)
{
    sg_json_key(j, "imports");
    sg_json_open(j, '[');
    for (const char *w = strcmp(words, "none") == 0 ? "" : words; *w; w += strspn(w, " ")) {
        size_t n = strcspn(w, " ");
        sg_json_string_n(j, w, n);
        w += n;
    }
    sg_json_close(j, ']');
}

static void put_templates(struct sg_json *j, const struct sg_msg_runtime_reply *reply)
{
    sg_json_key(j, "templates");
    sg_json_open(j, '[');
    for (uint32_t i = 0; i < reply->ntemplates; i++) {
        const struct sg_template_info *t = &reply->templates[i];
        sg_json_open(j, '{');
        put_modules(j, t->imports);
        sg_json_put_string(j, "state", sg_template_state_name((enum sg_template_state)t->state));
        sg_json_put_uint(j, "waiting", t->waiting);
        sg_json_put_uint(j, "clones", t->clones);
        sg_json_put_string(j, "reason", t->reason[0] ? t->reason : NULL);
        sg_json_close(j, '}');
    }
    sg_json_close(j, ']');
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
    sg_json_put_string(j, "start", reply->start);
    put_templates(j, reply);
    sg_json_close(j, '}');
}
