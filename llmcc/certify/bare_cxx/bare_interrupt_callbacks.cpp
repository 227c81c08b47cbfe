/* Handlers registered by priority, called out of the middle of other work, with contexts and handlers that change the table. */
#include "bare.h"

namespace {

using Handler = void (*)(void *context, unsigned line);

class Controller {
public:
    bool attach(unsigned line, uint8_t priority, Handler handler, void *context) {
        if (line >= 6)
            return false;
        lines[line] = {handler, context, priority, true};
        return true;
    }
    void detach(unsigned line) { lines[line].enabled = false; }
    void raise(unsigned line) { pending = pending | 1u << line; }
    NOINLINE void dispatch() {
        while (uint32_t waiting = pending & enabled()) {
            unsigned best = 32;
            for (unsigned line = 0; line < 6; line++)
                if (waiting & 1u << line && (best == 32 || lines[line].priority < lines[best].priority))
                    best = line;
            pending = pending & ~(1u << best);
            served++;
            lines[best].handler(lines[best].context, best);
        }
    }
    unsigned served = 0;

private:
    struct Line {
        Handler handler;
        void *context;
        uint8_t priority;
        bool enabled;
    };
    uint32_t enabled() const {
        uint32_t mask = 0;
        for (unsigned line = 0; line < 6; line++)
            mask |= static_cast<uint32_t>(lines[line].enabled) << line;
        return mask;
    }
    Line lines[6] = {};
    volatile uint32_t pending = 0;
};

Controller controller;

template <typename Owner, void (Owner::*Method)(unsigned)> void forward(void *context, unsigned line) { (static_cast<Owner *>(context)->*Method)(line); }

struct Uart {
    void received(unsigned line) {
        bytes = bytes * 5 + line;
        if (bytes % 3 == 0)
            controller.raise(opaque_unsigned(4));
    }
    void sent(unsigned line) {
        bytes ^= line << 8;
        if (++done == 4)
            controller.detach(line);
    }
    uint32_t bytes = 1, done = 0;
};
struct Ticker {
    void tick(unsigned) {
        count++;
        if (count % 4 == 0)
            controller.raise(0);
    }
    uint32_t count = 0;
};
uint32_t loose;

} // namespace

PROGRAM(bare_interrupt_callbacks) {
    Sum sum;
    Uart uart, second;
    Ticker ticker;
    Add{sum, controller.attach(0, 3, forward<Uart, &Uart::received>, &uart), controller.attach(1, 3, forward<Uart, &Uart::sent>, &second)};
    Add{sum, controller.attach(2, 1, forward<Ticker, &Ticker::tick>, &ticker)};
    Add{sum, controller.attach(4, 0, [](void *context, unsigned line) { *static_cast<uint32_t *>(context) += line + 1; }, &loose)};
    Add{sum, controller.attach(opaque_unsigned(6), 0, nullptr, nullptr)};
    Numbers numbers(opaque_unsigned(3));
    for (int i = 0; i < 30; i++) {
        for (unsigned n = numbers.below(4); n-- > 0;)
            controller.raise(numbers.below(6));
        controller.dispatch();
        Add{sum, uart.bytes, second.bytes, second.done, ticker.count, loose, controller.served};
        if (i == 20)
            Add{sum, controller.attach(1, 2, forward<Uart, &Uart::received>, &second)};
    }
    AGREED(bare_interrupt_callbacks, sum);
}
