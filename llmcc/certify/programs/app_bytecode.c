/* A stack machine with calls, memory and computed jumps, twice: by a table of labels and by a switch. Their runs of
 * small programs must agree with direct computation, step counts and memory included. */
#include "certify.h"

enum { HALT, PUSH, LOAD, STORE, PEEK, POKE, DUP, SWAP, ADD, SUB, MUL, MOD, LESS, JUMP, JZ, CALL, RET, DROP };

struct machine {
    int32_t stack[40], memory[64];
    uint8_t returns[24];
    int depth, calls, steps, fault;
};

/* Both interpreters stop with a fault instead of leaving their stacks. */
static NOINLINE int32_t run_labels(struct machine *m, const uint8_t *code) {
    static const void *const labels[] = {&&halt, &&push, &&load, &&store, &&peek, &&poke, &&dup, &&swap, &&add,
                                         &&sub,  &&mul,  &&mod,  &&less,  &&jump, &&jz,   &&call, &&ret, &&drop};
    const uint8_t *at = code;
    int32_t *top = m->stack + m->depth, value;
#define NEXT                                                            \
    do {                                                                \
        if (top < m->stack + 2 || top > m->stack + 37 || m->steps > 20000)  \
            goto bad;                                                   \
        m->steps++;                                                     \
        goto *labels[*at++];                                            \
    } while (0)
    NEXT;
push: *++top = *at++; NEXT;
load: *++top = m->memory[*at++]; NEXT;
store: m->memory[*at++] = *top--; NEXT;
peek: *top = m->memory[*top & 63]; NEXT;
poke: m->memory[*top & 63] = top[-1]; top -= 2; NEXT;
dup: top[1] = top[0]; top++; NEXT;
swap: value = *top, *top = top[-1], top[-1] = value; NEXT;
add: top--; *top = (int32_t)((uint32_t)*top + (uint32_t)top[1]); NEXT;
sub: top--; *top = (int32_t)((uint32_t)*top - (uint32_t)top[1]); NEXT;
mul: top--; *top = (int32_t)((uint32_t)*top * (uint32_t)top[1]); NEXT;
mod:
    if (*top <= 0) goto bad;
    top--, *top %= top[1];
    NEXT;
less: top--; *top = *top < top[1]; NEXT;
jump: at = code + *at; NEXT;
jz: at = *top-- ? at + 1 : code + *at; NEXT;
call:
    if (m->calls == 24) goto bad;
    m->returns[m->calls++] = (uint8_t)(at + 1 - code), at = code + *at;
    NEXT;
ret:
    if (m->calls == 0) goto bad;
    at = code + m->returns[--m->calls];
    NEXT;
drop: top--; NEXT;
bad:
    m->fault = 1;
halt:
    m->depth = (int)(top - m->stack);
    return m->fault ? -1 : *top;
}

static NOINLINE int32_t run_switch(struct machine *m, const uint8_t *code) {
    int pc = 0;
    while (m->depth >= 2 && m->depth <= 37 && m->steps <= 20000) {
        int32_t *s = &m->stack[m->depth], a = *s;
        m->steps++;
        switch (code[pc++]) {
        case HALT: return a;
        case PUSH: s[1] = code[pc++], m->depth++; break;
        case LOAD: s[1] = m->memory[code[pc++]], m->depth++; break;
        case STORE: m->memory[code[pc++]] = a, m->depth--; break;
        case PEEK: *s = m->memory[a & 63]; break;
        case POKE: m->memory[a & 63] = s[-1], m->depth -= 2; break;
        case DUP: s[1] = a, m->depth++; break;
        case SWAP: *s = s[-1], s[-1] = a; break;
        case ADD: s[-1] = (int32_t)((uint32_t)s[-1] + (uint32_t)a), m->depth--; break;
        case SUB: s[-1] = (int32_t)((uint32_t)s[-1] - (uint32_t)a), m->depth--; break;
        case MUL: s[-1] = (int32_t)((uint32_t)s[-1] * (uint32_t)a), m->depth--; break;
        case MOD:
            if (a <= 0)
                return m->fault = 1, -1;
            s[-1] %= a, m->depth--;
            break;
        case LESS: s[-1] = s[-1] < a, m->depth--; break;
        case JUMP: pc = code[pc]; break;
        case JZ: pc = a ? pc + 1 : code[pc], m->depth--; break;
        case CALL:
            if (m->calls == 24)
                return m->fault = 1, -1;
            m->returns[m->calls++] = (uint8_t)(pc + 1), pc = code[pc];
            break;
        case RET:
            if (m->calls == 0)
                return m->fault = 1, -1;
            pc = m->returns[--m->calls];
            break;
        case DROP: m->depth--; break;
        }
    }
    return m->fault = 1, -1;
}

