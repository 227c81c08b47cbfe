#include "report.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace qsim {

namespace {

constexpr std::size_t column_count = 12;
using Row = std::array<std::string, column_count>;

const Row headings = {"node",   "kind", "arrived", "left",     "turned away", "gave up",
                      "mean s", "95% s", "most s", "in queue", "longest",     "busy %"};

std::string thousandths(std::int64_t number)
{
    std::string digits = std::to_string(number % 1000);
    return std::to_string(number / 1000) + "." + std::string(3 - digits.size(), '0') + digits;
}

std::string tenths(std::int64_t number)
{
    return std::to_string(number / 10) + "." + std::to_string(number % 10);
}

// A count that can never be other than zero for this kind of node is left blank.
std::string count_or_blank(std::uint64_t count, bool meaningful)
{
    return meaningful ? std::to_string(count) : std::string();
}

Row row_of(const Node &node, Ticks duration)
{
    Summary summary = node.summary();
    bool source = std::strcmp(node.kind(), "source") == 0;
    bool sink = std::strcmp(node.kind(), "sink") == 0;
    bool station = summary.servers != 0;
    Row row;
    row[0] = node.name();
    row[1] = node.kind();
    row[2] = count_or_blank(summary.arrived, !source);
    row[3] = count_or_blank(summary.left, !sink);
    row[4] = count_or_blank(summary.turned_away, station);
    row[5] = count_or_blank(summary.gave_up, station);
    if (summary.times && summary.times->count) {
        row[6] = format_ticks(qsim_histogram_mean(summary.times));
        row[7] = format_ticks(qsim_histogram_percentile(summary.times, 95));
        row[8] = format_ticks(summary.times->most);
    }
    if (summary.queue) {
        row[9] = thousandths(qsim_gauge_average(summary.queue, duration));
        row[10] = std::to_string(summary.queue->most);
    }
    if (summary.busy)
        row[11] = tenths(qsim_gauge_average(summary.busy, duration) / summary.servers);
    return row;
}

void print_csv(std::ostream &out, const std::vector<Row> &rows)
{
    for (const Row &row : rows)
        for (std::size_t i = 0; i < column_count; ++i)
            out << row[i] << (i + 1 < column_count ? ',' : '\n');
}

void print_table(std::ostream &out, const std::vector<Row> &rows)
{
    std::array<std::size_t, column_count> widths{};
    for (const Row &row : rows)
        for (std::size_t i = 0; i < column_count; ++i)
            widths[i] = std::max(widths[i], row[i].size());
    for (const Row &row : rows) {
        std::string line;
        for (std::size_t i = 0; i < column_count; ++i) {
            std::string blanks(widths[i] - row[i].size(), ' ');
            line += i < 2 ? row[i] + blanks : blanks + row[i];
            line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    }
}

} // namespace

Totals run_scenario(Scenario &scenario, const Simulation::Trace &trace)
{
    Totals totals;
    for (unsigned i = 0; i < scenario.times; ++i) {
        for (auto &node : scenario.network.nodes())
            node->seed(scenario.seed + i);
        Simulation simulation(scenario.network, scenario.length);
        simulation.set_trace(trace);
        simulation.run();
        totals.events += simulation.events();
        totals.created += simulation.created();
        totals.inside += simulation.inside();
    }
    return totals;
}

std::int64_t unaccounted(const Scenario &scenario, const Totals &totals)
{
    std::int64_t difference = static_cast<std::int64_t>(totals.created) - static_cast<std::int64_t>(totals.inside);
    for (const auto &node : scenario.network.nodes())
        if (std::strcmp(node->kind(), "sink") == 0)
            difference -= static_cast<std::int64_t>(node->summary().arrived);
    return difference;
}

void print_report(std::ostream &out, const Scenario &scenario, const Totals &totals, Format format)
{
    Ticks duration = scenario.length * scenario.times;
    std::vector<Row> rows = {headings};
    for (const auto &node : scenario.network.nodes())
        rows.push_back(row_of(*node, duration));
    if (format == Format::csv) {
        print_csv(out, rows);
        return;
    }
    out << scenario.times << (scenario.times == 1 ? " run of " : " runs of ") << format_ticks(scenario.length)
        << " s from seed " << scenario.seed << ": " << totals.events << " events, " << totals.created
        << " customers, " << totals.inside << " still inside\n\n";
    print_table(out, rows);
}

} // namespace qsim
