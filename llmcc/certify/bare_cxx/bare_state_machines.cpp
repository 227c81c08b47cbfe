/* State machines in three forms: a switch, states as objects with virtual functions, and a table of member functions. */
#include "bare.h"

namespace {

enum class Lamp : uint8_t { off, dim, bright, blinking, broken };

constexpr Lamp operator+(Lamp lamp, int by) { return static_cast<Lamp>((static_cast<int>(lamp) + by) % 5); }

NOINLINE Lamp press(Lamp lamp, unsigned event) {
    switch (lamp) {
    case Lamp::off:
        return event & 1 ? Lamp::dim : Lamp::off;
    case Lamp::dim:
        return event > 5 ? Lamp::blinking : lamp + 1;
    case Lamp::bright:
        return event % 3 ? Lamp::off : Lamp::dim;
    case Lamp::blinking:
        return event == 0 ? Lamp::broken : event & 2 ? Lamp::bright : Lamp::off;
    case Lamp::broken:
        return event == 7 ? Lamp::off : Lamp::broken;
    }
    return Lamp::broken;
}

class Door;
struct State {
    virtual const State *on(Door &door, unsigned event) const = 0;
    virtual char letter() const = 0;
};
class Door {
public:
    explicit Door(const State *start) : state(start) {}
    void on(unsigned event) {
        const State *next = state->on(*this, event);
        moves += next != state;
        state = next;
    }
    const State *state;
    int moves = 0, force = 0;
};
struct Closed final : State {
    const State *on(Door &, unsigned) const override;
    char letter() const override { return 'c'; }
};
struct Open final : State {
    const State *on(Door &, unsigned) const override;
    char letter() const override { return 'o'; }
};
struct Locked final : State {
    const State *on(Door &, unsigned) const override;
    char letter() const override { return 'l'; }
};
const Closed closed;
const Open open;
const Locked locked;
const State *Closed::on(Door &door, unsigned event) const {
    door.force = 0;
    return event < 3 ? static_cast<const State *>(&open) : event == 6 ? static_cast<const State *>(&locked) : this;
}
const State *Open::on(Door &door, unsigned event) const { return door.force++ > 2 || event > 4 ? static_cast<const State *>(&closed) : this; }
const State *Locked::on(Door &door, unsigned event) const {
    door.force += static_cast<int>(event);
    return door.force > 20 ? static_cast<const State *>(&closed) : this;
}

class Link {
public:
    void on(unsigned event) { (this->*table[state][event & 1])(event); }
    uint32_t history = 0;

private:
    using Step = void (Link::*)(unsigned);
    void to(unsigned next) {
        state = next;
        history = history * 3 + next;
    }
    void stay(unsigned event) { history ^= event; }
    void up(unsigned) { to(state + 1); }
    void down(unsigned event) { to(event > 3 ? 0 : state - 1); }
    static const Step table[3][2];
    unsigned state = 0;
};
const Link::Step Link::table[3][2] = {{&Link::stay, &Link::up}, {&Link::down, &Link::up}, {&Link::stay, &Link::down}};

} // namespace

PROGRAM(bare_state_machines) {
    Sum sum;
    Numbers numbers(opaque_unsigned(4711));
    Lamp lamp = Lamp::off;
    Door door(&closed);
    Link link;
    for (int i = 0; i < 120; i++) {
        unsigned event = numbers.below(8);
        lamp = press(lamp, event);
        door.on(event);
        link.on(event);
        Add{sum, static_cast<uint8_t>(lamp), door.state->letter(), door.moves, door.force, link.history};
    }
    AGREED(bare_state_machines, sum);
}
