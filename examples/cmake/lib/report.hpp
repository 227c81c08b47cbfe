#pragma once

#include "scenario.hpp"

#include <ostream>

namespace qsim {

struct Totals {
    std::uint64_t events = 0, created = 0, inside = 0; // inside: still there when the runs ended
};

// Runs the scenario as often as it says, each time with another seed.
Totals run_scenario(Scenario &scenario, const Simulation::Trace &trace = {});

// Customers created, less those in sinks and those still inside: 0 where every way ends in a sink.
std::int64_t unaccounted(const Scenario &scenario, const Totals &totals);

enum class Format { table, csv };

void print_report(std::ostream &out, const Scenario &scenario, const Totals &totals, Format format);

} // namespace qsim
