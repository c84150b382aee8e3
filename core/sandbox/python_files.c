#include "core/sandbox/python_files.h"

static const char sitecustomize[] =
#include "core/sandbox/python_sitecustomize.inc"
    ;
static const char plots[] =
#include "core/sandbox/python_plots.inc"
    ;

const struct sg_python_file sg_python_files[SG_PYTHON_FILES] = {
    {"sitecustomize.py", sitecustomize},
    {"sandgate_plots.py", plots},
};
