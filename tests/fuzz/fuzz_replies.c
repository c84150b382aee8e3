/* What an Engine answers. */
#include <string.h>

#include "core/docker/replies.h"
#include "tests/fuzz/fuzz.h"

static void on_container(void *arg, const char *id, const char *name)
{
    *(size_t *)arg += (size_t)id[0] + strlen(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct sg_reply_version version;
    struct sg_reply_info info;
    struct sg_reply_image image;
    static struct sg_reply_container container;
    char id[SG_DOCKER_ID_MAX], message[64];
    size_t sum = 0;
    (void)sg_reply_version(&version, text, size, NULL);
    (void)sg_reply_info(&info, text, size, NULL);
    (void)sg_reply_image(&image, text, size, NULL);
    (void)sg_reply_container(&container, text, size, NULL);
    (void)sg_reply_id(id, text, size, NULL);
    (void)sg_reply_list(text, size, on_container, &sum, NULL);
    sg_reply_message(message, sizeof message, text, size);
    return 0;
}
