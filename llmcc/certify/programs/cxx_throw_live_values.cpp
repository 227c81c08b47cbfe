/* Many integer, 64-bit and floating point values that stay live across calls which may throw, are used in the handler
 * and after it; the same computation with a status code instead must agree. */
#include "certify.h"

namespace {

struct Fault {
    int32_t code;
    double weight;
};

struct Mixed {
    uint32_t words[6];
    int64_t wide[3];
    double reals[4];
};

bool fails(uint32_t value) { return (value & 0x30u) == 0x30u; }

NOINLINE uint32_t throwing(uint32_t value) {
    if (fails(value))
        throw Fault{static_cast<int32_t>(value & 0xffffu), 0.5 * static_cast<double>(value & 255u)};
    return value * 3u + 1u;
}

NOINLINE double throwing_real(double value) {
    if (value > 96.0)
        throw Fault{static_cast<int32_t>(value), value - 96.0};
    return value * 0.5 + 3.0;
}

NOINLINE bool plain(uint32_t value, uint32_t &result, Fault &fault) {
    if (fails(value)) {
        fault.code = static_cast<int32_t>(value & 0xffffu);
        fault.weight = 0.5 * static_cast<double>(value & 255u);
        return false;
    }
    result = value * 3u + 1u;
    return true;
}

NOINLINE bool plain_real(double value, double &result, Fault &fault) {
    if (value > 96.0) {
        fault.code = static_cast<int32_t>(value);
        fault.weight = value - 96.0;
        return false;
    }
    result = value * 0.5 + 3.0;
    return true;
}

void store(Mixed &to, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f, int64_t p, int64_t q, int64_t r, double w, double x,
           double y, double z) {
    to = Mixed{{a, b, c, d, e, f}, {p, q, r}, {w, x, y, z}};
}

NOINLINE void by_exception(Mixed &state) {
    uint32_t a = state.words[0], b = state.words[1], c = state.words[2], d = state.words[3], e = state.words[4], f = state.words[5];
    int64_t p = state.wide[0], q = state.wide[1], r = state.wide[2];
    double w = state.reals[0], x = state.reals[1], y = state.reals[2], z = state.reals[3];
    for (unsigned round = 0; round < 6; round++) {
        try {
            a = throwing(a ^ e);
            p += static_cast<int64_t>(b) * 5 - q;
            x = throwing_real(x + w);
            b = throwing(b + c);
            q ^= static_cast<int64_t>(a) << 7;
            y = throwing_real(y + 1.5);
            c = throwing(c - f) ^ d;
            r -= p / 3;
        } catch (const Fault &fault) {
            d += a + static_cast<uint32_t>(fault.code);
            e ^= b >> 3;
            f = f * 5u + c + round;
            z += fault.weight;
            w = x < 40.0 ? w + 0.25 : w - x * 0.125;
            r += p ^ q;
            x = x > 48.0 ? x - 47.0 : x;
            y = y > 48.0 ? y * 0.25 : y;
            b += 0x10u;
            c += fault.code & 1 ? 0x11u : 0x20u;
        }
        a += d ^ (b << 1);
        z += w - y;
    }
    store(state, a, b, c, d, e, f, p, q, r, w, x, y, z);
}

NOINLINE void by_status(Mixed &state) {
    uint32_t a = state.words[0], b = state.words[1], c = state.words[2], d = state.words[3], e = state.words[4], f = state.words[5];
    int64_t p = state.wide[0], q = state.wide[1], r = state.wide[2];
    double w = state.reals[0], x = state.reals[1], y = state.reals[2], z = state.reals[3];
    for (unsigned round = 0; round < 6; round++) {
        Fault fault = {0, 0};
        uint32_t part = 0;
        bool good = plain(a ^ e, a, fault);
        if (good) {
            p += static_cast<int64_t>(b) * 5 - q;
            good = plain_real(x + w, x, fault);
        }
        good = good && plain(b + c, b, fault);
        if (good) {
            q ^= static_cast<int64_t>(a) << 7;
            good = plain_real(y + 1.5, y, fault);
        }
        good = good && plain(c - f, part, fault);
        if (good) {
            c = part ^ d;
            r -= p / 3;
        } else {
            d += a + static_cast<uint32_t>(fault.code);
            e ^= b >> 3;
            f = f * 5u + c + round;
            z += fault.weight;
            w = x < 40.0 ? w + 0.25 : w - x * 0.125;
            r += p ^ q;
            x = x > 48.0 ? x - 47.0 : x;
            y = y > 48.0 ? y * 0.25 : y;
            b += 0x10u;
            c += fault.code & 1 ? 0x11u : 0x20u;
        }
        a += d ^ (b << 1);
        z += w - y;
    }
    store(state, a, b, c, d, e, f, p, q, r, w, x, y, z);
}

} // namespace

PROGRAM(cxx_throw_live_values) {
    unsigned faults = 0;
    uint64_t digest = 0;
    for (unsigned start = 0; start < 40; start++) {
        Mixed first, second;
        uint32_t seed = opaque_unsigned(start * 40503u + 77u);
        for (uint32_t &word : first.words)
            word = seed = seed * 69069u + 5u;
        for (int64_t &wide : first.wide)
            wide = static_cast<int64_t>(seed = seed * 69069u + 5u) - 2000000000;
        for (double &real : first.reals)
            real = static_cast<double>((seed = seed * 69069u + 5u) >> 25);
        second = first;
        by_exception(first);
        by_status(second);
        for (int i = 0; i < 6; i++)
            digest = digest * 31u + first.words[i];
        for (int i = 0; i < 6; i++)
            CHECK(first.words[i] == second.words[i]);
        for (int i = 0; i < 3; i++) {
            CHECK(first.wide[i] == second.wide[i]);
            digest = digest * 31u + static_cast<uint64_t>(first.wide[i]);
        }
        for (int i = 0; i < 4; i++) {
            CHECK(first.reals[i] == second.reals[i]);
            digest = digest * 31u + static_cast<uint64_t>(static_cast<int64_t>(first.reals[i] * 1024));
        }
        faults += first.words[3] & 1u;
    }
    CHECK(faults > 8 && faults < 32 && digest == 0x9d8759a13d4ed025u);
}
