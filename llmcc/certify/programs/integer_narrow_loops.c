/* Loops whose counters are narrow and wrap round, count down through zero, step past their end or leave early, and
 * index arrays after extension: trip counts and visited values against counting in 64 bits. */
#include "certify.h"

struct trace { uint32_t trips, hash; };

static void visit(struct trace *t, uint32_t value) {
    t->trips++;
    t->hash = t->hash * 31 + value;
}

/* Near twins: the type of the counter and the test are all that differs. The loops end after at most 300 visits. */
#define LOOPS(name, type)                                                                                          \
    static NOINLINE struct trace not_equal_##name(type first, type last, type step) {                              \
        struct trace t = {0, 0};                                                                                   \
        for (type i = first; i != last && t.trips < 300; i = (type)(i + step))                                     \
            visit(&t, (uint32_t)i);                                                                                \
        return t;                                                                                                  \
    }                                                                                                              \
    static NOINLINE struct trace less_##name(type first, type last, type step) {                                   \
        struct trace t = {0, 0};                                                                                   \
        for (type i = first; i < last && t.trips < 300; i = (type)(i + step))                                      \
            visit(&t, (uint32_t)i);                                                                                \
        return t;                                                                                                  \
    }                                                                                                              \
    static NOINLINE struct trace down_##name(type first, type last, type step) {                                   \
        struct trace t = {0, 0};                                                                                   \
        type i = first;                                                                                            \
        do                                                                                                         \
            visit(&t, (uint32_t)i);                                                                                \
        while ((i = (type)(i - step)) >= last && t.trips < 300);                                                   \
        visit(&t, (uint32_t)i);                                                                                    \
        return t;                                                                                                  \
    }

LOOPS(u8, uint8_t)
LOOPS(s8, int8_t)
LOOPS(u16, uint16_t)
LOOPS(s16, int16_t)

static int64_t wrap(int64_t value, int bits, int is_signed) {
    int64_t modulus = (int64_t)1 << bits;
    value %= modulus;
    if (value < 0)
        value += modulus;
    return is_signed && value >= modulus / 2 ? value - modulus : value;
}

static NOINLINE struct trace model(int shape, int64_t first, int64_t last, int64_t step, int bits, int is_signed) {
    struct trace t = {0, 0};
    int64_t i = first;
    if (shape == 2)
        visit(&t, (uint32_t)i), i = wrap(i - step, bits, is_signed);
    while (t.trips < 300 && (shape == 0 ? i != last : shape == 1 ? i < last : i >= last)) {
        visit(&t, (uint32_t)i);
        i = wrap(shape == 2 ? i - step : i + step, bits, is_signed);
    }
    if (shape == 2)
        visit(&t, (uint32_t)i);
    return t;
}

static int same(struct trace a, struct trace b) { return a.trips == b.trips && a.hash == b.hash; }

#define CHECK_LOOPS(name, type, bits, is_signed, a, b, c)                                                          \
    do {                                                                                                           \
        type first = (type)(a), last = (type)(b), step = (type)(c);                                                \
        CHECK(same(not_equal_##name(first, last, step), model(0, first, last, step, bits, is_signed)));            \
        CHECK(same(less_##name(first, last, step), model(1, first, last, step, bits, is_signed)));                 \
        CHECK(same(down_##name(first, last, step), model(2, first, last, step, bits, is_signed)));                 \
    } while (0)

/* A ring of 256 entries, its ends moved by bytes that wrap. */
struct ring { uint8_t data[256]; uint8_t head, tail; };

static int put(struct ring *r, uint8_t value) {
    if ((uint8_t)(r->head + 1) == r->tail)
        return 0;
    r->data[r->head++] = value;
    return 1;
}

static int get(struct ring *r) { return r->head == r->tail ? -1 : r->data[r->tail++]; }

/* The sum of a column of bytes: index and accumulator both narrow, the index times a stride. */
static NOINLINE uint8_t column_sum(const uint8_t *data, uint8_t rows, uint8_t stride, int8_t offset) {
    uint8_t sum = 0;
    for (uint8_t row = rows; row-- > 0;)
        sum += data[(uint8_t)(row * stride + offset)];
    return sum;
}

static NOINLINE int first_wrapped(int16_t start, int16_t step) {
    int16_t i = start;
    int trips = 0;
    for (int16_t next = (int16_t)(i + step); next > i; next = (int16_t)(i + step)) {
        i = next;
        trips++;
    }
    return trips;
}

PROGRAM(integer_narrow_loops) {
    unsigned checked = 0;
    static const int32_t edges[] = {0, 1, 3, 100, 127, 128, 200, 255, 256, -1, -128, 32767, 32768, 65535};
    for (int i = 0; i < 14; i++)
        for (int j = i % 2; j < 14; j += 2)
            for (int k = 1; k <= 3; k++, checked += opaque_unsigned(1)) {
                int a = opaque_int(edges[i]), b = opaque_int(edges[j]), c = opaque_int(k * k * k - 1 + k % 2);
                CHECK_LOOPS(u8, uint8_t, 8, 0, a, b, c);
                CHECK_LOOPS(s8, int8_t, 8, 1, a, b, c);
                if ((i ^ j) % 3 == 0) {
                    CHECK_LOOPS(u16, uint16_t, 16, 0, a, b, c * 257);
                    CHECK_LOOPS(s16, int16_t, 16, 1, a, b, c * 257);
                }
            }

    struct ring ring = {.head = (uint8_t)opaque_int(250), .tail = 250};
    int written = 0, read = 0;
    for (int burst = 1; burst < 60; burst += 4) {
        for (int i = 0; i < burst * 2; i++)
            written += put(&ring, (uint8_t)(written * 7));
        CHECK((uint8_t)(ring.head - ring.tail) == written - read);
        for (int i = 0; i < burst; i++, read++)
            CHECK(get(&ring) == (uint8_t)(read * 7));
    }
    CHECK(written == read + 255 - 57);
    for (; read < written; read++)
        CHECK(get(&ring) == (uint8_t)(read * 7));
    CHECK(get(&ring) == -1);

    for (int i = 0; i < 256; i++)
        ring.data[i] = (uint8_t)(i * i);
    for (int stride = 1; stride < 256; stride += 14, checked += opaque_unsigned(1)) {
        uint32_t sum = 0;
        for (int row = 0; row < 200; row++) {
            uint32_t at = (uint32_t)(row * stride - 5) % 256;
            sum += at * at;
        }
        CHECK(column_sum(ring.data, (uint8_t)opaque_int(200), (uint8_t)stride, -5) == sum % 256);
    }
    CHECK(first_wrapped((int16_t)opaque_int(0), 1000) == 32 && first_wrapped(-32768, (int16_t)opaque_int(1)) == 65535);
    CHECK(checked == 313);
}
