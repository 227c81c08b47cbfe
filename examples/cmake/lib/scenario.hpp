// The scenario language, one statement per line, "#" starts a comment:
//
//   run 8h [seed N] [times N]
//   source  NAME every DURATION [limit N] [priority N] [to NODE]
//   station NAME serve DURATION [servers N] [queue first|last|priority] [capacity N] [patience DURATION]
//                [to NODE] [else NODE]
//   router  NAME N% NODE N% NODE ...
//   delay   NAME for DURATION [to NODE]
//   batch   NAME size N [timeout DURATION] [to NODE]
//   sink    NAME
//
// DURATION is a time (90s, 1.5m), "uniform LEAST MOST", "exponential MEAN", "erlang STAGES MEAN", or
// "choice TIME:WEIGHT TIME:WEIGHT ...".
#pragma once

#include "network.hpp"

#include <istream>

namespace qsim {

struct Scenario {
    Ticks length = 0;
    std::uint64_t seed = 1;
    unsigned times = 1;
    Network network;
};

// Throws ScenarioError.
void read_scenario(std::istream &input, Scenario &scenario);

} // namespace qsim
