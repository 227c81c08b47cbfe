/* 64-bit arithmetic inside classes on a 32-bit target: clocks, divisions, shifts by variables, comparisons. */
#include "bare.h"

namespace {

class Instant {
public:
    explicit constexpr Instant(uint64_t ticks_ = 0) : ticks(ticks_) {}
    Instant &advance(uint32_t low) {
        ticks += low;
        return *this;
    }
    uint32_t seconds() const { return static_cast<uint32_t>(ticks / 32768u); }
    uint32_t micros() const { return static_cast<uint32_t>(ticks % 32768u * 1000000u / 32768u); }
    int64_t since(const Instant &other) const { return static_cast<int64_t>(ticks - other.ticks); }
    bool before(const Instant &other) const { return since(other) < 0; }
    uint64_t raw() const { return ticks; }

private:
    uint64_t ticks;
};

struct Accumulator {
    int64_t total = 0;
    uint64_t squares = 0;
    NOINLINE void add(int32_t value) {
        total += static_cast<int64_t>(value) * 3;
        squares += static_cast<uint64_t>(static_cast<int64_t>(value) * value);
    }
    int32_t mean(int32_t count) const { return static_cast<int32_t>(total / count); }
    uint64_t spread(unsigned shift) const { return squares >> shift | squares << (63 - shift); }
};

template <typename T> NOINLINE T power(T base, unsigned exponent) {
    T result = 1;
    for (; exponent; exponent >>= 1, base = static_cast<T>(base * base))
        if (exponent & 1)
            result = static_cast<T>(result * base);
    return result;
}

} // namespace

PROGRAM(bare_wide_integers) {
    Sum sum;
    Numbers numbers(opaque_unsigned(64));
    Instant now(opaque_uint64(0xfffffff0u)), mark(opaque_uint64(~0ull - 5));
    Accumulator accumulator;
    for (int i = 1; i < 40; i++) {
        uint32_t number = numbers.next();
        now.advance(number);
        mark.advance(number >> 8);
        Add{sum, now.seconds(), now.micros(), now.raw(), mark.since(now), mark.before(now)};
        accumulator.add(static_cast<int32_t>(number));
        Add{sum, accumulator.mean(i), accumulator.total % (i + 1), accumulator.spread(number & 31)};
        Add{sum, power<uint64_t>(number | 1, number >> 27), power<uint16_t>(static_cast<uint16_t>(number), 5), power<uint8_t>(3, number & 63)};
        int64_t difference = static_cast<int64_t>(now.raw() ^ mark.raw());
        Add{sum, difference < 0, difference >> (number & 63), difference / (static_cast<int32_t>(number | 1))};
    }
    AGREED(bare_wide_integers, sum);
}
