/* Templates: partial and full specialisations, overloads by type, constants as arguments and if constexpr. */
#include "bare.h"

namespace {

template <typename T> struct Traits {
    static constexpr unsigned code = sizeof(T);
    static uint32_t pack(T value) { return static_cast<uint32_t>(value); }
};
template <typename T> struct Traits<T *> {
    static constexpr unsigned code = 100 + Traits<T>::code;
    static uint32_t pack(T *value) { return value ? Traits<T>::pack(*value) + 1 : 0; }
};
template <typename T, unsigned N> struct Traits<T[N]> {
    static constexpr unsigned code = 1000 * N + Traits<T>::code;
    static uint32_t pack(const T (&values)[N]) {
        uint32_t sum = N;
        for (const T &value : values)
            sum = sum * 7 + Traits<T>::pack(value);
        return sum;
    }
};
template <> struct Traits<bool> {
    static constexpr unsigned code = 77;
    static uint32_t pack(bool value) { return value ? 0xb001 : 0xb000; }
};

template <unsigned N> struct Power {
    static constexpr uint64_t value = 3 * Power<N - 1>::value;
};
template <> struct Power<0> {
    static constexpr uint64_t value = 1;
};

template <typename T> NOINLINE uint32_t pack(const T &value) { return Traits<T>::pack(value); }

template <int Shift, typename T> T shifted(T value) {
    if constexpr (Shift < 0)
        return static_cast<T>(value >> -Shift);
    else if constexpr (sizeof(T) < 4)
        return static_cast<T>(static_cast<unsigned>(value) << Shift);
    else
        return value << Shift;
}

int kind(char) { return 1; }
int kind(short) { return 2; }
int kind(unsigned long long) { return 3; }
int kind(const void *) { return 4; }
template <typename T> int kind(T) { return 5; }

} // namespace

PROGRAM(bare_specialisations) {
    Sum sum;
    Add{sum, Traits<int8_t>::code, Traits<int16_t **>::code, Traits<bool *>::code, Traits<bool[3]>::code, Traits<int[4][2]>::code};
    for (int i = 0; i < 10; i++) {
        int16_t half = static_cast<int16_t>(opaque_int(i * 4001));
        int16_t *pointer = i % 4 ? &half : nullptr;
        bool bits[3] = {i % 2 == 0, half > 9000, true};
        int grid[4][2] = {{i, 1}, {half, 2}, {3, -half}, {0, 4}};
        Add{sum, pack(half), pack(pointer), pack(bits), pack(grid), pack(bits[1])};
        Add{sum, shifted<3>(half), shifted<-2>(half), shifted<5>(static_cast<uint8_t>(half)), shifted<-7>(opaque_int64(-(1LL << i)))};
        Add{sum, kind('c'), kind(half), kind(static_cast<unsigned long long>(i)), kind(static_cast<const void *>(pointer)), kind(3.0)};
        Add{sum, Power<20>::value / static_cast<unsigned>(opaque_int(i + 1)), Power<7>::value + static_cast<unsigned>(i)};
    }
    AGREED(bare_specialisations, sum);
}
