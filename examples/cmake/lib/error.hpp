#pragma once

#include <stdexcept>
#include <string>

namespace qsim {

class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The scenario's text is wrong; `line` counts from 1.
class ScenarioError : public Error {
public:
    ScenarioError(int line, const std::string &what)
        : Error("line " + std::to_string(line) + ": " + what), line_(line) {}

    int line() const noexcept { return line_; }

private:
    int line_;
};

// The scenario can be read but not run to its end.
class SimulationError : public Error {
public:
    using Error::Error;
};

} // namespace qsim
