#include "random.h"

static const uint64_t increment = UINT64_C(0x9e3779b97f4a7c15);

/* Spreads every input bit over all output bits. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

void qsim_random_seed(struct qsim_random *random, uint64_t seed, uint64_t stream)
{
    random->state = mix(seed + increment) ^ mix(stream * increment + 1);
}

uint32_t qsim_random_bits(struct qsim_random *random)
{
    random->state += increment;
    return (uint32_t)(mix(random->state) >> 32);
}

uint32_t qsim_random_below(struct qsim_random *random, uint32_t below)
{
    /* Of 2^32 values the first 2^32 mod `below` are one too many. */
    uint32_t surplus = (0u - below) % below;
    uint32_t bits;
    do
        bits = qsim_random_bits(random);
    while (bits < surplus);
    return bits % below;
}

int64_t qsim_random_exponential(struct qsim_random *random, int64_t mean)
{
    for (int64_t whole = 0;; whole++) {
        uint32_t first = qsim_random_bits(random);
        uint32_t last = first;
        unsigned length = 1; /* of the run of ever smaller numbers */
        for (;;) {
            uint32_t next = qsim_random_bits(random);
            if (next >= last)
                break;
            last = next;
            length++;
        }
        if (length % 2)
            return mean * whole + (int64_t)(((uint64_t)mean * first) >> 32);
    }
}

uint64_t qsim_random_stream(const char *name)
{
    uint64_t stream = 0;
    for (; *name; name++)
        stream = mix(stream + (unsigned char)*name + 1);
    return stream;
}
