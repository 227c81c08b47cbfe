// The few containers a simulation needs that the standard library has not.
#pragma once

#include "heap.h"

#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace qsim {

// Items with small numbers for names; a number is used again after its item has gone.
template <class Item>
class Pool {
public:
    std::uint32_t add(Item item)
    {
        ++live_;
        if (free_.empty()) {
            items_.push_back(std::move(item));
            return static_cast<std::uint32_t>(items_.size() - 1);
        }
        std::uint32_t number = free_.back();
        free_.pop_back();
        items_[number] = std::move(item);
        return number;
    }

    Item take(std::uint32_t number)
    {
        Item item = std::move(items_[number]);
        free_.push_back(number);
        --live_;
        return item;
    }

    Item &operator[](std::uint32_t number) { return items_[number]; }
    std::size_t live() const { return live_; }

private:
    std::vector<Item> items_;
    std::vector<std::uint32_t> free_;
    std::size_t live_ = 0;
};

// A queue in a circular buffer whose size is a power of two.
template <class Item>
class Ring {
public:
    bool empty() const { return count_ == 0; }
    std::size_t size() const { return count_; }

    void push(Item item)
    {
        if (count_ == slots_.size())
            grow();
        slots_[(first_ + count_++) & (slots_.size() - 1)] = std::move(item);
    }

    Item pop()
    {
        Item item = std::move(slots_[first_]);
        first_ = (first_ + 1) & (slots_.size() - 1);
        --count_;
        return item;
    }

    void clear() { first_ = count_ = 0; }

private:
    void grow()
    {
        std::vector<Item> larger(slots_.empty() ? 8 : slots_.size() * 2);
        for (std::size_t i = 0; i < count_; ++i)
            larger[i] = std::move(slots_[(first_ + i) & (slots_.size() - 1)]);
        slots_.swap(larger);
        first_ = 0;
    }

    std::vector<Item> slots_;
    std::size_t first_ = 0, count_ = 0;
};

// What is to happen, by time; things of the same moment happen in the order in which they were asked for.
template <class Event>
class Calendar {
public:
    Calendar() { qsim_heap_init(&heap_); }
    ~Calendar() { qsim_heap_free(&heap_); }
    Calendar(const Calendar &) = delete;
    Calendar &operator=(const Calendar &) = delete;

    void add(std::int64_t time, Event event)
    {
        std::uint32_t number = events_.add(std::move(event));
        if (!qsim_heap_push(&heap_, time, number)) {
            events_.take(number);
            throw std::bad_alloc();
        }
    }

    bool next(std::int64_t &time, Event &event)
    {
        qsim_heap_entry entry;
        if (!qsim_heap_pop(&heap_, &entry))
            return false;
        time = entry.time;
        event = events_.take(entry.item);
        return true;
    }

    std::size_t size() const { return heap_.count; }

private:
    qsim_heap heap_;
    Pool<Event> events_;
};

} // namespace qsim