/* memory[0] and memory[1] hold the arguments; the bottom cells of the stack stay unused. */
static const uint8_t gcd[] = {LOAD, 1, JZ, 17, LOAD, 1, LOAD, 0, LOAD, 1, MOD, STORE, 1, STORE, 0, JUMP, 0, LOAD, 0, HALT};
static const uint8_t fibonacci[] = {LOAD, 0, CALL, 5, HALT, DUP, PUSH, 2, LESS, JZ, 12, RET,
                                    DUP, PUSH, 1, SUB, CALL, 5, SWAP, PUSH, 2, SUB, CALL, 5, ADD, RET};
static const uint8_t sieve[] = {PUSH, 2, STORE, 0, LOAD, 0, PUSH, 64, LESS, JZ, 45, LOAD, 0, PEEK, JZ, 19, JUMP, 38, HALT,
                                LOAD, 0, DUP, ADD, DUP, PUSH, 64, LESS, JZ, 37, DUP, DUP, POKE, LOAD, 0, ADD, JUMP, 23,
                                DROP, LOAD, 0, PUSH, 1, ADD, JUMP, 2, LOAD, 62, HALT};
static const uint8_t faulty[] = {PUSH, 1, CALL, 0, HALT}, under[] = {DROP, DROP, ADD, HALT}, zero[] = {PUSH, 7, PUSH, 0, MOD, HALT};
static const uint8_t spin[] = {PUSH, 3, DROP, JUMP, 0}, over[] = {DUP, JUMP, 0};

static struct machine one, two;

static int32_t both(const uint8_t *code, int32_t a, int32_t b, int line) {
    struct machine fresh = {{0}, {0}, {0}, 2, 0, 0, 0};
    fresh.memory[0] = a, fresh.memory[1] = b;
    one = two = fresh;
    int32_t result = run_labels(&one, code), same = run_switch(&two, code);
    if (result != same || one.steps != two.steps || one.fault != two.fault || one.calls != two.calls)
        certify_failed(line);
    for (int i = 0; i < 64; i++)
        if (one.memory[i] != two.memory[i] || (i < one.depth && i < 38 && one.stack[i] != two.stack[i]))
            certify_failed(line);
    return result;
}

PROGRAM(app_bytecode) {
    for (int32_t a = 0; a < 90; a += 7)
        for (int32_t b = 1; b < 60; b += 4) {
            int32_t divisor = b;
            while (a % divisor || b % divisor)
                divisor--;
            CHECK(both(gcd, opaque_int(a), opaque_int(b), __LINE__) == divisor && one.memory[1] == 0);
        }
    int32_t before = 1, now = 0;
    for (int32_t n = 0; n < 14; n++) {
        CHECK(both(fibonacci, opaque_int(n), 0, __LINE__) == now && one.depth == 3 && one.fault == 0);
        now += before, before = now - before;
    }
    both(sieve, 0, 0, __LINE__);
    CHECK(!one.fault && one.steps > 500);
    for (int32_t n = 2; n < 64; n++) {
        int prime = 1;
        for (int32_t d = 2; d < n; d++)
            prime &= n % d != 0;
        CHECK((one.memory[n] == 0) == prime);
    }
    static const uint8_t *const faults[5] = {faulty, under, zero, spin, over};
    for (int i = 0; i < 5; i++)
        CHECK(both(faults[opaque_int(i)], 5, 6, __LINE__) == -1 && one.fault && one.depth < 40);
}
