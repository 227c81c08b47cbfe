/* Nested switches: double dispatch with shared tails, and inner breaks against a continue of the loop around them. */
#include "certify.h"

enum type { TYPE_NONE, TYPE_BOOL, TYPE_INT, TYPE_FLOAT, TYPE_TEXT, TYPES };

static enum type promoted(enum type left, enum type right, unsigned *warnings) {
    enum type result = TYPE_NONE;
    switch (left) {
    case TYPE_BOOL:
        switch (right) {
        case TYPE_BOOL: result = TYPE_BOOL; break;
        case TYPE_INT: result = TYPE_INT; break;
        case TYPE_FLOAT: result = TYPE_FLOAT; *warnings += 1; break;
        default: *warnings += 10; return TYPE_NONE;
        }
        break;
    case TYPE_INT:
        switch (right) {
        case TYPE_BOOL: case TYPE_INT: result = TYPE_INT; break;
        case TYPE_FLOAT: result = TYPE_FLOAT; break;
        default: *warnings += 10; return TYPE_NONE;
        }
        break;
    case TYPE_FLOAT:
        switch (right) {
        case TYPE_BOOL: *warnings += 1; /* fall through */
        case TYPE_INT: case TYPE_FLOAT: result = TYPE_FLOAT; break;
        default: *warnings += 10; return TYPE_NONE;
        }
        break;
    case TYPE_TEXT:
        if (right == TYPE_TEXT)
            result = TYPE_TEXT;
        else
            *warnings += 100;
        break;
    default:
        *warnings += 1000;
        break;
    }
    *warnings += result == left ? 0 : 10000;
    return result;
}

static const volatile uint8_t promotion[TYPES][TYPES] = {
    {0, 0, 0, 0, 0}, {0, 1, 2, 3, 0}, {0, 2, 2, 3, 0}, {0, 3, 3, 3, 0}, {0, 0, 0, 0, 4}};

struct tally {
    unsigned pushed, popped, skipped, errors, depth, deepest, steps;
};

/* An inner break ends the inner switch only; a continue skips the counting of the step. */
static NOINLINE void run(const uint8_t *codes, unsigned count, struct tally *tally) {
    unsigned mode = 0;
    for (unsigned index = 0; index < count; index++) {
        switch (codes[index] >> 4) {
        case 0:
            continue;
        case 1:
            switch (codes[index] & 15) {
            case 0: tally->pushed++; tally->depth++; break;
            case 1: tally->pushed += 2; tally->depth += 2; break;
            case 2: mode ^= 1; continue;
            case 3: if (mode) break; tally->errors++; continue;
            default: tally->skipped++; break;
            }
            if (tally->depth > tally->deepest)
                tally->deepest = tally->depth;
            break;
        case 2:
            switch (mode) {
            case 0:
                switch (codes[index] & 3) {
                case 0: if (tally->depth == 0) goto empty; tally->popped++; tally->depth--; break;
                case 1: if (tally->depth < 2) goto empty; tally->popped += 2; tally->depth -= 2; break;
                default: tally->skipped++; break;
                }
                break;
            case 1:
                tally->popped += tally->depth;
                tally->depth = 0;
                mode = 0;
                continue;
            empty:
                tally->errors++;
                break;
            }
            break;
        default:
            tally->errors++;
            return;
        }
        tally->steps++;
    }
}

/* The same rules, one decision at a time. */
static void run_plain(const volatile uint8_t *codes, unsigned count, struct tally *tally) {
    volatile unsigned mode = 0;
    for (unsigned index = 0; index < count; index++) {
        unsigned group = codes[index] / 16u, low = codes[index] % 16u, counted = 1;
        if (group > 2) {
            tally->errors++;
            break;
        }
        if (group == 0)
            counted = 0;
        if (group == 1 && low < 2) {
            tally->pushed += low + 1;
            tally->depth += low + 1;
        }
        if (group == 1 && (low == 2 || (low == 3 && !mode)))
            counted = 0;
        if (group == 1 && low == 3 && !mode)
            tally->errors++;
        if (group == 1 && low == 2)
            mode = !mode;
        if (group == 1 && low > 3)
            tally->skipped++;
        if (tally->depth > tally->deepest)
            tally->deepest = tally->depth;
        if (group == 2 && mode) {
            tally->popped += tally->depth;
            tally->depth = mode = counted = 0;
        } else if (group == 2) {
            unsigned wanted = low % 4 + 1;
            if (wanted > 2)
                tally->skipped++;
            else if (wanted > tally->depth)
                tally->errors++;
            else
                tally->popped += wanted, tally->depth -= wanted;
        }
        tally->steps += counted;
    }
}

PROGRAM(switch_nested) {
    for (unsigned left = 0; left < TYPES; left++)
        for (unsigned right = 0; right < TYPES; right++) {
            unsigned warnings = 0, result = promotion[left][right], expected = 0;
            CHECK(promoted((enum type)opaque_unsigned(left), (enum type)opaque_unsigned(right), &warnings) == (enum type)result);
            if (left >= TYPE_BOOL && left <= TYPE_FLOAT && result == 0)
                expected = 10;
            else
                expected = (result == left ? 0u : 10000u) + (left == 0 ? 1000u : left == TYPE_TEXT && result == 0 ? 100u : 0u) + (left * right == 3);
            CHECK(warnings == expected);
        }
    static uint8_t codes[200];
    uint32_t random = 7, digest = 0;
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned index = 0; index < 200; index++) {
            random = random * 69069u + 1u;
            codes[index] = (uint8_t)((random >> 28) % 3 << 4 | (random >> 20) % (round % 5 + 2));
        }
        codes[random >> 24 & 127] = (uint8_t)(round & 1 ? 0x35 : 0x10);
        struct tally first = {0, 0, 0, 0, 0, 0, 0}, second = first;
        run(codes, 200, &first);
        run_plain(codes, 200, &second);
        CHECK(first.pushed == second.pushed && first.popped == second.popped && first.depth == second.depth);
        CHECK(first.skipped == second.skipped && first.errors == second.errors && first.steps == second.steps);
        CHECK(first.deepest == second.deepest && first.pushed == first.popped + first.depth);
        digest = digest * 31u + first.steps * 7u + first.errors * 3u + first.deepest;
    }
    CHECK(digest == 0x5e317fdeu);
}
