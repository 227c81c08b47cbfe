/* Search loops: first, last and next place, with a sentinel, in sorted arrays by halves,
 * for a run and for a pair, with a default after the loop. */
#include "certify.h"

enum { SIZE = 64 };
static uint8_t bytes[SIZE + 1];

static NOINLINE int first_of(const uint8_t *at, int count, uint8_t key) {
    for (int index = 0; index < count; index++)
        if (at[index] == key)
            return index;
    return -1;
}

static NOINLINE int last_of(const uint8_t *at, int count, uint8_t key) {
    int found = -1;
    for (int index = 0; index < count; index++)
        if (at[index] == key)
            found = index;
    return found;
}

static int last_of_backward(const uint8_t *at, int count, uint8_t key) {
    while (count-- > 0 && at[count] != key)
        ;
    return count < 0 ? -1 : count;
}

/* The key is put behind the end, so that the loop needs one test only. */
static NOINLINE int with_sentinel(uint8_t *at, int count, uint8_t key) {
    uint8_t kept = at[count];
    int index = 0;
    at[count] = key;
    while (at[index] != key)
        index++;
    at[count] = kept;
    return index == count ? -1 : index;
}

static const uint8_t *by_pointer(const uint8_t *at, const uint8_t *end, uint8_t key) {
    for (; at < end; ++at)
        if (*at == key)
            break;
    return at;
}

/* The first that is not less, and the first that is greater. */
static NOINLINE unsigned lower(const uint16_t *sorted, unsigned count, uint16_t key) {
    unsigned low = 0;
    while (count > 0) {
        unsigned half = count / 2;
        if (sorted[low + half] < key) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static NOINLINE unsigned upper(const uint16_t *sorted, unsigned count, uint16_t key) {
    unsigned low = 0;
    while (count > 0) {
        unsigned half = count / 2;
        if (sorted[low + half] <= key) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static int closed_interval(const uint16_t *sorted, int count, uint16_t key) {
    int low = 0, high = count - 1;
    while (low <= high) {
        int middle = low + (high - low) / 2;
        if (sorted[middle] == key)
            return middle;
        if (sorted[middle] < key)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return ~low;
}

/* The first run of at least so many equal bytes; what was longest before is told too. */
static unsigned find_run(const uint8_t *at, unsigned count, unsigned wanted, unsigned *longest) {
    unsigned run = 0;
    *longest = 0;
    for (unsigned index = 0; index < count; index++) {
        run = index > 0 && at[index] == at[index - 1] ? run + 1 : 1;
        if (run > *longest)
            *longest = run;
        if (run == wanted)
            return index + 1 - wanted;
    }
    return count;
}

static unsigned find_pair(const uint8_t *at, unsigned count, unsigned sum, unsigned *second) {
    for (unsigned left = 0; left < count; left++)
        for (unsigned right = left + 1; right < count; right++)
            if (at[left] + at[right] == (int)sum) {
                *second = right;
                return left;
            }
    *second = count;
    return count;
}

PROGRAM(loop_search) {
    uint32_t random = 1;
    for (unsigned round = 0; round < 50; round++) {
        int first[16], last[16], count = (int)(round * 3 % (SIZE + 1));
        for (int key = 0; key < 16; key++)
            first[key] = last[key] = -1;
        for (int index = 0; index <= SIZE; index++) {
            random = random * 1664525u + 1013904223u;
            bytes[index] = (uint8_t)((random >> 28) & (round % 2 ? 15 : random >> 24 & 15));
            if (index < count) {
                last[bytes[index]] = index;
                if (first[bytes[index]] < 0)
                    first[bytes[index]] = index;
            }
        }
        for (int key = 0; key < 16; key++) {
            uint8_t sought = (uint8_t)opaque_int(key), behind = bytes[count];
            CHECK(first_of(bytes, opaque_int(count), sought) == first[key]);
            CHECK(last_of(bytes, opaque_int(count), sought) == last[key] && last_of_backward(bytes, count, sought) == last[key]);
            CHECK(with_sentinel(bytes, opaque_int(count), sought) == first[key] && bytes[count] == behind);
            CHECK(by_pointer(bytes, bytes + count, sought) - bytes == (first[key] < 0 ? count : first[key]));
        }
        for (unsigned sum = 0; sum < 31; sum += 3) {
            unsigned second, left = find_pair(bytes, opaque_unsigned((unsigned)count), sum, &second), best = (unsigned)count;
            for (unsigned index = 0; index < (unsigned)count; index++)
                if (sum >= bytes[index] && sum - bytes[index] < 16 && last[sum - bytes[index]] > (int)index && best == (unsigned)count)
                    best = index;
            CHECK(left == best && (left == (unsigned)count ? second == left : second > left && bytes[left] + bytes[second] == (int)sum));
        }
        for (unsigned wanted = 1; wanted < 6; wanted++) {
            unsigned longest, place = find_run(bytes, opaque_unsigned((unsigned)count), wanted, &longest), expected = 0;
            for (; expected < (unsigned)count; expected++) {
                unsigned same = 1;
                while (same < wanted && expected + same < (unsigned)count && bytes[expected + same] == bytes[expected])
                    same++;
                if (same == wanted)
                    break;
            }
            CHECK(place == expected && (place < (unsigned)count ? longest == wanted : longest < wanted));
        }
    }
    uint16_t sorted[40];
    for (unsigned count = 0; count < 40; count += 1 + count / 8) {
        for (unsigned index = 0; index < count; index++)
            sorted[index] = (uint16_t)(index / 3 * 10 + 5);
        for (unsigned key = 0; key < 140; key += 5) {
            unsigned less = 0, equal = 0;
            for (unsigned index = 0; index < count; index++)
                less += sorted[index] < key, equal += sorted[index] == key;
            CHECK(lower(sorted, opaque_unsigned(count), (uint16_t)key) == less && upper(sorted, opaque_unsigned(count), (uint16_t)key) == less + equal);
            int place = closed_interval(sorted, opaque_int((int)count), (uint16_t)key);
            CHECK(equal ? place >= (int)less && place < (int)(less + equal) : place == ~(int)less);
        }
    }
}
