/* answer_files.c: see answer_files.h */
#include "fcgi/answer_files.h"

#include <string.h>

#include "core/base/str.h"
#include "fcgi/media_type.h"

void sg_answer_put_file(struct sg_json *j, const struct sg_file_out *f)
{
    /* A NUL is in no text, and would be six characters of JSON. */
    bool text = (f->content.n == 0 || !memchr(f->content.data, '\0', f->content.n)) &&
                sg_utf8_valid_prefix(f->content.data, f->content.n) == f->content.n;
    sg_json_open(j, '{');
    sg_json_put_string(j, "path", f->path);
    sg_json_put_uint(j, "size", f->content.n);
    sg_json_key(j, "content");
    if (text)
        sg_json_string_n(j, f->content.data, f->content.n);
    else
        sg_json_base64(j, f->content.data, f->content.n);
    sg_json_put_string(j, "encoding", text ? "utf8" : "base64");
    sg_json_put_string(j, "media_type", sg_media_type(f->path, &f->content, text));
    sg_json_close(j, '}');
}

static void put_omitted(struct sg_json *j, const struct sg_files *files)
{
    struct sg_files_omitted o;
    sg_json_key(j, "files_omitted");
    sg_json_open(j, '{');
    sg_json_put_uint(j, "count", files ? files->head.omitted : 0);
    sg_json_key(j, "files");
    sg_json_open(j, '[');
    for (uint32_t i = 0; files && i < files->head.nomitted; i++) {
        sg_files_omitted_at(files, i, &o);
        sg_json_open(j, '{');
        sg_json_put_string(j, "path", o.path[0] ? o.path : ".");
        sg_json_put_string(j, "reason", sg_omission_name((enum sg_omission)o.reason));
        sg_json_close(j, '}');
    }
    sg_json_close(j, ']');
    sg_json_close(j, '}');
}

void sg_answer_put_no_files(struct sg_json *j, bool told)
{
    if (!told)
        sg_json_put_null(j, "files");
    sg_json_put_null(j, "files_omitted");
}

static void put_contents(struct sg_json *j, const struct sg_files *files)
{
    struct sg_file_out f;
    sg_json_key(j, "files");
    sg_json_open(j, '[');
    if (files)
        for (struct sg_files left = *files; sg_files_next(&left, &f) > 0;)
            sg_answer_put_file(j, &f);
    sg_json_close(j, ']');
}

void sg_answer_put_files(struct sg_json *j, const struct sg_files *files, bool told)
{
    if (!told)
        put_contents(j, files);
    put_omitted(j, files);
}
