/* boot_place.h: what pid 1 of a container does before there is an order. */
#ifndef SG_DOCKER_BOOT_PLACE_H
#define SG_DOCKER_BOOT_PLACE_H

#include <stdbool.h>

/* Takes a user and a mount namespace, and makes /tmp and /work two directories of one tmpfs, so
   that they share one allowance. Where the host does not let it (user namespaces are off, or
   AppArmor refuses mounts), both stay what the Engine has made them: two, each with the whole
   allowance. Gives up every capability, and the calls that were needed, either way. false: that
   could not be done. */
bool sg_boot_place(void);

#endif
