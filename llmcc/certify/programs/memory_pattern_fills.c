/* Fills with patterns of 2, 4, 8, 16, 3 and 12 bytes, up and down, with strides and with structures: loops that may become a
 * memset or a pattern fill only when every byte is written and the value is right. */
#include "certify.h"

struct pair { uint16_t left, right; };
struct triple { uint8_t a, b, c; };
struct block { uint32_t x, y, z; };

static _Alignas(8) unsigned char bytes[128];
static uint16_t halves[32];
static uint32_t words[24];
static uint64_t huges[12];
static struct pair pairs[16];
static struct triple triples[12];
static struct block blocks[8];

static void fill_halves(uint16_t value, int from, int to) {
    for (int i = from; i < to; i++)
        halves[i] = value;
}

static void fill_words(uint32_t value, int from, int to) {
    for (int i = from; i < to; i++)
        words[i] = value;
}

static void fill_huges(uint64_t value, int from, int to) {
    for (int i = to - 1; i >= from; i--)
        huges[i] = value;
}

static void fill_pairs(uint16_t left, uint16_t right, int n) {
    for (int i = 0; i < n; i++) {
        pairs[i].left = left;
        pairs[i].right = right;
    }
}

static void fill_triples(uint8_t value, int n, int whole) {
    for (int i = 0; i < n; i++) {
        triples[i].a = value;
        triples[i].c = value;
        if (whole)
            triples[i].b = value;
    }
}

static void fill_blocks(struct block block, int n) {
    for (int i = n - 1; i >= 0; i--)
        blocks[i] = block;
}

static void fill_stride(unsigned char value, int stride, int n) {
    for (int i = 0; i < n; i++)
        bytes[i * stride] = value;
}

static void fill_unrolled(unsigned char value, int n) {
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        bytes[i + 3] = value;
        bytes[i + 1] = value;
        bytes[i] = value;
        bytes[i + 2] = value;
    }
    for (; i < n; i++)
        bytes[i] = (unsigned char)(value + 1);
}

static void fill_grid(uint32_t value, int rows, int columns, int pitch) {
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++)
            words[row * pitch + column] = value;
}

static void clear(void) {
    volatile unsigned char *out = bytes;
    for (unsigned i = 0; i < sizeof bytes; i++)
        out[i] = 0xee;
    for (int i = 0; i < 32; i++)
        halves[i] = (uint16_t)opaque_unsigned(0xeeeeu);
    for (int i = 0; i < 24; i++)
        words[i] = 0xeeeeeeeeu;
    for (int i = 0; i < 12; i++) {
        huges[i] = opaque_uint64(5);
        triples[i].a = triples[i].b = triples[i].c = 0xee;
    }
}

static void check_simple(uint64_t value, int from, int to) {
    clear();
    fill_halves((uint16_t)value, from, to);
    fill_words((uint32_t)(value >> 16), from, to);
    fill_huges(value, from, to);
    for (int i = 0; i < 32; i++) {
        int inside = i >= from && i < to;
        CHECK(halves[i] == (inside ? (uint16_t)value : 0xeeeeu));
        CHECK(i >= 24 || words[i] == (inside ? (uint32_t)(value >> 16) : 0xeeeeeeeeu));
        CHECK(i >= 12 || huges[i] == (inside ? value : 5));
    }
}

static void check_shapes(uint8_t value, int n) {
    struct block block = {value, value * 3u, ~(uint32_t)value};
    clear();
    fill_pairs(value, value, 16);
    fill_pairs((uint16_t)(value * 257u), value, n);
    fill_triples(value, n, 0);
    fill_blocks((struct block){1, 1, 1}, 8);
    fill_blocks(block, n);
    for (int i = 0; i < 12; i++) {
        CHECK(pairs[i].left == (i < n ? (uint16_t)(value * 257u) : value) && pairs[i].right == value);
        CHECK(triples[i].a == (i < n ? value : 0xee) && triples[i].b == 0xee && triples[i].c == triples[i].a);
        CHECK(i >= 8 || (blocks[i].x == (i < n ? value : 1u) && blocks[i].y == (i < n ? value * 3u : 1u)
                         && blocks[i].z == (i < n ? ~(uint32_t)value : 1u)));
    }
    fill_triples((uint8_t)(value + 1), n, 1);
    for (int i = 0; i < 12; i++)
        CHECK(triples[i].b == (i < n ? (uint8_t)(value + 1) : 0xee) && triples[i].a == triples[i].b);

    for (int stride = 1; stride < 5; stride++) {
        clear();
        fill_stride(value, stride, 3 * n);
        for (int i = 0; i < 128; i++)
            CHECK(bytes[i] == (i % stride == 0 && i / stride < 3 * n ? value : 0xee));
    }
    fill_unrolled(value, 5 * n);
    for (int i = 0; i < 5 * n; i++)
        CHECK(bytes[i] == (i < 5 * n / 4 * 4 ? value : (uint8_t)(value + 1)));
    fill_grid(value, 3, n, 8);
    fill_grid(0, 2, 12, 12);
    fill_grid(7, n, 1, 3);
    for (int i = 0; i < 24; i++)
        CHECK(words[i] == (i % 3 == 0 && i < 3 * n ? 7 : 0));
}

PROGRAM(memory_pattern_fills) {
    static const uint64_t values[] = {0, UINT64_MAX, 0x0123456789abcdefu, 0x7f7f7f7f7f7f7f7fu, 0x8080808080808081u};
    for (int i = 0; i < 5; i++) {
        check_simple(values[i], 2, 9);
        check_simple(opaque_uint64(values[i]), opaque_int(i), opaque_int(10 - i));
        check_simple(values[i], i, i);
    }
    for (int n = 0; n <= 8; n++)
        check_shapes((uint8_t)opaque_unsigned((unsigned)n * 31u), opaque_int(n));
    check_shapes(0, 8);
    check_shapes(0xff, 5);
}
