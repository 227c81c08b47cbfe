#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "random.h"

namespace qsim {

using Ticks = std::int64_t; // milliseconds

// "90s", "1.5m", "250ms", "2h", "1d"; false for anything else, for more than 24 days, and for fractions of a tick.
bool parse_ticks(const std::string &text, Ticks &ticks);

// Seconds with one decimal.
std::string format_ticks(Ticks ticks);

// How long something takes.
class Duration {
public:
    virtual ~Duration() = default;
    virtual Ticks sample(qsim_random &random) const = 0;
    virtual Ticks mean() const = 0;
};

using DurationPtr = std::unique_ptr<Duration>;

DurationPtr make_constant(Ticks ticks);
DurationPtr make_uniform(Ticks least, Ticks most);
DurationPtr make_exponential(Ticks mean);

// The sum of `stages` exponential ones, each with an equal part of the mean.
DurationPtr make_erlang(unsigned stages, Ticks mean);

struct Weighted {
    Ticks ticks;
    std::uint32_t weight;
};

// One of the given ones, as often as its weight says. The sum of the weights is not 0 and fits 32 bits.
DurationPtr make_choice(std::vector<Weighted> choices);

} // namespace qsim
