/* Signed fields of 1 to 40 bits under a little program of operations, against an array of 64-bit values that are
 * cut and sign extended by hand after every step. */
#include "certify.h"

struct fields {
    signed a : 3;
    signed b : 7;
    signed c : 13;
    signed d : 9;
    int64_t e : 37;
    signed f : 1;
    signed g : 25;
    signed h : 32;
};

enum { count = 8 };
static const int widths[count] = {3, 7, 13, 9, 37, 1, 25, 32};

static int64_t cut(int64_t value, int width) {
    int64_t modulus = (int64_t)1 << width, rest = value % modulus;
    if (rest >= modulus / 2)
        return rest - modulus;
    return rest < -(modulus / 2) ? rest + modulus : rest;
}

static NOINLINE void read_all(const struct fields *s, int64_t out[count]) {
    out[0] = s->a, out[1] = s->b, out[2] = s->c, out[3] = s->d;
    out[4] = s->e, out[5] = s->f, out[6] = s->g, out[7] = s->h;
}

/* Twins, but for the field. */
#define OPERATIONS(field)                                                                                          \
    static NOINLINE void assign_##field(struct fields *s, int32_t value) { s->field = value; }                     \
    static void add_##field(struct fields *s, int32_t value) { s->field += value % 1024; }                         \
    static void flip_##field(struct fields *s, int32_t value) { s->field ^= value; }                               \
    static NOINLINE void halve_##field(struct fields *s, int32_t value) {                                          \
        if (s->field < 0)                                                                                          \
            s->field >>= 1;                                                                                        \
        else                                                                                                       \
            s->field /= 2;                                                                                         \
        if (value & 1)                                                                                             \
            s->field = ~s->field;                                                                                  \
    }                                                                                                              \
    static NOINLINE int sign_##field(const struct fields *s) { return s->field < 0 ? -1 : s->field > 0; }

OPERATIONS(a)
OPERATIONS(b)
OPERATIONS(c)
OPERATIONS(d)
OPERATIONS(f)
OPERATIONS(g)

static void add_h(struct fields *s, int32_t value) { s->h = (int32_t)((uint32_t)s->h + (uint32_t)(value % 1024)); }
static NOINLINE int sign_h(const struct fields *s) { return (s->h > 0) - (s->h < 0); }

/* A field wider than int has a type of its own width for one compiler, int64_t for the other. */
static NOINLINE void assign_e(struct fields *s, int32_t value) { s->e = value * (int64_t)0x10001; }
static void add_e(struct fields *s, int32_t value) { s->e = (int64_t)s->e + value % 1024; }
static void flip_e(struct fields *s, int32_t value) { s->e ^= value; }
static NOINLINE void halve_e(struct fields *s, int32_t value) {
    if (s->e < 0)
        s->e >>= 1;
    else
        s->e /= 2;
    if (value & 1)
        s->e = ~s->e;
}
static NOINLINE int sign_e(const struct fields *s) { return s->e < 0 ? -1 : s->e > 0; }

typedef void operation(struct fields *, int32_t);
static operation *const operations[4][7] = {
    {assign_a, assign_b, assign_c, assign_d, assign_e, assign_f, assign_g},
    {add_a, add_b, add_c, add_d, add_e, add_f, add_g},
    {flip_a, flip_b, flip_c, flip_d, flip_e, flip_f, flip_g},
    {halve_a, halve_b, halve_c, halve_d, halve_e, halve_f, halve_g},
};

static NOINLINE void step_model(int64_t *value, int width, int kind, int32_t operand) {
    switch (kind) {
    case 0: *value = cut(operand * (int64_t)(width == 37 ? 0x10001 : 1), width); break;
    case 1: *value = cut(*value + operand % 1024, width); break;
    case 2: *value = cut(*value ^ operand, width); break;
    default:
        *value = *value < 0 ? *value / 2 - (*value % 2 != 0) : *value / 2;
        if (operand & 1)
            *value = -1 - *value;
    }
}

/* Fields that meet in one expression are ints, or wider. */
static NOINLINE int64_t combine(const struct fields *s) {
    int64_t sum = s->a * s->b - s->c * 3 + (s->d >= 0 ? s->d << 2 : s->d) + (int64_t)s->e * 2;
    if (s->f)
        sum -= s->g;
    return s->b < s->d ? sum + s->h : sum ^ (s->c & s->g);
}

static int64_t combine_model(const int64_t v[count]) {
    int64_t sum = v[0] * v[1] - v[2] * 3 + v[3] * (v[3] >= 0 ? 4 : 1) + v[4] * 2 - (v[5] != 0 ? v[6] : 0);
    return v[1] < v[3] ? sum + v[7] : sum ^ (v[2] & v[6]);
}

static int sign_of(int64_t value) { return (value > 0) - (value < 0); }

PROGRAM(bitfield_signed) {
    struct fields s = {0, 0, 0, 0, 0, 0, 0, 0};
    int64_t model[count] = {0}, now[count];
    uint32_t state = opaque_unsigned(12345), negative = 0;
    for (int step = 0; step < 400; step++) {
        state = state * 1103515245 + 12345;
        int kind = (int)(state >> 28 & 3), at = (int)(state >> 8 & 0xffff) % count;
        int32_t operand = (int32_t)state >> (state >> 16 & 15);
        if (at < 7) {
            operations[kind][at](&s, operand);
            step_model(&model[at], widths[at], kind, operand);
        } else {
            add_h(&s, operand);
            step_model(&model[7], 32, 1, operand);
        }
        read_all(&s, now);
        for (int i = 0; i < count; i++) {
            CHECK(now[i] == model[i]);
            negative += now[i] < 0;
        }
        CHECK(combine(&s) == combine_model(model));
        CHECK(sign_a(&s) == sign_of(model[0]) && sign_b(&s) == sign_of(model[1]) && sign_c(&s) == sign_of(model[2]));
        CHECK(sign_d(&s) == sign_of(model[3]) && sign_e(&s) == sign_of(model[4]) && sign_f(&s) == sign_of(model[5]));
        CHECK(sign_g(&s) == sign_of(model[6]) && sign_h(&s) == sign_of(model[7]));
    }
    CHECK(negative > 600 && negative < 2600);

    struct fields least = {-4, -64, -4096, -256, -((int64_t)1 << 36), -1, -(1 << 24), INT32_MIN};
    read_all(&least, now);
    for (int i = 0; i < count; i++)
        CHECK(now[i] == -((int64_t)1 << (widths[i] - 1)));
    least.a--, least.b--, least.c--, least.d--, least.f--, least.g--;
    least.e = (int64_t)least.e - 1;
    read_all(&least, now);
    for (int i = 0; i < 7; i++)
        CHECK(now[i] == ((int64_t)1 << (widths[i] - 1)) - 1);
    CHECK(least.h == INT32_MIN);
}
