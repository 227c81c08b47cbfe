/* Zero width fields, unnamed fields and ordinary members between fields: what is stored in one group never shows in
 * another, and initialisers skip what has no name. */
#include "certify.h"

struct groups {
    uint8_t head;
    unsigned a : 5;
    unsigned b : 3;
    unsigned : 0;
    unsigned c : 7;
    unsigned : 4;
    unsigned d : 9;
    uint8_t middle;
    unsigned : 0;
    signed e : 2;
    unsigned long long : 0;
    uint64_t f : 33;
    unsigned : 0;
    uint16_t g : 12;
    uint16_t : 0;
    uint16_t h : 1;
    int16_t tail;
};

struct only { unsigned : 3; unsigned value : 10; unsigned : 0; unsigned other : 10; unsigned : 12; };

enum { members = 11 };
static const uint8_t widths[members] = {8, 5, 3, 7, 9, 8, 2, 33, 12, 1, 16};

static NOINLINE void store(struct groups *s, int at, uint64_t value) {
    switch (at) {
    case 0: s->head = (uint8_t)value; break;
    case 1: s->a = (unsigned)value; break;
    case 2: s->b = (unsigned)value; break;
    case 3: s->c = (unsigned)value; break;
    case 4: s->d = (unsigned)value; break;
    case 5: s->middle = (uint8_t)value; break;
    case 6: s->e = (signed)value; break;
    case 7: s->f = value; break;
    case 8: s->g = (uint16_t)value; break;
    case 9: s->h = value & 1; break;
    case 10: s->tail = (int16_t)value; break;
    }
}

static NOINLINE void load(const struct groups *s, int64_t out[members]) {
    out[0] = s->head, out[1] = s->a, out[2] = s->b, out[3] = s->c, out[4] = s->d, out[5] = s->middle;
    out[6] = s->e, out[7] = (int64_t)s->f, out[8] = s->g, out[9] = s->h, out[10] = s->tail;
}

static int64_t stored(int at, uint64_t value) {
    uint64_t modulus = (uint64_t)1 << widths[at];
    value %= modulus;
    return (at == 6 || at == 10) && value >= modulus / 2 ? (int64_t)value - (int64_t)modulus : (int64_t)value;
}

/* Both groups of one struct in one function, in both orders. */
static NOINLINE unsigned exchange(struct only *s) {
    unsigned value = s->value;
    s->value = s->other;
    s->other = value;
    return s->value * 1024 + value;
}

static NOINLINE unsigned exchange_backwards(struct only *s) {
    unsigned other = s->other;
    s->other = s->value;
    s->value = other;
    return other * 1024 + s->other;
}

static NOINLINE void mixed_update(struct groups *s, unsigned n) {
    s->a = n;
    s->head++;
    s->b = n >> 5;
    s->c += s->a;
    s->middle ^= s->c;
    s->d = s->middle * 3u;
    if (s->e < 0)
        s->f -= s->d;
    else
        s->f += (uint64_t)s->d << 24;
    s->e++;
    s->h ^= s->f & 1;
    s->g = s->h ? s->g + 5 : s->g * 3;
    s->tail = (int16_t)(s->tail - s->g);
}

static NOINLINE void mixed_model(int64_t v[members], unsigned n) {
    v[1] = stored(1, n);
    v[0] = stored(0, (uint64_t)v[0] + 1);
    v[2] = stored(2, n / 32);
    v[3] = stored(3, (uint64_t)(v[3] + v[1]));
    v[5] = stored(5, (uint64_t)(v[5] ^ v[3]));
    v[4] = stored(4, (uint64_t)v[5] * 3);
    v[7] = stored(7, v[6] < 0 ? (uint64_t)(v[7] - v[4]) : (uint64_t)(v[7] + v[4] * 16777216));
    v[6] = stored(6, (uint64_t)v[6] + 1);
    v[9] = (v[9] + v[7]) % 2;
    v[8] = stored(8, v[9] ? (uint64_t)v[8] + 5 : (uint64_t)v[8] * 3);
    v[10] = stored(10, (uint64_t)(v[10] - v[8]));
}

PROGRAM(bitfield_zero_width) {
    unsigned checked = 0;
    /* Nothing for the unnamed ones in an initialiser. */
    struct groups s = {1, 2, 3, 4, 5, 6, -1, 8, 9, 1, 11}, copies[2];
    int64_t now[members], model[members] = {1, 2, 3, 4, 5, 6, -1, 8, 9, 1, 11};
    load(&s, now);
    for (int i = 0; i < members; i++)
        CHECK(now[i] == model[i]);

    for (int round = 0; round < 2; round++)
        for (int at = 0; at < members; at++, checked += opaque_unsigned(1)) {
            uint64_t value = opaque_uint64(round ? UINT64_MAX : 0);
            uint64_t pattern = round ? 0xaaaaaaaaaaaaaaaa : 0x5555555555555555;
            copies[0] = s;
            store(&s, at, value);
            copies[1] = s;
            store(&s, (at * 7 + 3) % members, pattern);
            load(&s, now);
            model[at] = stored(at, value);
            model[(at * 7 + 3) % members] = stored((at * 7 + 3) % members, pattern);
            for (int i = 0; i < members; i++)
                CHECK(now[i] == model[i]);
            store(&copies[0], at, value);
            load(&copies[0], now);
            int64_t other[members];
            load(&copies[1], other);
            for (int i = 0; i < members; i++)
                CHECK(now[i] == other[i]);
        }

    for (unsigned n = 0; n < 150; n++, checked += opaque_unsigned(1)) {
        mixed_update(&s, opaque_unsigned(n * 37));
        mixed_model(model, n * 37);
        load(&s, now);
        for (int i = 0; i < members; i++)
            CHECK(now[i] == model[i]);
    }

    struct only pair = {700, (unsigned)opaque_int(300)};
    CHECK(exchange(&pair) == 300 * 1024 + 700 && pair.value == 300 && pair.other == 700);
    CHECK(exchange_backwards(&pair) == 700 * 1024 + 300 && pair.value == 700 && pair.other == 300);
    CHECK(checked == 172);
}
