/* Many arguments of mixed widths and kinds, in registers and on the stack, handed on in other orders. */
#include "certify.h"

static int64_t digest(const int64_t *items, unsigned count) {
    uint64_t sum = count;
    for (unsigned i = 0; i < count; i++)
        sum = sum * 1000003u + (uint64_t)items[i];
    return (int64_t)sum;
}

static NOINLINE int64_t rising(int8_t a, int16_t b, int32_t c, int64_t d, uint8_t e, uint16_t f, uint32_t g, uint64_t h,
                               int8_t i, int64_t j, int16_t k, int64_t l) {
    const int64_t items[] = {a, b, c, d, e, f, g, (int64_t)h, i, j, k, l};
    return digest(items, 12);
}

static NOINLINE int64_t falling(int64_t l, int16_t k, int64_t j, int8_t i, uint64_t h, uint32_t g, uint16_t f, uint8_t e,
                                int64_t d, int32_t c, int16_t b, int8_t a) {
    return rising(a, b, c, d, e, f, g, h, i, j, k, l);
}

/* Moves every argument to another place, each with the width of the place it goes to. */
static NOINLINE int64_t shuffled(int16_t k, uint64_t h, int8_t a, int64_t l, uint8_t e, int8_t i, int32_t c, int64_t d,
                                 uint16_t f, int64_t j, uint32_t g, int16_t b) {
    if (a < i)
        return falling(l, k, j, i, h, g, f, e, d, c, b, a);
    return rising(a, b, c, d, e, f, g, h, i, j, k, l);
}

static NOINLINE int64_t with_floats(float p, int8_t a, double q, int64_t d, float r, uint16_t f, double s, int32_t c, float t,
                                    double u, uint8_t e, double v, int64_t j, float w, double x, uint64_t h) {
    const int64_t items[] = {a, d, f, c, e, j, (int64_t)h};
    double sum = (double)p + 2 * q + 3 * (double)r + 5 * s + 7 * (double)t + 11 * u + 13 * v + 17 * (double)w + 19 * x;
    return digest(items, 7) ^ (int64_t)sum;
}

static NOINLINE int64_t without_floats(int64_t d, uint64_t h, int64_t j, int32_t c, int16_t n, int8_t a, uint8_t e, uint16_t f) {
    return with_floats((float)n, a, n + 1, d, (float)(n + 2), f, n + 3, c, (float)(n + 4), n + 5, e, n + 6, j, (float)(n + 7),
                       n + 8, h);
}

/* Most arguments reach the second call unchanged, two change their places and one its value. */
static NOINLINE int64_t handed_on(unsigned depth, int8_t a, int64_t b, int16_t c, int64_t d, uint8_t e, int32_t f, int64_t g,
                                  uint16_t h, int32_t i) {
    const int64_t items[] = {a, b, c, d, e, f, g, h, i};
    if (depth == 0)
        return digest(items, 9);
    return handed_on(depth - 1, a, d, c, b, (uint8_t)(e + 1), f, g, h, i) + i;
}

static NOINLINE int64_t sixteen_words(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f, uint32_t g,
                                      uint32_t h, uint32_t i, uint32_t j, uint32_t k, uint32_t l, uint32_t m, uint32_t n,
                                      uint32_t o, uint32_t p) {
    /* Uses the last ones first, while all are live. */
    uint64_t x = (uint64_t)p * o + n, y = (uint64_t)m * l + k;
    x ^= y >> 3, y += (uint64_t)j * i + h;
    x += (uint64_t)g * f + e, y ^= x << 5;
    return (int64_t)(x + (uint64_t)d * c + b + y * a + (p ^ a) + (o ^ b) + (n ^ c) + (m ^ d));
}

static int64_t sixteen_from_array(const uint32_t *v) {
    uint64_t x = (uint64_t)v[15] * v[14] + v[13], y = (uint64_t)v[12] * v[11] + v[10];
    x ^= y >> 3, y += (uint64_t)v[9] * v[8] + v[7];
    x += (uint64_t)v[6] * v[5] + v[4], y ^= x << 5;
    x += (uint64_t)v[3] * v[2] + v[1] + y * v[0];
    for (int i = 0; i < 4; i++)
        x += v[15 - i] ^ v[i];
    return (int64_t)x;
}

PROGRAM(call_mixed_width_arguments) {
    unsigned checked = 0;
    uint64_t state = opaque_uint64(88172645463325252u);
    for (int round = 0; round < 40; round++) {
        int64_t raw[12];
        uint32_t words[16];
        for (int i = 0; i < 12; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            raw[i] = (int64_t)state;
            checked++;
        }
        for (int i = 0; i < 16; i++)
            words[i] = (uint32_t)(raw[i % 12] >> (i + 3));
        int8_t a = (int8_t)raw[0], i = (int8_t)raw[8];
        int16_t b = (int16_t)raw[1], k = (int16_t)raw[10];
        int32_t c = (int32_t)raw[2];
        uint8_t e = (uint8_t)raw[4];
        uint16_t f = (uint16_t)raw[5];
        uint32_t g = (uint32_t)raw[6];
        int64_t d = raw[3], j = raw[9], l = raw[11];
        uint64_t h = (uint64_t)raw[7];
        const int64_t all[] = {a, b, c, d, e, f, g, raw[7], i, j, k, l};
        int64_t whole = digest(all, 12);
        CHECK(rising(a, b, c, d, e, f, g, h, i, j, k, l) == whole);
        CHECK(falling(l, k, j, i, h, g, f, e, d, c, b, a) == whole);
        CHECK(shuffled(k, h, a, l, e, i, c, d, f, j, g, b) == whole);
        const int64_t some[] = {a, d, f, c, e, j, raw[7]};
        CHECK(without_floats(d, h, j, c, b, a, e, f)
              == (digest(some, 7) ^ ((int64_t)b * (1 + 2 + 3 + 5 + 7 + 11 + 13 + 17 + 19) + 2 + 6 + 15 + 28 + 55 + 78 + 119 + 152)));
        for (unsigned depth = 0; depth < 4; depth++) {
            const int64_t nine[] = {a, depth & 1 ? l : d, b, depth & 1 ? d : l, (uint8_t)(e + depth), c, j, f, -c / 2};
            uint64_t expected = (uint64_t)digest(nine, 9) + depth * (uint64_t)(-(int64_t)c / 2);
            CHECK((uint64_t)handed_on(opaque_unsigned(depth), a, d, b, l, e, c, j, f, (int32_t)(-(int64_t)c / 2))
                  - expected == 0);
            checked++;
        }
        CHECK(sixteen_words(words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7], words[8], words[9],
                            words[10], words[11], words[12], words[13], words[14], words[15]) == sixteen_from_array(words));
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 680);
}
