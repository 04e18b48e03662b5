#ifndef APUS_CPOSTGRESQL_SHIM_H
#define APUS_CPOSTGRESQL_SHIM_H

#include <libpq-fe.h>

#endif
