#ifndef APUS_CSODIUM_SHIM_H
#define APUS_CSODIUM_SHIM_H

#include <sodium.h>

#endif
