/* Guards that undo at the end of a scope: locks that nest, early returns, breaks, and what is released on each way out. */
#include "bare.h"

namespace {

volatile unsigned mask_depth;
uint32_t history;

class Masked {
public:
    Masked() : depth(mask_depth) { mask_depth = depth + 1; }
    Masked(const Masked &) = delete;
    ~Masked() {
        mask_depth = depth;
        history = history * 5 + depth;
    }

private:
    unsigned depth;
};

template <typename Function> class AtExit {
public:
    explicit AtExit(Function function_) : function(function_) {}
    ~AtExit() {
        if (armed)
            function();
    }
    void release() { armed = false; }

private:
    Function function;
    bool armed = true;
};
template <typename Function> AtExit<Function> at_exit(Function function) { return AtExit<Function>(function); }

template <typename T> class Restored {
public:
    Restored(T &place_, T value) : place(place_), old(place_) { place = value; }
    ~Restored() { place = old; }

private:
    T &place;
    T old;
};

int16_t level = 3;

NOINLINE int work(int kind, int depth) {
    Masked masked;
    Restored<int16_t> restored(level, static_cast<int16_t>(level + kind));
    int result = level;
    auto undo = at_exit([&result, kind] { history ^= static_cast<uint32_t>(result * 16 + kind); });
    for (int i = 0; i < 6; i++) {
        Masked inner;
        if (i == kind)
            continue;
        if (i + kind == 7)
            return result * 100;
        auto step = at_exit([i] { history += static_cast<uint32_t>(i); });
        result += static_cast<int>(mask_depth) * i;
        if (i == 4 && kind == 1)
            break;
        if (i % 2)
            step.release();
    }
    if (depth > 0 && kind != 5)
        result += work(kind + 1, depth - 1);
    if (kind == 6)
        undo.release();
    return result;
}

} // namespace

PROGRAM(bare_scope_guards) {
    Sum sum;
    for (int kind = 0; kind < 8; kind++)
        for (int depth = 0; depth < 3; depth++) {
            Add{sum, work(opaque_int(kind), opaque_int(depth)), history, static_cast<unsigned>(mask_depth), level};
            level = static_cast<int16_t>(level * 2 - kind);
        }
    AGREED(bare_scope_guards, sum);
}
