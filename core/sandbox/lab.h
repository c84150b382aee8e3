/*
 * lab.h: switches of the test-only build (-DSG_LAB=1; programs sandgate-native-lab,
 * sandgate-box-lab).
 *
 * An attack that fails in a real box proves nothing unless the same attack is seen to succeed where
 * the layer that stops it is off. Production builds hold none of this: SG_LAB_OFF and SG_LAB_FAILS
 * are constants there and the compiler drops the branches.
 *
 *     if (!SG_LAB_OFF(plan, ROOT_RO))
 *         make the root read-only
 */
#ifndef SG_SANDBOX_LAB_H
#define SG_SANDBOX_LAB_H

#include <stdint.h>

#include "core/model/outcome.h"

/* Switches beyond the layers of enum sg_layer. X(enum suffix, name) */
#define SG_LAB_SWITCHES(X)                                                                         \
    X(IDS, "ids")                   /* the program keeps uid 0 of the box */                       \
    X(TMPFS_LIMITS, "tmpfs_limits") /* writable file systems without size and inode limits */      \
    X(DEV_RO, "dev_ro")             /* /dev stays writable */                                      \
    X(DEV_PRIVATE, "dev_private")   /* the host's /dev */                                          \
    X(ETC_PRIVATE, "etc_private")   /* the host's /etc */                                          \
    X(NOEXEC, "noexec")             /* writable places without noexec, nosuid, nodev */            \
    X(OUTPUT_CAP, "output_cap")     /* no hard limit of output */                                  \
    X(DEADLINE, "deadline")         /* wall-clock limit times 10 */                                \
    X(CPU_TIMER, "cpu_timer")       /* no limit of CPU time */                                     \
    X(KILL_ALL, "kill_all")         /* pid 1 waits for orphans to end by themselves */             \
    X(CLOSE_FDS, "close_fds")       /* descriptor 9, the executor's directory, stays open */       \
    X(ENVIRONMENT, "environment")   /* the executor's environment goes in */                       \
    X(STDIN_FILE, "stdin_file")     /* stdin is a socket */                                        \
    X(PROC_MASK, "proc_mask")       /* the box's /proc without subset=pid, writable */             \
    X(PROFILE, "profile")           /* the profile is not loaded, and is attested all the same */

enum sg_lab_switch {
    SG_LAB_FIRST_ = SG_LAYER_COUNT - 1,
#define X(id, name) SG_LAB_##id,
    SG_LAB_SWITCHES(X)
#undef X
        SG_LAB_SWITCH_COUNT
};

struct sg_lab {
    uint64_t off;       /* bit SG_LAYER_x or SG_LAB_x */
    uint32_t fail_step; /* enum sg_step plus 1; 0: none */
};

#ifdef SG_LAB
#define SG_LAB_OFF(lab, id)     (((lab)->off >> SG_LAB_##id) & 1)
#define SG_LAYER_OFF(lab, id)   (((lab)->off >> SG_LAYER_##id) & 1)
#define SG_LAB_FAILS(lab, step) ((lab)->fail_step == (unsigned)(step) + 1)
#else
#define SG_LAB_OFF(lab, id)     ((void)(lab), 0)
#define SG_LAYER_OFF(lab, id)   ((void)(lab), 0)
#define SG_LAB_FAILS(lab, step) ((void)(lab), 0)
#endif

#ifdef SG_LAB
/* Reads the control file named by SG_LAB_CONTROL: lines off=NAME,NAME and fail=STEP. Unknown names
   end the process: a control box that silently keeps a layer would prove nothing. */
void sg_lab_read(struct sg_lab *ret);
/* Prints layer and switch names, or step names, one per line. */
void sg_lab_list_layers(void);
void sg_lab_list_steps(void);
#endif

#endif
