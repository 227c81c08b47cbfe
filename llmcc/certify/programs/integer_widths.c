/* The same branching arithmetic in all eight fixed-width types, against a model that keeps every value in 64 bits
 * and cuts it to the width by hand. */
#include "certify.h"

/* How many rounds of the checking loops there were, lest one that ends early pass. */
static unsigned checked;

struct kind {
    unsigned bits;
    int is_signed;
};

static uint64_t cut(uint64_t value, struct kind kind) {
    uint64_t mask = kind.bits == 64 ? ~(uint64_t)0 : ((uint64_t)1 << kind.bits) - 1;
    value &= mask;
    if (kind.is_signed && (value >> (kind.bits - 1) & 1))
        value |= ~mask;
    return value;
}

static int less(uint64_t a, uint64_t b, struct kind kind) {
    const uint64_t top = (uint64_t)1 << 63;
    return kind.is_signed ? (a ^ top) < (b ^ top) : a < b;
}

static uint64_t shift_right(uint64_t value, unsigned amount, struct kind kind) {
    uint64_t result = value >> amount;
    if (kind.is_signed && value >> 63)
        result |= ~(~(uint64_t)0 >> amount);
    return cut(result, kind);
}

static NOINLINE uint64_t blend_model(uint64_t a, uint64_t b, uint64_t c, struct kind kind) {
    uint64_t result;
    if (less(a, b, kind))
        result = cut(a * b - c, kind);
    else if (less(c, b, kind))
        result = cut((a ^ c) + b, kind);
    else
        result = cut((a - b) | c, kind);
    if (result & 1)
        return cut(shift_right(result, 3, kind) + a, kind);
    return cut((result << 2) - shift_right(b, 1, kind), kind);
}

static NOINLINE uint64_t series_model(uint64_t start, uint64_t step, unsigned count, struct kind kind) {
    uint64_t sum = 0, value = start;
    for (unsigned i = 0; i < count; i++) {
        sum = cut(sum * 3 + value, kind);
        value = cut(value + step, kind);
    }
    return sum;
}

/* The 1u keeps products of the 16-bit types away from signed overflow. */
#define WIDTH(name, type, wrap)                                                                                    \
    static type blend_##name(type a, type b, type c) {                                                             \
        type result;                                                                                               \
        if (a < b)                                                                                                 \
            result = (type)(wrap)(1u * (wrap)a * (wrap)b - (wrap)c);                                               \
        else if (b > c)                                                                                            \
            result = (type)(wrap)((wrap)(a ^ c) + (wrap)b);                                                        \
        else                                                                                                       \
            result = (type)(((wrap)a - (wrap)b) | (wrap)c);                                                        \
        if (result & 1)                                                                                            \
            return (type)(wrap)((wrap)(type)(result >> 3) + (wrap)a);                                              \
        return (type)(wrap)((wrap)(1u * (wrap)result << 2) - (wrap)(type)(b >> 1));                                \
    }                                                                                                              \
    static NOINLINE type series_##name(type start, type step, unsigned count) {                                    \
        type sum = 0, value = start;                                                                               \
        for (unsigned i = 0; i < count; i++) {                                                                     \
            sum = (type)(wrap)((wrap)sum * 3u + (wrap)value);                                                      \
            value = (type)(wrap)((wrap)value + (wrap)step);                                                        \
        }                                                                                                          \
        return sum;                                                                                                \
    }                                                                                                              \
    static void check_##name(struct kind kind) {                                                                   \
        static const uint64_t edges[] = {0, 1, 0x7f, 0x80, 0xfffe, 0x7fffffff, 0x8000000000000001, UINT64_MAX};    \
        for (unsigned i = 0; i < 8; i++)                                                                           \
            for (unsigned j = 0; j < 8; j++) {                                                                     \
                uint64_t a = cut(opaque_uint64(edges[i]), kind), b = cut(opaque_uint64(edges[j]), kind);           \
                for (unsigned k = 0; k < 8; k += 2, checked += opaque_unsigned(1)) {                               \
                    uint64_t c = cut(edges[k] + j, kind);                                                          \
                    CHECK((uint64_t)blend_##name((type)a, (type)b, (type)c) == blend_model(a, b, c, kind));        \
                }                                                                                                  \
                CHECK((uint64_t)series_##name((type)a, (type)b, i + j) == series_model(a, b, i + j, kind));        \
            }                                                                                                      \
    }

WIDTH(signed8, int8_t, uint8_t)
WIDTH(unsigned8, uint8_t, uint8_t)
WIDTH(signed16, int16_t, uint16_t)
WIDTH(unsigned16, uint16_t, uint16_t)
WIDTH(signed32, int32_t, uint32_t)
WIDTH(unsigned32, uint32_t, uint32_t)
WIDTH(signed64, int64_t, uint64_t)
WIDTH(unsigned64, uint64_t, uint64_t)

PROGRAM(integer_widths) {
    checked = 0;
    check_signed8((struct kind){8, 1});
    check_unsigned8((struct kind){8, 0});
    check_signed16((struct kind){16, 1});
    check_unsigned16((struct kind){16, 0});
    check_signed32((struct kind){32, 1});
    check_unsigned32((struct kind){32, 0});
    check_signed64((struct kind){64, 1});
    check_unsigned64((struct kind){64, 0});

    /* 99 * 100 + 93 is 9 modulo 256, which is odd: 9 / 8 + 99. */
    CHECK(blend_signed8(99, 100, -93) == 100);
    CHECK(blend_unsigned8(200, 100, 99) == 201);
    /* The sum of i * 3^(4 - i) for i = 0..4 is 58. */
    CHECK(series_signed8(0, 1, 5) == 58 && series_unsigned64(0, 1, 5) == 58);
    CHECK(series_signed16(0, -1, 5) == -58 && series_unsigned16(0, 0xffff, 5) == 0xffc6);
    CHECK(checked == 2048);
}
