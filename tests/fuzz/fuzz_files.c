/* fuzz_files.c: what sg_files_open lets through can be read to its end, and keeps its promises. */
#include <stdlib.h>
#include <string.h>

#include "core/ipc/files.h"
#include "core/model/job.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_files f;
    struct sg_file_out file;
    struct sg_files_omitted o;
    struct sg_error err = SG_ERROR_INIT;
    uint32_t files = 0;
    int rc = sg_files_open(&f, data, size, &err);
    if (rc < 0) {
        if (rc != SG_E_INVALID || !err.text[0])
            abort();
        return 0;
    }
    for (; sg_files_next(&f, &file) > 0; files++) {
        const uint8_t *content = (const uint8_t *)file.content.data;
        if (sg_path_check(file.path) || content < data || content > data + size ||
            file.content.n > (size_t)(data + size - content))
            abort();
    }
    if (files != f.head.nfiles || f.at != size)
        abort();
    for (uint32_t i = 0; i < f.head.nomitted; i++) {
        sg_files_omitted_at(&f, i, &o);
        if (!memchr(o.path, 0, sizeof o.path) || !sg_omission_name(o.reason))
            abort();
    }
    return 0;
}
