/* Functions that are equal but for how they take and give values: by value, by pointer to be promoted, by a structure
 * of which some members are read, with unused arguments, unused results, constant arguments, a result that is an argument. */
#include "certify.h"

struct reading {
    int16_t raw, offset;
    int32_t gain;
    int64_t stamp;
    uint8_t spare[12];
};

static int32_t calls;

static NOINLINE int32_t by_value(int32_t raw, int32_t offset, int32_t gain) {
    int32_t value = (raw - offset) * gain;
    return value < 0 ? value / 2 : value;
}
static NOINLINE int32_t by_pointers(const int32_t *raw, const int32_t *offset, const int32_t *gain) {
    int32_t value = (*raw - *offset) * *gain;
    return value < 0 ? value / 2 : value;
}
static NOINLINE int32_t by_record(const struct reading *r) {
    int32_t value = (r->raw - r->offset) * r->gain;
    return value < 0 ? value / 2 : value;
}
static NOINLINE int32_t by_copy(struct reading r) {
    r.raw = (int16_t)(r.raw - r.offset);
    int32_t value = r.raw * r.gain;
    return value < 0 ? value / 2 : value;
}
static NOINLINE int32_t by_swapped(int32_t offset, int32_t raw, int32_t gain) {
    int32_t value = (raw - offset) * gain;
    return value < 0 ? value / 2 : value;
}
/* The pointer must not be read when the flag is off: it may be null then. */
static NOINLINE int32_t by_optional(const struct reading *r, int use, int32_t fallback) {
    calls++;
    if (!use)
        return fallback - calls;
    return r->raw - r->offset + fallback - calls;
}
/* Read before and after a store that may change it: promotion would take the old value. */
static NOINLINE int32_t around_store(const int32_t *seen, int32_t *changed, int32_t by) {
    int32_t before = *seen;
    *changed += by;
    return before * 100 + *seen;
}

#define UNUSED(name, used)                                                                         \
    static NOINLINE int64_t name(int8_t a, int64_t b, uint16_t c, double d, int32_t e, uint64_t f) { \
        (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;                                      \
        calls++;                                                                                   \
        return (int64_t)(used) * 3;                                                                \
    }
UNUSED(uses_a, a)
UNUSED(uses_b, b)
UNUSED(uses_c, c)
UNUSED(uses_d, d)
UNUSED(uses_e, e)
UNUSED(uses_f, f)
UNUSED(uses_a_f, a - (int64_t)f)
UNUSED(uses_none, 14)

/* The results of some of these are needed at one call only. */
static NOINLINE int32_t put(int32_t *to, int32_t value, int32_t scale) {
    int32_t old = *to;
    *to = value * scale;
    return old;
}
static NOINLINE int32_t *advance(int32_t *at, unsigned by) {
    at[0] += (int32_t)by;
    at[by] ^= 1;
    return at;
}
static struct reading make(int raw, int offset, int unused) {
    struct reading r = {(int16_t)raw, (int16_t)offset, raw ^ offset, raw * INT64_C(8589934592), {(uint8_t)unused}};
    return r;
}

static int32_t halved(int32_t value) { return value >= 0 ? value : -(-value >> 1); }

/* Always called with 5 and 1, and handing an argument round in the recursion that it never needs. */
static NOINLINE uint32_t ladder(uint32_t n, uint32_t step, uint32_t width, uint32_t lost) {
    if (n == 0)
        return width;
    return ladder(n - 1, step, width, lost + n) * step + n % (width + 1);
}

PROGRAM(twins_arguments) {
    calls = 0;
    int32_t wanted_calls = 0;
    for (int raw = -300; raw < 300; raw += 71)
        for (int offset = -40; offset < 60; offset += 23) {
            int32_t r = opaque_int(raw), o = opaque_int(offset), g = 3, five = 5;
            struct reading record = make(r, o, 9), other = make(o, r, 9);
            CHECK(record.gain == (raw | offset) - (raw & offset) && other.gain == record.gain);
            record.gain = other.gain = opaque_int(-7);
            volatile int32_t minus = offset - raw;
            int32_t plain = halved(minus * -3), seven = halved(minus * 7);
            CHECK(by_value(r, o, g) == plain && by_pointers(&r, &o, &g) == plain);
            CHECK(by_swapped(o, r, 3) == plain && by_value(r, o, five) == by_swapped(o, r, five));
            CHECK(by_record(&record) == seven && by_copy(record) == seven && record.raw == raw);
            CHECK(by_record(&other) == halved(minus * -7) && by_copy(other) == by_record(&other));
            CHECK(by_optional(&record, opaque_int(1), 10) == -minus + 10 - ++wanted_calls);
            CHECK(by_optional(NULL, opaque_int(0), r) == raw - ++wanted_calls && calls == wanted_calls);
            CHECK(record.stamp / (INT64_C(1) << 33) == raw && record.spare[0] == 9 && record.spare[11] == 0);
            int32_t cell = r, apart = o;
            CHECK(around_store(&cell, &apart, 6) == raw * 101 && apart == offset + 6);
            CHECK(around_store(&cell, opaque_pointer(&cell), 6) == raw * 101 + 6 && cell == raw + 6);
            calls = 0, wanted_calls = 8;
            int8_t a = (int8_t)(raw / 3);
            int64_t b = opaque_int64(raw * INT64_C(4294967296));
            uint16_t c = (uint16_t)raw;
            double d = raw * 2.0;
            uint64_t f = opaque_uint64((uint64_t)(raw + 300));
            CHECK(uses_a(a, b, c, d, r, f) == raw / 3 * 3 && uses_b(a, b, c, d, r, f) == raw * INT64_C(12884901888));
            CHECK(uses_c(a, b, c, d, r, f) == (raw + 65536) % 65536 * 3 && uses_d(a, b, c, d, r, f) == raw * 6);
            CHECK(uses_e(a, b, c, d, r, f) == raw * 3 && uses_f(a, b, c, d, r, f) == raw * 3 + 900);
            CHECK(uses_a_f(a, b, c, d, r, f) == (raw / 3 - raw - 300) * 3 && uses_none(a, b, c, d, r, f) == 42);
            CHECK(calls == wanted_calls);
        }
    int32_t cells[5] = {1, 2, 3, 4, 5};
    put(&cells[0], opaque_int(9), 5);
    put(&cells[1], opaque_int(8), 5);
    CHECK(put(&cells[2], 7, 5) == 3 && cells[0] == 45 && cells[1] == 40 && cells[2] == 35);
    int32_t *at = advance(advance(cells, opaque_unsigned(3)), 4);
    advance(at + 1, 2);
    CHECK(at == cells && cells[0] == 52 && cells[3] == 4 && cells[4] == 4 && cells[1] == 42);
    uint32_t sum = 1;
    for (uint32_t n = 1; n <= 20; n++)
        sum = sum * 5 + n % 2;
    CHECK(ladder(opaque_unsigned(20), 5, 1, 0) == sum && ladder(20, 5, 1, 77) == sum);
}
