/* fuzz_payload.c: what sg_payload_open lets through can be read to its end, and keeps its promises.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ipc/payload.h"
#include "tests/fuzz/fuzz.h"

static void check_file(const struct sg_payload_file *f, const uint8_t *data, size_t size)
{
    if (sg_path_check(f->path))
        abort();
    if (f->content.n > size || (const uint8_t *)f->content.data < data)
        abort();
}

static unsigned count_texts(struct sg_payload *p,
                            int (*next)(struct sg_payload *, struct sg_span *))
{
    struct sg_span s;
    unsigned n = 0;
    for (; next(p, &s) > 0; n++)
        if (s.n > 0 && memchr(s.data, 0, s.n))
            abort();
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_payload p;
    struct sg_payload_file f;
    struct sg_error err = SG_ERROR_INIT;
    unsigned files = 0;
    int rc = sg_payload_open(&p, data, size, &err);
    if (rc < 0) {
        if (rc != SG_E_INVALID || !err.text[0])
            abort();
        return 0;
    }
    for (; sg_payload_file(&p, &f) > 0; files++)
        check_file(&f, data, size);
    if (files != p.nfiles || count_texts(&p, sg_payload_arg) != p.nargs ||
        count_texts(&p, sg_payload_env) != p.nenv || p.at != p.n)
        abort();
    return 0;
}
