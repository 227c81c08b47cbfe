/* Objects read and written through character pointers between accesses of their own type: every byte store may change
 * the typed value, the loop limit or the pointer that the next statement reads. */
#include "certify.h"

struct limited {
    unsigned char head[5];
    unsigned char limit;
    unsigned char tail[10];
};

static NOINLINE uint16_t difference16(uint16_t *value, unsigned char *byte, unsigned char with) {
    uint16_t before = *value;
    *byte = with;
    return (uint16_t)(*value ^ before);
}

static NOINLINE uint32_t difference32(uint32_t *value, unsigned char *byte, unsigned char with) {
    uint32_t before = *value;
    *byte = with;
    return *value ^ before;
}

static uint64_t difference64(uint64_t *value, unsigned char *byte, unsigned char with) {
    uint64_t before = *value;
    *byte = with;
    return *value ^ before;
}

static void complement_bytes(void *object, size_t size) {
    unsigned char *byte = object;
    while (size--) {
        *byte = (unsigned char)~*byte;
        byte++;
    }
}

static void exchange_bytes(void *left, void *right, size_t size) {
    char *a = left, *b = right;
    for (size_t i = 0; i < size; i++) {
        char kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static void reverse_bytes(void *object, size_t size) {
    signed char *low = object, *high = low + size;
    while (low < high) {
        signed char kept = *--high;
        *high = *low;
        *low++ = kept;
    }
}

static unsigned fill_until_limit(struct limited *box, unsigned char with) {
    unsigned char *bytes = (unsigned char *)box;
    unsigned count = 0;
    while (count < box->limit)
        bytes[count++] = with;
    return count;
}

/* The limit is at offset 5: a fill that reaches it replaces it. */
static void check_limits(unsigned limit, unsigned char with) {
    struct limited box = {{9, 9, 9, 9, 9}, (unsigned char)limit, {9, 9, 9, 9, 9, 9, 9, 9, 9, 9}};
    unsigned expected = limit <= 5 ? limit : with < 6 ? 6 : with, filled = 0;
    CHECK(fill_until_limit(&box, with) == expected);
    for (unsigned i = 0; i < 5; i++)
        filled += box.head[i] == with;
    for (unsigned i = 0; i < 10; i++)
        filled += box.tail[i] == with;
    CHECK(filled == (expected <= 5 ? expected : expected - 1));
    CHECK(box.limit == (limit <= 5 ? limit : with));
}

static void check_differences(uint32_t start) {
    uint64_t huge, all64 = 0, other64 = start;
    uint32_t wide, all32 = 0, other32 = start;
    uint16_t small, all16 = 0;
    for (unsigned i = 0; i < 8; i++) {
        huge = (uint64_t)start << 32 | (start ^ 0x0f0f0f0fu);
        all64 |= difference64(&huge, (unsigned char *)&huge + i, 0xa5);
        CHECK(difference64(&huge, (unsigned char *)&other64 + i, 0xa5) == 0);
        wide = start;
        all32 |= difference32(&wide, (unsigned char *)&wide + i % 4, 0x5a);
        CHECK(difference32(&wide, (unsigned char *)&other32 + i % 4, 0x5a) == 0);
        small = (uint16_t)start;
        all16 |= difference16(&small, (unsigned char *)&small + (i & 1), 0xc3);
        CHECK(difference16(&small, (unsigned char *)&wide, (unsigned char)i) == 0);
    }
    CHECK(all64 == (((uint64_t)start << 32 | (start ^ 0x0f0f0f0fu)) ^ 0xa5a5a5a5a5a5a5a5u));
    CHECK(other64 == 0xa5a5a5a5a5a5a5a5u);
    CHECK(all32 == (start ^ 0x5a5a5a5au) && other32 == 0x5a5a5a5au);
    CHECK(all16 == (uint16_t)(start ^ 0xc3c3));
}

static void check_whole(uint64_t a, uint64_t b) {
    uint64_t left = a, right = b;
    int16_t short_value = (int16_t)(a & 0x7fff);
    complement_bytes(&left, sizeof left);
    CHECK(left == ~a);
    exchange_bytes(&left, &right, sizeof left);
    CHECK(left == b && right == ~a);
    exchange_bytes(&left, &left, sizeof left);
    CHECK(left == b);
    reverse_bytes(&left, sizeof left);
    CHECK(left == __builtin_bswap64(b));
    complement_bytes(&short_value, sizeof short_value);
    CHECK(short_value == -1 - (int)(a & 0x7fff));

    uint64_t *to_left = &left, *to_right = &right;
    *to_left = 1;
    exchange_bytes(&to_left, &to_right, sizeof to_left);
    *to_left = 2;
    CHECK(left == 1 && right == 2 && *to_right == 1);
}

PROGRAM(alias_through_char_pointers) {
    for (unsigned limit = 0; limit <= 16; limit++) {
        check_limits(opaque_unsigned(limit), 0);
        check_limits(limit, (unsigned char)opaque_unsigned(16));
        check_limits(limit, 7);
    }
    check_differences(0x11223344u);
    check_differences(opaque_unsigned(0xfedcba98u));
    check_whole(0x0123456789abcdefu, 0xfedcba9876543210u);
    check_whole(opaque_uint64(0x8040201008040201u), opaque_uint64(77));
}
