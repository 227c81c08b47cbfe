/* Structures of one float, one double, two to four of them, and of reals mixed with integers, by value next to plain arguments:
 * each may travel in other registers. All values are exact. */
#include "certify.h"

struct one_float { float a; };
struct one_double { double a; };
struct two_floats { float a, b; };
struct three_floats { float a[3]; };
struct four_doubles { double a, b, c, d; };
struct float_int { float a; int32_t b; };
struct int_double { int16_t a; double b; };
struct double_char { double a; uint8_t b; };
struct nested_float { struct one_float a; struct { struct one_float b; } c; };
struct mixed { double a; float b; int32_t c; uint8_t d; };

static NOINLINE struct one_float half(struct one_float v) { return (struct one_float){v.a / 2}; }
static NOINLINE struct one_double twice(struct one_double v) { return (struct one_double){v.a * 2}; }
static struct two_floats exchanged(struct two_floats v) { return (struct two_floats){v.b, v.a}; }
static NOINLINE struct two_floats scaled(struct two_floats v, float by) { return (struct two_floats){v.a * by, v.b * by}; }

static NOINLINE struct three_floats cross(struct three_floats x, struct three_floats y) {
    struct three_floats z;
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        z.a[i] = x.a[j] * y.a[k] - x.a[k] * y.a[j];
    }
    return z;
}

static float dot(struct three_floats x, struct three_floats y) {
    float sum = 0;
    for (int i = 0; i < 3; i++)
        sum += x.a[i] * y.a[i];
    return sum;
}

/* Quaternions: a + bi + cj + dk. */
static NOINLINE struct four_doubles product(struct four_doubles p, struct four_doubles q) {
    return (struct four_doubles){
        p.a * q.a - p.b * q.b - p.c * q.c - p.d * q.d, p.a * q.b + p.b * q.a + p.c * q.d - p.d * q.c,
        p.a * q.c - p.b * q.d + p.c * q.a + p.d * q.b, p.a * q.d + p.b * q.c - p.c * q.b + p.d * q.a};
}

static struct four_doubles conjugate(struct four_doubles p) { return (struct four_doubles){p.a, -p.b, -p.c, -p.d}; }
static double norm(struct four_doubles p) { return p.a * p.a + p.b * p.b + p.c * p.c + p.d * p.d; }

static NOINLINE struct float_int split(float value) {
    struct float_int r;
    r.b = (int32_t)value;
    r.a = value - (float)r.b;
    return r;
}

static NOINLINE struct int_double count_halvings(struct double_char v) {
    struct int_double r = {0, v.a};
    while (r.b >= v.b) {
        r.b /= 2;
        r.a++;
    }
    return r;
}

static NOINLINE struct double_char packed(struct int_double v, struct float_int w) {
    return (struct double_char){v.b + (double)w.a, (uint8_t)(v.a + w.b)};
}

static struct nested_float lifted(struct nested_float v) {
    v.c.b.a += v.a.a;
    v.a = half(v.a);
    return v;
}

static NOINLINE struct mixed rotate(struct mixed v, struct one_double w, int32_t x, struct one_float y, uint8_t z) {
    struct mixed r = {(double)y.a, (float)w.a, z, (uint8_t)(x + v.d)};
    if (v.c & 1)
        r.a += v.a;
    else
        r.b -= v.b;
    return r;
}

/* More arguments than registers of either kind. */
static NOINLINE double everything(double a, struct one_float b, int32_t c, struct two_floats d, struct int_double e, float f,
                                  struct three_floats g, struct double_char h, struct four_doubles i, struct float_int j,
                                  double k, struct mixed l, float m) {
    double sum = a + 2.0 * b.a + 3 * c + 5.0 * d.a + 7.0 * d.b + 11 * e.a + 13 * e.b + 17.0 * f + 19.0 * g.a[0] + 23.0 * g.a[2];
    return sum + 29 * h.a + 31 * h.b + 37 * i.a + 41 * i.d + 43.0 * j.a + 47 * j.b + 53 * k + 59 * l.a + 61.0 * l.b + 67 * l.c
        + 71 * l.d + 73.0 * m;
}

