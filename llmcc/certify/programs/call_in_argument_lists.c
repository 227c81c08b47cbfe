/* Calls inside of argument lists: nested many levels, with conditions, members of results, indices and effects in any order. */
#include "certify.h"

static NOINLINE int greater(int a, int b) { return a > b ? a : b; }
static NOINLINE int smaller(int a, int b) { return a < b ? a : b; }
static int middle(int a, int b, int c) { return greater(smaller(a, b), smaller(greater(a, b), c)); }
static NOINLINE int clamp(int value, int low, int high) { return greater(low, smaller(value, high)); }
static NOINLINE int weigh(int a, int b, int c, int d, int e, int f, int g, int h) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h;
}
static NOINLINE int64_t weigh_mixed(int8_t a, int64_t b, double c, uint16_t d, int64_t e, float f) {
    return a + 2 * b + (int64_t)(3 * c) + 4 * d + 5 * e + (int64_t)(6 * f);
}

struct span {
    int low, high;
};

static NOINLINE struct span span_of(int a, int b) { return (struct span){smaller(a, b), greater(a, b)}; }
static NOINLINE struct span overlap(struct span a, struct span b) {
    return (struct span){greater(a.low, b.low), smaller(a.high, b.high)};
}
static int width(struct span span) { return span.high < span.low ? 0 : span.high - span.low; }

/* The median: of the greatest of the least, the middle of the middles and the least of the greatest of three groups. */
static int middle_of_nine(const int *v) {
    return middle(greater(greater(smaller(smaller(v[0], v[1]), smaller(greater(v[0], v[1]), v[2])),
                                  smaller(smaller(v[3], v[4]), smaller(greater(v[3], v[4]), v[5]))),
                          smaller(smaller(v[6], v[7]), v[8])),
                  middle(middle(v[0], v[1], v[2]), middle(v[3], v[4], v[5]), middle(v[6], v[7], v[8])),
                  smaller(smaller(greater(greater(v[0], v[1]), v[2]), greater(greater(v[3], v[4]), v[5])),
                          greater(greater(v[6], v[7]), v[8])));
}

static int middle_by_sorting(const int *v) {
    int sorted[9];
    for (int i = 0, j; i < 9; i++) {
        for (j = i; j > 0 && sorted[j - 1] > v[i]; j--)
            sorted[j] = sorted[j - 1];
        sorted[j] = v[i];
    }
    return sorted[4];
}

static unsigned calls;
/* Adds up, so that the order of the calls does not show, but their number does. */
static NOINLINE int noted(int value) {
    calls += (unsigned)value % 16 + 1;
    return value;
}

static int deep(int n) { return n <= 1 ? n : greater(deep(n - 1), deep(n - 2)) + smaller(deep(n - 2), n % 3); }

PROGRAM(call_in_argument_lists) {
    unsigned checked = 0;
    uint32_t state = opaque_unsigned(314159);
    for (int round = 0; round < 60; round++) {
        int v[9];
        for (int i = 0; i < 9; i++) {
            state = state * 22695477u + 1u;
            v[i] = (int)(state >> 20) % 40 - 20;
            checked++;
        }
        int a = v[0], b = v[1], c = v[2];
        int sorted = (a > b) + (a > c), expected = a;
        /* The one with as many below as above, ties either way. */
        if ((b >= a && b <= c) || (b >= c && b <= a))
            expected = b;
        else if ((c >= a && c <= b) || (c >= b && c <= a))
            expected = c;
        CHECK(middle(a, b, c) == expected && middle(c, a, b) == expected && middle(b, c, a) == expected);
        CHECK(sorted != 1 || expected == a || b == c || a == b || a == c);
        CHECK(middle_of_nine(v) == middle_by_sorting(v));
        CHECK(clamp(v[3], smaller(v[4], v[5]), greater(v[4], v[5])) == middle(v[3], v[4], v[5]));

        int w[8];
        for (int i = 0; i < 8; i++)
            w[i] = v[i] > v[i + 1] ? v[i] : v[i + 1];
        CHECK(weigh(greater(v[0], v[1]), greater(v[1], v[2]), greater(v[2], v[3]), greater(v[3], v[4]), greater(v[4], v[5]),
                    greater(v[5], v[6]), greater(v[6], v[7]), greater(v[7], v[8]))
              == w[0] + 2 * w[1] + 3 * w[2] + 4 * w[3] + 5 * w[4] + 6 * w[5] + 7 * w[6] + 8 * w[7]);
        CHECK(weigh(w[0], greater(w[0], smaller(w[1], a)), a > b ? greater(a, c) : smaller(b, c), a > 0 && greater(b, c) > 0, w[4],
                    (w[1] > 3 || smaller(w[2], b) < -3), -smaller(a, -a), v[greater(0, smaller(8, a))])
              == w[0] + 2 * (w[0] > (w[1] < a ? w[1] : a) ? w[0] : (w[1] < a ? w[1] : a)) + 3 * (a > b ? (a > c ? a : c) : (b < c ? b : c))
                     + 4 * (a > 0 && (b > 0 || c > 0)) + 5 * w[4] + 6 * (w[1] > 3 || w[2] < -3 || b < -3) + 7 * (a < 0 ? -a : a)
                     + 8 * v[a < 0 ? 0 : a > 8 ? 8 : a]);
        CHECK(weigh_mixed((int8_t)greater(a, b), (int64_t)smaller(a, b) * 5000000000, (double)greater(b, c), (uint16_t)smaller(b, c),
                          weigh_mixed((int8_t)a, b, c, 0, 0, 0), (float)middle(a, b, c))
              == w[0] + (int64_t)(a < b ? a : b) * 10000000000 + 3 * w[1] + 4 * (uint16_t)(b < c ? b : c) + 5 * (a + 2 * b + 3 * c)
                     + 6 * expected);
        int common = 0;
        for (int x = -20; x < 20; x++)
            common += ((x >= a && x < b) || (x >= b && x < a)) && ((x >= c && x < v[3]) || (x >= v[3] && x < c));
        CHECK(width(overlap(span_of(a, b), span_of(c, v[3]))) == common);
        CHECK(span_of(a, b).high - span_of(c, v[3]).low == w[0] - (c < v[3] ? c : v[3]));

        calls = 0;
        unsigned sum = 0;
        for (int i = 0; i < 9; i++)
            sum += (unsigned)v[i] % 16 + 1;
        CHECK(weigh(noted(v[0]), noted(v[1]), noted(v[2]), noted(v[3]), noted(v[4]), noted(v[5]), noted(v[6]), noted(v[7]) + noted(v[8]))
              == v[0] + 2 * v[1] + 3 * v[2] + 4 * v[3] + 5 * v[4] + 6 * v[5] + 7 * v[6] + 8 * (v[7] + v[8]));
        CHECK(calls == sum);
        CHECK(greater(a > 0 ? noted(a) : 0, b > 0 && noted(b) > 5) >= 0);
        CHECK(calls == sum + (a > 0 ? (unsigned)a % 16 + 1 : 0) + (b > 0 ? (unsigned)b % 16 + 1 : 0));
        checked++;
    }
    int values[13] = {0, 1};
    for (int n = 2; n < 13; n++) {
        int before = values[n - 1] > values[n - 2] ? values[n - 1] : values[n - 2];
        values[n] = before + (values[n - 2] < n % 3 ? values[n - 2] : n % 3);
        CHECK(deep(opaque_int(n)) == values[n]);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 611);
}
