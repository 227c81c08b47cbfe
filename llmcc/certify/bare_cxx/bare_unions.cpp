/* Tagged unions with members of several sizes, anonymous unions inside classes and bytes seen through unsigned char. */
#include "bare.h"

namespace {

class Value {
public:
    enum Kind : uint8_t { none, integer, wide, pair, bytes };
    Value() : kind(none), as_integer(0) {}
    explicit Value(int32_t v) : kind(integer), as_integer(v) {}
    explicit Value(int64_t v) : kind(wide), as_wide(v) {}
    Value(int16_t a, uint16_t b) : kind(pair), as_pair{a, b} {}
    explicit Value(const uint8_t (&content)[6]) : kind(bytes) {
        for (unsigned i = 0; i < 6; i++)
            as_bytes[i] = content[i];
    }
    NOINLINE int64_t total() const {
        switch (kind) {
        case none:
            return -1;
        case integer:
            return as_integer;
        case wide:
            return as_wide;
        case pair:
            return as_pair.a * 65536LL + as_pair.b;
        case bytes: {
            int64_t sum = 0;
            for (uint8_t byte : as_bytes)
                sum = sum << 8 | byte;
            return sum;
        }
        }
        return 0;
    }
    NOINLINE Value next() const {
        switch (kind) {
        case none:
            return Value(int32_t{opaque_int(7)});
        case integer:
            return Value(static_cast<int64_t>(as_integer) << 20);
        case wide:
            return Value(static_cast<int16_t>(as_wide >> 20), static_cast<uint16_t>(as_wide >> 3));
        case pair: {
            const uint8_t content[6] = {1, static_cast<uint8_t>(as_pair.a), 3, static_cast<uint8_t>(as_pair.b), 5, 6};
            return Value(content);
        }
        default:
            return as_bytes[1] & 1 ? Value() : Value(static_cast<int32_t>(as_bytes[3]) - 200);
        }
    }
    Kind kind;

private:
    union {
        int32_t as_integer;
        int64_t as_wide;
        struct {
            int16_t a;
            uint16_t b;
        } as_pair;
        uint8_t as_bytes[6];
    };
};

template <typename T> NOINLINE uint32_t bytes_of(const T &object) {
    const unsigned char *place = reinterpret_cast<const unsigned char *>(&object);
    uint32_t sum = 0;
    for (unsigned i = 0; i < sizeof(T); i++)
        sum = sum * 131 + place[i];
    return sum;
}

} // namespace

PROGRAM(bare_unions) {
    Sum sum;
    Value values[4] = {Value(), Value(int32_t{opaque_int(41)}), Value(opaque_int64(-3)), Value(static_cast<int16_t>(opaque_int(-9)), 8)};
    for (int round = 0; round < 24; round++) {
        Value &value = values[opaque_int(round) % 4];
        Add{sum, value.total(), static_cast<uint8_t>(value.kind)};
        value = value.next();
        values[(round + 1) % 4] = round % 5 == 0 ? value : values[(round + 1) % 4];
    }
    uint32_t number = opaque_unsigned(0x80c1f00du);
    int64_t wide = opaque_int64(-2);
    Add{sum, bytes_of(number), bytes_of(wide), bytes_of(static_cast<uint16_t>(number))};
    AGREED(bare_unions, sum);
}
