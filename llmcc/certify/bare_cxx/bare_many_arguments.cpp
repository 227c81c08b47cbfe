/* Arguments and results of many kinds: classes by value, in registers and on the stack, pairs of words, hidden results. */
#include "bare.h"

namespace {

struct Two {
    int16_t a, b;
};
struct Odd {
    uint8_t bytes[5];
};
struct Large {
    uint32_t words[7];
    Large scaled(uint32_t by) const {
        Large result = *this;
        for (uint32_t &word : result.words)
            word *= by;
        return result;
    }
};
class Tracked {
public:
    explicit Tracked(int v) : value(v) {}
    Tracked(const Tracked &o) : value(o.value + 1) { copies++; }
    ~Tracked() { ends = ends * 3 + value; }
    int value;
    static int copies;
    static uint32_t ends;
};
int Tracked::copies;
uint32_t Tracked::ends;

struct Worker {
    int64_t bias;
    NOINLINE int64_t many(uint8_t a, int64_t b, int16_t c, Two d, uint32_t e, uint64_t f, bool g, Odd h, int i) {
        bias ^= a;
        return b + c * d.a - d.b + static_cast<int64_t>(e) - static_cast<int64_t>(f) + (g ? h.bytes[4] : h.bytes[1]) * i + bias;
    }
    NOINLINE Large large(Large in, uint16_t at, Two change) const {
        in.words[at % 7] += static_cast<uint32_t>(change.a - change.b);
        return in.scaled(static_cast<uint32_t>(bias & 3) + 1);
    }
    virtual Odd odd(Odd in, Tracked tracked, const Tracked &seen) {
        in.bytes[2] = static_cast<uint8_t>(in.bytes[2] + tracked.value - seen.value);
        return in;
    }
    NOINLINE Tracked tracked(Tracked in, bool again) const {
        if (again)
            return in;
        return Tracked(in.value * 2);
    }
};

NOINLINE float mixed(int a, float b, Two c, double d, unsigned char e) { return static_cast<float>(a) + b * static_cast<float>(c.b) + static_cast<float>(d) * e; }

} // namespace

PROGRAM(bare_many_arguments) {
    Sum sum;
    Worker worker{};
    worker.bias = opaque_int64(1LL << 34);
    Numbers numbers(opaque_unsigned(6));
    Large large = {{1, 2, 3, 4, 5, 6, 7}};
    Odd odd = {{9, 8, 7, 6, 5}};
    for (int i = 0; i < 15; i++) {
        uint32_t n = numbers.next();
        Two two = {static_cast<int16_t>(n), static_cast<int16_t>(n >> 16)};
        Add{sum, worker.many(static_cast<uint8_t>(n), opaque_int64(n), -3, two, n, n * 5ull, n & 1, odd, i)};
        large = worker.large(large, static_cast<uint16_t>(n >> 3), two);
        Add{sum, large.words[0], large.words[n % 7], large.scaled(3).words[6]};
        Tracked tracked(opaque_int(i)), other = worker.tracked(tracked, n & 2);
        odd = worker.odd(odd, other, tracked);
        Add{sum, odd.bytes[0], odd.bytes[2], other.value, Tracked::ends, Tracked::copies > 0};
        Add{sum, static_cast<int>(mixed(i, opaque_float(0.5f), {1, static_cast<int16_t>(i)}, opaque_double(0.25), static_cast<uint8_t>(n)) * 4)};
    }
    AGREED(bare_many_arguments, sum);
}
