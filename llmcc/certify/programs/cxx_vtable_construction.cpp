/* Virtual calls made while objects are built and taken apart: each constructor and destructor sees its own class, also
 * through helper functions, members with a pointer to the whole, a second base and a virtual base. */
#include "certify.h"

#include <new>

namespace {

char trace[64];
unsigned length;

void put(char letter) {
    if (length < sizeof trace - 1)
        trace[length] = letter;
    length++;
}

bool traced(const char *wanted) {
    unsigned i = 0;
    bool same = true;
    for (; wanted[i]; i++)
        same = same && i < length && trace[i] == wanted[i];
    same = same && i == length;
    length = 0;
    return same;
}

struct Base;
NOINLINE void call_helper(const Base *object);

struct Base {
    Base() { call_helper(this); }
    virtual ~Base() { call_helper(this); }
    virtual char name() const { return 'a'; }
    /* Called on the whole object and on parts of it. */
    void announce() const { put(name()); }
    static void operator delete(void *) {}
    int number = 1;
};

NOINLINE void call_helper(const Base *object) { object->announce(); }

struct Observer {
    explicit Observer(const Base *subject_) : subject(subject_) { call_helper(subject); }
    ~Observer() { call_helper(subject); }
    const Base *subject;
};

struct Middle : Base {
    Middle() : observer(this) {
        announce();
        number += 10;
    }
    ~Middle() override {
        put('<');
        announce();
    }
    char name() const override { return static_cast<char>('b' + (number > 100)); }
    Observer observer;
};

struct Second {
    Second() { put(tag()); }
    virtual ~Second() { put(tag()); }
    virtual char tag() const { return 'x'; }
    static void operator delete(void *) {}
    int64_t payload = 3;
};

struct Whole final : Middle, Second {
    Whole() {
        announce();
        Second *second = this;
        put(second->tag());
        number += 100;
    }
    ~Whole() override {
        put('>');
        announce();
        put(tag());
    }
    char name() const override { return 'e'; }
    static void operator delete(void *) {}
    char tag() const override { return static_cast<char>('y' + (payload != 3)); }
};

struct Root {
    Root() { announce(); }
    virtual ~Root() { announce(); }
    virtual char name() const { return 'r'; }
    void announce() const { put(name()); }
    static void operator delete(void *) {}
};
struct LeftBranch : virtual Root {
    LeftBranch() { announce(); }
    ~LeftBranch() override { announce(); }
    char name() const override { return 'l'; }
};
struct RightBranch : virtual Root {
    RightBranch() { announce(); }
    ~RightBranch() override { announce(); }
    int padding = 0;
};
struct Top final : LeftBranch, RightBranch {
    Top() { announce(); }
    ~Top() override { announce(); }
    char name() const override { return 't'; }
};

template <typename Object> NOINLINE bool life(Object *object, const char *middle, const char *end) {
    bool good = traced(middle);
    object->~Object();
    return traced(end) && good;
}

NOINLINE void finish(Base *object) { object->~Base(); }
NOINLINE void finish_second(Second *object) { object->~Second(); }

} // namespace

PROGRAM(cxx_vtable_construction) {
    length = 0;
    alignas(Whole) unsigned char storage[sizeof(Whole)];
    alignas(Top) unsigned char top_storage[sizeof(Top)];
    for (int round = 0; round < 3; round++) {
        CHECK(life(new (storage) Base, "a", "a"));
        CHECK(life(new (storage) Middle, "abb", "<bba"));
        CHECK(life(new (storage) Whole, "abbxey", ">eyx<cca"));
        CHECK(life(new (storage) Second, "x", "x"));
        CHECK(life(new (top_storage) RightBranch, "rr", "rr"));
        CHECK(life(new (top_storage) LeftBranch, "rl", "lr"));
        /* While RightBranch is built, the overrider in its sister does not count. */
        CHECK(life(new (top_storage) Top, "rlrt", "trlr"));

        /* The end comes by way of a base, once by each. */
        Whole *whole = new (opaque_pointer(storage)) Whole;
        whole->payload = opaque_int(4);
        CHECK(traced("abbxey") && whole->number == 111);
        finish(whole);
        CHECK(traced(">ezx<cca"));
        Whole *again = new (opaque_pointer(storage)) Whole;
        Second *second = again;
        second->payload += opaque_int(round);
        length = 0;
        finish_second(second);
        CHECK(traced(round ? ">ezx<cca" : ">eyx<cca"));
        {
            Middle middle;
            Middle *pointer = static_cast<Middle *>(opaque_pointer(&middle));
            CHECK(traced("abb") && pointer->number == 11);
            pointer->number = opaque_int(500);
            pointer->announce();
        }
        CHECK(traced("c<cca"));
    }
}
