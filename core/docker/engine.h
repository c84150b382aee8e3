/*
 * engine.h: the engine behind core/exec whose boxes are containers of a Docker Engine.
 *
 *     struct sg_docker *d = sg_docker_new(loop, &cfg, &runtimes, boot_program, &err);
 *     server = sg_server_new(loop, &cfg, &runtimes, &sg_docker_ops, d);
 *     sg_docker_open(d, server);       // connects, again and again until it works
 *
 * Theory of operation. The Engine is asked for version and abilities; what an earlier executor of
 * this instance left is removed; each runtime's image is looked up, and an image of ours is made of
 * it that has sandgate-boot, the user and the places that programs may write to (image.c). Then
 * trial runs tell versions. When the Engine goes away, runs under way fail, and all of that begins
 * anew as soon as it is back.
 *
 * A container (container.c) is created, attached to and started; sandgate-boot in it says that it
 * waits (boot.h); what the Engine says of it is compared with what was asked for (create.h). A few
 * of each runtime wait so for a run (pool.c). A run is sent to it over the attached connection
 * (run.c), and the container is used for nothing else and removed.
 */
#ifndef SG_DOCKER_ENGINE_H
#define SG_DOCKER_ENGINE_H

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/runtimes.h"
#include "core/exec/loop.h"
#include "core/exec/server.h"

struct sg_docker;
extern const struct sg_engine_ops sg_docker_ops;

/* Borrows all arguments for its life. Loads the profiles; NULL with err set. boot: the bytes of
   sandgate-boot. */
struct sg_docker *sg_docker_new(struct sg_loop *loop, const struct sg_config *cfg,
                                struct sg_runtimes *runtimes, const struct sg_buf *boot,
                                struct sg_error *err);
/* Begins to connect; the server is borrowed. */
void sg_docker_open(struct sg_docker *d, struct sg_server *server);
/* Removes all containers, then stops the loop: when they are gone, or after some seconds. To be
   called when no run is under way any more. */
void sg_docker_shut(struct sg_docker *d);
void sg_docker_free(struct sg_docker *d);

#endif
