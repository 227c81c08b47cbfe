/* Several bases with virtual functions: calls through each base adjust the object, overriders reached by thunks,
 * covariant results that are adjusted on the way back, and casts up, down and across that keep null null. */
#include "certify.h"

namespace {

struct Source {
    explicit Source(int32_t seed) : state(seed) {}
    virtual int32_t next() = 0;
    virtual Source *same() { return this; }
    int32_t state;
};

struct Sink {
    virtual void put(int32_t value, int64_t weight) { total += value * weight; }
    virtual Sink *same() { return this; }
    virtual int32_t level() const { return 1; }
    int64_t total = 0;
};

struct Label {
    virtual char letter() const { return '?'; }
    char padding[3] = {1, 2, 3};
};

/* Source at the front, Sink and Label behind it. */
struct Counter : Source, Sink, Label {
    explicit Counter(int32_t seed) : Source(seed) {}
    int32_t next() override { return state += 3; }
    void put(int32_t value, int64_t weight) override {
        Sink::put(value + 1, weight);
        calls++;
    }
    Counter *same() override { return this; }
    char letter() const override { return 'c'; }
    int32_t level() const override { return 20 + calls; }
    int32_t calls = 0;
};

/* The same functions in another layout, with one constant changed. */
struct Doubler final : Label, Sink, Source {
    explicit Doubler(int32_t seed) : Source(seed) {}
    int32_t next() override { return state = state * 2 + 1; }
    void put(int32_t value, int64_t weight) override {
        Sink::put(value + 2, weight);
        calls++;
    }
    Doubler *same() override { return this; }
    char letter() const override { return 'd'; }
    int32_t level() const override { return 30 + calls; }
    int32_t calls = 0;
};

struct LimitedCounter final : Counter {
    LimitedCounter(int32_t seed, int32_t limit_) : Counter(seed), limit(limit_) {}
    int32_t next() override { return state < limit ? Counter::next() : (state = 0); }
    LimitedCounter *same() override {
        visits++;
        return this;
    }
    int32_t limit, visits = 0;
};

NOINLINE int64_t pump(Source *source, Sink *sink, int count) {
    int64_t seen = 0;
    for (int i = 0; i < count; i++) {
        int32_t value = source->next();
        sink->put(value, i + 1);
        seen = seen * 5 + value + sink->level();
    }
    return seen;
}

/* The same with direct calls where the compiler may know the type. */
template <typename Object> int64_t pump_known(Object &object, int count) {
    int64_t seen = 0;
    for (int i = 0; i < count; i++) {
        int32_t value = object.next();
        object.put(value, i + 1);
        seen = seen * 5 + value + object.level();
    }
    return seen;
}

NOINLINE Sink *to_sink(Counter *counter) { return counter; }
NOINLINE Label *to_label(Counter *counter) { return counter; }
NOINLINE Counter *from_sink(Sink *sink) { return static_cast<Counter *>(sink); }
NOINLINE Doubler *from_source(Source *source) { return static_cast<Doubler *>(source); }

/* Without objects: what pump must give. */
struct Expectation {
    int64_t seen, total;
};
Expectation expect(int kind, int32_t state, int32_t limit, int count) {
    Expectation result = {0, 0};
    for (int i = 0; i < count; i++) {
        if (kind == 0)
            state += 3;
        else if (kind == 1)
            state = state * 2 + 1;
        else
            state = state < limit ? state + 3 : 0;
        result.total += static_cast<int64_t>(state + (kind == 1 ? 2 : 1)) * (i + 1);
        result.seen = result.seen * 5 + state + (kind == 1 ? 31 : 21) + i;
    }
    return result;
}

} // namespace

PROGRAM(cxx_multiple_inheritance) {
    for (int32_t seed = -7; seed < 20; seed += 9) {
        int count = opaque_int(11), limit = opaque_int(14);
        Counter counter(opaque_int(seed)), known_counter(seed);
        Doubler doubler(opaque_int(seed)), known_doubler(seed);
        LimitedCounter limited(opaque_int(seed), limit), known_limited(seed, 14);
        Source *sources[3] = {&counter, &doubler, &limited};
        Sink *sinks[3] = {&counter, &doubler, &limited};
        Label *labels[3] = {&counter, &doubler, &limited};
        const int64_t known[3] = {pump_known(known_counter, 11), pump_known(known_doubler, 11), pump_known(known_limited, 11)};
        const int64_t known_total[3] = {known_counter.total, known_doubler.total, known_limited.total};
        for (int kind = 0; kind < 3; kind++) {
            Expectation wanted = expect(kind, seed, 14, 11);
            int64_t seen = pump(sources[kind]->same(), sinks[kind]->same(), count);
            CHECK(seen == wanted.seen && seen == known[kind]);
            CHECK(sinks[kind]->total == wanted.total && known_total[kind] == wanted.total);
            CHECK(labels[kind]->letter() == "cdc"[kind] && labels[kind]->padding[2] == 3);
        }
        CHECK(limited.visits == 2 && counter.calls == 11 && limited.level() == 31 && doubler.level() == 41);
        CHECK(from_sink(sinks[2]) == &limited && from_sink(&counter)->same()->letter() == 'c');
        CHECK(from_source(sources[1])->letter() == 'd' && from_source(sources[1])->calls == 11);
        CHECK(static_cast<Source *>(static_cast<Counter *>(sinks[0])) == sources[0]);
        Counter *none = opaque_int(seed) > 100 ? &counter : nullptr;
        CHECK(to_sink(none) == nullptr && to_label(none) == nullptr && from_sink(to_sink(none)) == nullptr && to_sink(&counter) == sinks[0]);
    }
    /* Objects of different types exchange values through their second bases. */
    Counter first(opaque_int(1));
    Doubler second(opaque_int(1));
    CHECK(pump(&first, &second, 4) == ((((4 + 31) * 5 + 7 + 32) * 5 + 10 + 33) * 5 + 13 + 34));
    CHECK(second.total == 6 + 9 * 2 + 12 * 3 + 15 * 4 && first.total == 0 && second.state == 1);
}
