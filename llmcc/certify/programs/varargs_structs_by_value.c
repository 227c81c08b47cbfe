/* Structures of many sizes and kinds passed by value to variadic functions, and copies that the callee changes. */
#include "certify.h"
#include <stdarg.h>

struct one { uint8_t a; };
struct three { uint8_t a[3]; };
struct pair { int32_t a, b; };
struct mixed { double a; int32_t b; };
struct floats { float a, b, c; };
struct wide { int64_t a; int16_t b; };
struct large { int32_t a[9]; uint8_t b; };
union either { uint32_t whole; float number; };
struct tagged { int8_t kind; union either either; };

static int64_t sum_large(struct large value) {
    int64_t sum = value.b;
    for (int i = 0; i < 9; i++)
        sum += (int64_t)value.a[i] * (i + 1);
    return sum;
}

static int64_t sum_three(struct three value) { return value.a[0] + value.a[1] * 2 + value.a[2] * 3; }

/* The digits name the structures: 1 one, 3 three, p pair, m mixed, f floats, w wide, l large, t tagged, i int. */
static NOINLINE int64_t total(const char *tags, ...) {
    va_list arguments;
    int64_t sum = 0;
    va_start(arguments, tags);
    for (; *tags; tags++) {
        int64_t item = 0;
        switch (*tags) {
        case '1': item = va_arg(arguments, struct one).a; break;
        case '3': item = sum_three(va_arg(arguments, struct three)); break;
        case 'p': {
            struct pair value = va_arg(arguments, struct pair);
            item = (int64_t)value.a - value.b;
            break;
        }
        case 'm': {
            struct mixed value = va_arg(arguments, struct mixed);
            item = (int64_t)value.a * value.b;
            break;
        }
        case 'f': {
            struct floats value = va_arg(arguments, struct floats);
            item = (int64_t)(value.a + 2 * value.b + 4 * value.c);
            break;
        }
        case 'w': {
            struct wide value = va_arg(arguments, struct wide);
            item = value.a + value.b;
            break;
        }
        case 'l': {
            struct large value = va_arg(arguments, struct large);
            value.a[4] = -value.a[4];
            value.b ^= 255;
            item = sum_large(value);
            break;
        }
        case 't': {
            struct tagged value = va_arg(arguments, struct tagged);
            item = value.kind < 0 ? (int64_t)value.either.number : (int64_t)value.either.whole;
            break;
        }
        default: item = va_arg(arguments, int);
        }
        sum = sum * 5 + item;
    }
    va_end(arguments);
    return sum;
}

/* The caller's structure must stay what it was although the callee scribbles on its own. */
static NOINLINE int32_t scribble(int count, ...) {
    va_list arguments;
    int32_t sum = 0;
    va_start(arguments, count);
    while (count--) {
        struct large value = va_arg(arguments, struct large);
        for (int i = 8; i > 0; i--)
            value.a[i] += value.a[i - 1];
        for (int i = 0; i < 9; i++)
            sum ^= value.a[i];
    }
    va_end(arguments);
    return sum;
}

static int64_t fold(const int64_t *items, int count) {
    int64_t sum = 0;
    for (int i = 0; i < count; i++)
        sum = sum * 5 + items[i];
    return sum;
}

PROGRAM(varargs_structs_by_value) {
    unsigned checked = 0;
    for (int seed = -12; seed < 12; seed++) {
        int s = opaque_int(seed);
        struct one one = {(uint8_t)(s * 7)};
        struct three three = {{(uint8_t)s, (uint8_t)(s + 1), (uint8_t)(s + 2)}};
        struct pair pair = {s * 100000, -s};
        struct mixed mixed = {s * 2.0, s + 3};
        struct floats floats = {(float)s, s + 1.5f, (float)(s * s)};
        struct wide wide = {(int64_t)s * 10000000000, (int16_t)(s * 2000)};
        struct large large = {{s, s + 1, s * 2, 4, 5 - s, 6, -s, 8, s * s}, (uint8_t)(s + 200)};
        struct tagged whole = {3, {.whole = (uint32_t)s}}, number = {-3, {.number = s * 4.5f}};
        struct large changed = large;
        changed.a[4] *= -1;
        changed.b = (uint8_t)(255 - large.b);
        int64_t v1 = one.a, v3 = three.a[0] + three.a[1] * 2 + three.a[2] * 3, vp = (int64_t)s * 100001;
        int64_t vm = (int64_t)s * 2 * (s + 3), vf = (int64_t)s * 3 + 3 + (int64_t)s * s * 4;
        int64_t vw = (int64_t)s * 10000002000, vl = sum_large(changed), vn = s * 9 / 2;
        CHECK(total("1p3mf", one, pair, three, mixed, floats) == fold((int64_t[]){v1, vp, v3, vm, vf}, 5));
        CHECK(total("iwlit", s, wide, large, 9, whole) == fold((int64_t[]){s, vw, vl, 9, (uint32_t)s}, 5));
        CHECK(total("lmmlt3", large, mixed, mixed, large, number, three) == fold((int64_t[]){vl, vm, vm, vl, vn, v3}, 6));
        CHECK(total("ffff11wpi", floats, floats, floats, floats, one, one, wide, pair, s)
              == fold((int64_t[]){vf, vf, vf, vf, v1, v1, vw, vp, s}, 9));
        struct large other = large;
        other.a[0] += 1;
        CHECK(scribble(1, large) == (scribble(2, large, other) ^ scribble(1, other)));
        CHECK(scribble(2, large, large) == 0);
        CHECK(large.a[8] == s * s && large.a[1] == s + 1 && large.a[4] == 5 - s && other.a[1] == s + 1);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 24);
}
