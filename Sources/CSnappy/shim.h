#ifndef APUS_CSNAPPY_SHIM_H
#define APUS_CSNAPPY_SHIM_H

#include <snappy-c.h>

#endif
