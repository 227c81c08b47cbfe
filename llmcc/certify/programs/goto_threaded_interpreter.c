/* An interpreter of a stack machine that goes from operation to operation through a table of labels, against one that
 * is a switch in a loop; the same byte programs give results known from arithmetic. */
#include "certify.h"

enum code { PUSH, LOAD, STORE, ADD, SUBTRACT, MULTIPLY, REMAINDER, HALVE, DUPLICATE, SWAP, JUMP, JUMP_IF, ODD, STOP, CODES };

struct result {
    uint32_t value, executed, deepest;
};

static NOINLINE struct result run_threaded(const uint8_t *code, uint32_t argument) {
    static const void *const labels[CODES] = {&&push, &&load, &&store, &&add, &&subtract, &&multiply, &&remainder,
                                              &&halve, &&duplicate, &&swap, &&jump, &&jump_if, &&odd, &&stop};
    uint32_t stack[12], variables[4] = {argument, 0, 0, 0}, kept;
    struct result result = {0, 0, 0};
    const uint8_t *at = code;
    uint32_t *top = stack;
#define NEXT                                            \
    do {                                                \
        if ((uint32_t)(top - stack) > result.deepest)   \
            result.deepest = (uint32_t)(top - stack);   \
        result.executed++;                              \
        goto *labels[*at++];                            \
    } while (0)
    NEXT;
push: *top++ = *at++; NEXT;
load: *top++ = variables[*at++ & 3]; NEXT;
store: variables[*at++ & 3] = *--top; NEXT;
add: top--; top[-1] += *top; NEXT;
subtract: top--; top[-1] -= *top; NEXT;
multiply: top--; top[-1] *= *top; NEXT;
remainder: top--; top[-1] %= *top; NEXT;
halve: top[-1] >>= 1; NEXT;
duplicate: *top = top[-1]; top++; NEXT;
swap: kept = top[-1]; top[-1] = top[-2]; top[-2] = kept; NEXT;
jump: at = code + *at; NEXT;
jump_if: at = *--top ? code + *at : at + 1; NEXT;
odd: top[-1] &= 1; NEXT;
stop: result.value = *--top;
    return result;
}

static struct result run_switched(const volatile uint8_t *code, uint32_t argument) {
    uint32_t stack[12], variables[4] = {argument, 0, 0, 0};
    struct result result = {0, 0, 0};
    unsigned at = 0, depth = 0;
    for (;;) {
        if (depth > result.deepest)
            result.deepest = depth;
        result.executed++;
        uint32_t last = depth > 0 ? stack[depth - 1] : 0, before = depth > 1 ? stack[depth - 2] : 0;
        switch (code[at++]) {
        case PUSH: stack[depth++] = code[at++]; break;
        case LOAD: stack[depth++] = variables[code[at++] % 4]; break;
        case STORE: variables[code[at++] % 4] = last; depth--; break;
        case ADD: stack[depth-- - 2] = before + last; break;
        case SUBTRACT: stack[depth-- - 2] = before - last; break;
        case MULTIPLY: stack[depth-- - 2] = before * last; break;
        case REMAINDER: stack[depth-- - 2] = before % last; break;
        case HALVE: stack[depth - 1] = last / 2; break;
        case DUPLICATE: stack[depth++] = last; break;
        case SWAP: stack[depth - 1] = before; stack[depth - 2] = last; break;
        case JUMP: at = code[at]; break;
        case JUMP_IF: depth--; if (last) at = code[at]; else at++; break;
        case ODD: stack[depth - 1] = last % 2; break;
        default: result.value = last; return result;
        }
    }
}

/* Variable 0 is the argument; a jump names the byte it goes to. */
static const uint8_t factorial[] = {
    PUSH, 1, STORE, 1,
    LOAD, 0, JUMP_IF, 11, LOAD, 1, STOP,
    LOAD, 1, LOAD, 0, MULTIPLY, STORE, 1, LOAD, 0, PUSH, 1, SUBTRACT, STORE, 0, JUMP, 4};
static const uint8_t fibonacci[] = {
    PUSH, 0, PUSH, 1,
    LOAD, 0, JUMP_IF, 10, SWAP, STOP,
    DUPLICATE, STORE, 2, ADD, LOAD, 2, SWAP, LOAD, 0, PUSH, 1, SUBTRACT, STORE, 0, JUMP, 4};
static const uint8_t collatz[] = {
    LOAD, 0, PUSH, 1, SUBTRACT, JUMP_IF, 10, LOAD, 1, STOP,
    LOAD, 1, PUSH, 1, ADD, STORE, 1, LOAD, 0, ODD, JUMP_IF, 29,
    LOAD, 0, HALVE, STORE, 0, JUMP, 0,
    LOAD, 0, PUSH, 3, MULTIPLY, PUSH, 1, ADD, STORE, 0, JUMP, 0};
static const uint8_t divisor[] = {
    LOAD, 0, PUSH, 84,
    DUPLICATE, STORE, 1, REMAINDER, LOAD, 1, SWAP, DUPLICATE, JUMP_IF, 4, ADD, STOP};

static uint32_t both(const uint8_t *code, uint32_t argument, uint32_t executed) {
    struct result first = run_threaded((const uint8_t *)opaque_pointer(code), argument);
    struct result second = run_switched(code, argument);
    CHECK(first.value == second.value && first.executed == second.executed && first.deepest == second.deepest);
    CHECK(executed == 0 || first.executed == executed);
    CHECK(run_threaded(code, argument).value == first.value);
    return first.value;
}

PROGRAM(goto_threaded_interpreter) {
    uint32_t product = 1, older = 0, newer = 1;
    for (uint32_t argument = 0; argument < 20; argument++) {
        product *= argument ? argument : 1;
        CHECK(both(factorial, argument, 2 + argument * 11 + 4) == product);
        CHECK(both(fibonacci, argument, 2 + argument * 12 + 4) == older);
        newer += older;
        older = newer - older;
    }
    CHECK(both(factorial, 10, 0) == 3628800 && both(fibonacci, 30, 0) == 832040);
    CHECK(both(collatz, 27, 0) == 111 && both(collatz, 1, 0) == 0 && both(collatz, 97, 0) == 118);
    for (uint32_t argument = 1; argument < 60; argument++) {
        uint32_t expected = 0;
        for (uint32_t candidate = 1; candidate <= argument; candidate++)
            if (argument % candidate == 0 && 84 % candidate == 0)
                expected = candidate;
        CHECK(both(divisor, argument, 0) == expected);
    }
}
