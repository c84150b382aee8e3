/*
 * python_files.h: our own files for Python that every box and container has, read-only.
 *
 * They lie in SG_PYTHON_DIR, which the environment of the runtime's file names in PYTHONPATH. Their
 * text is compiled in, so that they need no place on the host, whatever the box's root is.
 */
#ifndef SG_SANDBOX_PYTHON_FILES_H
#define SG_SANDBOX_PYTHON_FILES_H

#include <stddef.h>

#define SG_PYTHON_DIR "etc/sandgate-python" /* below the root */

struct sg_python_file {
    const char *name;
    const char *text;
};
#define SG_PYTHON_FILES 2
extern const struct sg_python_file sg_python_files[SG_PYTHON_FILES];

#endif
