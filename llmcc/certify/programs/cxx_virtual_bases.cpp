/* Virtual inheritance: one shared base, the most derived class builds it, offsets that differ between a class on its
 * own and as a part, virtual functions of the shared base overridden in one branch, and the order of construction. */
#include "certify.h"

namespace {

unsigned char log_entries[32];
unsigned log_length;

void note(unsigned code) {
    if (log_length < sizeof log_entries)
        log_entries[log_length] = static_cast<unsigned char>(code);
    log_length++;
}

struct Shared {
    explicit Shared(int value_) : value(value_) { note(1); }
    ~Shared() { note(101); }
    virtual int answer() const { return value; }
    virtual int64_t scaled(int factor) const { return int64_t{value} * factor; }
    int value;
};

struct Other {
    Other() { note(2); }
    ~Other() { note(102); }
    virtual int weight() const { return weight_base; }
    int weight_base = 7;
};

struct Left : virtual Shared {
    Left() : Shared(10) { note(3); }
    ~Left() { note(103); }
    int answer() const override { return value + left; }
    void bump(int by) { value += by; }
    int left = 100;
};

struct Right : virtual Shared, virtual Other {
    Right() : Shared(20) { note(4); }
    ~Right() { note(104); }
    int64_t scaled(int factor) const override { return Shared::scaled(factor) + right; }
    int weight() const override { return weight_base + static_cast<int>(right); }
    int64_t right = 1000;
};

struct Both : Left, Right {
    explicit Both(int value_) : Shared(value_) { note(5); }
    ~Both() { note(105); }
    int answer() const override { return Left::answer() * 2; }
    int own = 3;
};

struct Extra : virtual Other {
    Extra() { note(7); }
    ~Extra() { note(107); }
    int weight() const override { return weight_base * 3; }
};

struct Deep final : Extra, Both {
    explicit Deep(int value_) : Shared(value_ + 1), Both(value_) { note(6); }
    ~Deep() { note(106); }
    int weight() const override { return Extra::weight() + Right::weight(); }
    int64_t scaled(int factor) const override { return Right::scaled(factor + 1); }
};

NOINLINE int ask(const Shared &object) { return object.answer(); }
NOINLINE int64_t scale(const Shared *object, int factor) { return object->scaled(factor); }
NOINLINE int ask_left(const Left &object) { return object.answer() + object.value * 1000 + object.left; }
NOINLINE int64_t ask_right(const Right &object) { return object.answer() + object.value * 1000 + object.right; }
NOINLINE int weigh(const Other &object) { return object.weight(); }
NOINLINE void bump(Left *object, int by) { object->bump(by); }

NOINLINE int64_t sum_all(Shared *const *objects, unsigned count, int factor) {
    int64_t sum = 0;
    for (unsigned i = 0; i < count; i++) {
        sum = sum * 3 + objects[i]->answer();
        if (sum & 1)
            sum += objects[i]->scaled(factor);
        objects[i]->value += factor;
    }
    return sum;
}

bool logged(const unsigned char *wanted, unsigned count) {
    bool same = count == log_length;
    for (unsigned i = 0; same && i < count; i++)
        same = log_entries[i] == wanted[i];
    log_length = 0;
    return same;
}

} // namespace

PROGRAM(cxx_virtual_bases) {
    for (int value = -3; value < 12; value += 5) {
        log_length = 0;
        {
            Left left;
            Right right;
            const unsigned char parts[] = {1, 3, 1, 2, 4};
            CHECK(logged(parts, sizeof parts));
            Both both(opaque_int(value));
            const unsigned char diamond[] = {1, 2, 3, 4, 5};
            CHECK(logged(diamond, sizeof diamond));
            Deep deep(opaque_int(value));
            const unsigned char whole[] = {2, 1, 7, 3, 4, 5, 6};
            CHECK(logged(whole, sizeof whole));

            CHECK(ask(left) == 110 && ask(right) == 20 && ask(both) == (value + 100) * 2 && ask(deep) == (value + 101) * 2);
            CHECK(scale(&left, opaque_int(4)) == 40 && scale(&right, 4) == 1080 && scale(&both, 4) == value * 4 + 1000);
            CHECK(scale(&deep, opaque_int(4)) == (value + 1) * 5 + 1000);
            CHECK(ask_left(left) == 10210 && ask_left(both) == (value + 100) * 2 + value * 1000 + 100);
            CHECK(ask_right(right) == 21020 && ask_right(deep) == (value + 101) * 2 + (value + 1) * 1000 + 1000);
            /* A change by way of one branch is seen in the other. */
            bump(&both, opaque_int(9));
            bump(&deep, 8);
            CHECK(static_cast<Right &>(both).value == value + 9 && static_cast<Shared &>(deep).value == value + 9);
            CHECK(static_cast<Shared *>(static_cast<Left *>(&both)) == static_cast<Shared *>(static_cast<Right *>(&both)));
            deep.right += 5;
            CHECK(weigh(deep) == 21 + 1012 && weigh(both) == 1007 && weigh(static_cast<Extra &>(deep)) == 1033);

            Shared *objects[4] = {&left, &right, &both, &deep};
            int64_t model = 0;
            int values[4] = {10, 20, value + 9, value + 9};
            for (int i = 0; i < 4; i++) {
                const int answers[4] = {110, 20, (value + 109) * 2, (value + 109) * 2};
                const int64_t scales[4] = {60, 1120, (value + 9) * 6 + 1000, (value + 9) * 7 + 1005};
                model = model * 3 + answers[i];
                if (model & 1)
                    model += scales[i];
                values[i] += 6;
            }
            CHECK(sum_all(objects, opaque_unsigned(4), opaque_int(6)) == model);
            for (int i = 0; i < 4; i++)
                CHECK(objects[i]->value == values[i]);
        }
        const unsigned char gone[] = {106, 105, 104, 103, 107, 101, 102, 105, 104, 103, 102, 101, 104, 102, 101, 103, 101};
        CHECK(logged(gone, sizeof gone));
    }
}
