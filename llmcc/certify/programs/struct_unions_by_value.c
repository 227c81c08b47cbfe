/* Tagged unions passed and returned by value: a small expression evaluator whose values are an integer, a real, a short text or a
 * range, with conversions between the kinds, against direct arithmetic. */
#include "certify.h"

enum kind { NOTHING, INTEGER, REAL, TEXT, RANGE };

union payload {
    int64_t integer;
    double real;
    char text[12];
    struct { int16_t from, to; uint8_t step; } range;
};

struct value {
    enum kind kind;
    union payload is;
};

static struct value of_integer(int64_t integer) { return (struct value){INTEGER, {.integer = integer}}; }
static struct value of_real(double real) { return (struct value){REAL, {.real = real}}; }

static struct value of_range(int from, int to, int step) {
    return (struct value){RANGE, {.range = {(int16_t)from, (int16_t)to, (uint8_t)step}}};
}

static struct value of_text(const char *text) {
    struct value v = {TEXT, {.text = ""}};
    for (int i = 0; i < 11 && text[i]; i++)
        v.is.text[i] = text[i];
    return v;
}

static int64_t range_count(union payload p) {
    int64_t count = 0;
    for (int i = p.range.from; i < p.range.to; i += p.range.step)
        count++;
    return count;
}

static NOINLINE struct value to_integer(struct value v) {
    switch (v.kind) {
    case INTEGER:
        return v;
    case REAL:
        return of_integer((int64_t)v.is.real);
    case TEXT: {
        int64_t number = 0;
        int i = v.is.text[0] == '-';
        for (; v.is.text[i] >= '0' && v.is.text[i] <= '9'; i++)
            number = number * 10 + (v.is.text[i] - '0');
        return of_integer(v.is.text[0] == '-' ? -number : number);
    }
    case RANGE:
        return of_integer(range_count(v.is));
    default:
        return (struct value){NOTHING, {0}};
    }
}

static NOINLINE struct value to_text(struct value v) {
    if (v.kind == TEXT)
        return v;
    int64_t number = to_integer(v).is.integer;
    uint64_t rest = number < 0 ? (uint64_t)-number : (uint64_t)number;
    struct value result = {TEXT, {.text = ""}};
    char digits[12];
    int n = 0, at = 0;
    do
        digits[n++] = (char)('0' + rest % 10);
    while ((rest /= 10) != 0 && n < 10);
    if (number < 0)
        result.is.text[at++] = '-';
    while (n > 0)
        result.is.text[at++] = digits[--n];
    return result;
}

static struct value add(struct value a, struct value b) {
    if (a.kind == NOTHING || b.kind == NOTHING)
        return (struct value){NOTHING, {0}};
    if (a.kind == REAL && b.kind == REAL) {
        a.is.real += b.is.real;
        return a;
    }
    if (a.kind == REAL || b.kind == REAL) {
        struct value whole = to_integer(a.kind == REAL ? b : a), real = a.kind == REAL ? a : b;
        return of_real(real.is.real + (double)whole.is.integer);
    }
    if (a.kind == TEXT && b.kind == TEXT) {
        int at = 0;
        while (a.is.text[at])
            at++;
        for (int i = 0; at < 11 && b.is.text[i]; i++)
            a.is.text[at++] = b.is.text[i];
        return a;
    }
    if (a.kind == RANGE && b.kind == INTEGER) {
        a.is.range.from = (int16_t)(a.is.range.from + b.is.integer);
        a.is.range.to = (int16_t)(a.is.range.to + b.is.integer);
        return a;
    }
    return of_integer(to_integer(a).is.integer + to_integer(b).is.integer);
}

static int same_text(struct value v, const char *text) {
    int i = 0;
    while (v.is.text[i] && v.is.text[i] == text[i])
        i++;
    return v.kind == TEXT && v.is.text[i] == text[i];
}

static void check_numbers(int64_t n, int64_t m) {
    struct value a = of_integer(n), b = of_integer(m), half = of_real(0.5);
    CHECK(add(a, b).kind == INTEGER && add(a, b).is.integer == n + m);
    CHECK(to_integer(add(to_text(a), of_text(""))).is.integer == n && to_integer(to_text(b)).is.integer == m);
    CHECK(add(a, half).kind == REAL && add(half, b).is.real == (double)m + 0.5 && add(add(half, a), half).is.real == (double)n + 1);
    CHECK(add(to_text(a), b).is.integer == n + m && add(b, to_text(a)).kind == INTEGER);
    CHECK(to_integer(of_real((double)n + (n < 0 ? -0.75 : 0.75))).is.integer == n && a.is.integer == n && half.is.real == 0.5);
}

PROGRAM(struct_unions_by_value) {
    check_numbers(opaque_int64(1234567), opaque_int64(-89));
    check_numbers(-40, opaque_int64(7));
    check_numbers(0, 99);

    struct value text = add(of_text("abc"), of_text(opaque_pointer("defghijklmnop")));
    CHECK(same_text(text, "abcdefghijk") && same_text(to_text(text), "abcdefghijk") && !same_text(text, "abcdefghij"));
    CHECK(same_text(to_text(of_integer(opaque_int64(-120))), "-120") && same_text(to_text(of_real(7.9)), "7"));
    struct value range = of_range(opaque_int(-5), 20, 4), moved = add(range, of_integer(100));
    CHECK(to_integer(range).is.integer == 7 && to_integer(moved).is.integer == 7 && moved.is.range.from == 95 && moved.is.range.to == 120);
    CHECK(same_text(to_text(of_range(0, 1000, opaque_int(3))), "334") && add(range, range).is.integer == 14 && range.is.range.step == 4);
    CHECK(add(range, of_real(opaque_double(0.25))).is.real == 7.25 && add(of_text("12x"), range).is.integer == 19);

    struct value list[5] = {of_integer(opaque_int64(3)), of_real(1.5), of_text("40"), of_range(0, 10, 1), {NOTHING, {0}}};
    static const double numbers[4] = {3, 1.5, 40, 10};
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 5; k++) {
            struct value sum = add(list[i], list[k]);
            if (i == 4 || k == 4)
                CHECK(sum.kind == NOTHING && to_integer(sum).kind == NOTHING);
            else if (i == 1 || k == 1)
                CHECK(sum.kind == REAL && sum.is.real == numbers[i] + numbers[k]);
            else if (i == 2 && k == 2)
                CHECK(same_text(sum, "4040"));
            else if (i == 3 && k == 0)
                CHECK(sum.kind == RANGE && sum.is.range.from == 3 && sum.is.range.to == 13);
            else
                CHECK(sum.kind == INTEGER && (double)sum.is.integer == numbers[i] + numbers[k]);
        }
}
