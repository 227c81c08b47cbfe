/* Variadic integers: narrow arguments arrive promoted with the sign of their own type, after any number of fixed ones. */
#include "certify.h"
#include <stdarg.h>
#include <stdbool.h>

/* One letter for each argument: u unsigned, l long, L unsigned long, anything else what promotes to int. */
static NOINLINE int64_t weighted_sum(const char *tags, ...) {
    va_list arguments;
    int64_t sum = 0, weight = 1;
    va_start(arguments, tags);
    for (; *tags; tags++, weight += 2) {
        int64_t value;
        switch (*tags) {
        case 'u': value = va_arg(arguments, unsigned); break;
        case 'l': value = va_arg(arguments, long); break;
        case 'L': value = (int64_t)va_arg(arguments, unsigned long); break;
        default: value = va_arg(arguments, int); break;
        }
        sum += value * weight;
    }
    va_end(arguments);
    return sum;
}

static NOINLINE int minimum_of(int count, ...) {
    va_list arguments;
    va_start(arguments, count);
    int best = va_arg(arguments, int);
    while (--count > 0) {
        int value = va_arg(arguments, int);
        if (value < best)
            best = value;
    }
    va_end(arguments);
    return best;
}

static NOINLINE int maximum_of(int count, ...) {
    va_list arguments;
    va_start(arguments, count);
    int best = va_arg(arguments, int);
    while (--count > 0) {
        int value = va_arg(arguments, int);
        if (value > best)
            best = value;
    }
    va_end(arguments);
    return best;
}

/* The position of the first argument equal to wanted; it leaves the ones behind it unread. */
static NOINLINE int position_of(int wanted, ...) {
    va_list arguments;
    va_start(arguments, wanted);
    for (int position = 0;; position++) {
        int value = va_arg(arguments, int);
        if (value == wanted) {
            va_end(arguments);
            return position;
        }
        if (value == INT_MIN) {
            va_end(arguments);
            return -1;
        }
    }
}

static NOINLINE int select_after_two(int index, int base, ...) {
    va_list arguments;
    int value;
    va_start(arguments, base);
    do
        value = va_arg(arguments, int);
    while (index--);
    va_end(arguments);
    return base + value;
}

static NOINLINE int select_after_five(signed char index, int64_t high, uint16_t scale, bool negate, int base, ...) {
    va_list arguments;
    int value;
    va_start(arguments, base);
    do
        value = va_arg(arguments, int);
    while (index--);
    va_end(arguments);
    value *= scale;
    return (int)(high >> 40) + base + (negate ? -value : value);
}

PROGRAM(varargs_integer_promotions) {
    unsigned checked = 0;
    static const int samples[8] = {0, 1, -1, 127, 128, 255, -32768, 65535};
    for (int i = 0; i < 8; i++) {
        int sample = opaque_int(samples[i]);
        int8_t byte = (int8_t)sample;
        uint8_t octet = (uint8_t)sample;
        int16_t half = (int16_t)sample;
        uint16_t word = (uint16_t)sample;
        bool flag = sample;
        /* The same narrowing by arithmetic alone. */
        int low = ((sample % 256) + 256) % 256, wide = ((sample % 65536) + 65536) % 65536;
        int signed_low = low < 128 ? low : low - 256, signed_wide = wide < 32768 ? wide : wide - 65536;
        int64_t unsigned_sample = sample < 0 ? 4294967296 + sample : sample;
        CHECK(weighted_sum("bBhH?", byte, octet, half, word, flag)
              == (int64_t)signed_low + 3 * low + 5 * signed_wide + 7 * wide + 9 * (sample != 0));
        CHECK(weighted_sum("uibuHlh", (unsigned)sample, sample, byte, (unsigned)sample, word, (long)sample, half)
              == unsigned_sample * 8 + (int64_t)sample * 14 + 5 * signed_low + 9 * wide + 13 * signed_wide);
        CHECK(weighted_sum("LBLbL", (unsigned long)octet, octet, (unsigned long)word, byte, 1ul)
              == low * 4 + 5 * wide + 7 * signed_low + 9);
        CHECK(minimum_of(5, byte, octet, half, word, 40) == (signed_low < signed_wide
              ? (signed_low < 40 ? signed_low : 40) : signed_wide < 40 ? signed_wide : 40));
        CHECK(maximum_of(5, byte, octet, half, word, 40) == (wide > 40 ? wide : 40));
        CHECK(position_of(sample, 0, 1, -1, 127, 128, 255, -32768, 65535, INT_MIN) == i);
        CHECK(position_of(opaque_int(77), byte, octet, INT_MIN, 77) == -1);
        for (int index = 0; index < 4; index++) {
            const int expected[4] = {signed_low, low, signed_wide, wide};
            CHECK(select_after_two(index, 1000, byte, octet, half, word, flag) == 1000 + expected[index]);
            CHECK(select_after_five((signed char)index, INT64_C(-5) * (INT64_C(1) << 40), 3, index & 1, -7, byte, octet, half, word)
                  == -12 + 3 * ((index & 1) ? -expected[index] : expected[index]));
            checked++;
        }
        checked++;
    }
    CHECK(weighted_sum("") == 0);
    CHECK(minimum_of(3, 'a' - 'b', 4, -3) == -3 && maximum_of(3, -9, -4, -40) == -4);
    /* No loop was left out. */
    CHECK(checked == 40);
}
