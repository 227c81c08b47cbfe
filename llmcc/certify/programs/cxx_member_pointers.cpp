/* Pointers to members: data, functions, virtual functions, of bases at an offset and converted to the derived class;
 * tables of them, null ones, as template parameters, and chains of data members. */
#include "certify.h"

namespace {

struct Front {
    int32_t a = 1;
    virtual int32_t compute(int32_t x) { return a + x; }
    int32_t plain(int32_t x) { return a * 2 + x; }
};

struct Back {
    int64_t b = 2;
    int16_t c = 3;
    virtual int32_t measure(int32_t x) { return static_cast<int32_t>(b) * x; }
    virtual int32_t other(int32_t x) { return c - x; }
    int32_t simple(int32_t x) const { return c * 3 + x; }
};

struct Whole : Front, Back {
    int32_t d = 4;
    int32_t compute(int32_t x) override { return a + d + x; }
    int32_t measure(int32_t x) override { return static_cast<int32_t>(b) * x + d; }
    virtual int32_t own(int32_t x) { return d * x - c; }
    int32_t direct(int32_t x) { return d - x; }
};

struct Most final : Whole {
    int32_t own(int32_t x) override { return d * x + c; }
    int32_t other(int32_t x) override { return c + x * 5; }
};

using Method = int32_t (Whole::*)(int32_t);
using BackMethod = int32_t (Back::*)(int32_t);

const Method methods[8] = {&Whole::compute,
                           &Whole::plain,
                           &Whole::measure,
                           static_cast<Method>(&Back::other),
                           &Whole::own,
                           &Whole::direct,
                           static_cast<Method>(static_cast<BackMethod>(&Back::measure)),
                           static_cast<Method>(&Front::compute)};

int32_t model(const Whole &object, unsigned which, int32_t x, bool most) {
    const int32_t b = static_cast<int32_t>(object.b);
    switch (which) {
    case 0:
    case 7: return object.a + object.d + x;
    case 1: return object.a * 2 + x;
    case 2:
    case 6: return b * x + object.d;
    case 3: return most ? object.c + x * 5 : object.c - x;
    case 4: return most ? object.d * x + object.c : object.d * x - object.c;
    default: return object.d - x;
    }
}

/* gcc's vptr sanitizer looks for the derived class at the address of the base. */
#define UNCHECKED __attribute__((noinline, no_sanitize("vptr")))
UNCHECKED int32_t invoke(Whole &object, Method method, int32_t x) { return (object.*method)(x); }
UNCHECKED int32_t invoke_back(Back *object, BackMethod method, int32_t x) { return (object->*method)(x); }
UNCHECKED int32_t invoke_or(Whole &object, Method method, int32_t x, int32_t otherwise) { return method ? (object.*method)(x) : otherwise; }
template <Method method> NOINLINE int32_t invoke_fixed(Whole &object, int32_t x) { return (object.*method)(x) + 1; }

template <typename Class, typename T> NOINLINE T exchange(Class &object, T Class::*member, T value) {
    T before = object.*member;
    object.*member = value;
    return before;
}

struct Record {
    uint8_t kind;
    int32_t values[3];
    uint16_t size;
    int32_t weight;
    Record *next;
};

/* The same loop over different fields: the field is data. */
template <typename T> NOINLINE int64_t total(const Record *records, int count, T Record::*field) {
    int64_t sum = 0;
    for (int i = 0; i < count; i++)
        sum = sum * 3 + records[i].*field;
    return sum;
}
NOINLINE int32_t total_array(const Record *records, int count, int32_t (Record::*field)[3], int index) {
    int32_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += (records[i].*field)[index];
    return sum;
}
NOINLINE int64_t follow(const Record *record, Record *Record::*link, uint16_t Record::*size) {
    int64_t digest = 0;
    for (; record; record = record->*link)
        digest = digest * 7 + record->*size;
    return digest;
}

} // namespace

PROGRAM(cxx_member_pointers) {
    for (int round = 0; round < 6; round++) {
        Whole whole;
        Most most;
        whole.a = most.a = opaque_int(round * 3);
        whole.b = most.b = opaque_int(7 - round);
        whole.d = most.d = opaque_int(round * round);
        most.c = static_cast<int16_t>(opaque_int(-20 + round));
        for (unsigned which = 0; which < 8; which++) {
            CHECK(invoke(whole, methods[opaque_unsigned(which)], opaque_int(round + 5)) == model(whole, which, round + 5, false));
            CHECK(invoke(most, methods[opaque_unsigned(which)], opaque_int(round - 2)) == model(most, which, round - 2, true));
        }
        CHECK(methods[1] != methods[5] && methods[opaque_unsigned(1)] == static_cast<Method>(&Front::plain) && methods[5] == &Whole::direct);
        CHECK(invoke_back(&whole, &Back::measure, opaque_int(3)) == (7 - round) * 3 + whole.d && invoke_back(&most, &Back::other, 2) == most.c + 10);
        CHECK(invoke_back(&whole, static_cast<BackMethod>(&Whole::direct), opaque_int(9)) == whole.d - 9);
        CHECK((static_cast<const Back &>(most).*(&Back::simple))(round) == most.c * 3 + round);
        CHECK(invoke_fixed<&Whole::own>(whole, round) == whole.d * round - 3 + 1 && invoke_fixed<&Whole::own>(most, round) == most.d * round + most.c + 1);
        CHECK(invoke_fixed<&Whole::direct>(most, round) == most.d - round + 1);
        const Method maybe = opaque_int(round) & 1 ? methods[1] : nullptr;
        CHECK(invoke_or(whole, maybe, 5, -8) == (round & 1 ? whole.a * 2 + 5 : -8) && (maybe == nullptr) == (round % 2 == 0));

        int32_t Whole::*const first = &Front::a, Whole::*const second = opaque_int(round) > 2 ? &Whole::d : first;
        CHECK(exchange(whole, first, 50) == round * 3 && whole.a == 50 && exchange(whole, second, 60) == (round > 2 ? round * round : 50));
        int16_t Whole::*const third = &Back::c;
        CHECK(exchange(whole, third, static_cast<int16_t>(70)) == 3 && whole.c == 70);
        CHECK(exchange(static_cast<Back &>(most), &Back::b, int64_t{-1}) == 7 - round && most.b == -1);
        int32_t Whole::*none = opaque_int(0) ? first : nullptr;
        CHECK(none == nullptr && first != nullptr && (first == second) == (round <= 2));
    }

    Record records[5];
    int64_t kinds = 0, sizes = 0, weights = 0, links = 0;
    int32_t middles = 0;
    for (int i = 0; i < 5; i++) {
        records[i] = Record{static_cast<uint8_t>(opaque_int(250 + i)), {i, opaque_int(i * 10), -i}, static_cast<uint16_t>(opaque_int(65000 + i)), opaque_int(-i * 1000), nullptr};
        records[i].next = i < 3 ? &records[i + 2] : nullptr;
        kinds = kinds * 3 + 250 + i;
        sizes = sizes * 3 + 65000 + i;
        weights = weights * 3 - i * 1000;
        middles += i * 10;
        links = i % 2 ? links : links * 7 + 65000 + i;
    }
    CHECK(total(records, opaque_int(5), &Record::kind) == kinds && total(records, 5, &Record::size) == sizes && total(records, opaque_int(5), &Record::weight) == weights);
    CHECK(total_array(records, 5, &Record::values, opaque_int(1)) == middles && total_array(records, opaque_int(5), &Record::values, 2) == -10);
    CHECK(follow(records, &Record::next, &Record::size) == links);
}
