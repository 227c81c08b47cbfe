/* Tables computed by constexpr functions at compile time, by the same functions at run time, and by other means: a
 * checksum table, powers in a finite field with logarithms, bit reversal, sorted keys with binary search. */
#include "certify.h"

#include <type_traits>

namespace {

template <typename T, unsigned count> struct Table {
    T entries[count];
    constexpr const T &operator[](unsigned index) const { return entries[index]; }
    constexpr T &operator[](unsigned index) { return entries[index]; }
};

constexpr uint16_t remainder_entry(uint16_t index, uint16_t polynomial) {
    uint16_t rest = static_cast<uint16_t>(index << 8);
    for (int bit = 0; bit < 8; bit++)
        rest = static_cast<uint16_t>(rest & 0x8000u ? rest << 1 ^ polynomial : rest << 1);
    return rest;
}

constexpr Table<uint16_t, 256> remainder_table(uint16_t polynomial) {
    Table<uint16_t, 256> table = {};
    for (unsigned i = 0; i < 256; i++)
        table[i] = remainder_entry(static_cast<uint16_t>(i), polynomial);
    return table;
}

constexpr uint8_t reverse_bits(uint8_t value) {
    value = static_cast<uint8_t>((value & 0xf0u) >> 4 | (value & 0x0fu) << 4);
    value = static_cast<uint8_t>((value & 0xccu) >> 2 | (value & 0x33u) << 2);
    return static_cast<uint8_t>((value & 0xaau) >> 1 | (value & 0x55u) << 1);
}

constexpr uint8_t field_multiply(uint8_t a, uint8_t b) {
    uint8_t product = 0;
    for (; b; b = static_cast<uint8_t>(b >> 1)) {
        if (b & 1)
            product ^= a;
        a = static_cast<uint8_t>(a & 0x80 ? a << 1 ^ 0x11d : a << 1);
    }
    return product;
}

struct Field {
    Table<uint8_t, 256> power, logarithm;
};
constexpr Field make_field() {
    Field field = {};
    uint8_t value = 1;
    for (unsigned i = 0; i < 255; i++) {
        field.power[i] = value;
        field.logarithm[value] = static_cast<uint8_t>(i);
        value = field_multiply(value, 2);
    }
    field.power[255] = 1;
    return field;
}

struct Entry {
    uint32_t key;
    uint8_t origin;
};
template <unsigned count> constexpr Table<Entry, count> sorted_keys(uint32_t seed) {
    Table<Entry, count> table = {};
    for (unsigned i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        unsigned at = i;
        for (; at > 0 && table[at - 1].key > seed; at--)
            table[at] = table[at - 1];
        table[at] = Entry{seed, static_cast<uint8_t>(i)};
    }
    return table;
}

constexpr auto static_remainders = remainder_table(0x1021);
constexpr auto static_other = remainder_table(0x8005);
constexpr Field static_field = make_field();
constexpr auto static_keys = sorted_keys<40>(1234567);

static_assert(static_remainders[1] == 0x1021 && reverse_bits(0x16) == 0x68, "");

NOINLINE uint16_t by_table(const Table<uint16_t, 256> &table, const uint8_t *data, unsigned count) {
    uint16_t rest = 0xffff;
    for (unsigned i = 0; i < count; i++)
        rest = static_cast<uint16_t>(rest << 8 ^ table[(rest >> 8 ^ data[i]) & 255u]);
    return rest;
}

NOINLINE uint16_t by_bits(uint16_t polynomial, const uint8_t *data, unsigned count) {
    uint16_t rest = 0xffff;
    for (unsigned i = 0; i < count * 8; i++) {
        bool top = (rest >> 15 ^ data[i / 8] >> (7 - i % 8)) & 1;
        rest = static_cast<uint16_t>(rest << 1);
        if (top)
            rest ^= polynomial;
    }
    return rest;
}

NOINLINE uint8_t multiply_by_tables(uint8_t a, uint8_t b) {
    if (a == 0 || b == 0)
        return 0;
    return static_field.power[(static_field.logarithm[a] + static_field.logarithm[b]) % 255u];
}

NOINLINE int find(uint32_t key) {
    unsigned low = 0, high = 40;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (static_keys[middle].key == key)
            return static_keys[middle].origin;
        if (static_keys[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

} // namespace

PROGRAM(cxx_constexpr_tables) {
    const auto run_time = remainder_table(static_cast<uint16_t>(opaque_unsigned(0x1021)));
    for (unsigned i = 0; i < 256; i++) {
        CHECK(run_time[i] == static_remainders[i]);
        uint8_t value = static_cast<uint8_t>(opaque_unsigned(i)), reversed = 0;
        for (int bit = 0; bit < 8; bit++)
            reversed = static_cast<uint8_t>(reversed << 1 | (value >> bit & 1));
        CHECK(reverse_bits(value) == reversed && multiply_by_tables(value, 77) == field_multiply(value, 77));
        CHECK(value == 0 || static_field.power[static_field.logarithm[value]] == value);
    }
    const Field field = make_field();
    CHECK(field.logarithm[opaque_unsigned(77)] == static_field.logarithm[77] && multiply_by_tables(0x80, 2) == 0x1d);
    uint8_t data[24];
    for (unsigned i = 0; i < 24; i++)
        data[i] = static_cast<uint8_t>(opaque_unsigned(i * i * 7 + 3));
    for (unsigned count = 0; count <= 24; count += 3) {
        CHECK(by_table(static_remainders, data, count) == by_bits(0x1021, data, count));
        CHECK(by_table(static_other, data, count) == by_bits(0x8005, data, count));
    }
    const uint8_t digits[9] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
    CHECK(by_table(static_remainders, digits, 9) == 0x29b1 && by_table(run_time, digits, opaque_unsigned(9)) == 0x29b1);
    uint32_t seed = opaque_unsigned(1234567);
    for (int i = 0; i < 40; i++) {
        seed = seed * 1664525u + 1013904223u;
        CHECK(find(seed) == i && find(seed ^ 1u) == -1 && find(seed + 2u) == -1);
        CHECK(i == 0 || static_keys[static_cast<unsigned>(i) - 1].key < static_keys[static_cast<unsigned>(i)].key);
    }
}
