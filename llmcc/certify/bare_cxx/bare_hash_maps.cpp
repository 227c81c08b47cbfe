/* An open hash map of fixed size: probing, removal by moving back, keys of class type with a hash of their own. */
#include "bare.h"

namespace {

struct Address {
    uint8_t bus;
    uint16_t node;
    bool operator==(const Address &o) const { return bus == o.bus && node == o.node; }
    uint32_t hash() const { return bus * 2654435761u ^ node * 40503u; }
};

template <typename Key, typename Value, unsigned Size> class Map {
public:
    Value *find(const Key &key) {
        unsigned at = place(key);
        return used[at] ? &cells[at].value : nullptr;
    }
    bool insert(const Key &key, const Value &value) {
        if (Value *old = find(key)) {
            *old = value;
            return false;
        }
        if (count + 1 >= Size)
            return false;
        unsigned at = place(key);
        used[at] = true;
        cells[at] = {key, value};
        count++;
        return true;
    }
    NOINLINE bool remove(const Key &key) {
        unsigned hole = place(key);
        if (!used[hole])
            return false;
        used[hole] = false;
        count--;
        for (unsigned at = (hole + 1) % Size; used[at]; at = (at + 1) % Size) {
            unsigned home = cells[at].key.hash() % Size;
            if ((at + Size - home) % Size >= (at + Size - hole) % Size) {
                cells[hole] = cells[at];
                used[hole] = true;
                used[at] = false;
                hole = at;
            }
        }
        return true;
    }
    unsigned size() const { return count; }

private:
    unsigned place(const Key &key) const {
        unsigned at = key.hash() % Size;
        while (used[at] && !(cells[at].key == key))
            at = (at + 1) % Size;
        return at;
    }
    struct Cell {
        Key key;
        Value value;
    };
    Cell cells[Size] = {};
    bool used[Size] = {};
    unsigned count = 0;
};

} // namespace

PROGRAM(bare_hash_maps) {
    Sum sum;
    Map<Address, int32_t, 13> map;
    Numbers numbers(opaque_unsigned(1313));
    for (int i = 0; i < 150; i++) {
        Address address = {static_cast<uint8_t>(numbers.below(2)), static_cast<uint16_t>(numbers.below(9))};
        uint32_t what = numbers.below(5);
        if (what < 2)
            Add{sum, map.insert(address, i * 3)};
        else if (what == 2)
            Add{sum, map.remove(address)};
        else if (int32_t *value = map.find(address))
            Add{sum, *value += opaque_int(i)};
        Add{sum, map.size()};
    }
    AGREED(bare_hash_maps, sum);
}
