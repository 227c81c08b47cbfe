/* Static polymorphism: bases that call into the class derived from them, stacked mixins, operators made from one
 * primitive, and counters per class, against the same written out by hand. */
#include "certify.h"

#include <utility>

namespace {

/* From less and equal of the class: all six comparisons. */
template <typename Derived> struct Ordered {
    friend bool operator!=(const Derived &a, const Derived &b) { return !(a == b); }
    friend bool operator>(const Derived &a, const Derived &b) { return b < a; }
    friend bool operator<=(const Derived &a, const Derived &b) { return !(b < a); }
    friend bool operator>=(const Derived &a, const Derived &b) { return !(a < b); }
};

template <typename Derived> struct Counted {
    Counted() { alive++, made++; }
    Counted(const Counted &) { alive++, made++; }
    Counted &operator=(const Counted &) = default;
    ~Counted() { alive--; }
    static int alive, made;
};
template <typename Derived> int Counted<Derived>::alive = 0;
template <typename Derived> int Counted<Derived>::made = 0;

struct Version : Ordered<Version>, Counted<Version> {
    Version(uint8_t major_part_, uint16_t minor_part_) : major_part(major_part_), minor_part(minor_part_) {}
    uint8_t major_part;
    uint16_t minor_part;
};
bool operator<(const Version &a, const Version &b) { return a.major_part != b.major_part ? a.major_part < b.major_part : a.minor_part < b.minor_part; }
bool operator==(const Version &a, const Version &b) { return a.major_part == b.major_part && a.minor_part == b.minor_part; }

struct Priority : Ordered<Priority>, Counted<Priority> {
    explicit Priority(int32_t level_) : level(level_) {}
    int32_t level;
};
/* Higher comes first. */
bool operator<(const Priority &a, const Priority &b) { return a.level > b.level; }
bool operator==(const Priority &a, const Priority &b) { return a.level == b.level; }

/* The loop is in the base, the step in the derived class; hooks have defaults. */
template <typename Derived> struct Generator {
    uint64_t collect(unsigned count) {
        Derived &self = static_cast<Derived &>(*this);
        uint64_t sum = self.start();
        for (unsigned i = 0; i < count; i++) {
            uint32_t value = self.step();
            if (self.skip(value))
                continue;
            if (self.stop(value, i))
                break;
            sum = sum * 3u + value;
        }
        return sum;
    }
    uint64_t start() const { return 1; }
    bool skip(uint32_t) const { return false; }
    bool stop(uint32_t, unsigned) const { return false; }
};

struct Squares : Generator<Squares> {
    uint32_t step() {
        next++;
        return next * next;
    }
    uint32_t next = 0;
};
struct OddSquares : Generator<OddSquares> {
    uint32_t step() {
        next++;
        return next * next;
    }
    bool skip(uint32_t value) const { return value % 2 == 0; }
    uint32_t next = 0;
};
struct LimitedSquares : Generator<LimitedSquares> {
    explicit LimitedSquares(uint32_t limit_) : limit(limit_) {}
    uint32_t step() {
        next++;
        return next * next;
    }
    uint64_t start() const { return limit; }
    bool stop(uint32_t value, unsigned turn) const { return value > limit && turn > 2; }
    uint32_t next = 0, limit;
};

/* Mixins on top of one another: each wraps the function below it. */
struct Plain {
    uint32_t transform(uint32_t value) const { return value + 1u; }
};
template <typename Below> struct Inverted : Below {
    uint32_t transform(uint32_t value) const { return ~Below::transform(value); }
};
template <typename Below> struct Doubled : Below {
    uint32_t transform(uint32_t value) const { return Below::transform(value) * 2u; }
};
template <typename Below, uint32_t key> struct Keyed : Below {
    uint32_t transform(uint32_t value) const { return Below::transform(value ^ key) + uses++ % 4; }
    mutable uint32_t uses = 0;
};

template <typename Mixin> NOINLINE uint32_t transform_twice(const Mixin &mixin, uint32_t value) {
    uint32_t once = mixin.transform(value);
    return mixin.transform(once ^ value);
}

template <typename T> NOINLINE unsigned relations(const T &a, const T &b) {
    return (a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (a == b) << 4 | (a != b) << 5;
}

unsigned relations_from(int sign) { return sign < 0 ? 1 | 2 | 32 : sign > 0 ? 4 | 8 | 32 : 2 | 8 | 16; }

template <typename T> NOINLINE unsigned rank(const T *items, unsigned count, const T &one) {
    unsigned position = 0;
    for (unsigned i = 0; i < count; i++)
        position += items[i] < one;
    T copy = one;
    return position * 10u + static_cast<unsigned>(T::alive) + (copy != one);
}

} // namespace

PROGRAM(cxx_crtp_mixins) {
    for (unsigned i = 0; i < 64; i++) {
        unsigned a = opaque_unsigned(i * 37 % 61), b = opaque_unsigned(i % 7 == 6 ? a : i * 53 % 59);
        Version first(static_cast<uint8_t>(a / 16), static_cast<uint16_t>(a % 16)), second(static_cast<uint8_t>(b / 16), static_cast<uint16_t>(b % 16));
        CHECK(relations(first, second) == relations_from(static_cast<int>(a) - static_cast<int>(b)));
        Priority high(static_cast<int32_t>(a) - 30), low(static_cast<int32_t>(b) - 30);
        CHECK(relations(high, low) == relations_from(static_cast<int>(b) - static_cast<int>(a)));
        CHECK(Version::alive == 2 && Priority::alive == 2);
    }
    CHECK(Version::alive == 0 && Priority::alive == 0 && Version::made >= 128 && Priority::made == Version::made);
    {
        Version versions[5] = {{1, 4}, {0, 9}, {2, 0}, {1, 5}, {0, 300}};
        Priority priorities[4] = {Priority(3), Priority(-3), Priority(8), Priority(0)};
        const unsigned ranks[5] = {2, 0, 4, 3, 1}, order[4] = {1, 3, 0, 2};
        for (unsigned i = 0; i < 5; i++)
            CHECK(rank(versions, opaque_unsigned(5), versions[i]) == ranks[i] * 10 + 6);
        for (unsigned i = 0; i < 4; i++)
            CHECK(rank(priorities, opaque_unsigned(4), priorities[i]) == order[i] * 10 + 5);
    }
    for (unsigned count = 0; count < 12; count++) {
        uint64_t squares = 1, odd = 1, limited = 40;
        bool open = true;
        for (uint32_t n = 1; n <= count; n++) {
            squares = squares * 3u + n * n;
            odd = n % 2 ? odd * 3u + n * n : odd;
            open = open && !(n * n > 40 && n > 3);
            limited = open ? limited * 3u + n * n : limited;
        }
        Squares all;
        OddSquares some;
        LimitedSquares few(opaque_unsigned(40));
        CHECK(all.collect(opaque_unsigned(count)) == squares && some.collect(opaque_unsigned(count)) == odd);
        CHECK(few.collect(opaque_unsigned(count)) == limited && few.next == (count < 7 ? count : 7));
    }
    Inverted<Doubled<Plain>> outer_inverted;
    Doubled<Inverted<Plain>> outer_doubled;
    Keyed<Inverted<Keyed<Plain, 0x55>>, 0xff00> keyed;
    for (uint32_t value = 0; value < 1000; value += 111) {
        uint32_t x = opaque_unsigned(value), once = ~((x + 1) * 2u), other = ~(x + 1) * 2u;
        CHECK(transform_twice(outer_inverted, x) == ~(((once ^ x) + 1) * 2u) && transform_twice(outer_doubled, x) == ~((other ^ x) + 1) * 2u);
        uint32_t uses = keyed.uses, first = ~((x ^ 0xff55u) + 1 + uses % 4) + uses % 4;
        CHECK(transform_twice(keyed, x) == ~((first ^ x ^ 0xff55u) + 1 + (uses + 1) % 4) + (uses + 1) % 4 && keyed.uses == uses + 2);
    }
}
