/* Numbers of eight 32-bit limbs: carries found by comparison, by builtins and in a wider type must agree; then
 * factorials, Fibonacci numbers and decimal digits checked by identities. */
#include "certify.h"

enum { limbs = 8 };
struct number { uint32_t limb[limbs]; };

static NOINLINE unsigned add_wide(struct number *sum, const struct number *a, const struct number *b) {
    uint64_t carry = 0;
    for (int i = 0; i < limbs; i++) {
        carry += (uint64_t)a->limb[i] + b->limb[i];
        sum->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return (unsigned)carry;
}

static NOINLINE unsigned add_compare(struct number *sum, const struct number *a, const struct number *b) {
    unsigned carry = 0;
    for (int i = 0; i < limbs; i++) {
        uint32_t partial = a->limb[i] + carry, total;
        carry = partial < carry;
        total = partial + b->limb[i];
        carry += total < partial;
        sum->limb[i] = total;
    }
    return carry;
}

static NOINLINE unsigned add_builtin(struct number *sum, const struct number *a, const struct number *b) {
    unsigned carry = 0;
    for (int i = 0; i < limbs; i++) {
        uint32_t partial;
        int first = __builtin_add_overflow(a->limb[i], b->limb[i], &partial);
        carry = (unsigned)(first | __builtin_add_overflow(partial, carry, &sum->limb[i]));
    }
    return carry;
}

static NOINLINE unsigned sub_compare(struct number *difference, const struct number *a, const struct number *b) {
    unsigned borrow = 0;
    for (int i = 0; i < limbs; i++) {
        uint32_t x = a->limb[i], y = b->limb[i];
        difference->limb[i] = x - y - borrow;
        borrow = x < y || (x == y && borrow);
    }
    return borrow;
}

static NOINLINE unsigned sub_wide(struct number *difference, const struct number *a, const struct number *b) {
    int64_t borrow = 0;
    for (int i = 0; i < limbs; i++) {
        borrow += (int64_t)a->limb[i] - b->limb[i];
        difference->limb[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    return (unsigned)-borrow;
}

static uint32_t multiply_small(struct number *n, uint32_t factor) {
    uint64_t carry = 0;
    for (int i = 0; i < limbs; i++) {
        carry += (uint64_t)n->limb[i] * factor;
        n->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return (uint32_t)carry;
}

static uint32_t divide_small(struct number *n, uint32_t divisor) {
    uint64_t rest = 0;
    for (int i = limbs; i-- > 0;) {
        rest = rest << 32 | n->limb[i];
        n->limb[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    return (uint32_t)rest;
}

static int compare(const struct number *a, const struct number *b) {
    for (int i = limbs - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

static NOINLINE void multiply(struct number *out, const struct number *a, const struct number *b) {
    struct number product = {{0}};
    for (int i = 0; i < limbs; i++) {
        uint64_t carry = 0;
        for (int j = 0; i + j < limbs; j++) {
            carry += (uint64_t)a->limb[i] * b->limb[j] + product.limb[i + j];
            product.limb[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    *out = product;
}

static void check_sums(const struct number *a, const struct number *b) {
    struct number x, y, z, back;
    unsigned carry = add_wide(&x, a, b);
    CHECK(add_compare(&y, a, b) == carry && add_builtin(&z, a, b) == carry);
    CHECK(compare(&x, &y) == 0 && compare(&x, &z) == 0 && carry == (unsigned)(compare(&x, a) < 0));
    CHECK(sub_wide(&back, &x, b) == carry && compare(&back, a) == 0);
    CHECK(sub_compare(&y, a, b) == sub_wide(&z, a, b) && compare(&y, &z) == 0);
    CHECK(sub_compare(&y, a, b) == (unsigned)(compare(a, b) < 0));
}

PROGRAM(integer_carry_chains) {
    static const uint32_t patterns[] = {0, 1, UINT32_MAX, 0x80000000, 0x7fffffff, UINT32_MAX, UINT32_MAX, 2};
    struct number a, b;
    unsigned checked = 0;
    for (unsigned shift = 0; shift < 8; shift++)
        for (unsigned stride = 0; stride < 8; stride++, checked += opaque_unsigned(1)) {
            for (unsigned i = 0; i < limbs; i++) {
                a.limb[i] = opaque_unsigned(patterns[(i + shift) % 8]);
                b.limb[i] = patterns[i * stride % 8];
            }
            check_sums(&a, &b);
        }

    struct number product = {{1}};
    for (uint32_t n = 2; n <= 50; n++)
        CHECK(multiply_small(&product, opaque_unsigned(n)) == 0);
    struct number copy = product; /* 50! ends in twelve zeros: as many as its factors of five. */
    for (int i = 0; i < 12; i++)
        CHECK(divide_small(&copy, 10) == 0);
    CHECK(divide_small(&copy, 10) == 2);
    for (uint32_t n = 50; n >= 2; n--, checked += opaque_unsigned(1))
        CHECK(divide_small(&product, n) == 0);
    CHECK(product.limb[0] == 1 && product.limb[1] == 0 && product.limb[7] == 0);

    /* F(m + n + 1) = F(m + 1) F(n + 1) + F(m) F(n), modulo 2^256. */
    struct number f[3] = {{{0}}, {{opaque_unsigned(1)}}, {{0}}}, f100 = f[0], f101 = f[0], f201 = f[0];
    for (int n = 0; n <= 201; n++) {
        if (n == 100)
            f100 = f[0], f101 = f[1];
        else if (n == 201)
            f201 = f[0];
        (n % 3 == 0 ? add_wide : n % 3 == 1 ? add_compare : add_builtin)(&f[2], &f[0], &f[1]);
        f[0] = f[1];
        f[1] = f[2];
    }
    multiply(&f[0], &f100, &f100);
    multiply(&f[1], &f101, &f101);
    CHECK(add_compare(&f[2], &f[0], &f[1]) == 0 && compare(&f[2], &f201) == 0);
    CHECK(divide_small(&f100, 1000000000) == 261915075 && divide_small(&f100, 1000000000) == 224848179);
    CHECK(f100.limb[0] == 354 && f100.limb[1] == 0 && checked == 113);
}
