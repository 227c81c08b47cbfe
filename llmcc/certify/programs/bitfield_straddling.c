/* Fields that cross the borders of bytes, words and double words, packed and not, against a store that keeps every
 * field as single bits in its own byte array. */
#include "certify.h"

struct __attribute__((packed)) dense {
    uint64_t a : 13;
    uint64_t b : 35;
    uint64_t c : 29;
    int64_t d : 51;
    uint32_t e : 7;
    uint32_t f : 30;
    int32_t g : 27;
};

struct loose {
    uint32_t a : 20;
    uint32_t b : 20;
    uint64_t c : 50;
    int32_t d : 20;
    uint64_t e : 33;
    uint16_t f : 9;
    uint16_t g : 9;
};

enum { fields = 7 };
static const uint8_t dense_widths[fields] = {13, 35, 29, 51, 7, 30, 27};
static const uint8_t loose_widths[fields] = {20, 20, 50, 20, 33, 9, 9};

/* The plain store: bit n of field i is bits[i][n]. */
struct plain { uint8_t bits[fields][51]; };

static void plain_write(struct plain *p, int at, int width, uint64_t value) {
    for (int n = 0; n < width; n++)
        p->bits[at][n] = (uint8_t)(value >> n & 1);
}

static uint64_t plain_read(const struct plain *p, int at, int width, int is_signed) {
    uint64_t value = 0;
    for (int n = 63; n >= 0; n--)
        value = value << 1 | (n < width ? p->bits[at][n] : is_signed ? p->bits[at][width - 1] : 0);
    return value;
}

#define ACCESS(kind)                                                                                               \
    static NOINLINE void kind##_write(struct kind *s, int at, uint64_t value) {                                    \
        switch (at) {                                                                                              \
        case 0: s->a = (uint32_t)value; break;                                                                     \
        case 1: s->b = value; break;                                                                               \
        case 2: s->c = value; break;                                                                               \
        case 3: s->d = (int64_t)value; break;                                                                      \
        case 4: s->e = value; break;                                                                               \
        case 5: s->f = (uint32_t)value; break;                                                                     \
        default: s->g = (uint32_t)value; break;                                                                    \
        }                                                                                                          \
    }                                                                                                              \
    static NOINLINE uint64_t kind##_read(const struct kind *s, int at) {                                           \
        switch (at) {                                                                                              \
        case 0: return s->a;                                                                                       \
        case 1: return s->b;                                                                                       \
        case 2: return s->c;                                                                                       \
        case 3: return (uint64_t)(int64_t)s->d;                                                                    \
        case 4: return s->e;                                                                                       \
        case 5: return s->f;                                                                                       \
        default: return (uint64_t)(int64_t)s->g;                                                                   \
        }                                                                                                          \
    }                                                                                                              \
    /* Everything moves one field on, through the widths. */                                                       \
    static NOINLINE void kind##_rotate(struct kind *s) {                                                           \
        uint64_t last = (uint64_t)s->g;                                                                            \
        s->g = s->f;                                                                                               \
        s->f = s->e;                                                                                               \
        s->e = (uint64_t)(int64_t)s->d;                                                                            \
        s->d = (int64_t)s->c;                                                                                      \
        s->c = s->b;                                                                                               \
        s->b = s->a;                                                                                               \
        s->a = last;                                                                                               \
    }                                                                                                              \
    static void kind##_compare(const struct kind *s, const struct plain *p, const uint8_t *widths, int g_signed) { \
        for (int i = 0; i < fields; i++)                                                                           \
            CHECK(kind##_read(s, i) == plain_read(p, i, widths[i], i == 3 || (i == 6 && g_signed)));               \
    }

ACCESS(dense)
ACCESS(loose)

static NOINLINE void plain_rotate(struct plain *p, const uint8_t *widths, int g_signed) {
    uint64_t values[fields];
    for (int i = 0; i < fields; i++)
        values[i] = plain_read(p, i, widths[i], i == 3 || (i == 6 && g_signed));
    for (int i = 0; i < fields; i++)
        plain_write(p, i, widths[i], values[(i + fields - 1) % fields]);
}

PROGRAM(bitfield_straddling) {
    unsigned checked = 0;
    struct { uint8_t before; struct dense s[2]; uint8_t after; } frame = {.before = 0x5a, .after = 0xa5};
    struct loose loose = {0, 0, 0, 0, 0, 0, 0};
    struct plain plain_dense = {{{0}}}, plain_loose = {{{0}}}, neighbour = {{{0}}};
    uint64_t state = opaque_uint64(88172645463325252);
    for (int step = 0; step < 90; step++, checked += opaque_unsigned(1)) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint64_t value = step % 4 == 0 ? UINT64_MAX : step % 4 == 1 ? 0 : state;
        int at = (int)(state >> 40) % fields;
        dense_write(&frame.s[0], at, value);
        plain_write(&plain_dense, at, dense_widths[at], value);
        loose_write(&loose, fields - 1 - at, value);
        plain_write(&plain_loose, fields - 1 - at, loose_widths[fields - 1 - at], value);
        if (step % 5 == 0) {
            dense_write(&frame.s[1], (at + step) % fields, ~value);
            plain_write(&neighbour, (at + step) % fields, dense_widths[(at + step) % fields], ~value);
        } else if (step % 7 == 0) {
            dense_rotate(&frame.s[0]);
            plain_rotate(&plain_dense, dense_widths, 1);
            loose_rotate(&loose);
            plain_rotate(&plain_loose, loose_widths, 0);
        }
        dense_compare(&frame.s[0], &plain_dense, dense_widths, 1);
        dense_compare(&frame.s[1], &neighbour, dense_widths, 1);
        loose_compare(&loose, &plain_loose, loose_widths, 0);
        CHECK(frame.before == 0x5a && frame.after == 0xa5);
    }
    struct dense constant = {0x1fff, 0x7ffffffff, 0, -1, 0x55, 0x2aaaaaaa, -0x4000000};
    constant.b -= 1;
    constant.d *= 3;
    CHECK(constant.a == 0x1fff && constant.b == 0x7fffffffe && constant.c == 0 && constant.d == -3);
    CHECK(constant.e == 0x55 && constant.f == 0x2aaaaaaa && constant.g == -0x4000000);
    CHECK(checked == 90);
}
