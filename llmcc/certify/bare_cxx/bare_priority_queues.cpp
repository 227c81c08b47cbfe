/* A heap of timed events with a comparison that is an object, stable among equals, and events that make others. */
#include "bare.h"

namespace {

template <typename T, unsigned Size, typename Before> class Queue {
public:
    explicit Queue(Before before_) : before(before_) {}
    NOINLINE bool push(const T &item) {
        if (count == Size)
            return false;
        unsigned at = count++;
        for (; at > 0 && before(item, items[(at - 1) / 2]); at = (at - 1) / 2)
            items[at] = items[(at - 1) / 2];
        items[at] = item;
        return true;
    }
    NOINLINE T pop() {
        T top = items[0], last = items[--count];
        unsigned at = 0;
        for (;;) {
            unsigned child = 2 * at + 1;
            if (child >= count)
                break;
            if (child + 1 < count && before(items[child + 1], items[child]))
                child++;
            if (!before(items[child], last))
                break;
            items[at] = items[child];
            at = child;
        }
        items[at] = last;
        return top;
    }
    bool empty() const { return count == 0; }

private:
    T items[Size];
    unsigned count = 0;
    Before before;
};

struct Event {
    uint32_t time;
    uint16_t order;
    uint8_t kind;
};

} // namespace

PROGRAM(bare_priority_queues) {
    Sum sum;
    uint32_t start = opaque_unsigned(0xfffffe00u);
    auto sooner = [start](const Event &a, const Event &b) { return a.time != b.time ? a.time - start < b.time - start : a.order < b.order; };
    Queue<Event, 20, decltype(sooner)> queue(sooner);
    auto larger = [](const int64_t &a, const int64_t &b) { return a > b; };
    Queue<int64_t, 9, decltype(larger)> numbers_queue(larger);
    Numbers numbers(opaque_unsigned(99));
    uint16_t order = 0;
    for (int i = 0; i < 8; i++)
        queue.push({start + numbers.below(400), order++, static_cast<uint8_t>(numbers.below(4))});
    for (int served = 0; served < 120 && !queue.empty(); served++) {
        Event event = queue.pop();
        Add{sum, event.time, event.order, event.kind};
        for (unsigned i = 0; i < event.kind && event.time - start < 3000; i++)
            Add{sum, queue.push({event.time + 10 * numbers.below(40), order++, static_cast<uint8_t>(numbers.below(4))})};
        Add{sum, numbers_queue.push(static_cast<int64_t>(event.time) * (event.kind - 1))};
        if (event.kind == 0 && !numbers_queue.empty())
            Add{sum, numbers_queue.pop()};
    }
    AGREED(bare_priority_queues, sum);
}
