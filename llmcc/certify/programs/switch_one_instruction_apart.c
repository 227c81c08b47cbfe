/* Arms that are equal but for one instruction: an arithmetic unit as one switch, as one function per operation, and as
 * carries and shifts of single bits. */
#include "certify.h"

enum operation { ADD, SUBTRACT, AND, OR, XOR, AND_NOT, LEFT, RIGHT, ARITHMETIC, LESS, BELOW, EQUAL, OPERATIONS };

struct unit {
    uint32_t registers[8];
    uint32_t executed;
    uint8_t zero, negative;
};

static void finish(struct unit *unit, unsigned to, uint32_t result) {
    unit->registers[to & 7] = result;
    unit->zero = result == 0;
    unit->negative = (uint8_t)(result >> 31);
    unit->executed++;
}

static NOINLINE void execute(struct unit *unit, enum operation operation, unsigned to, unsigned left, unsigned right) {
    uint32_t a = unit->registers[left & 7], b = unit->registers[right & 7];
    switch (operation) {
    case ADD: finish(unit, to, a + b); break;
    case SUBTRACT: finish(unit, to, a - b); break;
    case AND: finish(unit, to, a & b); break;
    case OR: finish(unit, to, a | b); break;
    case XOR: finish(unit, to, a ^ b); break;
    case AND_NOT: finish(unit, to, a & ~b); break;
    case LEFT: finish(unit, to, a << (b & 31)); break;
    case RIGHT: finish(unit, to, a >> (b & 31)); break;
    case ARITHMETIC: finish(unit, to, (uint32_t)((int32_t)a >> (b & 31))); break;
    case LESS: finish(unit, to, (int32_t)a < (int32_t)b); break;
    case BELOW: finish(unit, to, a < b); break;
    case EQUAL: finish(unit, to, a == b); break;
    case OPERATIONS: break;
    }
}

#define SINGLE(name, expression)                                                                   \
    static NOINLINE void name(struct unit *unit, unsigned to, unsigned left, unsigned right) {     \
        uint32_t a = unit->registers[left & 7], b = unit->registers[right & 7];                    \
        uint32_t result = (expression);                                                            \
        unit->registers[to & 7] = result;                                                          \
        unit->zero = result == 0;                                                                  \
        unit->negative = (uint8_t)(result >> 31);                                                  \
        unit->executed++;                                                                          \
    }
SINGLE(single_add, a + b)
SINGLE(single_subtract, a - b)
SINGLE(single_and, a & b)
SINGLE(single_or, a | b)
SINGLE(single_xor, a ^ b)
SINGLE(single_and_not, a & ~b)
SINGLE(single_left, a << (b & 31))
SINGLE(single_right, a >> (b & 31))
SINGLE(single_arithmetic, (uint32_t)((int32_t)a >> (b & 31)))
SINGLE(single_less, (int32_t)a < (int32_t)b)
SINGLE(single_below, a < b)
SINGLE(single_equal, a == b)

typedef void single(struct unit *, unsigned, unsigned, unsigned);
static single *const singles[OPERATIONS] = {single_add, single_subtract, single_and, single_or, single_xor, single_and_not,
                                            single_left, single_right, single_arithmetic, single_less, single_below, single_equal};

/* One bit at a time; a comparison is the borrow or the sign of a subtraction. */
static uint32_t by_bits(unsigned operation, uint32_t a, uint32_t b) {
    uint32_t result = 0, carry = operation == SUBTRACT || operation >= LESS;
    uint32_t second = carry ? ~b : b, differs = 0;
    unsigned amount = b % 32;
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t p = a >> bit & 1, q = b >> bit & 1, r = second >> bit & 1, out = 0;
        if (operation == ADD || operation == SUBTRACT)
            out = p ^ r ^ carry;
        if (operation == AND) out = p * q;
        if (operation == OR) out = p + q > 0;
        if (operation == XOR) out = p != q;
        if (operation == AND_NOT) out = p > q;
        if (operation == LEFT) out = bit >= amount ? a >> (bit - amount) & 1 : 0;
        if (operation == RIGHT) out = bit + amount < 32 ? a >> (bit + amount) & 1 : 0;
        if (operation == ARITHMETIC) out = a >> (bit + amount < 32 ? bit + amount : 31) & 1;
        carry = p + r + carry > 1;
        differs |= p ^ q;
        result |= out << bit;
    }
    if (operation == LESS) return (a >> 31) == (b >> 31) ? !carry : a >> 31;
    if (operation == BELOW) return !carry;
    if (operation == EQUAL) return !differs;
    return result;
}

PROGRAM(switch_one_instruction_apart) {
    struct unit first = {{0, 1, 0xFFFFFFFFu, 0x80000000u, 0x7FFFFFFFu, 31, 0x12345678u, 0xFFFF0000u}, 0, 0, 0}, second = first;
    const struct unit start = first;
    for (unsigned operation = 0; operation < OPERATIONS; operation++)
        for (unsigned pair = 0; pair < 64; pair++) {
            uint32_t expected = by_bits(operation, start.registers[pair / 8], start.registers[pair % 8]);
            first = start;
            execute(&first, (enum operation)opaque_unsigned(operation), pair, pair / 8, pair % 8);
            CHECK(first.registers[pair % 8] == expected);
            CHECK(first.zero == !expected && first.negative == expected >> 31 && first.executed == 1);
        }
    uint32_t random = 31337, digest = 0;
    first = start;
    for (unsigned step = 0; step < 700; step++) {
        random = random * 1664525u + 1013904223u;
        unsigned operation = (random >> 24) % OPERATIONS, to = random >> 8, left = random >> 12, right = random >> 16;
        execute(&first, (enum operation)operation, to, left, right);
        single *chosen = singles[opaque_unsigned(operation)];
        chosen(&second, to, left, right);
        for (unsigned index = 0; index < 8; index++)
            CHECK(first.registers[index] == second.registers[index]);
        CHECK(first.zero == second.zero && first.negative == second.negative && first.executed == second.executed);
        /* Keeps the registers from settling at zeros and ones. */
        if (step % 3 == 0)
            first.registers[to & 7] = second.registers[to & 7] = random;
        digest = digest * 31u + first.registers[step & 7] + first.zero;
    }
    CHECK(first.executed == 700);
    CHECK(digest == 0x2b037ef1u);
    struct unit constant = {{3, 5, 0, 0, 0, 0, 0, 0}, 0, 0, 0};
    execute(&constant, SUBTRACT, 2, 0, 1);
    execute(&constant, ARITHMETIC, 3, 2, 0);
    execute(&constant, LESS, 4, 2, 0);
    execute(&constant, BELOW, 5, 2, 0);
    CHECK(constant.registers[2] == 0xFFFFFFFEu && constant.registers[3] == 0xFFFFFFFFu && constant.registers[4] == 1);
    CHECK(constant.registers[5] == 0 && constant.zero == 1 && constant.negative == 0 && constant.executed == 4);
}
