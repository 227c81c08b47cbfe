/* Errors raised through a stack of handlers: caught by kind, cleaned up after, raised again, raised by the handler itself. */
#include "certify.h"
#include <setjmp.h>

enum kind { DIVISION = 1, RANGE, OVERFLOW, ABORT };

struct handler {
    struct handler *outer;
    jmp_buf environment;
};

static struct handler *handlers;
static int raised, open_resources, cleanups, depth, deepest;

static NOINLINE __attribute__((noreturn)) void raise_error(enum kind kind, int value) {
    struct handler *top = handlers;
    handlers = top->outer;
    depth--;
    raised = value;
    longjmp(top->environment, kind);
}

static void push_handler(struct handler *handler) {
    handler->outer = handlers;
    handlers = handler;
    if (++depth > deepest)
        deepest = depth;
}

static void pop_handler(void) {
    handlers = handlers->outer;
    depth--;
}

/* A program in prefix form: / * + - with two operands, T tries its operand and replaces a division error by 0, R the
 * same for a range error, by the offending value % 100, F counts a resource around its operand, letters are variables. */
static int16_t variables[5];
static const char *cursor;

static int checked_divide(int left, int right) {
    if (right == 0)
        raise_error(DIVISION, left);
    return left / right;
}

static int checked_range(int64_t value, int limit) {
    if (value > limit || value < -limit)
        raise_error(value % 7 == 0 ? OVERFLOW : RANGE, (int)(value % 1000003));
    return (int)value;
}

static int evaluate(void);

static void skip_operand(void) {
    for (int needed = 1; needed > 0; cursor++)
        needed += *cursor == '/' || *cursor == '*' || *cursor == '+' || *cursor == '-' ? 1
                  : *cursor == 'T' || *cursor == 'R' || *cursor == 'F'                 ? 0
                                                                                       : -1;
}

static NOINLINE int evaluate_guarded(enum kind caught) {
    struct handler handler;
    const char *volatile start = cursor;
    push_handler(&handler);
    switch (setjmp(handler.environment)) {
    case 0: {
        int value = evaluate();
        pop_handler();
        return value;
    }
    case DIVISION:
        if (caught != DIVISION)
            raise_error(DIVISION, raised);
        cursor = start;
        skip_operand();
        return 0;
    case RANGE:
        if (caught != RANGE)
            raise_error(RANGE, raised + 1);
        cursor = start;
        skip_operand();
        return raised % 100;
    case OVERFLOW:
        raise_error(ABORT, raised);
    default:
        raise_error(ABORT, raised + 3);
    }
}

static NOINLINE int evaluate_with_resource(void) {
    struct handler handler;
    volatile int held = ++open_resources;
    push_handler(&handler);
    int kind = 0;
    switch (setjmp(handler.environment)) {
    case 0: {
        int value = evaluate();
        pop_handler();
        CHECK(open_resources == held);
        open_resources--;
        return value;
    }
    case DIVISION: kind = DIVISION; break;
    case RANGE: kind = RANGE; break;
    case OVERFLOW: kind = OVERFLOW; break;
    default: kind = ABORT; break;
    }
    CHECK(open_resources == held);
    open_resources--;
    cleanups++;
    raise_error((enum kind)kind, raised);
}

static int evaluate(void) {
    int left, right;
    char operation = *cursor++;
    switch (operation) {
    case 'T': return evaluate_guarded(DIVISION);
    case 'R': return evaluate_guarded(RANGE);
    case 'F': return evaluate_with_resource();
    case '/': left = evaluate(), right = evaluate(); return checked_divide(left, right);
    case '*': left = evaluate(), right = evaluate(); return checked_range((int64_t)left * right, 5000);
    case '+': left = evaluate(), right = evaluate(); return checked_range((int64_t)left + right, 30000);
    case '-': left = evaluate(), right = evaluate(); return checked_range((int64_t)left - right, 20000);
    default: return variables[operation - 'a'];
    }
}

static NOINLINE int run(const char *program, int *value) {
    struct handler last;
    volatile int caught = 0;
    handlers = 0;
    depth = deepest = open_resources = cleanups = 0;
    cursor = program;
    push_handler(&last);
    switch (setjmp(last.environment)) {
    case 0: *value = evaluate(); pop_handler(); break;
    case DIVISION: caught = DIVISION; break;
    case RANGE: caught = RANGE; break;
    case OVERFLOW: caught = OVERFLOW; break;
    default: caught = ABORT; break;
    }
    if (caught)
        *value = raised;
    CHECK(handlers == 0 && depth == 0 && open_resources == 0);
    return caught;
}

static void expect(const char *program, int kind, int value, int cleaned, int levels) {
    int got = -1;
    CHECK(run(opaque_pointer(program), &got) == kind);
    CHECK(got == value && cleanups == cleaned && deepest == levels);
}

PROGRAM(setjmp_handler_stack) {
    unsigned checked = 0;
    const int16_t initial[5] = {12, 0, 701, -5, 700};
    for (int i = 0; i < 5; i++)
        variables[i] = (int16_t)opaque_int(initial[i]);
    for (int round = 0; round < 2; round++) {
        expect("+a*ad", 0, -48, 0, 1);
        expect("/ab", DIVISION, 12, 0, 1);
        expect("+T/abc", 0, 701, 0, 2);
        expect("+TF/abF+aa", 0, 24, 1, 3);
        expect("+R*caa", 0, 24, 0, 2);
        expect("F*ee", OVERFLOW, 490000, 1, 2);
        expect("TRF*ee", ABORT, 490003, 1, 4);
        expect("+RF*a-dcF/aT-aa", DIVISION, 12, 2, 3);
        expect("T+RF*a-dcF/aT-aa", 0, 0, 2, 4);
        expect("+T*ccR*cc", RANGE, 491402, 0, 2);
        expect("TTTTRRRRFFFF*a-cd", 0, 72, 4, 13);
        expect("RT*a-cd", 0, 73, 0, 3);
        expect("-F+R*cF*dddF/ca", 0, -38, 0, 4);
        expect("T*e-ba", ABORT, -8400, 0, 2);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 2);
}
