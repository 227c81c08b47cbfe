/* Loops with several statements that may not be split into several loops: cycles through memory, a store that a later
 * trip of an earlier statement reads, calls whose order shows, and exits between the statements. Beside them loops that
 * may be split, so that both kinds are seen. */
#include "certify.h"

enum { SIZE = 40 };
static uint32_t a[SIZE + 4], b[SIZE + 4], c[SIZE + 4], d[SIZE + 4];
static volatile uint32_t va[SIZE + 4], vb[SIZE + 4], vc[SIZE + 4], vd[SIZE + 4];

static void reset(uint32_t seed) {
    for (unsigned index = 0; index < SIZE + 4; index++) {
        va[index] = a[index] = seed += 0x9E3779B9u;
        vb[index] = b[index] = seed ^ seed >> 7;
        vc[index] = c[index] = seed * 77u;
        vd[index] = d[index] = seed >> 9;
    }
}

static void compare(void) {
    for (unsigned index = 0; index < SIZE + 4; index++)
        CHECK(a[index] == va[index] && b[index] == vb[index] && c[index] == vc[index] && d[index] == vd[index]);
}

/* The first statement is a recurrence; the second and third may each have a loop of their own. */
static NOINLINE void separable(uint32_t *restrict p, uint32_t *restrict q, uint32_t *restrict r, const uint32_t *restrict s, unsigned count) {
    for (unsigned index = 1; index < count; index++) {
        p[index] = p[index - 1] + s[index] * 3u;
        q[index] = s[index] ^ 0x5555u;
        r[index] = s[index] * s[index];
    }
}

/* The same body without the promise: the arrays may be the same. */
static NOINLINE void inseparable(uint32_t *p, uint32_t *q, uint32_t *r, const uint32_t *s, unsigned count) {
    for (unsigned index = 1; index < count; index++) {
        p[index] = p[index - 1] + s[index] * 3u;
        q[index] = s[index] ^ 0x5555u;
        r[index] = s[index] * s[index];
    }
}

/* a reads b of the trip before, b reads a of this trip: a cycle. */
static NOINLINE void cycle(unsigned count) {
    for (unsigned index = 1; index < count; index++) {
        a[index] = b[index - 1] * 5u + c[index];
        b[index] = a[index] ^ c[index - 1];
    }
}

/* The second statement stores where the first one read two trips before, and will store four trips later. */
static NOINLINE void anti(unsigned count) {
    for (unsigned index = 4; index < count; index++) {
        d[index] = a[index + 2] + c[index];
        a[index] = b[index] + 1;
        c[index - 4] = d[index] >> 1;
    }
}

static uint32_t journal;

static NOINLINE uint32_t record(uint32_t tag) {
    journal = journal * 37u + tag;
    return journal >> 16;
}

static void calls(unsigned count) {
    for (unsigned index = 0; index < count; index++) {
        a[index] = record(index);
        b[index] += a[index];
        c[index] = record(b[index] & 0xFFu);
    }
}

/* The trip that leaves has done the first half only. */
static NOINLINE unsigned leaves(unsigned count, uint32_t mask) {
    unsigned index;
    for (index = 0; index < count; index++) {
        a[index] = 0;
        b[index] = b[index] * 2u + 1;
        if ((c[index] & mask) == 0)
            break;
        c[index] = 0;
        d[index] = b[index];
    }
    return index;
}

PROGRAM(loop_distribution_hazards) {
    for (unsigned count = 0; count <= SIZE; count += 1 + count / 4) {
        unsigned trips = opaque_unsigned(count);
        reset(count);
        separable(a, b, c, d, trips);
        uint32_t running = va[0];
        for (unsigned index = 1; index < count; index++) {
            running += 3u * vd[index];
            va[index] = running;
            vb[index] = vd[index] ^ 0x5555u;
            vc[index] = vd[index] * vd[index];
        }
        compare();
        /* p and q shifted into each other, r over s. */
        reset(count + 1);
        inseparable(a, (uint32_t *)opaque_pointer(a + 1), d, d, trips);
        for (unsigned index = 1; index < count; index++) {
            va[index] = va[index - 1] + 3u * vd[index];
            va[index + 1] = vd[index] ^ 0x5555u;
            vd[index] = vd[index] * vd[index];
        }
        compare();
        reset(count + 2);
        inseparable(a, b, c, (uint32_t *)opaque_pointer(b + 2), trips);
        for (unsigned index = 1; index < count; index++) {
            va[index] = va[index - 1] + 3u * vb[index + 2];
            vb[index] = vb[index + 2] ^ 0x5555u;
            vc[index] = vb[index + 2] * vb[index + 2];
        }
        compare();
        reset(count + 3);
        cycle(trips);
        for (unsigned index = 1; index < count; index++) {
            va[index] = 5u * vb[index - 1] + vc[index];
            vb[index] = vc[index - 1] ^ va[index];
        }
        compare();
        reset(count + 4);
        anti(trips);
        for (unsigned index = 4; index < count; index++) {
            uint32_t value = va[index + 2] + vc[index];
            vd[index] = value;
            vc[index - 4] = value / 2;
            va[index] = 1 + vb[index];
        }
        compare();
        reset(count + 6);
        journal = 1;
        calls(trips);
        uint32_t chain = 1;
        for (unsigned index = 0; index < count; index++) {
            chain = chain * 37u + index;
            va[index] = chain / 65536u;
            vb[index] = vb[index] + va[index];
            chain = chain * 37u + vb[index] % 256u;
            vc[index] = chain / 65536u;
        }
        CHECK(journal == chain);
        compare();
        for (uint32_t mask = 1; mask < 64; mask = mask * 2 + 1) {
            reset(count + mask);
            unsigned left = leaves(trips, opaque_unsigned(mask)), index = 0;
            while (index < count && vc[index] % (mask + 1) != 0) {
                va[index] = vc[index] = 0;
                vb[index] = vd[index] = 2 * vb[index] + 1;
                index++;
            }
            CHECK(left == index);
            if (index < count) {
                va[index] = 0;
                vb[index] = 2 * vb[index] + 1;
            }
            compare();
        }
    }
}
