/* Placement new and explicit destruction: a tagged union with members that need destructors, whose members take
 * turns in the same storage, and an arena with a list of destructors. */
#include "certify.h"

#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace {

int alive;
uint64_t farewell;

struct Text {
    explicit Text(const char *from) : length(0) {
        while (from[length] && length < sizeof letters) {
            letters[length] = from[length];
            length++;
        }
        alive++;
    }
    Text(const Text &other) : length(other.length) {
        memcpy(letters, other.letters, other.length);
        alive++;
    }
    ~Text() {
        farewell = farewell * 31 + length;
        alive--;
    }
    unsigned length;
    char letters[12];
};

struct Number {
    explicit Number(int64_t value_) : value(value_) { alive++; }
    Number(const Number &other) : value(other.value) { alive++; }
    ~Number() {
        farewell = farewell * 31 + static_cast<uint64_t>(value);
        alive--;
    }
    int64_t value;
};

struct Variant {
    enum Tag : uint8_t { empty, text, number, pair };
    struct Pair {
        Number first, second;
    };
    Variant() : tag(empty) {}
    explicit Variant(const Text &from) : tag(text) { new (&as_text) Text(from); }
    explicit Variant(int64_t value) : tag(number) { new (&as_number) Number(value); }
    Variant(int64_t a, int64_t b) : tag(pair) { new (&as_pair) Pair{Number(a), Number(b)}; }
    Variant(const Variant &other) : tag(empty) { copy(other); }
    Variant &operator=(const Variant &other) {
        if (this != &other) {
            clear();
            copy(other);
        }
        return *this;
    }
    ~Variant() { clear(); }
    void copy(const Variant &other) {
        switch (other.tag) {
        case empty: break;
        case text: new (&as_text) Text(other.as_text); break;
        case number: new (&as_number) Number(other.as_number); break;
        case pair: new (&as_pair) Pair(other.as_pair); break;
        }
        tag = other.tag;
    }
    void clear() {
        switch (tag) {
        case empty: return;
        case text: as_text.~Text(); break;
        case number: as_number.~Number(); break;
        case pair: as_pair.~Pair(); break;
        }
        tag = empty;
    }
    NOINLINE int64_t weigh() const {
        switch (tag) {
        case text: return as_text.length * 100 + (as_text.length ? as_text.letters[as_text.length - 1] - 'a' : 0);
        case number: return as_number.value;
        case pair: return as_pair.first.value * 1000 + as_pair.second.value;
        default: return -1;
        }
    }
    Tag tag;
    union {
        Text as_text;
        Number as_number;
        Pair as_pair;
    };
};

/* Gives out storage from the front and destroys in reverse order. */
struct Arena {
    struct Entry {
        void (*destroy)(void *);
        void *object;
    };
    ~Arena() {
        while (entries)
            list[entries - 1].destroy(list[entries - 1].object), entries--;
    }
    template <typename T, typename... Arguments> T *make(Arguments &&... arguments) {
        used = (used + alignof(T) - 1) / alignof(T) * alignof(T);
        if (used + sizeof(T) > sizeof storage || entries == 16)
            return nullptr;
        T *object = new (storage + used) T{std::forward<Arguments>(arguments)...};
        used += sizeof(T);
        if (!std::is_trivially_destructible<T>::value)
            list[entries++] = Entry{[](void *erased) { static_cast<T *>(erased)->~T(); }, object};
        return object;
    }
    alignas(8) unsigned char storage[256];
    size_t used = 0;
    Entry list[16];
    unsigned entries = 0;
};

struct Small {
    uint8_t first, second, third;
};

} // namespace

PROGRAM(cxx_placement_lifetimes) {
    alive = 0;
    {
        Variant variants[5] = {Variant(), Variant(Text("abcz")), Variant(opaque_int64(40)), Variant(3, opaque_int64(4)), Variant(Text(""))};
        int64_t weights[5] = {-1, 425, 40, 3004, 0};
        int objects[5] = {0, 1, 1, 2, 1};
        for (unsigned turn = 0; turn < 30; turn++) {
            const unsigned from = turn * 3 % 5, to = opaque_unsigned(turn * 2 + 1) % 5, fresh = turn / 2 % 5;
            variants[to] = variants[from];
            weights[to] = weights[from];
            objects[to] = objects[from];
            if (turn % 2) {
                variants[fresh] = turn % 3 == 0 ? Variant(int64_t{turn}) : turn % 3 == 1 ? Variant(turn, 5) : Variant(Text(&"letters"[turn % 7]));
                weights[fresh] = turn % 3 == 0 ? turn : turn % 3 == 1 ? turn * 1000 + 5 : (7 - turn % 7) * 100 + 's' - 'a';
                objects[fresh] = 1 + (turn % 3 == 1);
            }
            int total = 0;
            for (int i = 0; i < 5; i++) {
                CHECK(variants[i].weigh() == weights[i]);
                total += objects[i];
            }
            CHECK(alive == total);
        }
    }
    CHECK(alive == 0);

    uint64_t last = 0;
    farewell = 0;
    {
        Arena arena;
        Small *smalls[5];
        Number *numbers[5];
        Text *texts[5];
        for (int i = 0; i < 5; i++) {
            smalls[i] = arena.make<Small>(static_cast<uint8_t>(i), uint8_t{7}, static_cast<uint8_t>(i * 50));
            numbers[i] = arena.make<Number>(opaque_int64(i * 1111));
            texts[i] = arena.make<Text>(&"storage"[i]);
        }
        for (int i = 0; i < 5; i++) {
            CHECK(smalls[i]->first == i && smalls[i]->second == 7 && smalls[i]->third == i * 50);
            CHECK(numbers[i]->value == i * 1111 && texts[i]->length == 7u - static_cast<unsigned>(i) && texts[i]->letters[2] == "storage"[i + 2]);
        }
        /* The list of destructors is full before the storage is. */
        uint64_t extra = 0;
        while (arena.make<Number>(int64_t{3}))
            extra++;
        CHECK(extra == 6 && alive == 16 && farewell == 0);
        for (uint64_t i = 0; i < 11; i++)
            last = i < 6 ? last * 31 + 3 : (last * 31 + 7 - (10 - i)) * 31 + (10 - i) * 1111;
    }
    CHECK(alive == 0 && farewell == last);
}
