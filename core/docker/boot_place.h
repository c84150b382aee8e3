/* boot_place.h: what pid 1 of a container does before there is an order. */
#ifndef SG_DOCKER_BOOT_PLACE_H
#define SG_DOCKER_BOOT_PLACE_H

#include <stdbool.h>
#include <stdint.h>

/* Takes a user and a mount namespace, and makes /tmp and /work two directories of one tmpfs, so
   that they share one allowance. Where the host does not let it (user namespaces are off, or
   AppArmor refuses mounts), both stay what the Engine has made them: two, each with the whole
   allowance. Gives up every capability, and the calls that were needed, either way. false: that
   could not be done. ret_own_user_ns: it is in a user namespace of its own. */
bool sg_boot_place(bool *ret_own_user_ns);

/* Does the Engine number the container's ids otherwise than the host, by /proc/self/uid_map as it
   is before sg_boot_place()? ret_outside: what the uid is there. Pure. user_namespaces(7) */
bool sg_boot_is_remapped(const char *map, unsigned uid, uint32_t *ret_outside);

#endif
