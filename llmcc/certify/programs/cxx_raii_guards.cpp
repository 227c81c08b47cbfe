/* Guards that undo, count or restore at the end of their scope, in functions with many returns: nested locks, rollback
 * that is dismissed on success, saved values, deferred calls; against the same with the cleanup written out. */
#include "certify.h"

#include <utility>

namespace {

struct Mutex {
    int depth = 0, locks = 0, worst = 0;
};

struct Lock {
    explicit Lock(Mutex &mutex_) : mutex(mutex_) {
        mutex.locks++;
        if (++mutex.depth > mutex.worst)
            mutex.worst = mutex.depth;
    }
    Lock(const Lock &) = delete;
    ~Lock() { mutex.depth--; }
    Mutex &mutex;
};

template <typename Function> struct Deferred {
    explicit Deferred(Function function_) : function(std::move(function_)) {}
    Deferred(Deferred &&other) : function(std::move(other.function)), armed(std::exchange(other.armed, false)) {}
    ~Deferred() {
        if (armed)
            function();
    }
    void dismiss() { armed = false; }
    Function function;
    bool armed = true;
};
template <typename Function> Deferred<Function> defer(Function function) { return Deferred<Function>(std::move(function)); }

template <typename T> struct Restore {
    explicit Restore(T &target_) : target(target_), saved(target_) {}
    Restore(T &target_, T now) : target(target_), saved(target_) { target = now; }
    ~Restore() { target = saved; }
    T &target;
    T saved;
};

struct Bank {
    int32_t balances[4];
    uint8_t mode;
    int16_t limit;
    int errors, log;
};

Mutex outer_mutex, inner_mutex;

/* Every return but the last undoes the transfer. */
NOINLINE int transfer(Bank &bank, unsigned from, unsigned to, int32_t amount) {
    Lock lock(outer_mutex);
    if (from == to)
        return 1;
    bank.balances[from] -= amount;
    auto undo = defer([&] { bank.balances[from] += amount; });
    if (amount <= 0)
        return 2;
    if (bank.balances[from] < -bank.limit) {
        Lock nested(outer_mutex);
        bank.errors++;
        return 3;
    }
    bank.balances[to] += amount;
    auto undo_more = defer([&] { bank.balances[to] -= amount; });
    Lock other(inner_mutex);
    Restore<uint8_t> mode(bank.mode, static_cast<uint8_t>(bank.mode + 1));
    if (bank.balances[to] > 1000)
        return bank.mode * 10;
    bank.log += bank.mode;
    undo.dismiss();
    undo_more.dismiss();
    return 0;
}

NOINLINE int transfer_plain(Bank &bank, unsigned from, unsigned to, int32_t amount) {
    if (from == to)
        return 1;
    bank.balances[from] -= amount;
    if (amount <= 0) {
        bank.balances[from] += amount;
        return 2;
    }
    if (bank.balances[from] < -bank.limit) {
        bank.errors++;
        bank.balances[from] += amount;
        return 3;
    }
    bank.balances[to] += amount;
    if (bank.balances[to] > 1000) {
        bank.balances[to] -= amount;
        bank.balances[from] += amount;
        return (bank.mode + 1) * 10;
    }
    bank.log += bank.mode + 1;
    return 0;
}

/* Guards in a loop with continue and break; the limit is restored at the end of every turn. */
NOINLINE int batch(Bank &bank, const int8_t *amounts, int count) {
    int done = 0;
    Restore<int> keep_log(bank.log);
    for (int i = 0; i < count; i++) {
        Restore<int16_t> limit(bank.limit, static_cast<int16_t>(bank.limit + i * 10));
        auto tally = defer([&done, i] { done += i; });
        if (amounts[i] == 0)
            continue;
        if (amounts[i] == 99)
            break;
        if (transfer(bank, static_cast<unsigned>(i) % 4, static_cast<unsigned>(i * 3 + 1) % 4, amounts[i]) != 0)
            tally.dismiss();
        bank.log = 77;
    }
    return done;
}

NOINLINE int batch_plain(Bank &bank, const int8_t *amounts, int count) {
    int done = 0, log = bank.log;
    int16_t limit = bank.limit;
    for (int i = 0; i < count && amounts[i] != 99; i++) {
        bank.limit = static_cast<int16_t>(limit + i * 10);
        if (amounts[i] == 0 || transfer_plain(bank, static_cast<unsigned>(i) % 4, static_cast<unsigned>(i * 3 + 1) % 4, amounts[i]) == 0)
            done += i;
    }
    for (int i = 0; i < count; i++)
        if (amounts[i] == 99) {
            done += i;
            break;
        }
    bank.limit = limit;
    bank.log = log;
    return done;
}

bool same(const Bank &a, const Bank &b) {
    for (int i = 0; i < 4; i++)
        if (a.balances[i] != b.balances[i])
            return false;
    return a.mode == b.mode && a.limit == b.limit && a.errors == b.errors && a.log == b.log;
}

} // namespace

PROGRAM(cxx_raii_guards) {
    unsigned results = 0;
    uint32_t seed = opaque_unsigned(4711);
    outer_mutex = inner_mutex = Mutex();
    for (int round = 0; round < 60; round++) {
        Bank guarded = {{opaque_int(400), opaque_int(round * 10), opaque_int(-50), opaque_int(990)}, static_cast<uint8_t>(round % 5), 100, 0, round}, plain = guarded;
        int8_t amounts[12];
        for (int i = 0; i < 12; i++) {
            seed = seed * 1664525u + 1013904223u;
            const unsigned from = seed >> 30, to = seed >> 27 & 3;
            const int32_t amount = static_cast<int32_t>(seed >> 16 & 255) - 20;
            const int result = transfer(guarded, from, to, amount);
            CHECK(result == transfer_plain(plain, from, to, amount) && same(guarded, plain));
            results |= 1u << (result < 10 ? result : 4);
            amounts[i] = static_cast<int8_t>(amount % 20 == 3 ? 99 : amount % 7 == 0 ? 0 : amount % 100);
        }
        CHECK(batch(guarded, amounts, opaque_int(12)) == batch_plain(plain, amounts, 12) && same(guarded, plain));
        CHECK(outer_mutex.depth == 0 && inner_mutex.depth == 0);
    }
    CHECK(results == 31 && outer_mutex.worst == 2 && inner_mutex.worst == 1 && outer_mutex.locks > inner_mutex.locks);
}
