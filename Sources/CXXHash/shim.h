#ifndef APUS_CXXHASH_SHIM_H
#define APUS_CXXHASH_SHIM_H

#include <xxhash.h>

#endif
