/* The value of an assignment to a field is the value that the field then holds: plain, compound, incrementing,
 * chained through fields of other widths, as an argument, as a condition, as an index. */
#include "certify.h"

struct narrow {
    unsigned u3 : 3;
    signed s4 : 4;
    unsigned u9 : 9;
    signed s12 : 12;
    _Bool truth : 1;
    uint64_t u40 : 40;
};

static int64_t low(int64_t value, int bits) { return value & (((int64_t)1 << bits) - 1); }
static int64_t low_signed(int64_t value, int bits) {
    return low(value + ((int64_t)1 << (bits - 1)), bits) - ((int64_t)1 << (bits - 1));
}

static NOINLINE int identity(int value) { return value; }
static int64_t weigh(int64_t a, int64_t b, int64_t c) { return a + b * 1000 + c * 1000000; }

static NOINLINE int64_t plain(struct narrow *n, int v) {
    int64_t sum = (n->u3 = (unsigned)v);
    sum += 10 * (int64_t)(n->s4 = v);
    sum += 1000 * (int64_t)(n->u9 = (unsigned)v);
    sum += 1000000 * (int64_t)(n->s12 = v);
    return sum * 2 + (n->truth = v);
}

static NOINLINE int64_t plain_model(int v) {
    return (low(v, 3) + 10 * low_signed(v, 4) + 1000 * low(v, 9) + 1000000 * low_signed(v, 12)) * 2 + (v != 0);
}

/* Narrowed at each station, from right to left. */
static NOINLINE int64_t chained(struct narrow *n, int v) {
    int64_t all = n->u9 = (unsigned)(n->s4 = n->s12 = v);
    int64_t other = n->s12 = (n->truth = (n->u3 = (unsigned)v)) ? n->s4 : n->u3;
    return weigh(all, other, n->s4 = (signed)(n->u9 = 0x1f8));
}

static NOINLINE int64_t compound(struct narrow *n, int v) {
    int64_t a = n->u3 += (unsigned)v, b = n->s4 -= v, c = n->u9 *= 3;
    int64_t d = n->s12 ^= v, e = n->u9 >>= 2, f = n->s4 |= 5;
    return weigh(a, b, c) * 31 + weigh(d, e, f) + (int64_t)(uint64_t)(n->u40 -= 1) % 1009;
}

static NOINLINE int64_t compound_model(int64_t m[6], int v) {
    m[0] = low(m[0] + v, 3);
    m[1] = low_signed(m[1] - v, 4);
    m[2] = low(m[2] * 3, 9);
    int64_t c = m[2], b = m[1];
    m[3] = low_signed(m[3] ^ v, 12);
    m[2] /= 4;
    m[1] = low_signed(m[1] | 5, 4);
    m[5] = low(m[5] - 1, 40);
    return weigh(m[0], b, c) * 31 + weigh(m[3], m[2], m[1]) + m[5] % 1009;
}

/* What ++ and -- yield before and after the borders of each field. */
static NOINLINE unsigned steps(struct narrow *n) {
    unsigned before = n->u3++, after = ++n->u9;
    int down = n->s4--, up = ++n->s12;
    return before + after * 8 + (unsigned)(down + 8) * 4096 + (unsigned)(up + 2048) * 65536;
}

static NOINLINE int until_wrapped(struct narrow *n, int by) {
    int trips = 0;
    while ((n->s4 += by) >= 0 && trips < 100)
        trips++;
    do
        trips += 100;
    while ((n->u3 += 3) != 0 && trips < 2000);
    for (; (n->truth = (n->u9 = n->u9 + 73u)) && trips < 90000;)
        trips += 1000;
    return trips;
}

static NOINLINE int as_operand(struct narrow *n, int v, const int8_t table[16]) {
    int picked = table[n->u3 = (unsigned)v];
    int called = identity(n->s4 = v + 1);
    int chosen = (n->truth = v & 16) ? (n->u9 = (unsigned)v) : (n->u9 = (unsigned)~v);
    return picked * 10000 + called * 1000 + chosen;
}

PROGRAM(bitfield_assignment_values) {
    unsigned checked = 0;
    struct narrow n = {0, 0, 0, 0, 0, 0};
    int64_t model[6] = {0};
    int8_t table[16];
    for (int i = 0; i < 16; i++)
        table[i] = (int8_t)opaque_int(i * i - 20);
    for (int v = -2100; v < 2100; v += 13, checked += opaque_unsigned(1)) {
        int x = opaque_int(v);
        CHECK(plain(&n, x) == plain_model(v));
        CHECK(n.u3 == low(v, 3) && n.s4 == low_signed(v, 4) && n.u9 == low(v, 9) && n.s12 == low_signed(v, 12) &&
              n.truth == (v != 0));

        int64_t s4 = low_signed(low_signed(v, 12), 4), u3 = low(v, 3);
        int64_t other = u3 != 0 ? s4 : u3;
        CHECK(chained(&n, x) == weigh(low(s4, 9), other, -8) && n.s12 == other && n.u9 == 0x1f8 && n.s4 == -8);
        CHECK(n.truth == (u3 != 0) && n.u3 == u3);

        model[0] = u3, model[1] = -8, model[2] = 0x1f8, model[3] = other;
        CHECK(compound(&n, x) == compound_model(model, v));
        CHECK(n.u3 == model[0] && n.s4 == model[1] && n.u9 == model[2] && n.s12 == model[3] &&
              n.u40 == (uint64_t)model[5]);

        unsigned expected = (unsigned)(model[0] + low(model[2] + 1, 9) * 8 + (model[1] + 8) * 4096 +
                                       (low_signed(model[3] + 1, 12) + 2048) * 65536);
        CHECK(steps(&n) == expected && n.u3 == low(model[0] + 1, 3) && n.s4 == low_signed(model[1] - 1, 4));

        int chosen = (int)(v & 16 ? low(v, 9) : low(~v, 9));
        CHECK(as_operand(&n, x, table) == table[u3] * 10000 + (int)low_signed(v + 1, 4) * 1000 + chosen);
        CHECK(n.truth == ((v & 16) != 0) && n.u9 == (unsigned)chosen);
    }
    n.s4 = 1, n.u3 = 1, n.u9 = (unsigned)opaque_int(1);
    /* 1, 3, 5, 7, -7; five threes after 1; and 1 + 7 * 73 is 512. */
    CHECK(until_wrapped(&n, 2) == 3 + 500 + 6000 && n.s4 == -7 && n.u3 == 0 && n.truth == 0);
    struct narrow edge = {7, -8, 511, 2047, 1, 0};
    CHECK(steps(&edge) == 7 && edge.u3 == 0 && edge.s4 == 7 && edge.u9 == 0 && edge.s12 == -2048);
    CHECK(checked == 324);
}
