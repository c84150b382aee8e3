/*
 * nginx_conf.h: nginx's configuration as a tree of directives, for looking things up. Pure, but for
 * the files that are included.
 *
 *     sg_auto(sg_nginx) struct sg_nginx conf = {0};
 *     sg_nginx_read(&conf, text, "/etc/nginx/nginx.conf", &err);
 *     for (int at = -1; (at = sg_nginx_next(&conf, "location", at)) >= 0;)
 *         int d = sg_nginx_in_force(&conf, at, "client_max_body_size");   // or inherited
 *
 * The text is what `nginx -T` prints (each file under "# configuration file PATH:"), and then
 * nothing else is read; or the main file itself, and then what it includes is read from the disk.
 * Syntax: nginx's own documentation, "Configuration file's structure". What nginx would refuse may
 * be read here: whether it is valid `nginx -t` tells.
 */
#ifndef SG_FCGI_DOCTOR_NGINX_CONF_H
#define SG_FCGI_DOCTOR_NGINX_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/error.h"

struct sg_nginx_directive {
    int parent;   /* index of the block that it is in; -1: none */
    size_t words; /* where they begin in sg_nginx.words, one after the other, each with its NUL */
    unsigned nwords;
};

struct sg_nginx {
    struct sg_nginx_directive *v; /* owned */
    size_t n, room;
    struct sg_buf words;
    size_t missing; /* includes that name a file which is not there */
};

#define SG_NGINX_TEXT_MAX (8u << 20)

/* Reads the text; path: of its main file, for messages and for relative includes. 0; SG_E_INVALID
   with file and line; -ENOMEM. */
int sg_nginx_read(struct sg_nginx *ret, const char *text, const char *path, struct sg_error *err);
void sg_nginx_done(struct sg_nginx *n);

/* Word i of a directive, its name first; NULL: it has not so many. */
const char *sg_nginx_word(const struct sg_nginx *n, int at, unsigned i);
/* The next directive of that name behind `after` (-1: the first), wherever it is; -1: none. */
int sg_nginx_next(const struct sg_nginx *n, const char *name, int after);
/* The same among the children of a block. */
int sg_nginx_child(const struct sg_nginx *n, int parent, const char *name, int after);
/* The directive of that name that holds in a block: its own, or inherited; the last one where there
   are several. -1: none, nginx's default holds. */
int sg_nginx_in_force(const struct sg_nginx *n, int block, const char *name);
/* The block whose directives of that name hold there: those that may be repeated are inherited all
   together, and only where there is none of their own. -1: none. */
int sg_nginx_level(const struct sg_nginx *n, int block, const char *name);
/* The nearest block of that name around a directive; -1: none. */
int sg_nginx_around(const struct sg_nginx *n, int at, const char *name);

#endif