static void check_vectors(float x, float y, float z) {
    struct three_floats u = {{x, y, z}}, v = {{z, 1, -x}}, w = cross(u, v);
    CHECK(dot(u, w) == 0 && dot(v, w) == 0);
    CHECK(w.a[0] == -x * y - z && w.a[1] == z * z + x * x && w.a[2] == x - y * z);
    CHECK(dot(cross(v, u), w) == -dot(w, w) && dot(cross(u, u), v) == 0);
    struct two_floats two = exchanged(scaled((struct two_floats){x, y}, 0.25f));
    CHECK(two.a == y / 4 && two.b == x / 4);
    struct four_doubles p = {(double)x, (double)y, (double)z, 1}, q = {2, -1, (double)x, (double)y}, r = product(p, q);
    CHECK(norm(r) == norm(p) * norm(q));
    struct four_doubles s = conjugate(r), t = product(conjugate(q), conjugate(p)), n = product(p, conjugate(p));
    CHECK(s.a == t.a && s.b == t.b && s.c == t.c && s.d == t.d && n.a == norm(p) && n.b == 0 && n.c == 0 && n.d == 0);
    CHECK(product(q, p).a == r.a && product(q, p).d != r.d + 1);
}

static void check_everything(double one, int32_t two) {
    struct mixed l = {one, 2, two, (uint8_t)two};
    double sum = everything(one, (struct one_float){0.5f}, two, (struct two_floats){1, -1}, (struct int_double){3, one}, 4,
                            (struct three_floats){{1, 9, 2}}, (struct double_char){0.25, 8}, (struct four_doubles){one, 9, 9, 2},
                            (struct float_int){0.5f, -two}, one, l, -3);
    CHECK(sum == 1 + 1 + 6 + 5 - 7 + 33 + 13 + 68 + 19 + 46 + 7.25 + 248 + 37 + 82 + 21.5 - 94 + 53 + 59 + 122 + 134 + 142 - 219);
}

PROGRAM(struct_floating_members) {
    struct one_double d = {opaque_double(1.5)};
    struct one_float f = {opaque_float(40)};
    for (int i = 1; i < 12; i++) {
        d = twice(d);
        f = half(f);
        CHECK(d.a == 1.5 * (1 << i) && f.a * (float)(1 << i) == 40);
    }
    check_vectors(opaque_float(2), opaque_float(-3), opaque_float(5));
    check_vectors(0.5f, 4, opaque_float(-1));
    check_vectors(7, 0, 0);
    struct float_int s = split(opaque_float(-6.75f));
    struct int_double h = count_halvings((struct double_char){opaque_double(96), 5});
    CHECK(s.a == -0.75f && s.b == -6 && h.a == 5 && h.b == 3);
    struct double_char p = packed(h, s);
    CHECK(p.a == 2.25 && p.b == 255 && packed(count_halvings(p), split(3.5f)).a == 2.75);
    struct nested_float n = lifted(lifted((struct nested_float){{8}, {{opaque_float(1)}}}));
    CHECK(n.a.a == 2 && n.c.b.a == 13);
    struct mixed m = {1.5, 2.5f, opaque_int(3), 4}, r = rotate(m, (struct one_double){0.5}, 5, (struct one_float){6}, 7);
    CHECK(r.a == 7.5 && r.b == 0.5f && r.c == 7 && r.d == 9);
    m.c = 2;
    r = rotate(m, twice((struct one_double){4}), opaque_int(253), half((struct one_float){opaque_float(5)}), 0);
    CHECK(r.a == 2.5 && r.b == 5.5f && r.c == 0 && r.d == 1);
    check_everything(1, 2);
    check_everything(opaque_double(1), opaque_int(2));
}
