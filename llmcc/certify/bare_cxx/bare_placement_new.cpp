/* Objects of several types made and ended in the same storage, as a driver does that has no heap. */
#include "bare.h"

namespace {

struct Message {
    virtual ~Message() = default;
    virtual uint32_t digest() const = 0;
    virtual unsigned length() const = 0;
};
struct Ping final : Message {
    explicit Ping(uint8_t id_) : id(id_) {}
    uint32_t digest() const override { return id * 257u; }
    unsigned length() const override { return 1; }
    uint8_t id;
};
struct Reading final : Message {
    Reading(uint16_t channel_, int32_t value_) : channel(channel_), value(value_) {}
    uint32_t digest() const override { return static_cast<uint32_t>(value) * 7u + channel; }
    unsigned length() const override { return 6; }
    uint16_t channel;
    int32_t value;
};
unsigned text_ends;
struct Text final : Message {
    explicit Text(const char *text) {
        while (*text && size < sizeof content)
            content[size++] = *text++;
    }
    ~Text() override { text_ends += size; }
    uint32_t digest() const override {
        uint32_t hash = 5381;
        for (unsigned i = 0; i < size; i++)
            hash = hash * 33 + static_cast<unsigned char>(content[i]);
        return hash;
    }
    unsigned length() const override { return size; }
    char content[10];
    unsigned size = 0;
};

class Slot {
public:
    ~Slot() { reset(); }
    void reset() {
        if (message)
            message->~Message();
        message = nullptr;
    }
    template <typename T, typename... Arguments> T &emplace(Arguments... arguments) {
        reset();
        T *made = new (storage) T(arguments...);
        message = made;
        return *made;
    }
    const Message *get() const { return message; }

private:
    alignas(8) unsigned char storage[sizeof(Text)];
    Message *message = nullptr;
};

NOINLINE uint32_t report(const Slot &slot) { return slot.get() ? slot.get()->digest() + slot.get()->length() : 0; }

} // namespace

PROGRAM(bare_placement_new) {
    Sum sum;
    static const char *const words[] = {"", "sensor", "a line too long", "ok"};
    {
        Slot slots[3];
        Numbers numbers(opaque_unsigned(901));
        for (int i = 0; i < 40; i++) {
            Slot &slot = slots[numbers.below(3)];
            switch (numbers.below(4)) {
            case 0:
                slot.emplace<Ping>(static_cast<uint8_t>(numbers.next())).id++;
                break;
            case 1:
                slot.emplace<Reading>(static_cast<uint16_t>(i), static_cast<int32_t>(numbers.next() >> 4)).value -= i;
                break;
            case 2:
                slot.emplace<Text>(words[numbers.below(4)]);
                break;
            default:
                slot.reset();
            }
            Add{sum, report(slots[0]), report(slots[1]), report(slots[2]), text_ends};
        }
    }
    Add{sum, text_ends};
    AGREED(bare_placement_new, sum);
}
