/* Iterators written by hand and range-for over them: numbers with a step, backwards, filtered twice, runs of letters up
 * to a sentinel of another type; against loops with indices. */
#include "certify.h"

#include <utility>

namespace {

template <typename T> struct Steps {
    struct Iterator {
        T operator*() const { return value; }
        Iterator &operator++() {
            value = static_cast<T>(value + step);
            left--;
            return *this;
        }
        bool operator!=(const Iterator &other) const { return left != other.left; }
        T value, step;
        unsigned left;
    };
    Iterator begin() const { return {first, step, count}; }
    Iterator end() const { return {0, 0, 0}; }
    T first, step;
    unsigned count;
};

template <typename T> struct Reversed {
    struct Iterator {
        T &operator*() const { return at[-1]; }
        Iterator &operator++() {
            --at;
            return *this;
        }
        friend bool operator!=(Iterator a, Iterator b) { return a.at != b.at; }
        T *at;
    };
    template <size_t count> explicit Reversed(T (&array)[count]) : first(array), last(array + count) {}
    Iterator begin() const { return {last}; }
    Iterator end() const { return {first}; }
    T *first, *last;
};

/* The end is another type. */
struct End {};

template <typename Range, typename Predicate> struct Filtered {
    using Inner = decltype(std::declval<const Range &>().begin());
    using Last = decltype(std::declval<const Range &>().end());
    struct Iterator {
        void settle() {
            while (at != last && !predicate(*at))
                ++at;
        }
        decltype(auto) operator*() const { return *at; }
        Iterator &operator++() {
            ++at;
            settle();
            return *this;
        }
        bool operator!=(End) const { return at != last; }
        Inner at;
        Last last;
        Predicate predicate;
    };
    Iterator begin() const {
        Iterator first = {range.begin(), range.end(), predicate};
        first.settle();
        return first;
    }
    End end() const { return {}; }
    Range range;
    Predicate predicate;
};
template <typename Range, typename Predicate> Filtered<Range, Predicate> filter(Range range, Predicate predicate) { return {range, predicate}; }

/* Runs of equal letters of a text. */
struct Runs {
    struct Run {
        char letter;
        unsigned length;
    };
    struct Iterator {
        Run operator*() const {
            Run run = {*at, 0};
            while (at[run.length] == run.letter)
                run.length++;
            return run;
        }
        void operator++() { at += (**this).length; }
        bool operator!=(End) const { return *at != 0; }
        const char *at;
    };
    Iterator begin() const { return {text}; }
    End end() const { return {}; }
    const char *text;
};

template <typename Range> NOINLINE int64_t digest(const Range &range) {
    int64_t sum = 1;
    for (auto &&item : range)
        sum = sum * 3 + static_cast<int64_t>(item);
    return sum;
}

template <typename Range> NOINLINE int64_t digest_until(const Range &range, int64_t stop) {
    int64_t sum = 1;
    for (auto item : range) {
        if (item == stop)
            return -sum;
        if (item % 5 == 0)
            continue;
        sum = sum * 3 + item;
        if (sum > 100000000)
            break;
    }
    return sum;
}

} // namespace

PROGRAM(cxx_range_iterators) {
    for (int first = -9; first < 10; first += 6) {
        const unsigned count = opaque_unsigned(13);
        const Steps<int32_t> wide = {opaque_int(first), 4, count};
        const Steps<uint8_t> narrow = {static_cast<uint8_t>(first), 40, count};
        int64_t sum = 1, narrow_sum = 1, odd = 1, until = 1;
        bool stopped = false;
        for (int i = 0; i < 13; i++) {
            const int value = first + i * 4;
            const uint8_t small = static_cast<uint8_t>(first + i * 40);
            sum = sum * 3 + value;
            narrow_sum = narrow_sum * 3 + small;
            odd = value % 3 ? odd * 3 + value : odd;
            stopped = stopped || value == 27 || until > 100000000;
            until = stopped || value % 5 == 0 ? until : until * 3 + value;
        }
        CHECK(digest(wide) == sum && digest(narrow) == narrow_sum);
        const auto not_three = [](int value) { return value % 3 != 0; };
        CHECK(digest(filter(wide, not_three)) == odd);
        CHECK(digest(filter(filter(wide, not_three), [](int value) { return value < -100; })) == 1);
        CHECK(digest_until(wide, opaque_int(27)) == (first == 3 || first == -9 ? -until : until));
    }
    int16_t array[9];
    int64_t backwards = 1;
    for (int i = 0; i < 9; i++)
        array[i] = static_cast<int16_t>(opaque_int(i * i - 20));
    for (int i = 9; i-- > 0;)
        backwards = backwards * 3 + array[i];
    CHECK(digest(Reversed<int16_t>(array)) == backwards);
    for (int16_t &item : Reversed<int16_t>(array))
        item = static_cast<int16_t>(item + array[0]);
    CHECK(array[8] == 24 && array[1] == -39 && array[0] == -40);

    unsigned runs = 0, letters = 0;
    for (auto [letter, length] : Runs{static_cast<const char *>(opaque_pointer("aaabccdddda"))}) {
        CHECK(letter == "abcda"[runs] && length == (runs == 0 ? 3u : runs == 2 ? 2u : runs == 3 ? 4u : 1u));
        runs++;
        letters += length;
    }
    CHECK(runs == 5 && letters == 11 && !(Runs{""}.begin() != End()));
}
