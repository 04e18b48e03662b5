// mallopt and mallinfo2 are not part of Swift's Glibc module.
#include <malloc.h>
