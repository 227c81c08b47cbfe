/* Packs of arguments: folds, recursion over them, tuples written here and messages made of any fields. */
#include "bare.h"

namespace {

template <typename... Types> struct Tuple;
template <> struct Tuple<> {
    template <typename Function> void each(Function) const {}
};
template <typename First, typename... Rest> struct Tuple<First, Rest...> : Tuple<Rest...> {
    Tuple(First first_, Rest... rest) : Tuple<Rest...>(rest...), first(first_) {}
    template <typename Function> void each(Function function) const {
        function(first);
        Tuple<Rest...>::each(function);
    }
    First first;
};

class Writer {
public:
    template <typename T> Writer &put(T value) {
        for (unsigned i = 0; i < sizeof(T) && used < sizeof buffer; i++)
            buffer[used++] = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * (sizeof(T) - 1 - i)));
        return *this;
    }
    template <typename... Types> NOINLINE unsigned message(uint8_t kind, Types... fields) {
        unsigned start = used;
        put(kind);
        (put(fields), ...);
        return used - start;
    }
    uint8_t buffer[64];
    unsigned used = 0;
};

template <typename... Types> NOINLINE int64_t total(Types... values) { return (0LL + ... + static_cast<int64_t>(values)); }
template <typename... Types> NOINLINE bool all_below(int limit, Types... values) { return (... && (values < limit)) && limit != 0; }
template <typename T> T most(T value) { return value; }
template <typename T, typename... Rest> T most(T value, Rest... rest) {
    T other = most<T>(rest...);
    return value < other ? other : value;
}

} // namespace

PROGRAM(bare_variadic_packs) {
    Sum sum;
    Numbers numbers(opaque_unsigned(44));
    for (int i = 0; i < 8; i++) {
        Writer writer;
        auto a = static_cast<uint8_t>(numbers.next());
        auto b = static_cast<int16_t>(numbers.next());
        auto c = static_cast<int32_t>(numbers.next());
        int64_t d = static_cast<int64_t>(c) * b;
        Add{sum, writer.message(1, a, b), writer.message(2, c, d, a), writer.message(3), writer.message(4, d, d, b, b, c, a)};
        for (unsigned j = 0; j < writer.used; j++)
            Add{sum, writer.buffer[j]};
        Add{sum, total(a, b, c, d), total(), total(true, 'a', -3), all_below(i * 9, a % 70, b % 50), all_below(opaque_int(0))};
        Add{sum, most<int>(a, b, c), most<int64_t>(d, b, a), most(opaque_int(i))};
        Tuple<uint8_t, int64_t, int16_t, bool> tuple(a, d, b, c > 0);
        int64_t seen = 0;
        tuple.each([&seen](auto value) { seen = (seen * 9 + value) % 1000000007; });
        Add{sum, seen & 0xffffffffff};
    }
    AGREED(bare_variadic_packs, sum);
}
