/* Regions repeated up to eight times in a function while other values stay live: many scalars, 64-bit values, floating
 * point, a mixture; each copy reads and writes other ones of them. */
#include "certify.h"

/* One step on four of the live values. */
#define STEP(a, b, c, d) (a += b ^ 13, c -= a >> 3, d ^= c + (a & b))

static NOINLINE uint32_t words(const uint32_t *in, uint32_t *out) {
    uint32_t a = in[0], b = in[1], c = in[2], d = in[3], e = in[4], f = in[5], g = in[6], h = in[7];
    uint32_t i = in[8], j = in[9], k = in[10], l = in[11];
    STEP(a, b, c, d);
    STEP(e, f, g, h);
    STEP(i, j, k, l);
    STEP(a, e, i, b);
    STEP(f, j, c, g);
    STEP(k, d, h, l);
    STEP(l, a, f, k);
    STEP(b, g, j, e);
    out[0] = a, out[1] = b, out[2] = c, out[3] = d, out[4] = e, out[5] = f, out[6] = g, out[7] = h;
    out[8] = i, out[9] = j, out[10] = k, out[11] = l;
    return a ^ c ^ e ^ g ^ i ^ k;
}

static NOINLINE uint64_t doubles(const uint32_t *in, uint64_t *out) {
    uint64_t a = in[0], b = in[1], c = in[2] * UINT64_C(0x100000003), d = in[3], e = (uint64_t)in[4] << 31, f = ~(uint64_t)in[5];
    STEP(a, b, c, d);
    STEP(b, c, d, e);
    STEP(c, d, e, f);
    out[0] = a;
    STEP(d, e, f, a);
    STEP(e, f, a, b);
    out[1] = d;
    STEP(f, a, b, c);
    STEP(a, c, e, b);
    out[2] = a, out[3] = b, out[4] = c, out[5] = d, out[6] = e, out[7] = f;
    return a + c + e;
}

/* Sums and products of small halves and whole numbers: exact in double. */
#define SLIDE(a, b, c) (a = a * 0.5 + b, b -= c, c = a < b ? c + 1.0 : c * 2.0)

static NOINLINE double slides(const uint32_t *in, double *out) {
    double p = in[0] & 15, q = in[1] & 15, r = in[2] & 15, s = in[3] & 15, t = in[4] & 15, u = in[5] & 15;
    uint32_t turns = in[6] & 3;
    SLIDE(p, q, r);
    SLIDE(s, t, u);
    while (turns-- > 0) {
        SLIDE(q, r, s);
        SLIDE(t, u, p);
    }
    SLIDE(r, s, t);
    SLIDE(u, p, q);
    out[0] = p, out[1] = q, out[2] = r, out[3] = s, out[4] = t, out[5] = u;
    return p + r - t;
}

static void words_expected(volatile uint32_t *v) {
    static const char order[] = "abcdefghijklaeibfjcgkdhllafkbgje";
    for (const char *o = order; *o; o += 4) {
        volatile uint32_t *a = &v[o[0] - 'a'], *b = &v[o[1] - 'a'], *c = &v[o[2] - 'a'], *d = &v[o[3] - 'a'];
        *a = *a + (*b ^ 13);
        *c = *c - *a / 8;
        *d = *d ^ (*c + (*a & *b));
    }
}

static void doubles_expected(volatile uint64_t *v, uint64_t *out) {
    static const char order[] = "abcdbcdecdefdefaefabfabcaceb";
    for (int step = 0; step < 7; step++) {
        const char *o = order + step * 4;
        v[o[0] - 'a'] += v[o[1] - 'a'] ^ 13;
        v[o[2] - 'a'] -= v[o[0] - 'a'] / 8;
        v[o[3] - 'a'] ^= v[o[2] - 'a'] + (v[o[0] - 'a'] & v[o[1] - 'a']);
        if (step == 2)
            out[0] = v[0];
        if (step == 4)
            out[1] = v[3];
    }
    for (int i = 0; i < 6; i++)
        out[2 + i] = v[i];
}

/* The same in 64ths, as whole numbers scaled by two to the tenth. */
static void slides_expected(int64_t *v, uint32_t turns) {
    static const char ends[] = "pqrstu", middle[] = "qrstup", tail[] = "rstupq";
    for (uint32_t round = 0; round < turns + 2; round++) {
        const char *order = round == 0 ? ends : round <= turns ? middle : tail;
        for (int half = 0; half < 6; half += 3) {
            volatile int64_t *a = &v[order[half] - 'p'], *b = &v[order[half + 1] - 'p'], *c = &v[order[half + 2] - 'p'];
            *a = *a / 2 + *b;
            *b = *b - *c;
            *c = *a < *b ? *c + 1024 : *c + *c;
        }
    }
}

PROGRAM(twins_live_values) {
    uint32_t in[12], seed = 7;
    for (int turn = 0; turn < 40; turn++) {
        uint32_t out[12], model[12];
        for (int i = 0; i < 12; i++) {
            seed = seed * 69069 + 1;
            in[i] = opaque_unsigned(seed ^ seed >> 15);
            model[i] = in[i];
        }
        words_expected(model);
        uint32_t result = words(in, out);
        CHECK(result == (model[0] ^ model[2] ^ model[4] ^ model[6] ^ model[8] ^ model[10]));
        for (int i = 0; i < 12; i++)
            CHECK(out[i] == model[i]);
        uint64_t wide[8], want[8], v[6] = {in[0], in[1], (uint64_t)in[2] * 3 + ((uint64_t)in[2] << 32), in[3],
                                           in[4] * (UINT64_C(1) << 31), UINT64_MAX - in[5]};
        doubles_expected(v, want);
        CHECK(doubles(in, wide) == want[2] + want[4] + want[6]);
        for (int i = 0; i < 8; i++)
            CHECK(wide[i] == want[i]);
        int64_t scaled[6];
        double slid[6];
        for (int i = 0; i < 6; i++)
            scaled[i] = (int64_t)(in[i] % 16) * 1024;
        slides_expected(scaled, in[6] % 4);
        CHECK(slides(in, slid) * 1024 == (double)(scaled[0] + scaled[2] - scaled[4]));
        for (int i = 0; i < 6; i++)
            CHECK(slid[i] * 1024 == (double)scaled[i]);
    }
}
