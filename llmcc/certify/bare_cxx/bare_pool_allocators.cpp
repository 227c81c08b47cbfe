/* Memory without a heap: a pool with a free list in its blocks, an arena that aligns, operator new of a class. */
#include "bare.h"

namespace {

template <unsigned Size, unsigned Count> class Pool {
public:
    void *take() {
        if (free) {
            Block *block = free;
            free = block->next;
            return block;
        }
        return fresh < Count ? &blocks[fresh++] : nullptr;
    }
    void give(void *place) {
        Block *block = static_cast<Block *>(place);
        block->next = free;
        free = block;
    }
    unsigned index(const void *place) const { return static_cast<unsigned>(static_cast<const Block *>(place) - blocks); }

private:
    union Block {
        Block *next;
        alignas(8) unsigned char bytes[Size];
    };
    Block blocks[Count];
    Block *free = nullptr;
    unsigned fresh = 0;
};

class Arena {
public:
    void *take(unsigned size, unsigned align) {
        unsigned start = (used + align - 1) & ~(align - 1);
        if (start + size > sizeof bytes)
            return nullptr;
        used = start + size;
        return bytes + start;
    }
    unsigned mark() const { return used; }
    void back(unsigned to) { used = to; }

private:
    alignas(8) unsigned char bytes[160];
    unsigned used = 0;
};

Pool<24, 5> pool;

struct Job {
    Job(uint32_t a_, int64_t b_) : a(a_), b(b_) {}
    static void *operator new(size_t size, const char *) noexcept {
        CHECK(size <= 24);
        return pool.take();
    }
    static void operator delete(void *place, const char *) { pool.give(place); }
    static void operator delete(void *place) {
        if (place)
            pool.give(place);
    }
    ~Job() { ended += a; }
    uint32_t a;
    int64_t b;
    static uint32_t ended;
};
uint32_t Job::ended;

} // namespace

PROGRAM(bare_pool_allocators) {
    Sum sum;
    Job *jobs[7] = {};
    Numbers numbers(opaque_unsigned(512));
    Arena arena;
    for (int i = 0; i < 70; i++) {
        Job *&job = jobs[numbers.below(7)];
        if (job) {
            Add{sum, job->a, job->b, pool.index(job)};
            delete job;
            job = nullptr;
        } else {
            job = new ("pool") Job{numbers.next() >> 8, static_cast<int64_t>(numbers.next()) << (i % 20)};
            Add{sum, job != nullptr};
        }
        unsigned mark = arena.mark();
        unsigned size = 1 + numbers.below(20), align = 1u << numbers.below(4);
        unsigned char *place = static_cast<unsigned char *>(arena.take(size, align));
        if (place)
            for (unsigned j = 0; j < size; j++)
                place[j] = static_cast<unsigned char>(j * size);
        Add{sum, place != nullptr, arena.mark(), place ? place[size / 2] : 0, Job::ended};
        if (!place || i % 6 == 5)
            arena.back(i % 2 ? 0 : mark / 2);
    }
    AGREED(bare_pool_allocators, sum);
}
