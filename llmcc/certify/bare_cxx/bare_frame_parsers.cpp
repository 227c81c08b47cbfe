/* A parser of framed bytes, fed one at a time: escapes, lengths, a weighted check, and sinks behind an interface. */
#include "bare.h"

namespace {

struct Sink {
    virtual bool frame(const uint8_t *data, uint8_t length) = 0;
    virtual void broken(unsigned why) = 0;
};

class Parser {
public:
    explicit Parser(Sink &sink_) : sink(sink_) {}
    NOINLINE void feed(uint8_t byte) {
        if (byte == 0x7e) {
            finish();
            return;
        }
        if (byte == 0x7d) {
            escaped = true;
            return;
        }
        if (escaped) {
            byte ^= 0x20;
            escaped = false;
        }
        if (used < sizeof data)
            data[used++] = byte;
        else
            overflow = true;
    }

private:
    void finish() {
        unsigned why = overflow ? 3 : escaped ? 2 : used == 0 ? 0 : used < 2 || check() != data[used - 1] ? 1 : 9;
        if (why == 9) {
            if (!sink.frame(data, static_cast<uint8_t>(used - 1)))
                sink.broken(8);
        } else if (why)
            sink.broken(why);
        used = 0;
        escaped = overflow = false;
    }
    uint8_t check() const {
        unsigned sum = 0;
        for (unsigned i = 0; i + 1 < used; i++)
            sum += data[i] * (i + 1);
        return static_cast<uint8_t>(sum % 251);
    }
    Sink &sink;
    uint8_t data[12];
    unsigned used = 0;
    bool escaped = false, overflow = false;
};

class Commands final : public Sink {
public:
    bool frame(const uint8_t *data, uint8_t length) override {
        frames++;
        switch (data[0] & 3) {
        case 0:
            total += length;
            return true;
        case 1:
            for (uint8_t i = 1; i < length; i++)
                total = total * 7 + data[i];
            return true;
        case 2:
            total ^= static_cast<uint32_t>(data[length - 1]) << 12;
            return length > 2;
        default:
            return false;
        }
    }
    void broken(unsigned why) override { faults = faults * 5 + why; }
    uint32_t total = 1, faults = 0, frames = 0;
};

} // namespace

PROGRAM(bare_frame_parsers) {
    Sum sum;
    Commands commands;
    Parser parser(commands);
    Numbers numbers(opaque_unsigned(126));
    for (int i = 0; i < 60; i++) {
        unsigned length = numbers.below(14), weighted = 0;
        for (unsigned j = 0; j <= length; j++) {
            uint8_t byte = static_cast<uint8_t>(numbers.below(5) ? numbers.next() : 0x7d + numbers.below(2));
            if (j == length)
                byte = static_cast<uint8_t>(weighted % 251 + (numbers.below(6) == 0));
            weighted += byte * (j + 1);
            if (byte == 0x7e || byte == 0x7d) {
                parser.feed(0x7d);
                byte ^= 0x20;
            }
            parser.feed(byte);
        }
        if (numbers.below(20) == 0)
            parser.feed(0x7d);
        parser.feed(0x7e);
        Add{sum, commands.total, commands.faults, commands.frames};
    }
    AGREED(bare_frame_parsers, sum);
}
