/* Copies and moves, counted: which constructor or assignment runs for lvalues, expiring values and temporaries, what
 * moved-from objects hold, swaps, rotations, members moved one by one, and ownership of slots without a heap. */
#include "certify.h"

#include <type_traits>
#include <utility>

namespace {

struct Counts {
    int made, copied, moved, copy_assigned, move_assigned, destroyed;
};
Counts counts;

bool counted(int made, int copied, int moved, int copy_assigned, int move_assigned, int destroyed) {
    bool same = counts.made == made && counts.copied == copied && counts.moved == moved && counts.copy_assigned == copy_assigned &&
                counts.move_assigned == move_assigned && counts.destroyed == destroyed;
    counts = Counts{};
    return same;
}

struct Token {
    explicit Token(int value_) : value(value_) { counts.made++; }
    Token(const Token &other) : value(other.value) { counts.copied++; }
    Token(Token &&other) noexcept : value(other.value) {
        other.value = -1;
        counts.moved++;
    }
    Token &operator=(const Token &other) {
        value = other.value;
        counts.copy_assigned++;
        return *this;
    }
    Token &operator=(Token &&other) noexcept {
        int taken = other.value;
        other.value = -2;
        value = taken;
        counts.move_assigned++;
        return *this;
    }
    ~Token() { counts.destroyed++; }
    int value;
};

/* The compiler writes all special members: each member is moved or copied in its own way. */
struct Bundle {
    Bundle(int a, int b, int c) : first(a), rest{Token(b), Token(c)}, plain(a ^ b ^ c) {}
    Token first;
    const Token fixed{100};
    Token rest[2];
    int64_t plain;
};

/* A slot of a pool; at most one owner. */
uint16_t pool_used;
struct Slot {
    Slot() : index(__builtin_ctz(~static_cast<unsigned>(pool_used))) { pool_used = static_cast<uint16_t>(pool_used | 1u << index); }
    Slot(Slot &&other) noexcept : index(std::exchange(other.index, -1)) {}
    Slot &operator=(Slot &&other) noexcept {
        if (this != &other) {
            release();
            index = std::exchange(other.index, -1);
        }
        return *this;
    }
    ~Slot() { release(); }
    void release() {
        if (index >= 0)
            pool_used = static_cast<uint16_t>(pool_used & ~(1u << index));
        index = -1;
    }
    int index;
};

NOINLINE int take(Token token) { return token.value; }
NOINLINE int look(const Token &token) { return token.value + 1000; }
NOINLINE int look(Token &&token) { return token.value + 2000; }
template <typename T> NOINLINE int relay(T &&token) { return look(std::forward<T>(token)); }
template <typename T> NOINLINE int sink(T &&token) {
    Token inside(std::forward<T>(token));
    return inside.value;
}

NOINLINE Token pass_through(Token token) { return token; }

template <typename T> NOINLINE void rotate(T *values, int count) {
    T first(std::move(values[0]));
    for (int i = 1; i < count; i++)
        values[i - 1] = std::move(values[i]);
    values[count - 1] = std::move(first);
}

NOINLINE Slot pick(Slot a, Slot b, bool first) {
    if (first)
        return a;
    return b;
}

} // namespace

PROGRAM(cxx_move_counters) {
    counts = Counts{};
    for (int v = 1; v < 40; v += 11) {
        {
            Token token(opaque_int(v));
            /* When a parameter goes is up to the implementation; by the next statement it is gone. */
            int result = take(token);
            CHECK(result == v && counted(1, 1, 0, 0, 0, 1));
            result = take(std::move(token));
            CHECK(result == v && token.value == -1 && counted(0, 0, 1, 0, 0, 1));
            result = take(Token(v + 1));
            CHECK(result == v + 1 && counted(1, 0, 0, 0, 0, 1));
            token = Token(opaque_int(v + 2));
            CHECK(token.value == v + 2 && counted(1, 0, 0, 0, 1, 1));
            result = relay(token) + relay(std::move(token)) * 10;
            result += relay(Token(v)) * 100;
            CHECK(result == v * 111 + 22 + 1000 + 20000 + 200000 && counted(1, 0, 0, 0, 0, 1));
            const Token fixed(opaque_int(v * 2));
            CHECK(relay(fixed) == v * 2 + 1000 && relay(std::move(fixed)) == v * 2 + 1000 && counted(1, 0, 0, 0, 0, 0));
            CHECK(sink(token) == v + 2 && sink(std::move(fixed)) == v * 2 && counted(0, 2, 0, 0, 0, 2));
            CHECK(sink(std::move(token)) == v + 2 && token.value == -1 && counted(0, 0, 1, 0, 0, 1));
            Token through = pass_through(fixed);
            CHECK(through.value == v * 2 && counted(0, 1, 1, 0, 0, 1));
            through = fixed;
            Token &self = through;
            through = std::move(self);
            CHECK(through.value == v * 2 && counted(0, 0, 0, 1, 1, 0));
        }
        CHECK(counted(0, 0, 0, 0, 0, 3));
        {
            Bundle one(opaque_int(v), 2, 3), two(4, 5, opaque_int(6));
            CHECK(counted(8, 0, 0, 0, 0, 0) && one.plain == (v ^ 2 ^ 3));
            Bundle copy(one);
            CHECK(counted(0, 4, 0, 0, 0, 0) && copy.rest[1].value == 3 && copy.first.value == v);
            Bundle moved(std::move(two));
            CHECK(counted(0, 1, 3, 0, 0, 0) && moved.rest[0].value == 5 && two.rest[0].value == -1 && two.fixed.value == 100);
            CHECK(moved.plain == 7 && two.plain == 7 && two.first.value == -1 && moved.first.value == 4);
        }
        CHECK(counted(0, 0, 0, 0, 0, 16));
        {
            Token tokens[5] = {Token(v), Token(v + 1), Token(v + 2), Token(v + 3), Token(v + 4)};
            for (int turn = 1; turn < 8; turn++) {
                rotate(tokens, opaque_int(5));
                for (int i = 0; i < 5; i++)
                    CHECK(tokens[i].value == v + (i + turn) % 5);
            }
            CHECK(counted(5, 0, 7, 0, 35, 7));
            std::swap(tokens[0], tokens[4]);
            CHECK(tokens[0].value == v + 1 && tokens[4].value == v + 2 && counted(0, 0, 1, 0, 2, 1));
        }
        CHECK(counted(0, 0, 0, 0, 0, 5));
    }
    {
        Slot slots[4];
        CHECK(pool_used == 15);
        Slot extra(std::move(slots[1]));
        CHECK(extra.index == 1 && slots[1].index == -1);
        slots[1] = Slot();
        CHECK(slots[1].index == 4 && pool_used == 31);
        extra = std::move(slots[3]);
        CHECK(extra.index == 3 && pool_used == 29);
        rotate(slots, opaque_int(4));
        CHECK(slots[0].index == 4 && slots[1].index == 2 && slots[2].index == -1 && slots[3].index == 0);
        Slot kept = pick(std::move(slots[0]), std::move(slots[1]), opaque_int(1) != 0);
        CHECK(kept.index == 4 && pool_used == 25);
        kept = pick(std::move(extra), std::move(slots[3]), opaque_int(0) != 0);
        CHECK(kept.index == 0 && pool_used == 1);
        Slot &same = kept;
        kept = std::move(same);
        CHECK(kept.index == 0 && pool_used == 1);
    }
    CHECK(pool_used == 0);
    static_assert(!std::is_copy_constructible<Slot>::value && std::is_nothrow_move_constructible<Token>::value, "");
}
