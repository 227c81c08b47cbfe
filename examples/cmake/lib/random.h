/* Pseudo-random numbers in integers only, so that a run gives the same digits with every compiler and C library. */
#ifndef QSIM_RANDOM_H
#define QSIM_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct qsim_random {
    uint64_t state;
};

/* Different streams of one seed are independent for all practical purposes. */
void qsim_random_seed(struct qsim_random *random, uint64_t seed, uint64_t stream);

uint32_t qsim_random_bits(struct qsim_random *random);

/* Uniform in 0…below-1, without bias; `below` is not 0. */
uint32_t qsim_random_below(struct qsim_random *random, uint32_t below);

/* Exponentially distributed around `mean`, which is 0…INT32_MAX. J. von Neumann's comparison method ("Various
 * techniques used in connection with random digits", 1951): no logarithm. */
int64_t qsim_random_exponential(struct qsim_random *random, int64_t mean);

/* A stream number for a name. */
uint64_t qsim_random_stream(const char *name);

#ifdef __cplusplus
}
#endif

#endif
