/* Results without exceptions: optionals and values-or-errors, chained, returned by value and with members that end. */
#include "bare.h"

namespace {

enum class Error : int8_t { none, range, parity, busy = -3 };

int open_handles;
struct Handle {
    explicit Handle(uint16_t n) : number(n) { open_handles++; }
    Handle(const Handle &o) : number(o.number) { open_handles++; }
    ~Handle() { open_handles--; }
    uint16_t number;
};

template <typename T> class Result {
public:
    Result(const T &value) : error_(Error::none) { new (&place) T(value); }
    Result(Error error) : error_(error) {}
    Result(const Result &o) : error_(o.error_) {
        if (o)
            new (&place) T(*o);
    }
    ~Result() {
        if (*this)
            (**this).~T();
    }
    explicit operator bool() const { return error_ == Error::none; }
    T &operator*() { return *reinterpret_cast<T *>(&place); }
    const T &operator*() const { return *reinterpret_cast<const T *>(&place); }
    T *operator->() { return &**this; }
    T value_or(const T &other) const { return *this ? **this : other; }
    Error error() const { return error_; }
    template <typename Function> auto then(Function function) const -> decltype(function(*static_cast<const T *>(nullptr))) {
        if (*this)
            return function(**this);
        return error_;
    }

private:
    alignas(T) unsigned char place[sizeof(T)];
    Error error_;
};

NOINLINE Result<uint16_t> checked(uint32_t raw) {
    if (raw > 60000)
        return Error::range;
    uint32_t folded = raw ^ raw >> 8;
    folded ^= folded >> 4;
    if (0x6996 >> (folded & 15) & 1)
        return Error::parity;
    return static_cast<uint16_t>(raw);
}
NOINLINE Result<Handle> opened(uint16_t number) {
    if (open_handles > 3)
        return Error::busy;
    return Handle(number);
}
NOINLINE Result<int64_t> measured(const Handle &handle) {
    if (handle.number % 7 == 0)
        return Error::range;
    return static_cast<int64_t>(handle.number) * handle.number - 5;
}

} // namespace

PROGRAM(bare_optionals) {
    Sum sum;
    Numbers numbers(opaque_unsigned(1));
    for (int i = 0; i < 50; i++) {
        uint32_t raw = numbers.next() >> 15 >> (i % 3);
        Result<int64_t> whole = checked(raw).then(opened).then(measured);
        Add{sum, static_cast<int>(whole.error()), whole.value_or(-1), open_handles};
        Result<Handle> first = opened(static_cast<uint16_t>(raw)), second = first;
        if (second)
            second->number++;
        Result<Handle> third = i % 2 ? second : opened(3), fourth = opened(static_cast<uint16_t>(i));
        Add{sum, open_handles, static_cast<bool>(fourth), first ? (*first).number : 0, third.value_or(Handle(9)).number};
    }
    Add{sum, open_handles};
    AGREED(bare_optionals, sum);
}
