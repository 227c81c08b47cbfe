/* Shifts of every width, left and right, signed and unsigned, by amounts known only at run time. */
#include "certify.h"

static uint32_t left32(uint32_t value, unsigned amount) { return value << amount; }
static int32_t right32(int32_t value, unsigned amount) { return value >> amount; }

PROGRAM(integer_shift_widths) {
    for (unsigned amount = 0; amount < 32; amount++) {
        uint32_t power = 1;
        int32_t quotient = -1000003;
        for (unsigned step = 0; step < amount; step++) {
            power += power;
            quotient = quotient / 2 - (quotient % 2 != 0);
        }
        CHECK(left32(1, opaque_unsigned(amount)) == power);
        CHECK(right32(opaque_int(-1000003), amount) == quotient);
    }
}
