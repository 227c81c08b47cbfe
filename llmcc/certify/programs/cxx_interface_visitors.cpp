/* Pure virtual interfaces and double dispatch: an expression tree walked by visitors (value, code for
 * a stack machine), against the value computed while the tree grew and against the stack machine. */
#include "certify.h"

namespace {

struct Visitor;

struct Node {
    virtual void accept(Visitor &visitor) const = 0;
};

struct Number;
struct Variable;
struct Negation;
struct Binary;

struct Visitor {
    virtual void visit(const Number &node) = 0;
    virtual void visit(const Variable &node) = 0;
    virtual void visit(const Negation &node) = 0;
    virtual void visit(const Binary &node) = 0;
};

template <typename Derived> struct Acceptor : Node {
    void accept(Visitor &visitor) const override { visitor.visit(static_cast<const Derived &>(*this)); }
};

struct Number final : Acceptor<Number> {
    int32_t value = 0;
};
struct Variable final : Acceptor<Variable> {
    uint8_t index = 0;
};
struct Negation final : Acceptor<Negation> {
    const Node *operand = nullptr;
};
enum class Operator : uint8_t { add, subtract, multiply, minimum };
struct Binary final : Acceptor<Binary> {
    Operator kind = Operator::add;
    const Node *left = nullptr, *right = nullptr;
};

uint32_t combine(Operator kind, uint32_t left, uint32_t right) {
    switch (kind) {
    case Operator::add: return left + right;
    case Operator::subtract: return left - right;
    case Operator::multiply: return left * right;
    case Operator::minimum: return left < right ? left : right;
    }
    return 0;
}

struct Evaluator final : Visitor {
    explicit Evaluator(const uint32_t *variables_) : variables(variables_) {}
    void visit(const Number &node) override { result = static_cast<uint32_t>(node.value); }
    void visit(const Variable &node) override { result = variables[node.index]; }
    void visit(const Negation &node) override {
        node.operand->accept(*this);
        result = 0u - result;
    }
    void visit(const Binary &node) override {
        node.right->accept(*this);
        uint32_t right = result;
        node.left->accept(*this);
        result = combine(node.kind, result, right);
    }
    const uint32_t *variables;
    uint32_t result = 0;
};

struct Emitter final : Visitor {
    void visit(const Number &node) override { emit(0, static_cast<uint32_t>(node.value)); }
    void visit(const Variable &node) override { emit(1, node.index); }
    void visit(const Negation &node) override {
        node.operand->accept(*this);
        emit(2, 0);
    }
    void visit(const Binary &node) override {
        node.left->accept(*this);
        node.right->accept(*this);
        emit(3, static_cast<uint32_t>(node.kind));
    }
    void emit(uint8_t code, uint32_t operand) {
        codes[count] = code;
        operands[count++] = operand;
    }
    uint8_t codes[32];
    uint32_t operands[32];
    unsigned count = 0;
};

NOINLINE uint32_t execute(const Emitter &program, const uint32_t *variables) {
    uint32_t stack[16];
    unsigned top = 0;
    for (unsigned i = 0; i < program.count; i++) {
        uint32_t operand = program.operands[i];
        switch (program.codes[i]) {
        case 0: stack[top++] = operand; break;
        case 1: stack[top++] = variables[operand]; break;
        case 2: stack[top - 1] = ~stack[top - 1] + 1u; break;
        default:
            top--;
            stack[top - 1] = combine(static_cast<Operator>(operand), stack[top - 1], stack[top]);
        }
    }
    return top == 1 ? stack[0] : 0xdeadu;
}

struct Tree {
    Number numbers[16];
    Variable variables[16];
    Negation negations[8];
    Binary binaries[16];
    unsigned number_count = 0, variable_count = 0, negation_count = 0, binary_count = 0;
    uint32_t seed;

    /* Grows a random tree and computes its value on the way. */
    const Node *grow(unsigned depth, const uint32_t *values, uint32_t &value) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t choice = seed >> 28, detail = seed >> 16 & 255u;
        if (depth == 0 || choice < 2) {
            if (choice & 1) {
                Number &node = numbers[number_count++];
                node.value = static_cast<int32_t>(detail) - 128;
                value = static_cast<uint32_t>(node.value);
                return &node;
            }
            Variable &node = variables[variable_count++];
            node.index = detail % 5;
            value = values[node.index];
            return &node;
        }
        if (choice < 5 && negation_count < 8) {
            Negation &node = negations[negation_count++];
            node.operand = grow(depth - 1, values, value);
            value = 0u - value;
            return &node;
        }
        Binary &node = binaries[binary_count++];
        uint32_t right = 0;
        node.kind = static_cast<Operator>(detail & 3u);
        node.left = grow(depth - 1, values, value);
        node.right = grow(depth - 1, values, right);
        switch (node.kind) {
        case Operator::add: value += right; break;
        case Operator::subtract: value -= right; break;
        case Operator::multiply: value *= right; break;
        case Operator::minimum: value = right < value ? right : value; break;
        }
        return &node;
    }
};

} // namespace

PROGRAM(cxx_interface_visitors) {
    uint32_t values[5] = {opaque_unsigned(3), opaque_unsigned(0xfffffff0u), opaque_unsigned(77), opaque_unsigned(1u << 31), opaque_unsigned(10007)};
    unsigned nodes = 0;
    for (uint32_t round = 0; round < 30; round++) {
        Tree tree;
        tree.seed = round * 977u + 5u;
        uint32_t wanted = 0;
        const Node *root = tree.grow(4, values, wanted);
        Evaluator evaluator(values);
        root->accept(evaluator);
        CHECK(evaluator.result == wanted);
        Emitter emitter;
        root->accept(emitter);
        CHECK(emitter.count == tree.number_count + tree.variable_count + tree.negation_count + tree.binary_count);
        CHECK(execute(emitter, values) == wanted);
        nodes += emitter.count;
    }
    CHECK(nodes > 150);
}
