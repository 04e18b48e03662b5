#ifndef APUS_CISAL_SHIM_H
#define APUS_CISAL_SHIM_H

#include <isa-l.h>

/* The sizes are macros of several terms, which Swift does not import. */
enum {
    apus_isal_level1_buffer_size = ISAL_DEF_LVL1_DEFAULT,
    apus_isal_level3_buffer_size = ISAL_DEF_LVL3_DEFAULT
};

#endif
