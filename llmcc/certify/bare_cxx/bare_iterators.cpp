/* Iterators and ranges: strides, filters and zips over arrays, used by range loops and by algorithms written here. */
#include "bare.h"

namespace {

template <typename T> struct Strided {
    T *at;
    int step;
    T &operator*() const { return *at; }
    Strided &operator++() {
        at += step;
        return *this;
    }
    bool operator!=(const Strided &o) const { return at != o.at; }
};
template <typename T> class Slice {
public:
    Slice(T *start_, int count_, int step_) : start(start_), count(count_), step(step_) {}
    Strided<T> begin() const { return {start, step}; }
    Strided<T> end() const { return {start + count * step, step}; }
    T &operator[](int i) const { return start[i * step]; }
    int size() const { return count; }

private:
    T *start;
    int count, step;
};

template <typename T> T &any();

template <typename Range, typename Keep> class Filtered {
public:
    Filtered(Range range_, Keep keep_) : range(range_), keep(keep_) {}
    class Iterator {
    public:
        using Inner = decltype(any<Range>().begin());
        Iterator(Inner at_, Inner last_, const Keep &keep_) : at(at_), last(last_), keep(keep_) { skip(); }
        auto &operator*() const { return *at; }
        Iterator &operator++() {
            ++at;
            skip();
            return *this;
        }
        bool operator!=(const Iterator &o) const { return at != o.at; }

    private:
        void skip() {
            while (at != last && !keep(*at))
                ++at;
        }
        Inner at, last;
        const Keep &keep;
    };
    Iterator begin() const { return {range.begin(), range.end(), keep}; }
    Iterator end() const { return {range.end(), range.end(), keep}; }

private:
    Range range;
    Keep keep;
};
template <typename Range, typename Keep> Filtered<Range, Keep> filtered(Range range, Keep keep) { return {range, keep}; }

template <typename Range, typename T, typename Function> T reduce(const Range &range, T value, Function function) {
    for (auto &each : range)
        value = function(value, each);
    return value;
}
template <typename T> NOINLINE void arrange(const Slice<T> &slice) {
    for (int i = 1; i < slice.size(); i++) {
        T held = slice[i];
        int j = i;
        for (; j > 0 && held < slice[j - 1]; j--)
            slice[j] = slice[j - 1];
        slice[j] = held;
    }
}

} // namespace

PROGRAM(bare_iterators) {
    Sum sum;
    int16_t cells[24];
    Numbers numbers(opaque_unsigned(24));
    for (int round = 0; round < 10; round++) {
        for (int16_t &cell : cells)
            cell = static_cast<int16_t>(numbers.next());
        int step = 1 + round % 4;
        Slice<int16_t> slice(cells + round % 2, opaque_int(22) / step, step), whole(cells, 24, opaque_int(1));
        int16_t limit = static_cast<int16_t>(numbers.next());
        auto some = filtered(slice, [limit](int16_t v) { return v > limit; });
        Add{sum, reduce(some, 0, [](int a, int16_t b) { return a + b; }), reduce(slice, 1u, [](uint32_t a, int16_t b) { return a * 3 + static_cast<uint32_t>(b); })};
        for (int16_t &cell : some)
            cell = static_cast<int16_t>(cell / 2);
        arrange(slice);
        Add{sum, reduce(whole, 7u, [](uint32_t a, int16_t b) { return a * 31 ^ static_cast<uint32_t>(b); })};
        Add{sum, reduce(filtered(some, [](int16_t v) { return v % 3 == 0; }), static_cast<int64_t>(0), [](int64_t a, int b) { return a * 2 + b; })};
    }
    AGREED(bare_iterators, sum);
}
