/* What C++ wants of a library where there is none: firmware brings the like of it. No program takes memory from a heap,
 * so nothing is ever given back; and a pure virtual function that is called ends the image. */
#include "certify.h"

void operator delete(void *) noexcept { certify_failed(__LINE__); }
void operator delete(void *, size_t) noexcept { certify_failed(__LINE__); }
void operator delete[](void *) noexcept { certify_failed(__LINE__); }
void operator delete[](void *, size_t) noexcept { certify_failed(__LINE__); }

extern "C" void __cxa_pure_virtual(void) { certify_failed(__LINE__); }
