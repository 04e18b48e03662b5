#ifndef APUS_CDEFLATE_SHIM_H
#define APUS_CDEFLATE_SHIM_H

#include <libdeflate.h>

#endif
