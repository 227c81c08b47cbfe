/* Type punning through unions: what one member stored is read back as another, for words, halves, bytes and the bits of
 * floating values, and through a common initial sequence. */
#include "certify.h"

union word {
    uint32_t bits;
    int32_t number;
    uint16_t half[2];
    uint8_t byte[4];
    float real;
};

union wide {
    uint64_t bits;
    uint32_t half[2];
    double real;
};

struct circle { int kind, radius; };
struct box { int kind, width, height; };
struct line { int kind; short from, to; unsigned char style[4]; };
union shape {
    struct circle circle;
    struct box box;
    struct line line;
};

static unsigned high_half(void) {
    union word probe = {1};
    return probe.half[0] == 1;
}

static float negate(float value) {
    union word w;
    w.real = value;
    w.bits ^= 0x80000000u;
    return w.real;
}

static float magnitude(float value) {
    union word w;
    w.real = value;
    w.bits &= 0x7fffffffu;
    return w.real;
}

static int exponent(double value) {
    union wide w;
    w.real = value;
    return (int)(w.half[high_half()] >> 20 & 0x7ff) - 1023;
}

static NOINLINE double scale(double value, int steps) {
    union wide w;
    w.real = value;
    w.half[high_half()] += (uint32_t)steps << 20;
    return w.real;
}

static uint32_t swap_halves(uint32_t value) {
    union word w = {value};
    uint16_t kept = w.half[0];
    w.half[0] = w.half[1];
    w.half[1] = kept;
    return w.bits;
}

static uint32_t swap_bytes(uint32_t value) {
    union word w = {value};
    for (int low = 0, high = 3; low < high; low++, high--) {
        uint8_t kept = w.byte[low];
        w.byte[low] = w.byte[high];
        w.byte[high] = kept;
    }
    return w.bits;
}

static NOINLINE uint32_t overwrite(union word *a, union word *b, unsigned place) {
    uint32_t sum = a->bits;
    b->byte[place & 3] = 0xff;
    sum ^= a->bits;
    b->half[place & 1] = 0;
    sum ^= a->bits;
    a->number = b->number - 1;
    return sum ^ b->bits;
}

static int area(const union shape *shape) {
    switch (shape->circle.kind) {
    case 0: return 3 * shape->circle.radius * shape->circle.radius;
    case 1: return shape->box.width * shape->box.height;
    case 2: return (shape->line.to - shape->line.from) * shape->line.style[shape->line.to & 3];
    default: return -1;
    }
}

static int areas(int size) {
    union shape shape;
    shape.circle = (struct circle){0, size};
    int total = area(&shape);
    shape.box = (struct box){1, size + 1, 4};
    total = total * 31 + area(&shape);
    shape.line = (struct line){2, (short)-size, (short)size, {3, 5, 7, 11}};
    total = total * 31 + area(&shape);
    shape.box.kind = 3;
    return total * 31 + area(&shape);
}

static void check_words(uint32_t v) {
    union word a = {v}, b = {v};
    CHECK(swap_halves(v) == (v << 16 | v >> 16));
    CHECK(swap_bytes(v) == __builtin_bswap32(v));
    a.number = (int32_t)(v & 0x7fffffff);
    a.number = -a.number;
    CHECK(a.bits == 0u - (v & 0x7fffffff));
    for (unsigned place = 0; place < 4; place++) {
        union word one = {v};
        uint32_t same = overwrite(&one, &one, place);
        /* Three reads of a, two of them before b's last store: v ^ v' ^ v'', then the decremented word. */
        union word model = {v};
        uint32_t expected = v;
        model.byte[place] = 0xff;
        expected ^= opaque_unsigned(model.bits);
        model.half[place & 1] = 0;
        expected ^= opaque_unsigned(model.bits) ^ (model.bits - 1);
        CHECK(same == expected && one.bits == model.bits - 1);
        a.bits = v;
        b.bits = v;
        CHECK(overwrite(&a, &b, place) == (v ^ model.bits) && a.bits == model.bits - 1 && b.bits == model.bits);
    }
}

PROGRAM(alias_union_members) {
    static const uint32_t words[] = {0, 1, 0x12345678u, 0x80ff7f01u, 0xffffffffu, 0x00ff00feu};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        check_words(words[i]);
    check_words(opaque_unsigned(0xcafe0123u));
    float f = opaque_float(-6.25f);
    CHECK(negate(f) == 6.25f && magnitude(f) == 6.25f && magnitude(negate(f)) == 6.25f);
    CHECK(negate(0.5f) == -0.5f && magnitude(-1e30f) == 1e30f);
    double power = 1, value = opaque_double(1.75);
    for (int i = 0; i < 40; i++, power *= 2) {
        CHECK(exponent(power) == i && exponent(1 / power) == -i);
        CHECK(scale(value, i) == 1.75 * power && scale(-0.625, -i) == -0.625 / power);
    }
    CHECK(exponent(0.75) == -1 && exponent(opaque_double(-1000.5)) == 9);
    /* With size n: circle 3n*n, box 4(n+1), line 2n * style[n & 3]. */
    CHECK(areas(5) == (((75 * 31) + 24) * 31 + 10 * 5) * 31 - 1);
    CHECK(areas(opaque_int(7)) == (((147 * 31) + 32) * 31 + 14 * 11) * 31 - 1);
}
