/* The six comparisons between operands of unlike width and sign, a mathematically right comparison built upon them,
 * and sorting and searching in which the same bits are ordered as signed and as unsigned. */
#include "certify.h"

#pragma GCC diagnostic ignored "-Wsign-compare"

/* Bits: less, less or equal, equal, not equal, greater or equal, greater. */
#define COMPARE(name, left, right)                                                                                 \
    static NOINLINE unsigned compare_##name(left a, right b) {                                                     \
        unsigned result = 0;                                                                                       \
        if (a < b)                                                                                                 \
            result |= 1;                                                                                           \
        if (a <= b)                                                                                                \
            result |= 2;                                                                                           \
        result |= (unsigned)(a == b) << 2 | (unsigned)(a != b) << 3;                                               \
        result += a >= b ? 16 : 0;                                                                                 \
        result += 32 * (a > b);                                                                                    \
        return result;                                                                                             \
    }

COMPARE(s32_u32, int32_t, uint32_t)
COMPARE(u32_s32, uint32_t, int32_t)
COMPARE(s64_u32, int64_t, uint32_t)
COMPARE(s32_u64, int32_t, uint64_t)
COMPARE(s8_u8, int8_t, uint8_t)
COMPARE(s16_u32, int16_t, uint32_t)
COMPARE(u8_s64, uint8_t, int64_t)
COMPARE(u16_s8, uint16_t, int8_t)

static unsigned order(int sign) { return sign < 0 ? 1 + 2 + 8 : sign == 0 ? 2 + 4 + 16 : 8 + 16 + 32; }
static unsigned as_signed(int64_t a, int64_t b) { return order((a > b) - (a < b)); }
static unsigned as_unsigned64(uint64_t a, uint64_t b) { return order((a > b) - (a < b)); }
static unsigned as_unsigned32(int64_t a, int64_t b) { return as_signed(a & 0xffffffff, b & 0xffffffff); }

static int mathematically_less(int32_t a, uint32_t b) { return a < 0 || a < b; }
static int mathematically_less_swapped(uint32_t a, int32_t b) { return b >= 0 && a < b; }

/* Two insertion sorts that differ in one comparison. */
static NOINLINE void sort_signed(int32_t *v, int count) {
    for (int i = 1; i < count; i++) {
        int32_t key = v[i];
        int j = i;
        for (; j > 0 && v[j - 1] > key; j--)
            v[j] = v[j - 1];
        v[j] = key;
    }
}

static NOINLINE void sort_unsigned(int32_t *v, int count) {
    for (int i = 1; i < count; i++) {
        int32_t key = v[i];
        int j = i;
        for (; j > 0 && (uint32_t)v[j - 1] > key; j--)
            v[j] = v[j - 1];
        v[j] = key;
    }
}

/* The first index whose value is not below the wanted one, the values read as unsigned. */
static NOINLINE int lower_bound(const int32_t *v, unsigned count, uint32_t wanted) {
    int low = -1;
    unsigned high = count;
    while (high - low > 1) {
        unsigned middle = (high + low) / 2;
        if (v[middle] < wanted)
            low = (int)middle;
        else
            high = middle;
    }
    return (int)high;
}

static void check_pair(int64_t a, int64_t b) {
    CHECK(compare_s32_u32((int32_t)a, (uint32_t)b) == as_unsigned32(a, b));
    CHECK(compare_u32_s32((uint32_t)a, (int32_t)b) == as_unsigned32(a, b));
    CHECK(compare_s64_u32(a, (uint32_t)b) == as_signed(a, b & 0xffffffff));
    CHECK(compare_s32_u64((int32_t)a, (uint64_t)b) == as_unsigned64((uint64_t)(int64_t)(int32_t)a, (uint64_t)b));
    CHECK(compare_s8_u8((int8_t)a, (uint8_t)b) == as_signed((int8_t)a, b & 0xff));
    CHECK(compare_s16_u32((int16_t)a, (uint32_t)b) == as_unsigned32((int16_t)a, b));
    CHECK(compare_u8_s64((uint8_t)a, b) == as_signed(a & 0xff, b));
    CHECK(compare_u16_s8((uint16_t)a, (int8_t)b) == as_signed(a & 0xffff, (int8_t)b));
    CHECK(mathematically_less((int32_t)a, (uint32_t)b) == ((int32_t)a < (b & 0xffffffff)));
    CHECK(mathematically_less_swapped((uint32_t)a, (int32_t)b) == ((a & 0xffffffff) < (int32_t)b));
}

PROGRAM(integer_mixed_sign_comparisons) {
    unsigned checked = 0;
    static const int64_t edges[] = {0, 1, -1, 127, 128, -128, 255, -256, 32767, 32768, 65535, -32768, INT32_MAX,
                                    INT32_MIN, UINT32_MAX, 0x100000000, 0x1ffffffff, INT64_MAX, INT64_MIN, -0x80000001};
    enum { count = sizeof edges / sizeof *edges };
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++, checked += opaque_unsigned(1))
            check_pair(opaque_int64(edges[i]), opaque_int64(edges[j]));

    int32_t v[24], w[24];
    uint32_t state = opaque_unsigned(77);
    for (int i = 0; i < 24; i++) {
        state = state * 1664525u + 1013904223u;
        v[i] = w[i] = (int32_t)(i % 5 == 0 ? state & 3 : state);
    }
    sort_signed(v, 24);
    sort_unsigned(w, 24);
    int negative = 0;
    while (negative < 24 && v[negative] < 0)
        negative++;
    CHECK(negative > 3 && negative < 21);
    /* Read as unsigned, the negative values follow the others, each part in its order. */
    for (int i = 0; i < 24; i++)
        CHECK(w[i] == v[(i + negative) % 24]);
    for (int i = 0; i < 24; i++) {
        int first = lower_bound(w, 24, (uint32_t)w[i]);
        CHECK(first <= i && w[first] == w[i] && (first == 0 || (uint32_t)w[first - 1] < (uint32_t)w[i]));
    }
    CHECK(lower_bound(w, 24, 0) == 0);
    CHECK(lower_bound(w, 24, UINT32_MAX) == 24 - (w[23] == -1));
    CHECK(checked == 400);
}
