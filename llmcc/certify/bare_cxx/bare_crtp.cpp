/* The curiously recurring template pattern: bases that call their derived classes without a table. */
#include "bare.h"

namespace {

template <typename Derived> struct Ordered {
    friend bool operator<(const Derived &a, const Derived &b) { return a.compare(b) < 0; }
    friend bool operator>=(const Derived &a, const Derived &b) { return !(a < b); }
    friend bool operator==(const Derived &a, const Derived &b) { return a.compare(b) == 0; }
};

template <typename Derived> struct Counted {
    static unsigned made;
    Counted() { made += Derived::cost; }
};
template <typename Derived> unsigned Counted<Derived>::made;

template <typename Derived> struct Driver {
    NOINLINE uint32_t transfer(const uint8_t *data, unsigned length) {
        Derived &self = static_cast<Derived &>(*this);
        uint32_t state = self.open();
        for (unsigned i = 0; i < length; i++)
            state = self.shift(state, data[i]);
        return self.close(state);
    }
    uint32_t open() { return 1; }
    uint32_t close(uint32_t state) { return state; }
};

struct Version : Ordered<Version>, Counted<Version> {
    static constexpr unsigned cost = 1;
    Version(uint8_t major_, uint8_t minor_) : major(major_), minor(minor_) {}
    int compare(const Version &other) const { return major != other.major ? major - other.major : minor - other.minor; }
    uint8_t major, minor;
};
struct Level : Ordered<Level>, Counted<Level> {
    static constexpr unsigned cost = 3;
    explicit Level(int16_t value_) : value(value_) {}
    int compare(const Level &other) const { return value < other.value ? -1 : value > other.value; }
    int16_t value;
};

struct Serial : Driver<Serial> {
    uint32_t shift(uint32_t state, uint8_t byte) { return (state << 5 | state >> 27) ^ byte; }
};
struct Parallel : Driver<Parallel> {
    uint32_t open() { return lines = 0x1234; }
    uint32_t shift(uint32_t state, uint8_t byte) { return state * 17 + (byte ^ lines++); }
    uint32_t close(uint32_t state) { return ~state; }
    uint32_t lines = 0;
};

template <typename T> NOINLINE const T &largest(const T *values, int count) {
    const T *best = values;
    for (int i = 1; i < count; i++)
        if (values[i] >= *best)
            best = &values[i];
    return *best;
}

} // namespace

PROGRAM(bare_crtp) {
    Sum sum;
    uint8_t data[16];
    Numbers numbers(opaque_unsigned(12));
    Serial serial;
    Parallel parallel;
    for (int round = 0; round < 8; round++) {
        for (uint8_t &byte : data)
            byte = static_cast<uint8_t>(numbers.next());
        unsigned length = 1 + numbers.below(16);
        Add{sum, serial.transfer(data, length), parallel.transfer(data, length), parallel.lines};
        Version versions[] = {{data[0], 1}, {static_cast<uint8_t>(data[0] ^ (round & 1)), data[1]}, {data[0], data[2]}};
        Level levels[] = {Level(static_cast<int16_t>(numbers.next())), Level(static_cast<int16_t>(numbers.next())), Level(-1)};
        Add{sum, largest(versions, 3).minor, largest(levels, 3).value, versions[0] == versions[1], versions[2] < versions[1]};
    }
    Add{sum, Version::made, Level::made};
    AGREED(bare_crtp, sum);
}
