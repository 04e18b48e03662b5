#ifndef APUS_CCRYPT_SHIM_H
#define APUS_CCRYPT_SHIM_H

#include <crypt.h>

#endif
