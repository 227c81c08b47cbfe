/* Tokenizer and precedence-climbing evaluator with short circuits, against random expression trees that are evaluated
 * directly and printed with few parentheses; errors and their places against fixed texts. */
#include "certify.h"

enum { OR, AND, EQUAL, ATMOST, LEFT, RIGHT, XOR, BITAND, LESS, PLUS, MINUS, TIMES, OVER, REST, OPERATORS };
enum { NUMBER = 32, VARIABLE, NEGATE, INVERT, NOT };

/* The longer ones first, so that no prefix of them is taken. */
static const struct {
    char text[3];
    uint8_t level;
} operators[OPERATORS] = {{"||", 1}, {"&&", 2}, {"==", 5}, {"<=", 6}, {"<<", 7}, {">>", 7}, {"^", 3},
                          {"&", 4},  {"<", 6},  {"+", 8},  {"-", 8},  {"*", 9},  {"/", 9},  {"%", 9}};

struct reader {
    const char *at, *failed;
    const uint32_t *variables;
};

static uint32_t binary(struct reader *r, int level, int dead);

static void fail(struct reader *r, const char *where) { r->failed = r->failed ? r->failed : where; }
static int peek(struct reader *r) {
    while (*r->at == ' ') r->at++;
    for (int i = 0; i < OPERATORS; i++)
        if (r->at[0] == operators[i].text[0] && (!operators[i].text[1] || r->at[1] == operators[i].text[1]))
            return i;
    return -1;
}

static uint32_t digit(char c) {
    return c >= '0' && c <= '9' ? (uint32_t)(c - '0') : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) : 99;
}

static uint32_t unary(struct reader *r, int dead) {
    peek(r);
    switch (*r->at) {
    case '-': r->at++; return 0 - unary(r, dead);
    case '~': r->at++; return ~unary(r, dead);
    case '!': r->at++; return !unary(r, dead);
    case 'p': case 'q': case 'r': return r->variables[*r->at++ - 'p'];
    case '(': {
        r->at++;
        uint32_t inner = binary(r, 1, dead);
        peek(r);
        if (*r->at != ')')
            fail(r, r->at);
        r->at += *r->at == ')';
        return inner;
    }
    }
    uint32_t value = 0, base = r->at[0] == '0' && r->at[1] == 'x' ? 16 : 10;
    r->at += base == 16 ? 2 : 0;
    if (digit(*r->at) >= base) fail(r, r->at);
    for (; digit(*r->at) < base; r->at++) value = value * base + digit(*r->at);
    return value;
}

static uint32_t binary(struct reader *r, int level, int dead) {
    uint32_t a = unary(r, dead);
    for (int op; !r->failed && (op = peek(r)) >= 0 && operators[op].level >= level;) {
        const char *here = r->at;
        r->at += operators[op].text[1] ? 2 : 1;
        uint32_t b = binary(r, operators[op].level + 1, dead || (op == OR && a) || (op == AND && !a));
        switch (op) {
        case OR: a = a || b; break;       case AND: a = a && b; break;
        case EQUAL: a = a == b; break;    case ATMOST: a = a <= b; break;
        case LEFT: a <<= b & 31; break;   case RIGHT: a >>= b & 31; break;
        case XOR: a ^= b; break;          case BITAND: a &= b; break;
        case LESS: a = a < b; break;      case PLUS: a += b; break;
        case MINUS: a -= b; break;        case TIMES: a *= b; break;
        default:
            if (b)
                a = op == OVER ? a / b : a % b;
            else if (!dead)
                fail(r, here);
        }
    }
    return a;
}

static uint32_t evaluate(const char *text, const uint32_t *variables, int *failed_at) {
    struct reader r = {text, NULL, variables};
    uint32_t value = binary(&r, 1, 0);
    if (*r.at) fail(&r, r.at);
    *failed_at = r.failed ? (int)(r.failed - text) : -1;
    return value;
}

