/* Doubly linked lists whose hooks are bases of the elements: an element is in two lists at once, and leaves by itself. */
#include "bare.h"

namespace {

template <int Tag> struct Hook {
    Hook *previous = this, *next = this;
    Hook() = default;
    Hook(const Hook &) = delete;
    ~Hook() { unlink(); }
    void unlink() {
        previous->next = next;
        next->previous = previous;
        previous = next = this;
    }
    void before(Hook &other) {
        unlink();
        previous = other.previous;
        next = &other;
        previous->next = this;
        other.previous = this;
    }
    bool linked() const { return next != this; }
};

template <typename T, int Tag> class List {
public:
    void push_back(T &item) { static_cast<Hook<Tag> &>(item).before(head); }
    void push_front(T &item) { static_cast<Hook<Tag> &>(item).before(*head.next); }
    template <typename Less> void insert(T &item, Less less) {
        Hook<Tag> *place = head.next;
        while (place != &head && !less(item, static_cast<T &>(*place)))
            place = place->next;
        static_cast<Hook<Tag> &>(item).before(*place);
    }
    T *front() { return head.linked() ? static_cast<T *>(head.next) : nullptr; }
    class Iterator {
    public:
        explicit Iterator(Hook<Tag> *at_) : at(at_) {}
        T &operator*() const { return static_cast<T &>(*at); }
        Iterator &operator++() {
            at = at->next;
            return *this;
        }
        bool operator!=(const Iterator &o) const { return at != o.at; }

    private:
        Hook<Tag> *at;
    };
    Iterator begin() { return Iterator(head.next); }
    Iterator end() { return Iterator(&head); }

private:
    Hook<Tag> head;
};

struct Task : Hook<0>, Hook<1> {
    uint16_t number = 0, deadline = 0;
};

} // namespace

PROGRAM(bare_intrusive_lists) {
    Sum sum;
    List<Task, 0> ready;
    List<Task, 1> timed;
    Task tasks[7];
    Numbers numbers(opaque_unsigned(70));
    for (int i = 0; i < 60; i++) {
        Task &task = tasks[numbers.below(7)];
        task.number = static_cast<uint16_t>(&task - tasks);
        switch (numbers.below(5)) {
        case 0:
            ready.push_back(task);
            break;
        case 1:
            ready.push_front(task);
            break;
        case 2:
            task.Hook<1>::unlink();
            task.deadline = static_cast<uint16_t>(numbers.below(50));
            timed.insert(task, [](const Task &a, const Task &b) { return a.deadline < b.deadline; });
            break;
        case 3:
            task.Hook<0>::unlink();
            break;
        default:
            if (Task *first = timed.front()) {
                ready.push_back(*first);
                first->Hook<1>::unlink();
            }
        }
        uint32_t order = 1;
        for (Task &each : ready)
            order = order * 8 + each.number;
        for (Task &each : timed)
            order = order * 61 + each.deadline;
        Add{sum, order, task.Hook<0>::linked(), task.Hook<1>::linked()};
    }
    AGREED(bare_intrusive_lists, sum);
}
