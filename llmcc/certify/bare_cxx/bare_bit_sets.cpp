/* Sets of bits over words, with proxies for single bits, shifts across words, and ranges that end inside a word. */
#include "bare.h"

namespace {

template <unsigned Bits> class Set {
    static constexpr unsigned words = (Bits + 31) / 32;

public:
    class Bit {
    public:
        Bit(Set &set_, unsigned at_) : set(set_), at(at_) {}
        Bit &operator=(bool on) {
            uint32_t bit = 1u << at % 32;
            set.word[at / 32] = on ? set.word[at / 32] | bit : set.word[at / 32] & ~bit;
            return *this;
        }
        Bit &operator=(const Bit &o) { return *this = static_cast<bool>(o); }
        operator bool() const { return set.word[at / 32] >> at % 32 & 1; }
        void flip() { set.word[at / 32] ^= 1u << at % 32; }

    private:
        Set &set;
        unsigned at;
    };
    Bit operator[](unsigned at) { return Bit(*this, at); }
    Set operator<<(unsigned by) const {
        Set result;
        for (unsigned i = words; i-- > by / 32;) {
            result.word[i] = word[i - by / 32] << by % 32;
            if (by % 32 && i > by / 32)
                result.word[i] |= word[i - by / 32 - 1] >> (32 - by % 32);
        }
        result.trim();
        return result;
    }
    Set &operator^=(const Set &o) {
        for (unsigned i = 0; i < words; i++)
            word[i] ^= o.word[i];
        return *this;
    }
    Set operator~() const {
        Set result;
        for (unsigned i = 0; i < words; i++)
            result.word[i] = ~word[i];
        result.trim();
        return result;
    }
    NOINLINE unsigned count() const {
        unsigned sum = 0;
        for (uint32_t bits : word)
            for (; bits; bits &= bits - 1)
                sum++;
        return sum;
    }
    NOINLINE int first(unsigned from) const {
        for (unsigned at = from; at < Bits; at++) {
            if (at % 32 == 0 && word[at / 32] == 0)
                at += 31;
            else if (word[at / 32] >> at % 32 & 1)
                return static_cast<int>(at);
        }
        return -1;
    }
    uint32_t raw(unsigned i) const { return word[i % words]; }

private:
    void trim() {
        if (Bits % 32)
            word[words - 1] &= (1u << Bits % 32) - 1;
    }
    uint32_t word[words] = {};
};

template <unsigned Bits> void exercise(Sum &sum, Numbers numbers) {
    Set<Bits> set;
    for (int i = 0; i < 40; i++) {
        unsigned at = numbers.below(Bits), other = numbers.below(Bits);
        set[at] = numbers.next() & 1;
        set[other] = set[at];
        if (i % 5 == 0)
            set ^= set << numbers.below(Bits);
        if (i % 11 == 0)
            set = ~set;
        set[numbers.below(Bits)].flip();
        Add{sum, set.count(), set.first(at), set.raw(static_cast<unsigned>(i)), static_cast<bool>(set[other])};
    }
}

} // namespace

PROGRAM(bare_bit_sets) {
    Sum sum;
    exercise<32>(sum, Numbers(opaque_unsigned(32)));
    exercise<45>(sum, Numbers(opaque_unsigned(45)));
    exercise<97>(sum, Numbers(opaque_unsigned(97)));
    exercise<7>(sum, Numbers(opaque_unsigned(7)));
    AGREED(bare_bit_sets, sum);
}
