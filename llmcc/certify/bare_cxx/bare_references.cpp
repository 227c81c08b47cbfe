/* References and aliasing: the same object under two names, references as members, returned and bound to temporaries. */
#include "bare.h"

namespace {

struct Sample {
    int32_t value;
    uint16_t flags;
};

NOINLINE int both(int &a, int &b) {
    a = 5;
    b += a;
    a *= 2;
    return a - b;
}
NOINLINE int keep(const int &seen, int &changed) {
    int before = seen;
    changed += 11;
    return before * 100 + seen;
}
NOINLINE uint32_t mixed(Sample &sample, uint16_t &flags, const int32_t &value) {
    flags = static_cast<uint16_t>(flags + value);
    sample.value ^= flags;
    flags = static_cast<uint16_t>(flags ^ value);
    return static_cast<uint32_t>(value) + sample.flags;
}

class View {
public:
    View(Sample &sample_, const int &scale_) : sample(sample_), scale(scale_) {}
    int read() const { return sample.value * scale; }
    View &write(int value) {
        sample.value = value;
        sample.flags++;
        return *this;
    }

private:
    Sample &sample;
    const int &scale;
};

int &larger(int &a, int &b) { return a < b ? b : a; }
template <typename T> const T &bounded(const T &low, const T &value, const T &high) { return value < low ? low : high < value ? high : value; }

void swap_in(int (&cells)[5], int &cell) {
    for (int &other : cells) {
        int held = other;
        other = cell;
        cell = held;
    }
}

} // namespace

PROGRAM(bare_references) {
    Sum sum;
    int a = opaque_int(1), b = opaque_int(2);
    Add{sum, both(a, b), a, b, both(a, a), a};
    Add{sum, keep(a, b), keep(b, b), b};
    Sample sample = {opaque_int(1000), 7}, other = {opaque_int(-3), 9};
    for (int i = 0; i < 8; i++) {
        Add{sum, mixed(sample, sample.flags, sample.value), mixed(sample, other.flags, other.value), mixed(other, other.flags, sample.value)};
        View view(sample, larger(a, b)), twin(i & 1 ? sample : other, view.read() > 0 ? a : b);
        Add{sum, view.write(opaque_int(i)).read()};
        Add{sum, twin.write(view.read() + 1).read(), view.read()};
        larger(a, b) -= 7;
        Add{sum, a, b, bounded(opaque_int(-5), a, 5), bounded(0, b, opaque_int(9))};
    }
    int cells[5] = {1, 2, opaque_int(3), 4, 5};
    for (int i = 0; i < 7; i++) {
        swap_in(cells, cells[opaque_int(i) % 5]);
        Add{sum, cells[0], cells[1], cells[2], cells[3], cells[4]};
    }
    AGREED(bare_references, sum);
}
