/* Calls through tables of function pointers: a stack machine with handlers against one with a switch, and chosen callees. */
#include "certify.h"

struct vm {
    const uint8_t *code;
    int32_t stack[12];
    uint8_t pc, top, halted;
    unsigned executed;
};

typedef void (*handler)(struct vm *);

static uint32_t pop(struct vm *vm) { return (uint32_t)vm->stack[--vm->top]; }
static void push(struct vm *vm, uint32_t value) { vm->stack[vm->top++] = (int32_t)value; }

static void op_halt(struct vm *vm) { vm->halted = 1; }
static void op_push(struct vm *vm) { push(vm, vm->code[vm->pc++]); }
static void op_add(struct vm *vm) { uint32_t b = pop(vm), a = pop(vm); push(vm, a + b); }
static void op_sub(struct vm *vm) { uint32_t b = pop(vm), a = pop(vm); push(vm, a - b); }
static void op_mul(struct vm *vm) { uint32_t b = pop(vm), a = pop(vm); push(vm, a * b); }
static void op_less(struct vm *vm) { int32_t b = (int32_t)pop(vm), a = (int32_t)pop(vm); push(vm, a < b); }
static void op_dup(struct vm *vm) { uint32_t a = pop(vm); push(vm, a); push(vm, a); }
static void op_swap(struct vm *vm) { uint32_t b = pop(vm), a = pop(vm); push(vm, b); push(vm, a); }
static void op_over(struct vm *vm) { push(vm, (uint32_t)vm->stack[vm->top - 2]); }
static void op_jump_if(struct vm *vm) { uint8_t to = vm->code[vm->pc++]; if (pop(vm)) vm->pc = to; }
static void op_drop(struct vm *vm) { vm->top--; }

enum { HALT, PUSH, ADD, SUB, MUL, LESS, DUP, SWAP, OVER, JUMP_IF, DROP, OPERATIONS };

static const handler handlers[OPERATIONS] = {op_halt, op_push, op_add,  op_sub,     op_mul, op_less,
                                             op_dup,  op_swap, op_over, op_jump_if, op_drop};

static int32_t run_table(struct vm *vm, const handler *table) {
    while (!vm->halted) {
        table[vm->code[vm->pc++]](vm);
        vm->executed++;
    }
    return vm->stack[vm->top - 1];
}

static int32_t run_switch(struct vm *vm) {
    int32_t *top = vm->stack;
    unsigned n = vm->top;
    for (;;) {
        uint8_t operation = vm->code[vm->pc++];
        vm->executed++;
        uint32_t b = n > 0 ? (uint32_t)top[n - 1] : 0, a = n > 1 ? (uint32_t)top[n - 2] : 0;
        switch (operation) {
        case HALT: vm->halted = 1; return top[n - 1];
        case PUSH: top[n++] = vm->code[vm->pc++]; break;
        case ADD: top[--n - 1] = (int32_t)(a + b); break;
        case SUB: top[--n - 1] = (int32_t)(a - b); break;
        case MUL: top[--n - 1] = (int32_t)(a * b); break;
        case LESS: top[--n - 1] = (int32_t)a < (int32_t)b; break;
        case DUP: top[n++] = (int32_t)b; break;
        case SWAP: top[n - 1] = (int32_t)a, top[n - 2] = (int32_t)b; break;
        case OVER: top[n++] = (int32_t)a; break;
        case JUMP_IF: vm->pc = b ? vm->code[vm->pc] : (uint8_t)(vm->pc + 1); n--; break;
        case DROP: n--; break;
        }
    }
}

static const uint8_t factorial[] = {PUSH, 1, PUSH, 8, SWAP, OVER, MUL, SWAP, PUSH, 1, SUB, DUP, JUMP_IF, 4, DROP, HALT};
static const uint8_t congruential[] = {PUSH, 1, PUSH, 20, SWAP, PUSH, 5, MUL, PUSH, 3, ADD, SWAP, PUSH, 1, SUB, DUP, JUMP_IF, 4,
                                       DROP, HALT};
static const uint8_t root[] = {PUSH, 0, PUSH, 1, ADD, DUP, DUP, MUL, PUSH, 200, LESS, JUMP_IF, 2, HALT};
static const uint8_t triangle[] = {PUSH, 0, PUSH, 0, PUSH, 1, ADD, SWAP, OVER, ADD, SWAP, DUP, PUSH, 50, LESS, JUMP_IF, 4,
                                   DROP, HALT};
static const uint8_t signs[] = {PUSH, 3, PUSH, 5, SUB, DUP, PUSH, 0, LESS, SWAP, DUP, MUL, ADD, HALT};

static int32_t twice(int32_t value) { return value * 2; }
static int32_t thrice(int32_t value) { return value * 3; }
static int32_t negative(int32_t value) { return -value; }
static int32_t same(int32_t value) { return value; }

/* The callee is one of two at each place, once decided outside of the loop and once inside. */
static NOINLINE int32_t choose(const int8_t *values, int count, int invert) {
    int32_t (*outside)(int32_t) = invert ? negative : same;
    int32_t sum = 0;
    for (int i = 0; i < count; i++) {
        int32_t (*inside)(int32_t) = values[i] & 1 ? thrice : twice;
        sum += outside(inside(values[i])) + (i % 4 == 3 ? inside(outside(1)) : 0);
    }
    return sum;
}

static int32_t (*const grid[2][3])(int32_t) = {{twice, thrice, negative}, {same, negative, twice}};

PROGRAM(call_function_tables) {
    unsigned checked = 0;
    static const struct { const uint8_t *code; int32_t result; } programs[] = {
        {triangle, 1275}, {signs, 5}, {factorial, 40320}, {congruential, -833816875}, {root, 15}};
    for (unsigned i = 0; i < 5; i++) {
        struct vm one = {.code = opaque_pointer(programs[i].code)}, two = one;
        int32_t first = run_table(&one, handlers), second = run_switch(&two);
        CHECK(first == second && first == programs[i].result);
        CHECK(one.executed == two.executed && one.pc == two.pc);
        handler patched[OPERATIONS];
        for (int j = 0; j < OPERATIONS; j++)
            patched[j] = j == ADD ? op_sub : handlers[j];
        struct vm three = {.code = programs[i].code};
        if (i == 1)
            CHECK(run_table(&three, patched) == -3);
        checked++;
    }
    int8_t values[20];
    int32_t expected = 0;
    for (int i = 0; i < 20; i++) {
        values[i] = (int8_t)opaque_int(i * 13 - 100);
        int factor = values[i] % 2 ? 3 : 2;
        expected += values[i] * factor + (i % 4 == 3) * factor;
        checked++;
    }
    CHECK(choose(values, 20, opaque_int(0)) == expected && choose(values, 20, opaque_int(1)) == -expected);
    static const int factors[2][3] = {{2, 3, -1}, {1, -1, 2}};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++)
            CHECK(grid[opaque_int(i) / 3][i % 3](grid[j / 3][j % 3](opaque_int(7))) == 7 * factors[i / 3][i % 3] * factors[j / 3][j % 3]);
    /* No loop was left out. */
    CHECK(checked == 25);
}
