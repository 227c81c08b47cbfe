/* Objects of static storage duration in one unit: constant initialisation comes before everything, dynamic initialisers
 * run in the order of the definitions, whatever they read of the later ones is zero or constant. */
#include "certify.h"

namespace {

/* Constant initialisation: ready before any initialiser runs. */
uint8_t events[32];
unsigned count;
int ready = 7;
extern int later_constant, later_dynamic;
extern const int64_t later_table[3];

int note(int code, int value) {
    if (count < sizeof events)
        events[count] = static_cast<uint8_t>(code);
    count++;
    return value;
}

struct Stage {
    explicit Stage(int code_) : code(note(code_, code_)), ready_then(ready), constant_then(later_constant), dynamic_then(later_dynamic) { ready++; }
    int code, ready_then, constant_then, dynamic_then;
};

struct Literal {
    constexpr Literal(int a_, int b_) : a(a_), b(b_), product(a_ * b_) {}
    int a, b, product;
};

struct Base {
    Base() { note(20, 0); }
    virtual int which() const { return 1; }
    int id = note(21, 5);
};
struct Derived final : Base {
    Derived() : member(note(22, 6)) { note(23, which()); }
    int which() const override { return 2; }
    int member;
};

/* What an initialiser sees of a table that is filled later, and after. */
int64_t look(unsigned index) { return later_table[index] + later_constant; }

Stage first(1);
int from_call = note(2, opaque_int(11)) + first.ready_then;
const Literal literal(6, 7);
const int64_t early_look = look(1);
Stage array[3] = {Stage(3), Stage(from_call), Stage(5)};
const Literal run_time_literal(ready, literal.b);
int later_constant = 99;
int later_dynamic = note(6, opaque_int(50)) + later_constant;
Derived object;
const Base &reference = object;
const int snapshot = reference.which() * 100 + object.id * 10 + object.member;
const int64_t later_table[3] = {note(7, 1), int64_t{later_dynamic} * 4294967296, -1};
const int64_t late_look = look(1);
int &alias = array[1].code;
int *pointer = &alias;
int (*const function)(int, int) = ready > 10 ? note : nullptr;

struct Holder {
    static int counter;
    static const Stage stage;
    static const unsigned char codes[4];
};
int Holder::counter = note(8, ready);
const Stage Holder::stage(9);
const unsigned char Holder::codes[4] = {1, 2, 3, static_cast<unsigned char>(sizeof(Holder::codes))};
Stage last(10);

/* Zero until PROGRAM fills it: nothing may take a static object for constant because one initialiser stored it. */
int filled_by_first_use;

NOINLINE int sum_of_stages() {
    int sum = 0;
    for (const Stage &stage : array)
        sum = sum * 100 + stage.ready_then;
    return sum;
}

} // namespace

PROGRAM(cxx_static_init_order) {
    const uint8_t wanted[] = {1, 2, 3, 18, 5, 6, 21, 20, 22, 23, 7, 8, 9, 10};
    CHECK(count == sizeof wanted);
    for (unsigned i = 0; i < sizeof wanted; i++)
        CHECK(events[i] == wanted[i]);

    CHECK(first.code == 1 && first.ready_then == 7 && first.constant_then == 99 && first.dynamic_then == 0);
    CHECK(from_call == 18 && literal.product == 42 && early_look == 99 && sum_of_stages() == 80910);
    CHECK(run_time_literal.a == 11 && run_time_literal.product == 77);
    for (const Stage &stage : array)
        CHECK(stage.constant_then == 99 && stage.dynamic_then == 0);
    CHECK(later_constant == 99 && later_dynamic == 149 && snapshot == 256 && reference.which() == 2);
    CHECK(later_table[0] == 1 && later_table[1] == int64_t{149} * 4294967296 && later_table[opaque_unsigned(2)] == -1);
    CHECK(late_look == int64_t{149} * 4294967296 + 99);
    CHECK(Holder::counter == 11 && Holder::stage.ready_then == 11 && Holder::stage.dynamic_then == 149 && Holder::codes[3] == 4);
    CHECK(last.ready_then == 12 && last.dynamic_then == 149 && ready == 13);

    CHECK(pointer == &array[1].code && *pointer == 18 && function == note && filled_by_first_use == 0);
    alias = opaque_int(4);
    later_constant += opaque_int(1);
    filled_by_first_use = function(opaque_int(30), array[1].code + later_constant);
    CHECK(filled_by_first_use == 104 && *pointer == 4 && look(opaque_unsigned(2)) == 99 && count == sizeof wanted + 1 && events[sizeof wanted] == 30);
}
