/* Test and set, reset or complement one bit of an atomic word, where only that bit of the old value is used, as a mask, as a
 * number or as a branch; additions and subtractions where only the zero or the sign of the new value is used. */
#include "certify.h"

#include <stdatomic.h>

static _Atomic uint32_t flags;
static _Atomic uint16_t short_flags;
static _Atomic int32_t references;
static int destroyed;

static uint32_t set_mask(unsigned bit) { return atomic_fetch_or(&flags, 1u << bit) & 1u << bit; }
static uint32_t reset_mask(unsigned bit) { return atomic_fetch_and(&flags, ~(1u << bit)) & 1u << bit; }
static uint32_t flip_mask(unsigned bit) { return atomic_fetch_xor(&flags, 1u << bit) & 1u << bit; }
static unsigned set_bit(unsigned bit) { return atomic_fetch_or(&flags, 1u << (bit & 31)) >> (bit & 31) & 1; }
static int reset_bit(unsigned bit) { return (atomic_fetch_and(&flags, ~(1u << (bit & 31))) & 1u << (bit & 31)) != 0; }
static int flip_bit(unsigned bit) { return !(atomic_fetch_xor(&flags, 1u << (bit & 31)) & 1u << (bit & 31)); }

static unsigned short_set(unsigned bit) {
    uint16_t mask = (uint16_t)(1u << bit);
    return (atomic_fetch_or_explicit(&short_flags, mask, memory_order_relaxed) & mask) ? 3 : 4;
}

static unsigned short_flip(unsigned bit) {
    uint16_t mask = (uint16_t)(1u << bit);
    if (atomic_fetch_xor_explicit(&short_flags, mask, memory_order_acq_rel) & mask)
        return bit + 1;
    return 0;
}

/* Constant places, each result used in another way. */
static unsigned constant_bits(uint32_t start) {
    unsigned result = 0;
    atomic_store(&flags, start);
    if (atomic_fetch_or(&flags, 1u << 5) & 1u << 5)
        result |= 1;
    if (!(atomic_fetch_and(&flags, ~(1u << 31)) & 1u << 31))
        result |= 2;
    result |= (atomic_fetch_xor(&flags, 1u) & 1u) << 2;
    result |= atomic_fetch_or(&flags, 0x80u) >> 4 & 8u;
    /* Two bits, and a bit other than the one that changes: the old word is needed whole. */
    result |= (atomic_fetch_or(&flags, 0x300u) & 0x300u) >> 4;
    result |= atomic_fetch_and(&flags, ~0x400u) & 0x800u;
    atomic_fetch_xor(&flags, 0xf000u);
    return result;
}

static unsigned constant_model(uint32_t start, uint32_t *left) {
    volatile uint32_t v = start;
    unsigned result = v >> 5 & 1;
    v |= 1u << 5;
    result += 2 * !(v >> 31);
    v &= 0x7fffffffu;
    result += 4 * (v & 1);
    v ^= 1;
    result += 8 * (v >> 7 & 1);
    v |= 0x80;
    result += (v & 0x300) >> 4;
    v |= 0x300;
    result += v & 0x800;
    v &= ~0x400u;
    *left = v ^ 0xf000u;
    return result;
}

static void retain(void) { atomic_fetch_add_explicit(&references, 1, memory_order_relaxed); }

static void release(void) {
    if (atomic_fetch_sub_explicit(&references, 1, memory_order_release) == 1) {
        atomic_thread_fence(memory_order_acquire);
        destroyed++;
    }
}

static int becomes_zero(int32_t by) { return atomic_fetch_add(&references, by) == -by; }
static int becomes_negative(int32_t by) { return atomic_fetch_add(&references, by) + by < 0; }
static int becomes_positive(int32_t by) { return atomic_fetch_sub(&references, by) - by > 0; }
static int and_is_zero(uint32_t mask) { return (atomic_fetch_and(&flags, mask) & mask) == 0; }
static int or_is_negative(uint32_t mask) { return (int32_t)(atomic_fetch_or(&flags, mask) | mask) < 0; }
static uint32_t new_value(uint32_t mask) { return atomic_fetch_xor(&flags, mask) ^ mask; }

PROGRAM(atomic_bit_operations) {
    uint32_t left;
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t mask = 1u << bit, start = opaque_unsigned(0x5a5a3c0fu);
        int old = start >> bit & 1;
        unsigned place = opaque_unsigned(bit);
        atomic_store(&flags, start);
        CHECK(set_mask(place) == (start & mask) && flags == (start | mask) && set_mask(bit) == mask);
        CHECK(reset_mask(place) == mask && flags == (start & ~mask) && reset_mask(bit) == 0);
        CHECK(flip_mask(place) == 0 && flip_mask(bit) == mask && flags == (start & ~mask));
        atomic_store(&flags, start);
        CHECK(set_bit(place + 32) == (unsigned)old && set_bit(bit) == 1 && flags == (start | mask));
        CHECK(flip_bit(place) == 0 && flip_bit(bit + 64) == 1 && flip_bit(bit) == 0 && flags == (start & ~mask));
        CHECK(reset_bit(place + 96) == 0 && set_bit(bit) == 0 && reset_bit(place) == 1 && flags == (start & ~mask));
        if (bit < 16) {
            atomic_store(&short_flags, 0x8421);
            CHECK(short_set(place) == (bit % 5 ? 4 : 3) && short_set(bit) == 3);
            CHECK(short_flip(bit) == bit + 1 && short_flip(place) == 0 && short_flags == (0x8421 | mask));
        }
        CHECK(constant_bits(start ^ mask) == constant_model(start ^ mask, &left) && flags == left);
    }
    CHECK(constant_bits(0x80000921u) == constant_model(0x80000921u, &left) && flags == left);

    atomic_store(&references, opaque_int(1));
    destroyed = 0;
    retain();
    release();
    CHECK(destroyed == 0 && references == 1);
    release();
    CHECK(destroyed == 1 && references == 0);
    release();
    CHECK(destroyed == 1 && references == -1);
    CHECK(becomes_zero(1) && !becomes_zero(opaque_int(3)) && becomes_zero(-3));
    CHECK(becomes_negative(opaque_int(-1)) && !becomes_negative(1) && !becomes_negative(5));
    CHECK(becomes_positive(4) && !becomes_positive(opaque_int(1)) && !becomes_positive(1) && becomes_positive(-2) && references == 1);
    atomic_store(&flags, 0x0f0fu);
    CHECK(and_is_zero(0xf0f0u) && flags == 0 && !or_is_negative(7) && or_is_negative(opaque_unsigned(1u << 31)));
    CHECK(or_is_negative(0) && !and_is_zero(opaque_unsigned(5)) && new_value(0xffu) == 0xfau && new_value(0xfau) == 0);
}