static uint32_t variables[3], seed;
static int written, divided_by_zero;
static char text[600];

static unsigned chance(unsigned range) { return ((seed = seed * 1664525 + 1013904223) >> 16) % range; }

static void put(char c) { text[written++] = c, text[written] = 0; }

/* Prints a random tree and gives its value; what is not evaluated may divide by zero. */
static uint32_t grow(int depth, int level, int dead) {
    unsigned kind = depth && chance(6) ? chance(OPERATORS) : depth && chance(2) ? NEGATE + chance(3) : NUMBER + chance(2);
    int mine = kind < OPERATORS ? operators[kind].level : 10, wrap = mine < level || chance(9) == 0;
    uint64_t value = chance(3);
    if (chance(5) == 0 || kind == NEGATE) put(' ');
    if (wrap) put('(');
    if (kind == VARIABLE) {
        put((char)('p' + value)), value = variables[value];
    } else if (kind == NUMBER) {
        value = chance(3) ? chance(7) : chance(60000);
        put('0'), put('x');
        for (int shift = 12; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
    } else if (kind >= NEGATE) {
        put("-~!"[kind - NEGATE]);
        uint32_t of = grow(depth - 1, 10, dead);
        value = kind == NEGATE ? ~of + 1 : kind == INVERT ? 0xffffffff - of : of == 0;
    } else {
        uint32_t a = grow(depth - 1, mine, dead);
        for (const char *c = operators[kind].text; *c; c++) put(*c);
        uint32_t b = grow(depth - 1, mine + 1, dead || (kind == OR && a != 0) || (kind == AND && a == 0));
        divided_by_zero |= (kind == OVER || kind == REST) && !dead && !b;
        uint64_t power = UINT64_C(1) << (b % 32), less = ((uint64_t)a - b) >> 63, more = ((uint64_t)b - a) >> 63;
        const uint64_t results[OPERATORS] = {(a | b) != 0, a != 0 ? b != 0 : 0, less == more, 1 - more, a * power, a / power,
            (a | b) - (a & b), a - (a & ~b), less, (uint64_t)a + b, a + (uint64_t)~b + 1, (uint64_t)a * b,
            b ? (a - a % b) / b : a, b ? a - a / b * b : a};
        value = results[kind];
    }
    if (wrap) put(')');
    return (uint32_t)value;
}

PROGRAM(app_expression) {
    int failed_at, divisions = 0;
    seed = opaque_unsigned(20);
    for (int turn = 0; turn < 150; turn++) {
        variables[0] = chance(9), variables[1] = ~chance(5), variables[2] = chance(65536) * 65537;
        written = divided_by_zero = 0;
        uint32_t expected = grow(1 + turn % 4, 1, 0), got = evaluate(text, variables, &failed_at);
        CHECK((failed_at >= 0) == divided_by_zero && written < (int)sizeof text);
        CHECK(divided_by_zero ? text[failed_at] == '/' || text[failed_at] == '%' : got == expected);
        divisions += divided_by_zero;
    }
    CHECK(divisions > 3);
    static const struct {
        const char *text;
        int failed_at;
        uint32_t value;
    } fixed[] = {{"2+3*4-6/2%2", -1, 13}, {" ( 2 + 3 ) * 4 ", -1, 20}, {"1 || 1/0", -1, 1}, {"0&&(2/(1-1))", -1, 0},
                 {"1<<4>>2<5==1", -1, 1}, {"10-4-3", -1, 3}, {"~0x0f^-1", -1, 15}, {"2+", 2, 0}, {"(1+2", 4, 0},
                 {"3 4", 2, 0}, {"0xg", 2, 0}, {"7/(3-3)+1", 1, 0}, {"1+2)*3", 3, 0}, {"", 0, 0}};
    for (unsigned i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        uint32_t value = evaluate(opaque_pointer(fixed[i].text), variables, &failed_at);
        CHECK(failed_at == fixed[i].failed_at && (failed_at >= 0 || value == fixed[i].value));
    }
}
