/* nginx_locations.h: the locations of nginx's configuration that lead to Sandgate, and what is set
   in them. Pure. */
#ifndef SG_FCGI_DOCTOR_NGINX_LOCATIONS_H
#define SG_FCGI_DOCTOR_NGINX_LOCATIONS_H

#include <stdint.h>

#include "fcgi/doctor/nginx_conf.h"

/* The next fastcgi_pass of ours behind `after` (-1: the first): to an upstream or socket with
   "sandgate" in its name, or with a parameter SANDGATE_*. -1: none. */
int sg_locations_next(const struct sg_nginx *n, int after);
/* Are programs sent there? Not where it is one path, with "=", of a document that is only read. */
bool sg_locations_runs(const struct sg_nginx *n, int pass);
/* Do clients' programs come there? Not to a named location, nor an internal one; nor to a location
   beside which its server has another one that takes the path of execute from it. */
bool sg_locations_takes(const struct sg_nginx *n, int pass);
/* The location of a server to which nginx takes a request for that path, as it stands in its
   documentation of "location": "=", then the longest prefix, then regular expressions in their
   order. Those that we cannot compile match nothing. -1: none. */
int sg_locations_for(const struct sg_nginx *n, int server, const char *path);
/* Is everybody refused who is not named: by addresses ("deny all"), or by an `if` on a variable
   that strangers have a known value of? See nginx_guard.c. */
bool sg_locations_denies(const struct sg_nginx *n, int pass);
bool sg_locations_refuses(const struct sg_nginx *n, int pass);
/* For people: "location = /ready". */
void sg_locations_name(const struct sg_nginx *n, int pass, char *ret, size_t size);
/* The value of a fastcgi_param that is sent there; NULL: none. */
const char *sg_locations_param(const struct sg_nginx *n, int pass, const char *name);
/* First word of a directive that holds there, or dflt. */
const char *sg_locations_value(const struct sg_nginx *n, int pass, const char *name,
                               const char *dflt);
/* What nginx takes for a size ("4m") or a time ("3m", "1h30m"; in ms). False: it is neither. */
bool sg_nginx_size(const char *text, uint64_t *ret_bytes);
bool sg_nginx_time(const char *text, uint64_t *ret_ms);

#endif
