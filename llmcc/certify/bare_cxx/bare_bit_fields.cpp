/* Bit-fields in classes: packed registers with signed, boolean and enumerated fields, read, changed and compared. */
#include "bare.h"

namespace {

enum class Mode : unsigned { input, output, analog, alternate };

struct Pin {
    Mode mode : 2;
    bool pull_up : 1;
    unsigned speed : 3;
    int trim : 5;
    unsigned : 0;
    unsigned alternate : 4;
    unsigned short count : 11;
    bool operator==(const Pin &other) const {
        return mode == other.mode && pull_up == other.pull_up && speed == other.speed && trim == other.trim &&
               alternate == other.alternate && count == other.count;
    }
};

struct Wide {
    uint64_t low : 23, middle : 30, high : 11;
    int64_t whole() const { return static_cast<int64_t>(static_cast<uint64_t>(high) << 53 | static_cast<uint64_t>(middle) << 23 | low); }
    Wide &operator+=(unsigned value) {
        low += value;
        middle -= value;
        high ^= value;
        return *this;
    }
};

class Status {
public:
    Status() : errors(6), last(0), ready(true) {}
    NOINLINE unsigned note(int event) {
        if (event & 1)
            errors++;
        last = event;
        ready = !ready;
        return static_cast<unsigned>(errors << 8 | ready << 7 | (last & 127));
    }

private:
    uint8_t errors : 3;
    int8_t last : 5;
    bool ready : 1;
};

NOINLINE Pin changed(Pin pin, unsigned how) {
    pin.speed += how;
    pin.trim -= static_cast<int>(how);
    pin.mode = static_cast<Mode>((static_cast<unsigned>(pin.mode) + how) & 3);
    pin.count = static_cast<unsigned short>(pin.count * 5 + how);
    if (how & 4)
        pin.pull_up = !pin.pull_up;
    return pin;
}

} // namespace

PROGRAM(bare_bit_fields) {
    Sum sum;
    Pin pin = {Mode::output, true, 5, -3, 9, 700};
    Pin before = pin;
    Wide wide = {1, 2, 3};
    Status status;
    for (int i = 0; i < 24; i++) {
        unsigned how = opaque_unsigned(static_cast<unsigned>(i)) * 3 % 17;
        pin = changed(pin, how);
        Add{sum, static_cast<unsigned>(pin.mode), static_cast<bool>(pin.pull_up), static_cast<unsigned>(pin.speed)};
        Add{sum, static_cast<int>(pin.trim), static_cast<unsigned>(pin.alternate), static_cast<int>(pin.count), pin == before};
        Add{sum, (wide += how * 100003u).whole(), status.note(static_cast<int>(how) - 8)};
        if (i % 5 == 0)
            before = pin;
    }
    AGREED(bare_bit_fields, sum);
}
