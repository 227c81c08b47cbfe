/* A vector of fixed capacity, written here: placement new, moves of elements, insertion and removal in the middle. */
#include "bare.h"

namespace {

template <typename T> T &&move_of(T &value) { return static_cast<T &&>(value); }

template <typename T, unsigned Capacity> class Vector {
public:
    Vector() = default;
    Vector(const Vector &) = delete;
    ~Vector() { clear(); }
    void clear() {
        while (size_ > 0)
            at(--size_).~T();
    }
    template <typename... Arguments> bool emplace(unsigned place, Arguments... arguments) {
        if (size_ == Capacity || place > size_)
            return false;
        for (unsigned i = size_; i > place; i--) {
            new (slot(i)) T(move_of(at(i - 1)));
            at(i - 1).~T();
        }
        new (slot(place)) T(arguments...);
        size_++;
        return true;
    }
    bool erase(unsigned place) {
        if (place >= size_)
            return false;
        for (unsigned i = place; i + 1 < size_; i++)
            at(i) = move_of(at(i + 1));
        at(--size_).~T();
        return true;
    }
    T &at(unsigned place) { return *reinterpret_cast<T *>(slot(place)); }
    unsigned size() const { return size_; }
    T *begin() { return reinterpret_cast<T *>(storage); }
    T *end() { return begin() + size_; }

private:
    void *slot(unsigned place) { return storage + place * sizeof(T); }
    alignas(T) unsigned char storage[Capacity * sizeof(T)];
    unsigned size_ = 0;
};

int living;

struct Item {
    Item(uint16_t key_, int64_t weight_) : key(key_), weight(weight_) { living++; }
    Item(Item &&other) : key(other.key), weight(other.weight) {
        other.key = 0xdead;
        living++;
    }
    Item &operator=(Item &&other) {
        key = other.key;
        weight = other.weight + 1;
        other.weight = -1;
        return *this;
    }
    ~Item() { living--; }
    uint16_t key;
    int64_t weight;
};

template <typename Container, typename Number> NOINLINE void exercise(Container &container, Numbers &numbers, Sum &sum, Number bias) {
    for (int step = 0; step < 60; step++) {
        uint32_t number = numbers.next();
        unsigned place = numbers.below(container.size() + 2);
        if (number % 3 != 0)
            Add{sum, container.emplace(place, static_cast<uint16_t>(number), static_cast<Number>(number >> 5) + bias)};
        else
            Add{sum, container.erase(place)};
        Add{sum, container.size(), living};
    }
    for (auto &item : container)
        Add{sum, item.key, item.weight};
}

} // namespace

PROGRAM(bare_template_containers) {
    Sum sum;
    Numbers numbers(opaque_unsigned(77));
    {
        Vector<Item, 5> small;
        Vector<Item, 12> large;
        exercise(small, numbers, sum, static_cast<int64_t>(opaque_int(-3)));
        exercise(large, numbers, sum, opaque_int64(0x100000000LL));
        Add{sum, living};
    }
    Add{sum, living};
    AGREED(bare_template_containers, sum);
}
