/* Locals across setjmp: volatile ones keep what was stored after it, unchanged ones of every type keep what they were. */
#include "certify.h"
#include <setjmp.h>

static jmp_buf back;
static unsigned noise;

/* Uses many registers. */
static unsigned churn(unsigned seed) {
    unsigned a = seed, b = seed * 3, c = seed ^ 5, d = seed + 7, e = ~seed, f = seed >> 2, g = seed << 3, h = seed * seed;
    double x = seed, y = x * 0.5, z = y - 3;
    for (int i = 0; i < 5; i++) {
        a += b ^ c, b -= d & e, c ^= f + g, d += h, e = a | c, f = b + (d >> 3), g ^= e, h += f * 3;
        x = y + z, y = z - 1, z = x * 0.25;
    }
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ (x + y + z > 0);
}

static NOINLINE void churn_and_jump(unsigned seed, int code) {
    noise = churn(seed);
    longjmp(back, code);
}

static NOINLINE unsigned changed_locals(unsigned seed) {
    volatile unsigned word = seed;
    volatile uint8_t byte = (uint8_t)seed;
    volatile int64_t wide = (int64_t)seed << 20;
    volatile double number = seed;
    volatile unsigned list[4] = {seed, 1, 2, 3};
    switch (setjmp(back)) {
    case 0:
        word += 1;
        list[1] = word;
        churn_and_jump(word, 1);
        break;
    case 1:
        CHECK(word == seed + 1 && list[1] == seed + 1 && list[2] == 2);
        byte += 200;
        wide = -wide;
        churn_and_jump(word, 2);
        break;
    case 2:
        CHECK(byte == (uint8_t)(seed + 200) && wide == -((int64_t)seed << 20));
        for (int i = 0; i < 4; i++)
            list[i] = list[i] * 2 + list[(i + 3) & 3];
        number = number / 4;
        churn_and_jump(byte, 3);
        break;
    case 3:
        CHECK(number * 4 == seed);
        word = word * 2 + byte;
        churn_and_jump(list[3], -9);
        break;
    case -9:
        return word + (unsigned)(wide >> 20) + list[0] + list[1] * 3 + list[2] * 5 + list[3] * 7;
    }
    return 0;
}

static unsigned expected_changed(unsigned seed) {
    unsigned byte = (seed + 200) & 255, a = seed * 2 + 3, b = (seed + 1) * 2 + a, c = 4 + b, d = 6 + c;
    return (seed + 1) * 2 + byte - seed + a + b * 3 + c * 5 + d * 7;
}

/* Nothing here changes between setjmp and longjmp but what is volatile. */
static NOINLINE uint64_t unchanged_locals(const int *input, double factor) {
    int a = input[0], b = input[1] * 3, c = input[2] - a, d = b ^ c, e = a - d;
    int64_t f = (int64_t)a * 1000003, g = f - b, h = g * 3;
    double x = factor * 2, y = factor + a, z = y - x;
    float w = (float)factor * 0.5f;
    const int *const end = input + 3;
    const uint64_t before = (uint64_t)(a + 2 * b + 3 * c + 4 * d + 5 * e) + (uint64_t)(f + 2 * g + 3 * h);
    volatile int times = 0;
    if (setjmp(back) != 0)
        times++;
    if (times < 6)
        churn_and_jump((unsigned)times, times);
    CHECK((uint64_t)(a + 2 * b + 3 * c + 4 * d + 5 * e) + (uint64_t)(f + 2 * g + 3 * h) == before);
    CHECK(x == factor * 2 && y == factor + input[0] && z == y - x && w * 2 == (float)factor);
    CHECK(end - input == 3 && times == 6);
    return before + (uint64_t)times;
}

PROGRAM(setjmp_volatile_locals) {
    unsigned checked = 0;
    for (unsigned seed = 0; seed < 40; seed++)
        CHECK(changed_locals(opaque_unsigned(seed * 11)) == expected_changed(seed * 11));
    for (int i = -9; i < 9; i++) {
        int input[3] = {opaque_int(i), i * 7, i * i};
        int b = input[1] * 3, c = input[2] - i, d = b ^ c, e = i - d;
        int64_t f = (int64_t)i * 1000003, g = f - b;
        CHECK(unchanged_locals(input, opaque_double(i + 0.25))
              == (uint64_t)(i + 2 * b + 3 * c + 4 * d + 5 * e + f + 11 * g) + 6);
        CHECK(noise == churn(opaque_unsigned(5)));
        noise = 0;
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 18);
}
