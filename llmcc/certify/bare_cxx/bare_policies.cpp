/* Classes put together of policies: checks, storage and scaling are template arguments, empty ones take no room. */
#include "bare.h"

namespace {

struct Unchecked {
    static bool allows(int, int) { return true; }
};
struct Bounded {
    static bool allows(int value, int limit) { return value >= -limit && value <= limit; }
};
struct Stepped {
    int last = 0;
    bool allows(int value, int limit) {
        bool good = value - last <= limit / 2 && last - value <= limit / 2;
        if (good)
            last = value;
        return good;
    }
};
struct Linear {
    static int scale(int raw) { return raw * 5 / 3; }
};
struct Squared {
    static int scale(int raw) { return (raw < 0 ? -1 : 1) * ((raw * raw) >> 4); }
};
template <unsigned N> struct Average {
    int values[N] = {};
    unsigned at = 0;
    int put(int value) {
        values[at++ % N] = value;
        int sum = 0;
        for (int each : values)
            sum += each;
        return sum / static_cast<int>(N);
    }
};
struct Latest {
    static int put(int value) { return value; }
};

template <typename Check, typename Scale, typename Store> class Channel : Check, Scale, Store {
public:
    explicit Channel(int limit_) : limit(limit_) {}
    NOINLINE bool feed(int raw) {
        int value = Scale::scale(raw);
        if (!Check::allows(value, limit)) {
            refused++;
            return false;
        }
        current = Store::put(value);
        return true;
    }
    int current = 0;
    uint16_t refused = 0;

private:
    int limit;
};

template <typename Channel> NOINLINE void exercise(Sum &sum, Channel channel, Numbers numbers) {
    for (int i = 0; i < 25; i++) {
        Add{sum, channel.feed(static_cast<int>(numbers.below(400)) - 200)};
        Add{sum, channel.current, channel.refused};
    }
}

} // namespace

PROGRAM(bare_policies) {
    Sum sum;
    Numbers numbers(opaque_unsigned(41));
    int limit = opaque_int(180);
    exercise(sum, Channel<Unchecked, Linear, Latest>(limit), numbers);
    exercise(sum, Channel<Bounded, Linear, Average<4>>(limit), numbers);
    exercise(sum, Channel<Bounded, Squared, Average<3>>(limit * 3), numbers);
    exercise(sum, Channel<Stepped, Squared, Latest>(limit * 2), numbers);
    exercise(sum, Channel<Stepped, Linear, Average<5>>(limit), numbers);
    Add{sum, sizeof(Channel<Unchecked, Linear, Latest>) <= 12, sizeof(Channel<Stepped, Linear, Latest>) <= 16};
    AGREED(bare_policies, sum);
}
