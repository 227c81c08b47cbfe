/* Functions that are nearly or wholly alike, from templates and classes, with one constant, width, sign or callee changed. */
#include "bare.h"

namespace {

template <typename T> NOINLINE T stepped(T value, int count) {
    for (int i = 0; i < count; i++)
        value = static_cast<T>(value + (value >> 1) + 3);
    return value;
}
template <int Constant> NOINLINE uint32_t mixed(uint32_t value) {
    value ^= value >> 7;
    value *= 0x45d9f3b;
    value += Constant;
    return value ^ value << 3;
}
template <typename T> NOINLINE bool ordered(T a, T b, T c) { return a < b ? b < c : c < a; }

struct Left {
    virtual uint32_t one(uint32_t v) { return v * 3 + 1; }
    virtual uint32_t two(uint32_t v) { return v * 3 + 1; }
    virtual uint32_t three(uint32_t v) { return v * 3 + 2; }
    uint32_t field = 5, other = 6;
    NOINLINE uint32_t get() const { return field * 7 + 1; }
    NOINLINE uint32_t get_other() const { return other * 7 + 1; }
};
struct Right : Left {
    uint32_t one(uint32_t v) override { return v * 5 + 1; }
    uint32_t three(uint32_t v) override { return Left::two(v) ^ 0xff; }
};
struct Small {
    uint8_t a, b;
    NOINLINE int sum() const { return a + b; }
};
struct SmallSigned {
    int8_t a, b;
    NOINLINE int sum() const { return a + b; }
};

NOINLINE uint32_t first_callee(uint32_t v) { return mixed<11>(v) + 1; }
NOINLINE uint32_t second_callee(uint32_t v) { return mixed<12>(v) + 1; }
NOINLINE uint32_t through(bool first, uint32_t v) {
    uint32_t (*callee)(uint32_t) = first ? first_callee : second_callee;
    return callee(v) + (callee == first_callee);
}

} // namespace

PROGRAM(bare_like_functions) {
    Sum sum;
    CHECK(&first_callee != &second_callee);
    Left left;
    Right right;
    Left *both[] = {&left, &right};
    Numbers numbers(opaque_unsigned(88));
    for (int i = 0; i < 20; i++) {
        uint32_t number = numbers.next();
        int8_t tiny = static_cast<int8_t>(number);
        Add{sum, stepped<int8_t>(tiny, 5), stepped<uint8_t>(static_cast<uint8_t>(number), 5), stepped<int16_t>(static_cast<int16_t>(number), 9)};
        Add{sum, stepped<uint16_t>(static_cast<uint16_t>(number), 9), stepped<uint32_t>(number, 9), stepped<uint64_t>(number, 9)};
        Add{sum, mixed<1>(number), mixed<2>(number), mixed<-1>(number), mixed<11>(number), through(number & 1, number)};
        Add{sum, ordered<int>(static_cast<int>(number), i, -5), ordered<unsigned>(number, static_cast<unsigned>(i), 0u - 5)};
        Left *object = both[number >> 4 & 1];
        Add{sum, object->one(number), object->two(number), object->three(number), object->get(), object->get_other()};
        object->field += number;
        Small small = {static_cast<uint8_t>(number), static_cast<uint8_t>(number >> 9)};
        SmallSigned narrow = {tiny, static_cast<int8_t>(number >> 9)};
        Add{sum, small.sum(), narrow.sum()};
    }
    AGREED(bare_like_functions, sum);
}
