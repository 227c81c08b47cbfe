/* Every fetch operation at 8, 16 and 32 bits, signed and unsigned, in every memory order, with the result used and unused,
 * against ordinary arithmetic; compound assignment to atomic objects. */
#include "certify.h"

#include <stdatomic.h>

#define OPERATIONS(SUFFIX, TYPE)                                                                        \
    static _Atomic TYPE shared_##SUFFIX;                                                                \
    static TYPE apply_##SUFFIX(_Atomic TYPE *to, unsigned operation, TYPE by) {                         \
        switch (operation) {                                                                            \
        case 0: return atomic_fetch_add(to, by);                                                        \
        case 1: return atomic_fetch_sub_explicit(to, by, memory_order_relaxed);                         \
        case 2: return atomic_fetch_and_explicit(to, by, memory_order_acquire);                         \
        case 3: return atomic_fetch_or_explicit(to, by, memory_order_release);                          \
        case 4: return atomic_fetch_xor_explicit(to, by, memory_order_acq_rel);                         \
        default: return atomic_exchange(to, by);                                                        \
        }                                                                                               \
    }                                                                                                   \
    static void apply_unused_##SUFFIX(_Atomic TYPE *to, unsigned operation, TYPE by) {                  \
        switch (operation) {                                                                            \
        case 0: atomic_fetch_add_explicit(to, by, memory_order_relaxed); break;                         \
        case 1: atomic_fetch_sub(to, by); break;                                                        \
        case 2: atomic_fetch_and(to, by); break;                                                        \
        case 3: atomic_fetch_or(to, by); break;                                                         \
        case 4: atomic_fetch_xor(to, by); break;                                                        \
        default: atomic_store_explicit(to, by, memory_order_release);                                   \
        }                                                                                               \
    }                                                                                                   \
    static NOINLINE TYPE model_##SUFFIX(TYPE value, unsigned operation, TYPE by) {                      \
        uint32_t v = (uint32_t)value, b = (uint32_t)by;                                                 \
        switch (operation) {                                                                            \
        case 0: return (TYPE)(v + b);                                                                   \
        case 1: return (TYPE)(v - b);                                                                   \
        case 2: return (TYPE)(v & b);                                                                   \
        case 3: return (TYPE)(v | b);                                                                   \
        case 4: return (TYPE)(v ^ b);                                                                   \
        default: return by;                                                                             \
        }                                                                                               \
    }                                                                                                   \
    static void check_##SUFFIX(uint32_t seed, int turns) {                                              \
        _Atomic TYPE own;                                                                               \
        TYPE value = (TYPE)seed, mine = (TYPE)~seed;                                                    \
        atomic_init(&own, mine);                                                                        \
        atomic_store(&shared_##SUFFIX, value);                                                          \
        for (int turn = 0; turn < turns; turn++) {                                                      \
            seed = seed * 1664525u + 1013904223u;                                                       \
            unsigned operation = seed >> 8 & 7;                                                         \
            TYPE by = (TYPE)(seed >> 13);                                                               \
            CHECK(apply_##SUFFIX(&shared_##SUFFIX, operation, by) == value);                            \
            value = model_##SUFFIX(value, operation, by);                                               \
            apply_unused_##SUFFIX(&own, operation, value);                                              \
            mine = model_##SUFFIX(mine, operation, value);                                              \
            CHECK(atomic_load_explicit(&own, memory_order_acquire) == mine);                            \
            CHECK(atomic_load(&shared_##SUFFIX) == value);                                              \
        }                                                                                               \
    }

OPERATIONS(u8, uint8_t)
OPERATIONS(s8, int8_t)
OPERATIONS(u16, uint16_t)
OPERATIONS(s16, int16_t)
OPERATIONS(u32, uint32_t)
OPERATIONS(s32, int32_t)

static uint32_t compound(uint32_t start) {
    _Atomic uint16_t half = (uint16_t)start;
    _Atomic uint8_t byte = 250;
    _Atomic int32_t word = -7;
    uint32_t sum = 0;
    for (int i = 0; i < 5; i++) {
        half += 3;
        half *= 5;
        byte++;
        byte ^= 0x11;
        word -= i;
        word /= 2;
        word *= 2;
        --half;
        sum = sum * 31 + half + byte + (uint32_t)word++;
    }
    return sum;
}

static uint32_t compound_plain(uint32_t start) {
    uint32_t half = start & 0xffff, byte = 250, sum = 0;
    int32_t word = -7;
    for (int i = 0; i < 5; i++) {
        half = ((half + 3) * 5 - 1) & 0xffff;
        byte = ((byte + 1) & 0xff) ^ 0x11;
        word = (word - i) / 2 * 2;
        sum = sum * 31 + half + byte + (uint32_t)word;
        word++;
    }
    return sum;
}

PROGRAM(atomic_fetch_operations) {
    check_u8(opaque_unsigned(1), 40);
    check_s8(opaque_unsigned(2), 40);
    check_u16(opaque_unsigned(3), 40);
    check_s16(opaque_unsigned(4), 40);
    check_u32(opaque_unsigned(5), 40);
    check_s32(opaque_unsigned(6), 40);
    check_s8(0x80u, 3);
    check_u16(0xffffu, opaque_int(9));

    /* A foldable sequence on a local that never escapes. */
    _Atomic int32_t local = 10;
    int32_t seen = atomic_fetch_add(&local, 5);
    seen = seen * 100 + atomic_fetch_xor_explicit(&local, 6, memory_order_relaxed);
    seen = seen * 100 + atomic_exchange(&local, -1);
    CHECK(seen == 101509 && atomic_load(&local) == -1);
    CHECK(atomic_fetch_sub(&local, INT32_MAX) == -1 && local == INT32_MIN);
    CHECK(atomic_fetch_sub(&local, 1) == INT32_MIN && local == INT32_MAX);
    CHECK(compound(9) == compound_plain(9) && compound(opaque_unsigned(65000)) == compound_plain(65000));
}
