/* Functions and loops that are equal but for which value a join takes from which side: swapped arms, swapped loop
 * variables, rotations of three, values kept or renewed, joins of more than two edges. */
#include "certify.h"

#define JOIN(name, on_true, on_false)                                    \
    static NOINLINE int32_t name(int32_t a, int32_t b, int32_t key) {    \
        int32_t x = a * 2, y = b + 5, picked;                            \
        if (key & 4) {                                                   \
            x += key;                                                    \
            picked = on_true;                                            \
        } else {                                                         \
            y -= key;                                                    \
            picked = on_false;                                           \
        }                                                                \
        return picked * 256 + (x ^ y);                                   \
    }
JOIN(join_xy, x, y)
JOIN(join_yx, y, x)
JOIN(join_ab, a, b)
JOIN(join_ba, b, a)

struct three {
    uint32_t a, b, c;
};

/* The loop variables change places on every turn: a lost copy or a swap done in the wrong order shows. */
#define TURN(name, first, second, third)                                 \
    static NOINLINE struct three name(struct three t, unsigned turns) {  \
        uint32_t a = t.a, b = t.b, c = t.c;                              \
        while (turns--) {                                                \
            uint32_t p = first, q = second, r = third;                   \
            a = p, b = q, c = r;                                         \
        }                                                                \
        return (struct three){a, b, c};                                  \
    }
TURN(turn_swap, b, a, c)
TURN(turn_left, b, c, a)
TURN(turn_right, c, a, b)
TURN(turn_add, a + b, a, c ^ b)
TURN(turn_dda, b, a + b, c ^ a)
TURN(turn_lose, b, c, c)

#define WAYS(name, v0, v1, v2, v3)                                       \
    static int64_t name(unsigned way, int64_t p, int64_t q) {            \
        int64_t first, second;                                           \
        switch (way & 3) {                                               \
        case 0: first = p + 1; second = v0; break;                       \
        case 1: first = q - 1; second = v1; break;                       \
        case 2: first = p - q; second = v2; break;                       \
        default: first = p; second = v3; break;                          \
        }                                                                \
        return first * 64 - second;                                      \
    }
WAYS(ways_pqpq, p, q, p, q)
WAYS(ways_qppq, q, p, p, q)
WAYS(ways_same, p, p, p, p)

/* Two searches that keep the last value before, or the first value after, the limit. */
#define CROSS(name, kept)                                                \
    static NOINLINE unsigned name(const uint16_t *v, unsigned limit) {   \
        unsigned before = 0, after = 0, place = 0;                       \
        do {                                                             \
            before = after;                                              \
            after = v[place++];                                          \
        } while (after < limit && place < 9);                            \
        (void)before;                                                    \
        return place * 1000 + kept;                                      \
    }
CROSS(cross_before, before)
CROSS(cross_after, after)

/* x[i] of the matrix power is the reference for the linear turns. */
static struct three turn_expected(const unsigned char (*matrix)[3], const unsigned char *odd, struct three t, unsigned turns) {
    uint32_t v[3] = {t.a, t.b, t.c};
    while (turns--) {
        volatile uint32_t next[3];
        for (int i = 0; i < 3; i++) {
            uint32_t sum = 0, parity = 0;
            for (int j = 0; j < 3; j++) {
                sum += matrix[i][j] * v[j];
                parity ^= matrix[i][j] * v[j];
            }
            next[i] = odd[i] ? parity : sum;
        }
        for (int i = 0; i < 3; i++)
            v[i] = next[i];
    }
    return (struct three){v[0], v[1], v[2]};
}

PROGRAM(twins_phis) {
    for (int key = -9; key < 10; key++)
        for (int a = -3; a < 4; a += 2) {
            int b = key * 3 + a, bit = (key & 4) != 0;
            int x = a + a + (bit ? key : 0), y = b + 5 - (bit ? 0 : key), low = (x | y) - (x & y);
            int32_t oa = opaque_int(a), ob = opaque_int(b), ok = opaque_int(key);
            CHECK(join_xy(oa, ob, ok) == (bit ? x : y) * 256 + low);
            CHECK(join_yx(oa, ob, ok) == (bit ? y : x) * 256 + low);
            CHECK(join_ab(oa, ob, ok) == (bit ? a : b) * 256 + low);
            CHECK(join_ba(oa, ob, ok) == (bit ? b : a) * 256 + low);
            const int64_t firsts[4] = {a + 1, b - 1, a - b, a};
            for (unsigned way = 0; way < 4; way++) {
                int64_t p = opaque_int64(a), q = opaque_int64(b);
                CHECK(ways_pqpq(opaque_unsigned(way), p, q) == firsts[way] * 64 - (way % 2 ? b : a));
                CHECK(ways_qppq(opaque_unsigned(way), p, q) == firsts[way] * 64 - (way % 3 ? a : b));
                CHECK(ways_same(opaque_unsigned(way), p, q) == firsts[way] * 64 - a);
            }
        }
    static const struct {
        struct three (*run)(struct three, unsigned);
        unsigned char matrix[3][3], odd[3];
    } turns[6] = {
        {turn_swap, {{0, 1, 0}, {1, 0, 0}, {0, 0, 1}}, {0, 0, 0}}, {turn_left, {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}}, {0, 0, 0}},
        {turn_right, {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}}, {0, 0, 0}}, {turn_add, {{1, 1, 0}, {1, 0, 0}, {0, 1, 1}}, {0, 0, 1}},
        {turn_dda, {{0, 1, 0}, {1, 1, 0}, {1, 0, 1}}, {0, 0, 1}}, {turn_lose, {{0, 1, 0}, {0, 0, 1}, {0, 0, 1}}, {0, 0, 0}},
    };
    for (int i = 0; i < 6; i++)
        for (unsigned count = 0; count < 30; count++) {
            struct three start = {opaque_unsigned(5), opaque_unsigned(70), opaque_unsigned(900)};
            struct three got = turns[i].run(start, opaque_unsigned(count));
            struct three want = turn_expected(turns[i].matrix, turns[i].odd, start, count);
            CHECK(got.a == want.a && got.b == want.b && got.c == want.c);
        }
    struct three fibonacci = turn_add((struct three){1, 0, 0}, 40);
    CHECK(fibonacci.a == 165580141 && fibonacci.b == 102334155);
    struct three swapped = turn_swap((struct three){1, 2, 3}, 7), around = turn_left((struct three){1, 2, 3}, 8);
    CHECK(swapped.a == 2 && swapped.b == 1 && swapped.c == 3 && around.a == 3 && around.b == 1 && around.c == 2);
    static const uint16_t v[9] = {3, 8, 8, 40, 41, 7, 300, 5, 999};
    const uint16_t *values = opaque_pointer(v);
    CHECK(cross_before(values, 9) == 4008 && cross_after(values, 9) == 4040);
    CHECK(cross_before(values, 0) == 1000 && cross_after(values, 3) == 1003);
    CHECK(cross_before(values, 42) == 7007 && cross_after(values, 42) == 7300);
    CHECK(cross_before(values, 5000) == 9005 && cross_after(values, 5000) == 9999);
    CHECK(cross_before(v, 41) == 5040 && cross_after(v, 8) == 2008);
}
