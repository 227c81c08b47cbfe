/* Sparse switches, which become trees of comparisons: keys over the whole range, signed and unsigned order,
 * a few dense clusters far apart, and arms that compute on the key. */
#include "certify.h"

#define KEYS 14
static const volatile int32_t keys[KEYS] = {INT32_MIN, -2000000000, -65537, -65536, -1, 0, 7, 1000,
                                            65535, 65536, 99999, 0x01000000, 2000000000, INT32_MAX};

static NOINLINE int signed_rank(int32_t key) {
    switch (key) {
    case 7: return 6;
    case 99999: return 10;
    case INT32_MIN: return 0;
    case -65536: return 3;
    case 65536: return 9;
    case 0: return 5;
    case INT32_MAX: return 13;
    case -2000000000: return 1;
    case 0x01000000: return 11;
    case -1: return 4;
    case 65535: return 8;
    case -65537: return 2;
    case 2000000000: return 12;
    case 1000: return 7;
    default: return -1;
    }
}

/* The same bit patterns in unsigned order, with arms that are not constants. */
static uint32_t unsigned_arm(uint32_t key, uint32_t other) {
    switch (key) {
    case 0x80000000u: other += key; break;
    case 0x88CA6C00u: other -= key; break;
    case 0xFFFEFFFFu: other ^= key; break;
    case 0xFFFF0000u: other |= key; break;
    case 0xFFFFFFFFu: other &= key; break;
    case 0u: other = ~other; break;
    case 7u: other *= key; break;
    case 1000u: other /= key; break;
    case 65535u: other %= key; break;
    case 65536u: other = other / key; break;
    case 99999u: other = key - other; break;
    case 0x01000000u: other = other << (key >> 22 & 7); break;
    case 2000000000u: other = other >> (key & 31); break;
    case 0x7FFFFFFFu: other = other + key; break;
    default: other += 1; break;
    }
    return other;
}

static uint32_t arm_by_rank(int rank, uint32_t key, uint32_t other) {
    if (rank == 0 || rank == 13) return other + key;
    if (rank == 1) return other - key;
    if (rank == 2) return (other | key) - (other & key);
    if (rank == 3) return (other & 0xFFFFu) + 0xFFFF0000u;
    if (rank == 4) return other;
    if (rank == 5) return 0u - other - 1u;
    if (rank == 6) return other * 8u - other;
    if (rank == 7) return other / 8u / 125u;
    if (rank == 8) return other % 255u % 2u + (other % 65535u - other % 255u % 2u);
    if (rank == 9) return other >> 16;
    if (rank == 10) return 99999u - other;
    if (rank == 11) return other * 16u;
    if (rank == 12) return other;
    return other - 0xFFFFFFFFu;
}

static const char *cluster_name(int code) {
    switch (code) {
    case 100: return "a";
    case 101: return "b";
    case 102: case 103: return "c";
    case 104: return "a";
    case 5000: return "x";
    case 5001: case 5003: return "y";
    case 5002: return "z";
    case -777: return "lone";
    case 31000: return "far";
    default: return "";
    }
}

static unsigned tag_size(uint32_t tag) {
    switch (tag) {
    case 0x52494646u: return 12;
    case 0x666D7420u: return 24;
    case 0x64617461u: return 8;
    case 0x4C495354u: return 4;
    case 0x66616374u: return 16;
    case 0x666D7421u: return 25;
    default: return 0;
    }
}

static int linear_rank(int32_t key) {
    for (int rank = 0; rank < KEYS; rank++)
        if (keys[rank] == key)
            return rank;
    return -1;
}

static void probe(int32_t key, uint32_t other) {
    int rank = linear_rank(key);
    CHECK(signed_rank(opaque_int(key)) == rank);
    CHECK(unsigned_arm(opaque_unsigned((uint32_t)key), other) == arm_by_rank(rank, (uint32_t)key, other));
}

PROGRAM(switch_sparse_cases) {
    uint32_t random = 12345;
    for (int which = 0; which < KEYS; which++) {
        CHECK(signed_rank(keys[which]) == which);
        for (int round = 0; round < 6; round++) {
            random = random * 1664525u + 1013904223u;
            probe(keys[which], random);
            if (keys[which] != INT32_MAX)
                probe(keys[which] + 1, random);
            if (keys[which] != INT32_MIN)
                probe(keys[which] - 1, ~random);
            probe((int32_t)(random ^ 0x5A5A5A5Au), random >> round);
            /* One bit off: a tree that compares only a part of the key would take the arm. */
            probe((int32_t)((uint32_t)keys[which] ^ (1u << (random >> 27))), random);
        }
    }
    for (int code = -800; code < 31010; code += code < -770 || (code > 90 && code < 110) || (code > 4990 && code < 5010) || code > 30990 ? 1 : 7) {
        const char *name = cluster_name(opaque_int(code));
        int letter = name[0];
        int expected = 0;
        if (code >= 100 && code <= 104)
            expected = code == 100 || code == 104 ? 'a' : code == 101 ? 'b' : 'c';
        else if (code / 4 == 1250)
            expected = code % 2 ? 'y' : code == 5000 ? 'x' : 'z';
        else if (code == -777)
            expected = 'l';
        else if (code == 31000)
            expected = 'f';
        CHECK(letter == expected);
    }
    unsigned total = 0;
    for (unsigned high = 0; high < 4; high++)
        for (unsigned low = 0; low < 3; low++)
            total += tag_size(opaque_unsigned(0x666D741Fu + low + (high << 30))) << (8 * low);
    CHECK(total == (24u << 8 | 25u << 16));
    CHECK(tag_size(0x52494646u) + tag_size(opaque_unsigned(0x64617461u)) + tag_size(0x4C495354u) + tag_size(opaque_unsigned(0x66616374u)) == 40);
}
