/* Multiple inheritance: overriders are reached by thunks from bases at other places, with results that are adjusted. */
#include "bare.h"

namespace {

struct Reader {
    virtual uint8_t read() = 0;
    virtual Reader *reader() { return this; }
    uint32_t reads = 0;
};
struct Writer {
    virtual bool write(uint8_t value) = 0;
    virtual Writer *other() { return this; }
    uint16_t writes = 0;
};
struct Control {
    virtual int control(int request, int64_t argument, short last) = 0;
    char mode = 'a';
};

struct Port : Reader, Writer, Control {
    uint8_t buffer[8] = {};
    unsigned head = 0, tail = 0;
    uint8_t read() override {
        reads++;
        return tail == head ? 0xff : buffer[tail++ % 8];
    }
    bool write(uint8_t value) override {
        if (head - tail == 8)
            return false;
        writes++;
        buffer[head++ % 8] = value;
        return true;
    }
    Port *other() override { return this; }
    int control(int request, int64_t argument, short last) override {
        mode = static_cast<char>('a' + request % 26);
        return static_cast<int>(argument >> request) + last + static_cast<int>(head);
    }
};

/* A second Control, at the front. */
struct Twin : Control {};

struct Inverting : Twin, Port {
    bool write(uint8_t value) override { return Port::write(static_cast<uint8_t>(~value)); }
    int control(int request, int64_t argument, short last) override { return Port::control(request + 1, -argument, last) - 1; }
    Inverting *other() override {
        flips++;
        return this;
    }
    int flips = 0;
};

NOINLINE int copy(Reader *from, Writer *to, int count) {
    int moved = 0;
    while (count-- > 0)
        moved += to->write(from->read());
    return moved;
}

NOINLINE int ask(Control *control, int request) { return control->control(request, opaque_int64(0x123456789abLL), -5); }

} // namespace

PROGRAM(bare_thunks) {
    Sum sum;
    Port plain;
    Inverting inverting;
    Port &inner = inverting;
    for (int i = 0; i < 12; i++)
        Add{sum, plain.write(static_cast<uint8_t>(opaque_int(i * 37)))};
    Add{sum, copy(&plain, &inverting, opaque_int(5)), copy(&inner, plain.other(), 7)};
    Writer *writer = &inverting;
    Add{sum, writer->other() == &inner, writer->other()->write(9), inverting.flips};
    Control *controls[] = {&static_cast<Control &>(inner), &plain, static_cast<Control *>(&static_cast<Port &>(inverting))};
    for (Control *control : controls)
        for (int request = 0; request < 6; request++)
            Add{sum, ask(control, opaque_int(request)), control->mode};
    for (int i = 0; i < 9; i++)
        Add{sum, plain.reader()->read(), inner.reader()->read()};
    Add{sum, plain.reads, plain.writes, inner.reads, inner.writes};
    AGREED(bare_thunks, sum);
}
