/* Exceptions that leave callbacks: function pointers, lambdas and virtual calls, also by way of a
 * second base; the function that called back is left half done in a known state. */
#include "certify.h"

namespace {

struct Halt {
    int where;
    int calls;
};

/* Sorts by insertion; a comparison that throws leaves a permutation, as every exchange is complete. */
template <typename Less> NOINLINE void sort_values(int *values, int count, Less less) {
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && less(values[k], values[k - 1]); k--) {
            int kept = values[k];
            values[k] = values[k - 1];
            values[k - 1] = kept;
        }
}

int calls_left;
NOINLINE bool limited_less(int a, int b) {
    if (calls_left-- == 0)
        throw Halt{a, b};
    return a < b;
}
NOINLINE bool limited_greater(int a, int b) {
    if (calls_left-- == 0)
        throw Halt{b, a};
    return a > b;
}

struct Visitor {
    virtual void visit(int value) = 0;
    virtual int result() const = 0;
};

struct Named {
    virtual int name() const { return 1; }
    int64_t padding = 5;
};

struct Summing final : Visitor {
    explicit Summing(int limit_) : limit(limit_) {}
    void visit(int value) override {
        if (value > limit)
            throw Halt{value, sum};
        sum += value;
    }
    int result() const override { return sum; }
    int limit, sum = 0;
};

/* visit comes through the second base, so the call adjusts its object. */
struct Counting final : Named, Visitor {
    explicit Counting(int limit_) : limit(limit_) {}
    void visit(int value) override {
        count++;
        if (count > limit)
            throw Halt{value, count};
    }
    int result() const override { return count + name(); }
    int name() const override { return 100; }
    int limit, count = 0;
};

NOINLINE int walk(const int *values, int count, Visitor &visitor, int &progress) {
    for (progress = 0; progress < count; progress++)
        visitor.visit(values[progress]);
    return visitor.result();
}

bool permutation(const int *a, const int *b, int count) {
    for (int i = 0; i < count; i++) {
        int balance = 0;
        for (int k = 0; k < count; k++)
            balance += (a[k] == a[i]) - (b[k] == a[i]);
        if (balance != 0)
            return false;
    }
    return true;
}

NOINLINE int try_sort(int *values, int count, int calls, bool (*less)(int, int)) {
    calls_left = calls;
    try {
        sort_values(values, count, less);
    } catch (const Halt &halt) {
        return halt.where - halt.calls;
    }
    return 12345;
}

} // namespace

PROGRAM(cxx_throw_callbacks) {
    const int original[9] = {5, 2, 8, 2, 9, 1, 7, 3, 6};
    int stopped = 0;
    for (int calls = 0; calls < 40; calls++) {
        int up[9], down[9];
        for (int i = 0; i < 9; i++)
            up[i] = down[i] = original[i];
        int first = try_sort(up, 9, opaque_int(calls), limited_less), second = try_sort(down, 9, opaque_int(calls), limited_greater);
        CHECK(permutation(up, original, 9) && permutation(down, original, 9));
        /* Repeat with a lambda that refers to local state: the same stop. */
        int left = opaque_int(calls), third = 12345, lambda_values[9];
        for (int i = 0; i < 9; i++)
            lambda_values[i] = original[i];
        try {
            sort_values(lambda_values, 9, [&left](int a, int b) {
                if (left == 0)
                    throw a - b;
                left--;
                return a < b;
            });
        } catch (int difference) {
            third = difference;
        }
        CHECK(third == first);
        for (int i = 0; i < 9; i++)
            CHECK(lambda_values[i] == up[i]);
        stopped += first != 12345;
        for (int i = 1; i < 9; i++) {
            CHECK(first != 12345 || up[i - 1] <= up[i]);
            CHECK(second != 12345 || down[i - 1] >= down[i]);
        }
    }
    /* 17 inversions, and one comparison more for each of the 6 elements that do not reach the front. */
    CHECK(stopped == 17 + 6);

    for (int limit = 0; limit < 12; limit++) {
        Summing summing(opaque_int(limit));
        Counting counting(opaque_int(limit));
        int progress = -1, outcome, prefix = 0, reach = 0;
        while (reach < 9 && original[reach] <= limit)
            prefix += original[reach++];
        try {
            outcome = walk(original, 9, summing, progress);
        } catch (Halt halt) {
            outcome = halt.where * 1000 + halt.calls;
        }
        CHECK(progress == reach && summing.sum == prefix && outcome == (reach < 9 ? original[reach] * 1000 + prefix : prefix));
        try {
            outcome = walk(original, 9, counting, progress);
        } catch (Halt halt) {
            outcome = halt.where * 1000 + halt.calls;
        }
        CHECK(progress == (limit < 9 ? limit : 9) && outcome == (limit < 9 ? original[limit] * 1000 + limit + 1 : 109) && counting.padding == 5);
    }
}
