/* Ring buffers as templates: indices that wrap, sizes that are no powers of two, elements larger than a word. */
#include "bare.h"

namespace {

template <typename T, unsigned Size> class Ring {
public:
    bool push(const T &value) {
        if (full())
            return false;
        cells[tail] = value;
        tail = next(tail);
        return true;
    }
    bool pop(T &value) {
        if (empty())
            return false;
        value = cells[head];
        head = next(head);
        return true;
    }
    void force(const T &value) {
        if (full())
            head = next(head);
        push(value);
    }
    bool empty() const { return head == tail; }
    bool full() const { return next(tail) == head; }
    unsigned size() const { return (tail + Size + 1 - head) % (Size + 1); }
    template <typename Function> void each(Function function) const {
        for (unsigned i = head; i != tail; i = next(i))
            function(cells[i]);
    }

private:
    static unsigned next(unsigned i) { return i == Size ? 0 : i + 1; }
    T cells[Size + 1] = {};
    unsigned head = 0, tail = 0;
};

template <typename T> class Counting {
public:
    bool push(T value) {
        if (static_cast<uint8_t>(written - read) == 16)
            return false;
        cells[written++ % 16] = value;
        return true;
    }
    T pop() { return written == read ? T() : cells[read++ % 16]; }

private:
    T cells[16] = {};
    uint8_t written = 250, read = 250;
};

struct Record {
    uint64_t time;
    int16_t values[3];
};

} // namespace

PROGRAM(bare_ring_buffers) {
    Sum sum;
    Numbers numbers(opaque_unsigned(250));
    Ring<uint8_t, 7> bytes;
    Ring<Record, 5> records;
    Counting<int16_t> counting;
    for (int i = 0; i < 100; i++) {
        uint32_t number = numbers.next();
        uint8_t byte = 0;
        Record record = {number * 0x100000001ULL, {static_cast<int16_t>(number), static_cast<int16_t>(i), static_cast<int16_t>(number >> 16)}};
        switch (number % 5) {
        case 0:
            Add{sum, bytes.push(static_cast<uint8_t>(number >> 8))};
            records.force(record);
            break;
        case 1:
            Add{sum, bytes.pop(byte), byte};
            break;
        case 2:
            Add{sum, records.pop(record), record.time, record.values[2]};
            Add{sum, counting.pop(), counting.pop()};
            break;
        case 3:
            bytes.force(static_cast<uint8_t>(i));
            Add{sum, counting.push(static_cast<int16_t>(number >> 3)), counting.push(-1)};
            break;
        default:
            Add{sum, records.push(record)};
        }
        Add{sum, bytes.size(), records.size()};
        int64_t seen = 0;
        records.each([&seen](const Record &r) { seen = seen * 3 + static_cast<int64_t>(r.time >> 9) + r.values[1]; });
        bytes.each([&seen](uint8_t b) { seen ^= b; });
        Add{sum, seen};
    }
    AGREED(bare_ring_buffers, sum);
}
