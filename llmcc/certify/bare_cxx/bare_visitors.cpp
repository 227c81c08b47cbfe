/* Visitors: double dispatch over a tree of expressions, folded, printed and evaluated by different visitors. */
#include "bare.h"

namespace {

struct Literal;
struct Variable;
struct Binary;
struct Choice;

struct Visitor {
    virtual void literal(const Literal &) = 0;
    virtual void variable(const Variable &) = 0;
    virtual void binary(const Binary &) = 0;
    virtual void choice(const Choice &) = 0;
};
struct Expression {
    virtual void accept(Visitor &visitor) const = 0;
};
struct Literal final : Expression {
    explicit Literal(int32_t v) : value(v) {}
    void accept(Visitor &visitor) const override { visitor.literal(*this); }
    int32_t value;
};
struct Variable final : Expression {
    explicit Variable(uint8_t n) : number(n) {}
    void accept(Visitor &visitor) const override { visitor.variable(*this); }
    uint8_t number;
};
struct Binary final : Expression {
    Binary(char o, const Expression &l, const Expression &r) : left(l), right(r), sign(o) {}
    void accept(Visitor &visitor) const override { visitor.binary(*this); }
    const Expression &left, &right;
    char sign;
};
struct Choice final : Expression {
    Choice(const Expression &c, const Expression &y, const Expression &n) : condition(c), yes(y), no(n) {}
    void accept(Visitor &visitor) const override { visitor.choice(*this); }
    const Expression &condition, &yes, &no;
};

class Evaluator final : public Visitor {
public:
    explicit Evaluator(const int32_t *values_) : values(values_) {}
    int32_t of(const Expression &e) {
        e.accept(*this);
        return result;
    }
    void literal(const Literal &e) override { result = e.value; }
    void variable(const Variable &e) override { result = values[e.number]; }
    void binary(const Binary &e) override {
        uint32_t a = static_cast<uint32_t>(of(e.left)), b = static_cast<uint32_t>(of(e.right));
        result = static_cast<int32_t>(e.sign == '+' ? a + b : e.sign == '-' ? a - b : e.sign == '*' ? a * b : a & b);
        steps++;
    }
    void choice(const Choice &e) override { result = of(e.condition) > 0 ? of(e.yes) : of(e.no); }
    unsigned steps = 0;

private:
    const int32_t *values;
    int32_t result = 0;
};

class Printer final : public Visitor {
public:
    void literal(const Literal &e) override { put(static_cast<char>('0' + (e.value & 7))); }
    void variable(const Variable &e) override { put(static_cast<char>('a' + e.number)); }
    void binary(const Binary &e) override {
        put('(');
        e.left.accept(*this);
        put(e.sign);
        e.right.accept(*this);
        put(')');
    }
    void choice(const Choice &e) override {
        e.condition.accept(*this);
        put('?');
        e.yes.accept(*this);
        put(':');
        e.no.accept(*this);
    }
    char text[80];
    unsigned length = 0;

private:
    void put(char c) {
        if (length < sizeof text)
            text[length++] = c;
    }
};

} // namespace

PROGRAM(bare_visitors) {
    Sum sum;
    Literal three(opaque_int(3)), minus(opaque_int(-11));
    Variable a(0), b(1), c(2);
    Binary product('*', a, three), difference('-', product, b), masked('&', difference, c), both('+', masked, minus);
    Choice choice(difference, both, product), outer(a, choice, masked);
    Binary top('+', outer, choice);
    const Expression *all[] = {&top, &choice, &outer, &both, &minus, &masked};
    for (int i = -4; i < 5; i++) {
        int32_t values[3] = {opaque_int(i), opaque_int(i * i - 5), 0xff0f};
        Evaluator evaluator(values);
        for (const Expression *each : all)
            Add{sum, evaluator.of(*each), evaluator.steps};
    }
    for (const Expression *each : all) {
        Printer printer;
        each->accept(printer);
        for (unsigned i = 0; i < printer.length; i++)
            Add{sum, printer.text[i]};
    }
    AGREED(bare_visitors, sum);
}
