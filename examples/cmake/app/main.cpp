#include "error.hpp"
#include "report.hpp"

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr const char *usage = "usage: qsim [--seed N] [--times N] [--csv] [--trace N] SCENARIO\n"
                              "  SCENARIO  a file in the language that lib/scenario.hpp describes; - is standard input\n"
                              "  --trace   print the first N events\n";

class UsageError : public qsim::Error {
public:
    using Error::Error;
};

struct Options {
    std::string path;
    long seed = -1, times = -1, trace = 0;
    qsim::Format format = qsim::Format::table;
};

long number(const std::string &option, const std::string &text, long least, long most)
{
    std::size_t used = 0;
    long value = -1;
    try {
        value = std::stol(text, &used);
    } catch (const std::logic_error &) {
        used = 0;
    }
    if (used == 0 || used != text.size() || value < least || value > most)
        throw UsageError(option + " takes a number from " + std::to_string(least) + " to " + std::to_string(most));
    return value;
}

Options read_options(const std::vector<std::string> &arguments)
{
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string &argument = arguments[i];
        auto value = [&]() -> const std::string & {
            if (i + 1 == arguments.size())
                throw UsageError(argument + " needs a value");
            return arguments[i + 1];
        };
        if (argument == "--csv") {
            options.format = qsim::Format::csv;
        } else if (argument == "--seed") {
            options.seed = number(argument, value(), 0, 2147483647);
            ++i;
        } else if (argument == "--times") {
            options.times = number(argument, value(), 1, 1000);
            ++i;
        } else if (argument == "--trace") {
            options.trace = number(argument, value(), 0, 1000000);
            ++i;
        } else if (argument.size() > 1 && argument[0] == '-') {
            throw UsageError("unknown option " + argument);
        } else if (!options.path.empty()) {
            throw UsageError("one scenario at a time");
        } else {
            options.path = argument;
        }
    }
    if (options.path.empty())
        throw UsageError("which scenario?");
    return options;
}

void read(const std::string &path, qsim::Scenario &scenario)
{
    if (path == "-") {
        qsim::read_scenario(std::cin, scenario);
        return;
    }
    std::ifstream file(path);
    if (!file)
        throw qsim::Error("cannot read " + path);
    qsim::read_scenario(file, scenario);
}

void print_event(qsim::Ticks now, const qsim::Event &event, const qsim::Customer *customer)
{
    std::cout << qsim::format_ticks(now) << " s  " << event.node->name() << ": ";
    if (customer)
        std::cout << "customer " << customer->id << ' ';
    std::cout << qsim::what_name(event.what) << '\n';
}

void run(const Options &options)
{
    qsim::Scenario scenario;
    read(options.path, scenario);
    if (options.seed >= 0)
        scenario.seed = static_cast<std::uint64_t>(options.seed);
    if (options.times > 0)
        scenario.times = static_cast<unsigned>(options.times);
    qsim::Simulation::Trace trace;
    long left = options.trace;
    if (left > 0) {
        trace = [&left](qsim::Ticks now, const qsim::Event &event, const qsim::Customer *customer) {
            if (left-- > 0)
                print_event(now, event, customer);
        };
    }
    qsim::Totals totals = qsim::run_scenario(scenario, trace);
    qsim::print_report(std::cout, scenario, totals, options.format);
}

} // namespace

int main(int argc, char **argv)
{
    try {
        run(read_options(std::vector<std::string>(argv + 1, argv + argc)));
        std::cout.flush();
        return std::cout ? 0 : 1;
    } catch (const UsageError &error) {
        std::cerr << "qsim: " << error.what() << '\n' << usage;
        return 2;
    } catch (const qsim::Error &error) {
        std::cerr << "qsim: " << error.what() << '\n';
        return 1;
    } catch (const std::bad_alloc &) {
        std::cerr << "qsim: out of memory\n";
        return 3;
    }
}
