/* Irreducible flow: loops with two entries, loops that enter each other, and a jump into the body of a for, each
 * against the same blocks driven by a number of the next block. */
#include "certify.h"

struct machine {
    uint32_t a, b, c, fuel, trace;
};

static void visit(struct machine *machine, unsigned block) { machine->trace = machine->trace * 5u + block; }

/* Two blocks that are each other's successor, entered at either. */
static uint32_t two_entries(uint32_t a, uint32_t b, unsigned fuel, int second) {
    if (second)
        goto lower;
upper:
    a = a * 5u + b;
    if (fuel-- == 0)
        return a ^ 0x1000u;
    if (a & 0x40u)
        goto upper;
lower:
    b = (b ^ a) + (b >> 3);
    if (fuel-- == 0)
        return b;
    if (b & 0x100u)
        goto lower;
    a -= b;
    goto upper;
}

static uint32_t two_entries_driven(uint32_t a, uint32_t b, unsigned fuel, int second) {
    volatile int block = second ? 1 : 0;
    for (;;) {
        if (block == 0)
            a = a * 5u + b;
        else
            b = (b ^ a) + (b >> 3);
        if (fuel == 0)
            return block == 0 ? a ^ 0x1000u : b;
        fuel--;
        if (block == 0) {
            block = (a & 0x40u) == 0;
        } else if (!(b & 0x100u)) {
            a -= b;
            block = 0;
        }
    }
}

/* Four blocks, three entries, two nested cycles that share a block and neither of which owns the other. */
static NOINLINE void woven(struct machine *machine, unsigned entry) {
    uint32_t a = machine->a, b = machine->b, c = machine->c;
    if (entry == 1)
        goto second;
    if (entry == 2)
        goto third;
first:
    visit(machine, 1);
    a += b | 1u;
    if (machine->fuel-- == 0)
        goto out;
    if (a % 3u == 0)
        goto third;
second:
    visit(machine, 2);
    b = b * 3u ^ c;
    if (machine->fuel-- == 0)
        goto out;
    if (b % 4u == 1u)
        goto first;
    if (b % 4u == 2u)
        goto fourth;
third:
    visit(machine, 3);
    c = c + a - b;
    if (machine->fuel-- == 0)
        goto out;
    if (c & 8u)
        goto second;
fourth:
    visit(machine, 4);
    a ^= c >> 2;
    if (machine->fuel-- == 0)
        goto out;
    if (a & 2u)
        goto third;
    goto first;
out:
    machine->a = a;
    machine->b = b;
    machine->c = c;
}

static void woven_driven(struct machine *machine, unsigned entry) {
    volatile unsigned block = entry + 1;
    for (int running = 1; running; ) {
        visit(machine, block);
        unsigned next = block % 4u + 1;
        switch (block) {
        case 1: machine->a += machine->b | 1u; if (machine->a % 3u == 0) next = 3; break;
        case 2: machine->b = machine->b * 3u ^ machine->c; next = machine->b & 3u; next = next == 1 ? 1 : next == 2 ? 4 : 3; break;
        case 3: machine->c += machine->a - machine->b; if (machine->c / 8u % 2u) next = 2; break;
        default: machine->a ^= machine->c / 4u; if (machine->a / 2u % 2u) next = 3; break;
        }
        running = machine->fuel != 0;
        machine->fuel--;
        block = next;
    }
}

/* A loop entered in the middle of its body, past the test and with the counter set by the jump. */
static unsigned middle_entry(const uint8_t *bytes, unsigned count, unsigned from, unsigned *odd) {
    unsigned index, sum = 0;
    *odd = 0;
    if (from != 0) {
        index = from;
        sum = 1000;
        goto inside;
    }
    for (index = 0; index < count; index++) {
        if (bytes[index] & 1) {
            ++*odd;
            continue;
        }
        sum += 100;
    inside:
        sum += bytes[index];
        if (sum > 3000)
            break;
    }
    return sum * 64 + index;
}

PROGRAM(goto_irreducible_flow) {
    uint32_t random = 4711;
    for (unsigned round = 0; round < 160; round++) {
        uint32_t a = random, b = random * 2654435761u;
        random = random * 1664525u + 1013904223u;
        unsigned fuel = round % 37;
        for (int second = 0; second < 2; second++)
            CHECK(two_entries(a, b, opaque_unsigned(fuel), opaque_int(second)) == two_entries_driven(a, b, fuel, second));
        CHECK(two_entries(a, b, fuel, 1) == two_entries_driven(a, b, fuel, 1));
        for (unsigned entry = 0; entry < 3; entry++) {
            struct machine first = {a >> 3, b, random, fuel, 0}, second = first;
            woven(&first, opaque_unsigned(entry));
            woven_driven(&second, entry);
            CHECK(first.trace == second.trace && first.fuel == second.fuel);
            CHECK(first.a == second.a && first.b == second.b && first.c == second.c);
        }
    }
    CHECK(two_entries(1, 2, opaque_unsigned(0), 0) == (7u ^ 0x1000u) && two_entries(1, 2, 0, opaque_int(1)) == 3u);
    uint8_t bytes[50];
    for (unsigned index = 0; index < 50; index++)
        bytes[index] = (uint8_t)(index * 29u + 11u);
    for (unsigned from = 0; from < 50; from++) {
        unsigned odd, expected_odd = 0, sum = from ? 1000u : 0u, index = from;
        for (; index < 50; index++) {
            int first = from != 0 && index == from;
            if (!first && bytes[index] % 2) {
                expected_odd++;
                continue;
            }
            sum += (first ? 0u : 100u) + bytes[index];
            if (sum > 3000)
                break;
        }
        CHECK(middle_entry(bytes, 50, opaque_unsigned(from), &odd) == sum * 64 + index && odd == expected_odd);
    }
}
