/* Registers as volatile members behind classes: each access happens once, in order, with the width of the member. */
#include "bare.h"

namespace {

struct Block {
    volatile uint32_t control;
    volatile uint32_t status;
    volatile uint16_t data;
    volatile uint8_t mask, spare;
};
Block memory[2];
volatile unsigned accesses;

template <typename T, typename Owner, volatile T Owner::*Field> struct Register {
    static T read(const Owner &owner) {
        accesses = accesses + 1;
        return owner.*Field;
    }
    static void write(Owner &owner, T value) {
        accesses = accesses + 16;
        owner.*Field = value;
    }
    static void set(Owner &owner, T bits) { write(owner, static_cast<T>(read(owner) | bits)); }
    static void clear(Owner &owner, T bits) { write(owner, static_cast<T>(read(owner) & ~bits)); }
};
using Control = Register<uint32_t, Block, &Block::control>;
using Status = Register<uint32_t, Block, &Block::status>;
using Data = Register<uint16_t, Block, &Block::data>;
using Mask = Register<uint8_t, Block, &Block::mask>;

class Timer {
public:
    explicit Timer(Block &block_) : block(block_) {}
    void start(uint16_t reload) {
        Data::write(block, reload);
        Control::set(block, 1);
        Control::set(block, 4);
        Control::clear(block, 1u << 31);
    }
    NOINLINE bool tick() {
        if (!(Control::read(block) & 1))
            return false;
        uint16_t left = Data::read(block);
        Data::write(block, static_cast<uint16_t>(left - 1));
        if (left == 0) {
            Status::set(block, 2);
            Mask::write(block, static_cast<uint8_t>(Mask::read(block) + 0x21));
            Control::clear(block, 1);
        }
        return left == 0;
    }
    void acknowledge() {
        (void)Status::read(block);
        Status::clear(block, 2);
    }

private:
    Block &block;
};

} // namespace

PROGRAM(bare_volatile_registers) {
    Sum sum;
    memory[0].control = opaque_unsigned(0x80000000u);
    memory[1].control = 0x10;
    memory[1].mask = 200;
    Timer timers[] = {Timer(memory[0]), Timer(memory[opaque_int(1)])};
    timers[0].start(3);
    timers[1].start(static_cast<uint16_t>(opaque_int(6)));
    for (int i = 0; i < 20; i++) {
        for (Timer &timer : timers)
            if (timer.tick() && i % 3)
                timer.start(static_cast<uint16_t>(opaque_int(i) % 4));
        if (i % 7 == 0)
            timers[i & 1].acknowledge();
        Add{sum, static_cast<unsigned>(accesses), static_cast<uint32_t>(memory[0].control), static_cast<uint32_t>(memory[1].status)};
        Add{sum, static_cast<int>(memory[0].data), static_cast<int>(memory[1].data), static_cast<int>(memory[1].mask)};
    }
    AGREED(bare_volatile_registers, sum);
}
