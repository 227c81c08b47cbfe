/* Tasks that give way: each keeps its place in a switch that jumps into loops, and wakes when its wait is over. */
#include "bare.h"

namespace {

#define BEGIN switch (place) { case 0:
#define WAIT(condition) \
    do { place = __LINE__; __attribute__((fallthrough)); \
    case __LINE__: if (!(condition)) return true; } while (false)
#define END } place = 0; return false

struct World {
    uint32_t now = 0, mail = 0, produced = 0, consumed = 0, blinks = 0;
};

class Task {
public:
    virtual bool run(World &world) = 0;

protected:
    ~Task() = default;
    uint16_t place = 0;
};

class Producer final : public Task {
public:
    bool run(World &world) override {
        BEGIN;
        for (count = 0; count < 9; count++) {
            WAIT(world.mail == 0);
            world.mail = 100 + count * count;
            world.produced++;
            if (count % 3 == 2) {
                until = world.now + 4;
                WAIT(world.now >= until);
            }
        }
        END;
    }

private:
    uint32_t count = 0, until = 0;
};
class Consumer final : public Task {
public:
    bool run(World &world) override {
        BEGIN;
        while (world.consumed < 2000) {
            WAIT(world.mail != 0 || world.now > 60);
            if (world.now > 60)
                break;
            world.consumed += world.mail;
            world.mail = 0;
        }
        END;
    }
};
class Blinker final : public Task {
public:
    explicit Blinker(uint32_t period_) : period(period_) {}
    bool run(World &world) override {
        BEGIN;
        for (;;) {
            next = world.now + period;
            WAIT(world.now >= next);
            world.blinks = world.blinks * 3 + period;
            if (world.blinks & 8)
                period++;
            if (period > 11)
                break;
        }
        END;
    }

private:
    uint32_t period, next = 0;
};

} // namespace

PROGRAM(bare_coroutine_switches) {
    Sum sum;
    World world;
    Producer producer;
    Consumer consumer;
    Blinker fast(opaque_unsigned(2)), slow(opaque_unsigned(7));
    Task *tasks[] = {&producer, &fast, &consumer, &slow};
    bool alive[4] = {true, true, true, true};
    for (; world.now < 90; world.now++) {
        for (int i = 0; i < 4; i++)
            if (alive[i])
                alive[i] = tasks[i]->run(world);
        Add{sum, world.mail, world.produced, world.consumed, world.blinks, alive[opaque_int(static_cast<int>(world.now)) % 4]};
    }
    AGREED(bare_coroutine_switches, sum);
}
