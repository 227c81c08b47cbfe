/* Static locals whose initialisers run at the first call: guards, order, recursion into others, templates and members. */
#include "bare.h"

namespace {

uint32_t initialised;

struct Device {
    explicit Device(unsigned id_) : id(id_) { initialised = initialised * 10 + id_; }
    unsigned id, uses = 0;
};

NOINLINE Device &clock() {
    static Device device(opaque_unsigned(1));
    device.uses++;
    return device;
}
NOINLINE Device &uart() {
    static Device device(clock().id + opaque_unsigned(1));
    device.uses += 2;
    return device;
}
template <unsigned N> NOINLINE Device &timer(bool want) {
    if (!want)
        return clock();
    static Device device(N + opaque_unsigned(0));
    static unsigned calls = opaque_unsigned(N);
    device.uses += calls++;
    return device;
}
struct Manager {
    static Manager &instance() {
        static Manager manager;
        return manager;
    }
    Device &device() {
        static Device own(uart().id + 5);
        return own;
    }
    int next() {
        static int count = opaque_int(3);
        return count *= 2;
    }

private:
    Manager() { initialised ^= 0x1000000; }
};
NOINLINE unsigned late(unsigned n) {
    if (n > 2) {
        static const unsigned fixed = n * opaque_unsigned(7);
        return fixed;
    }
    static unsigned *where = &clock().uses;
    return *where + n;
}

} // namespace

PROGRAM(bare_static_locals) {
    Sum sum;
    Add{sum, initialised};
    for (unsigned i = 0; i < 12; i++) {
        unsigned which = opaque_unsigned(i * 5) % 7;
        if (which == 0)
            Add{sum, uart().uses, uart().id};
        else if (which == 1)
            Add{sum, timer<3>(i > 6).uses, timer<4>(true).uses};
        else if (which == 2)
            Add{sum, Manager::instance().device().id, Manager::instance().next()};
        else if (which < 5)
            Add{sum, late(which + i % 2), clock().uses};
        else
            Add{sum, late(i), timer<4>(false).id};
        Add{sum, initialised};
    }
    AGREED(bare_static_locals, sum);
}
