/* Mutually recursive functions: a descent parser against two explicit stacks, and two sequences that define each other. */
#include "certify.h"

static const char *position;
static int errors;

static int32_t parse_sum(void);

static int32_t parse_unary(void) {
    switch (*position) {
    case '-': position++; return -parse_unary();
    case '+': position++; return parse_unary();
    case '~': position++; return ~parse_unary();
    case '(': {
        position++;
        int32_t value = parse_sum();
        if (*position == ')')
            position++;
        else
            errors++;
        return value;
    }
    }
    if (*position < '0' || *position > '9') {
        errors++;
        return 0;
    }
    int32_t value = 0;
    while (*position >= '0' && *position <= '9')
        value = value * 10 + (*position++ - '0');
    return value;
}

static int32_t parse_product(void) {
    int32_t left = parse_unary();
    for (;;) {
        if (*position == '*') {
            position++;
            left = left * parse_unary() % 10007;
        } else if (*position == '%') {
            position++;
            int32_t right = parse_unary();
            left = right ? left % right : left;
        } else {
            return left;
        }
    }
}

static int32_t parse_sum(void) {
    int32_t left = parse_product();
    while (*position == '+' || *position == '-')
        left = *position++ == '+' ? left + parse_product() : left - parse_product();
    return left;
}

struct machine {
    int32_t values[24];
    char operators[24];
    int value_count, operator_count;
};

static int rank(char operator) {
    return operator == '(' ? 0 : operator == '+' || operator == '-' ? 1 : operator == '*' || operator == '%' ? 2 : 3;
}

static void reduce(struct machine *m) {
    char operator = m->operators[--m->operator_count];
    int32_t right = m->values[--m->value_count];
    if (rank(operator) == 3) {
        m->values[m->value_count++] = operator == 'n' ? -right : operator == 'c' ? ~right : right;
        return;
    }
    int32_t *left = &m->values[m->value_count - 1];
    *left = operator == '+' ? *left + right : operator == '-' ? *left - right : operator == '*' ? *left * right % 10007
            : right         ? *left % right : *left;
}

/* For well formed text only. */
static int32_t with_stacks(const char *text) {
    struct machine m = {.value_count = 0, .operator_count = 0};
    for (int operand_next = 1; *text; text++) {
        if (*text >= '0' && *text <= '9') {
            int32_t value = *text - '0';
            for (; text[1] >= '0' && text[1] <= '9'; text++)
                value = value * 10 + (text[1] - '0');
            m.values[m.value_count++] = value;
            operand_next = 0;
        } else if (*text == '(') {
            m.operators[m.operator_count++] = '(';
            operand_next = 1;
        } else if (*text == ')') {
            while (m.operators[m.operator_count - 1] != '(')
                reduce(&m);
            m.operator_count--;
            operand_next = 0;
        } else if (operand_next) {
            m.operators[m.operator_count++] = *text == '-' ? 'n' : *text == '~' ? 'c' : 'p';
        } else {
            while (m.operator_count > 0 && rank(m.operators[m.operator_count - 1]) >= rank(*text))
                reduce(&m);
            m.operators[m.operator_count++] = *text;
            operand_next = 1;
        }
    }
    while (m.operator_count > 0)
        reduce(&m);
    return m.values[0];
}

static int32_t parse(const char *text) {
    position = text;
    errors = 0;
    int32_t value = parse_sum();
    errors += *position != 0;
    return value;
}

static int male(int n);
static int female(int n) { return n == 0 ? 1 : n - male(female(n - 1)); }
static int male(int n) { return n == 0 ? 0 : n - female(male(n - 1)); }

PROGRAM(recursion_mutual_parser) {
    unsigned checked = 0;
    static const char *const texts[] = {
        "1+2*3", "(1+2)*3", "-(-(-4))-5", "100%7*3-2", "~5+~(2-9)*-3", "((((((7))))))", "1-2-3-4*5*6*7%11-8",
        "2*(3+(4*(5+(6*(7-(8*(9-~1)))))))", "-+-+~12%5", "9999*9999*9999-(12-40)%9*(3+-2)", "0%0+1%0"};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = opaque_pointer(texts[i]);
        int32_t value = parse(text);
        CHECK(errors == 0);
        CHECK(value == with_stacks(text));
        checked++;
    }
    CHECK(parse("1+2*3-(4%3)") == 6 && parse("~0*6") == -6 && parse("7-4-2") == 1);
    static const char *const wrong[] = {"(1+2", "1+", "*", "1)", "((2)", "", "3 4"};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)parse(wrong[i]);
        CHECK(errors > 0);
        checked++;
    }
    int f[14] = {1}, m[14] = {0};
    for (int n = 1; n < 14; n++) {
        f[n] = n - m[f[n - 1]];
        m[n] = n - f[m[n - 1]];
        CHECK(female(opaque_int(n)) == f[n] && male(n) == m[n]);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 31);
}
