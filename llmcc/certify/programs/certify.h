/* What every program of the certification suite includes.
 *
 * A program is one source file that defines one function, PROGRAM(name of the file), which returns when
 * everything held. Many are linked into one image: what else a program defines is static, or carries the name
 * of its file. Nothing is printed; a check that fails ends the image. */
#ifndef CERTIFY_H
#define CERTIFY_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CERTIFY_C extern "C"
#else
#define CERTIFY_C extern
#endif

#define PROGRAM(name)                  \
    CERTIFY_C void certify_##name(void); \
    void certify_##name(void)
#define CHECK(condition) ((condition) ? (void)0 : certify_failed(__LINE__))
#define NOINLINE __attribute__((noinline))

/* Reports the line and does not return. */
CERTIFY_C __attribute__((noreturn)) void certify_failed(int line);

/* Each gives back its argument, which no optimiser can know: they are defined in another unit. */
CERTIFY_C int opaque_int(int value);
CERTIFY_C unsigned opaque_unsigned(unsigned value);
CERTIFY_C int64_t opaque_int64(int64_t value);
CERTIFY_C uint64_t opaque_uint64(uint64_t value);
CERTIFY_C float opaque_float(float value);
CERTIFY_C double opaque_double(double value);
CERTIFY_C void *opaque_pointer(const void *value);

#endif
