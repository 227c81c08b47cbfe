/* Neighbouring fields written one after another, under conditions, swapped, copied between structures: stores that
 * may be merged, against a volatile structure, whose accesses may not, and against plain integers. */
#include "certify.h"

struct fields {
    uint32_t a : 8;
    uint32_t b : 8;
    uint32_t c : 4;
    uint32_t d : 12;
    uint32_t e : 16;
    uint32_t f : 1;
    uint32_t g : 15;
};

struct plain { uint32_t a, b, c, d, e, f, g; };

/* Twice the same text: for an ordinary and for a volatile structure. */
#define UPDATES(name, qualifier)                                                                                   \
    static NOINLINE void constants_##name(qualifier struct fields *s) {                                            \
        s->a = 0x12;                                                                                               \
        s->b = 0x34;                                                                                               \
        s->c = 5;                                                                                                  \
        s->d = 0x678;                                                                                              \
    }                                                                                                              \
    static NOINLINE void scattered_##name(qualifier struct fields *s, uint32_t x) {                                \
        s->d = x;                                                                                                  \
        s->a = x >> 12;                                                                                            \
        s->g = s->d;                                                                                               \
        s->c = x >> 20;                                                                                            \
        s->f = x >> 31;                                                                                            \
        s->a = s->a + s->c;                                                                                        \
    }                                                                                                              \
    static NOINLINE void conditional_##name(qualifier struct fields *s, uint32_t x) {                              \
        if (x & 1)                                                                                                 \
            s->a = x;                                                                                              \
        else                                                                                                       \
            s->b = x;                                                                                              \
        if (x & 2)                                                                                                 \
            s->c = x >> 2;                                                                                         \
        if (s->a > s->b) {                                                                                         \
            s->d++;                                                                                                \
            s->e -= s->a;                                                                                          \
        } else {                                                                                                   \
            s->d--;                                                                                                \
            s->e -= s->b;                                                                                          \
        }                                                                                                          \
        s->f ^= s->e & 1;                                                                                          \
    }                                                                                                              \
    static NOINLINE void swap_##name(qualifier struct fields *s, qualifier struct fields *t) {                     \
        uint32_t a = s->a, e = t->e;                                                                               \
        s->a = s->b;                                                                                               \
        s->b = t->a;                                                                                               \
        t->a = t->b;                                                                                               \
        t->b = a;                                                                                                  \
        t->e = s->e;                                                                                               \
        s->e = e;                                                                                                  \
    }                                                                                                              \
    static NOINLINE void copy_some_##name(qualifier struct fields *to, const qualifier struct fields *from) {      \
        to->a = from->a;                                                                                           \
        to->b = from->b;                                                                                           \
        to->d = from->d;                                                                                           \
        to->g = from->g;                                                                                           \
    }                                                                                                              \
    static NOINLINE uint32_t gather_##name(const qualifier struct fields *s) {                                     \
        uint32_t high = (uint32_t)s->a << 24 | (uint32_t)s->b << 16, low = (uint32_t)s->c << 12 | s->d;            \
        return (high | low) ^ ((uint32_t)s->e << 16 | (uint32_t)s->f << 15 | s->g);                                \
    }                                                                                                              \
    static NOINLINE int matches_##name(const qualifier struct fields *s, uint32_t a, uint32_t b) {                 \
        return s->a == a && s->b == b && s->c == 5 && s->d == 0x678;                                               \
    }                                                                                                              \
    static NOINLINE void in_loop_##name(qualifier struct fields *s, int count) {                                   \
        for (int i = 0; i < count; i++) {                                                                          \
            s->a += 3;                                                                                             \
            if (s->a < 3)                                                                                          \
                s->b++;                                                                                            \
            s->g = s->g * 5 + s->a;                                                                                \
        }                                                                                                          \
    }

UPDATES(ordinary, )
UPDATES(volatile, volatile)

static NOINLINE struct plain conditional_plain(struct plain p, uint32_t x) {
    *(x & 1 ? &p.a : &p.b) = x & 0xff;
    p.c = x & 2 ? x >> 2 & 15 : p.c;
    p.d = (p.a > p.b ? p.d + 1 : p.d - 1) & 0xfff;
    p.e = (p.e - (p.a > p.b ? p.a : p.b)) & 0xffff;
    p.f = (p.f + p.e) % 2;
    return p;
}

static NOINLINE struct plain in_loop_plain(struct plain p, int count) {
    while (count-- > 0) {
        p.a += 3;
        p.b = (p.b + p.a / 256) % 256;
        p.a %= 256;
        p.g = (p.g * 5 + p.a) % 32768;
    }
    return p;
}

static struct plain plain_of(const struct fields *s) {
    return (struct plain){s->a, s->b, s->c, s->d, s->e, s->f, s->g};
}
static int same(const struct fields *s, struct plain p) {
    return s->a == p.a && s->b == p.b && s->c == p.c && s->d == p.d && s->e == p.e && s->f == p.f && s->g == p.g;
}

PROGRAM(bitfield_adjacent_updates) {
    struct fields s = {0, 0, 0, 0, 0, 0, 0}, t = {255, 255, 15, 4095, 65535, 1, 32767};
    volatile struct fields vs = {0, 0, 0, 0, 0, 0, 0}, vt = {255, 255, 15, 4095, 65535, 1, 32767};
    uint32_t checked = 0;
    for (uint32_t i = 0; i < 120; i++, checked += opaque_unsigned(1)) {
        uint32_t x = opaque_unsigned(i * 0x6c078965 + 1);
        struct plain p = plain_of(&s), q;
        conditional_ordinary(&s, x);
        conditional_volatile(&vs, x);
        CHECK(same(&s, conditional_plain(p, x)) && gather_volatile(&vs) == gather_ordinary(&s));

        p = plain_of(&s), q = plain_of(&t);
        swap_ordinary(&s, &t);
        swap_volatile(&vs, &vt);
        CHECK(same(&s, (struct plain){p.b, q.a, p.c, p.d, q.e, p.f, p.g}) &&
              same(&t, (struct plain){q.b, p.a, q.c, q.d, p.e, q.f, q.g}));

        p = plain_of(&t);
        in_loop_ordinary(&t, (int)(i % 9));
        in_loop_volatile(&vt, (int)(i % 9));
        CHECK(same(&t, in_loop_plain(p, (int)(i % 9))) && gather_ordinary(&t) == gather_volatile(&vt));

        if (i % 4 == 1) {
            p = plain_of(&t);
            scattered_ordinary(&t, x);
            scattered_volatile(&vt, x);
            uint32_t c = x >> 20 & 15, d = x & 0xfff;
            CHECK(same(&t, (struct plain){((x >> 12) + c) & 255, p.b, c, d, p.e, x >> 31, d}));
        } else if (i % 4 == 3) {
            p = plain_of(&s), q = plain_of(&t);
            copy_some_ordinary(&s, &t);
            copy_some_volatile(&vs, &vt);
            CHECK(same(&s, (struct plain){q.a, q.b, p.c, q.d, p.e, p.f, q.g}));
        }
        CHECK(gather_ordinary(&s) == gather_volatile(&vs) && gather_ordinary(&t) == gather_volatile(&vt));
    }
    uint32_t e = t.e, g = t.g;
    constants_ordinary(&t);
    constants_volatile(&vt);
    CHECK(matches_ordinary(&t, 0x12, 0x34) && matches_volatile(&vt, 0x12, 0x34) && !matches_ordinary(&t, 0x12, 0x35));
    CHECK(t.e == e && t.g == g && gather_volatile(&vt) == gather_ordinary(&t) && checked == 120);
}
