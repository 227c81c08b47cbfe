/* Structures of bit-fields, signed and unsigned, narrow, whole, spanning and with forced boundaries: assignments, copies by value,
 * arrays of them and read-modify-write of one field, against the fields kept apart and cut by arithmetic. */
#include "certify.h"

struct fields {
    unsigned a : 1, b : 3;
    signed int c : 5;
    unsigned d : 12, : 0;
    unsigned e : 7;
    signed int f : 17;
    uint8_t whole;
    signed int g : 2, : 3, h : 20;
    unsigned i : 32;
};

enum { COUNT = 9 };
static const uint8_t widths[COUNT] = {1, 3, 5, 12, 7, 17, 2, 20, 32};
static const uint8_t is_signed[COUNT] = {0, 0, 1, 0, 0, 1, 1, 1, 0};

static int64_t cut(int which, int64_t value) {
    int64_t modulus = (int64_t)1 << widths[which], rest = value % modulus;
    if (rest < 0)
        rest += modulus;
    return is_signed[which] && rest >= modulus / 2 ? rest - modulus : rest;
}

static int64_t get(struct fields s, int which) {
    switch (which) {
    case 0: return s.a;
    case 1: return s.b;
    case 2: return s.c;
    case 3: return s.d;
    case 4: return s.e;
    case 5: return s.f;
    case 6: return s.g;
    case 7: return s.h;
    default: return s.i;
    }
}

static NOINLINE struct fields with(struct fields s, int which, int32_t value) {
    switch (which) {
    case 0: s.a = (unsigned)value & 1; break;
    case 1: s.b = (unsigned)value & 7; break;
    case 2: s.c = value; break;
    case 3: s.d = (unsigned)value & 0xfff; break;
    case 4: s.e = (unsigned)value & 0x7f; break;
    case 5: s.f = value; break;
    case 6: s.g = value; break;
    case 7: s.h = value; break;
    default: s.i = (unsigned)value;
    }
    return s;
}

static void add_in_place(struct fields *s, int which, int by) {
    switch (which) {
    case 0: s->a += (unsigned)by & 1; break;
    case 1: s->b += (unsigned)by & 7; break;
    case 2: s->c = s->c + by; break;
    case 3: s->d -= (unsigned)-by & 0xfff; break;
    case 4: s->e += (unsigned)by & 0x7f; break;
    case 5: s->f = by + s->f; break;
    case 6: s->g = s->g + by; break;
    case 7: s->h += by; break;
    default: s->i += (unsigned)by;
    }
}

static void equal(const struct fields *s, const volatile int64_t *model) {
    for (int k = 0; k < COUNT; k++)
        CHECK(get(*s, k) == model[k]);
    CHECK(s->whole == 0xa5);
}

static void run(unsigned seed, int turns) {
    struct fields s = {0, 0, 0, 0, 0, 0, 0xa5, 0, 0, 0}, list[3] = {s, s, s};
    int64_t volatile model[COUNT] = {0}, models[3][COUNT] = {{0}};
    for (int turn = 0; turn < turns; turn++) {
        seed = seed * 1103515245u + 12345u;
        int which = (int)(seed >> 16) % COUNT, slot = (int)(seed >> 20) % 3, by = (int)(seed >> 9 & 0x3fff) - 0x2000;
        switch (seed >> 28 & 3) {
        case 0:
            s = with(s, which, by);
            model[which] = cut(which, by);
            break;
        case 1:
            add_in_place(&s, which, by);
            model[which] = cut(which, model[which] + by);
            break;
        case 2:
            list[slot] = s;
            for (int k = 0; k < COUNT; k++)
                models[slot][k] = model[k];
            break;
        default:
            add_in_place(&list[slot], which, -by);
            models[slot][which] = cut(which, models[slot][which] - by);
            s.d = list[slot].d;
            s.h = list[slot].h;
            model[3] = models[slot][3];
            model[7] = models[slot][7];
        }
        equal(&s, model);
        equal(&list[slot], models[slot]);
    }
}

/* Comparisons, promotions and shifts of fields. */
static int decisions(struct fields s) {
    int result = (s.c < 0) | (s.e - 100 < 0) << 1 | (s.a == (s.b & 1)) << 2 | (s.d >> 4 == s.e << 1) << 4;
    if (s.g != s.c)
        result |= 8;
    return result | ((s.f ^ s.h) < 0) << 5 | (s.i > 0x7fffffffu) << 6;
}

/* Sets all fields, so that stores can be merged into whole words. */
static NOINLINE struct fields all_of(int v) {
    struct fields s;
    s.a = 1;
    s.b = 5;
    s.c = -v;
    s.d = 0xabc;
    s.e = 0x55;
    s.f = -1;
    s.whole = (uint8_t)v;
    s.g = -2;
    s.h = v * 1000;
    s.i = 0xdeadbeefu;
    return s;
}

PROGRAM(struct_bit_field_copies) {
    run(opaque_unsigned(1), 150);
    run(opaque_unsigned(77), 100);
    run(5, 20);
    struct fields s = all_of(opaque_int(9)), t = all_of(9);
    static const int64_t expected[COUNT] = {1, 5, -9, 0xabc, 0x55, -1, -2, 9000, 0xdeadbeefu};
    for (int k = 0; k < COUNT; k++)
        CHECK(get(s, k) == expected[k] && get(t, k) == expected[k]);
    CHECK(s.whole == 9 && decisions(s) == (1 | 2 | 4 | 8 | 32 | 64) && decisions(t) == (1 | 2 | 4 | 8 | 32 | 64));
    s.c = opaque_int(-2);
    s.d = 0xaa0;
    s.h = -5;
    s.i = opaque_unsigned(0x7fffffffu);
    s.b--;
    CHECK(decisions(s) == (1 | 2 | 16) && s.b == 4 && decisions(with(s, 0, 0)) == (1 | 2 | 4 | 16));
}
