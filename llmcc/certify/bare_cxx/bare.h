/* What every program of the bare-metal C++ suite includes: certify.h, and a checksum of what a program did.
 *
 * A program feeds everything that it computes to a Sum and says AGREED(its name, the sum) once. The right value was
 * not typed in: it stands in checksums.h, where `python -m tests.correctness.checksums` writes what several compilers
 * at several levels agree on. Nothing is needed but the compiler's own headers and runtime.cpp. */
#ifndef BARE_H
#define BARE_H

#include "certify.h"

namespace {

class Sum {
public:
    NOINLINE void word(uint32_t value) {
        state ^= value;
        state = (state << 7 | state >> 25) * 0x9e3779b1u + 0x7f4a7c15u;
    }
    void add(bool value) { word(value ? 0x51u : 0x15u); }
    void add(char value) { word(static_cast<unsigned char>(value)); }
    void add(signed char value) { word(static_cast<uint32_t>(value)); }
    void add(unsigned char value) { word(value); }
    void add(short value) { word(static_cast<uint32_t>(value)); }
    void add(unsigned short value) { word(value); }
    void add(int value) { word(static_cast<uint32_t>(value)); }
    void add(unsigned value) { word(value); }
    void add(long value) { word(static_cast<uint32_t>(value)); }
    void add(unsigned long value) { word(static_cast<uint32_t>(value)); }
    void add(long long value) { add(static_cast<unsigned long long>(value)); }
    void add(unsigned long long value) {
        word(static_cast<uint32_t>(value));
        word(static_cast<uint32_t>(value >> 32));
    }
    uint32_t value() const { return state; }

private:
    uint32_t state = 2166136261u;
};

/* Add{sum, a, b} adds one after the other: between braces the order is the language's, in a call the compiler's. */
struct Add {
    template <typename... Types> Add(Sum &sum, Types... values) { (sum.add(values), ...); }
};

/* Numbers that no optimiser knows: the seed has to be opaque. */
class Numbers {
public:
    explicit Numbers(uint32_t seed) : state(seed * 2u + 1u) {}
    uint32_t next() {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state;
    }
    uint32_t below(uint32_t limit) { return static_cast<uint32_t>((static_cast<uint64_t>(next()) * limit) >> 32); }

private:
    uint32_t state;
};

} // namespace

inline void *operator new(size_t, void *place) noexcept { return place; }

#ifdef CERTIFY_MEASURE
CERTIFY_C void certify_measured(uint32_t value);
#define AGREED(name, sum) certify_measured((sum).value())
#else
#include "checksums.h"
#define AGREED(name, sum) CHECK((sum).value() == checksum_##name)
#endif

#endif
