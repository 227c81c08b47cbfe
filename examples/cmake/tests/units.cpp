#include "containers.hpp"
#include "error.hpp"
#include "report.hpp"

#include <iostream>
#include <sstream>

using namespace qsim;

namespace {

unsigned checks, failures;

void check(bool ok, const char *condition, int line)
{
    ++checks;
    if (!ok) {
        ++failures;
        std::cout << "units.cpp:" << line << ": not so: " << condition << '\n';
    }
}

#define CHECK(condition) check((condition), #condition, __LINE__)

// Counts its instances, to show that containers destroy and move what they hold.
struct Counted {
    static int alive;
    int value = 0;
    std::unique_ptr<int> owned;

    Counted() { ++alive; }
    explicit Counted(int number) : value(number), owned(std::make_unique<int>(number)) { ++alive; }
    Counted(Counted &&other) noexcept : value(other.value), owned(std::move(other.owned)) { ++alive; }
    Counted &operator=(Counted &&other) noexcept = default;
    ~Counted() { --alive; }
};

int Counted::alive = 0;

void try_ring()
{
    {
        Ring<Counted> ring;
        int in = 0, out = 0;
        for (int round = 0; round < 100; ++round) {
            for (int i = 0; i < round % 13; ++i)
                ring.push(Counted(in++));
            for (int i = 0; i < round % 11 && !ring.empty(); ++i) {
                Counted item = ring.pop();
                CHECK(item.value == out && item.owned && *item.owned == out);
                ++out;
            }
            CHECK(ring.size() == static_cast<std::size_t>(in - out));
        }
    }
    CHECK(Counted::alive == 0);
}

void try_pool()
{
    Pool<std::string> pool;
    std::uint32_t a = pool.add("a"), b = pool.add("b");
    CHECK(a != b && pool[a] == "a" && pool[b] == "b" && pool.live() == 2);
    CHECK(pool.take(a) == "a" && pool.live() == 1);
    CHECK(pool.add("c") == a && pool[a] == "c");
}

void try_calendar()
{
    Calendar<std::string> calendar;
    calendar.add(20, "late");
    calendar.add(10, "early");
    calendar.add(10, "early too");
    std::int64_t time = 0;
    std::string event, all;
    while (calendar.next(time, event))
        all += std::to_string(time) + event + ";";
    CHECK(all == "10early;10early too;20late;");
}

void try_ticks()
{
    Ticks ticks = 0;
    CHECK(parse_ticks("90s", ticks) && ticks == 90000);
    CHECK(parse_ticks("1.5m", ticks) && ticks == 90000);
    CHECK(parse_ticks("0.001s", ticks) && ticks == 1);
    CHECK(parse_ticks("24d", ticks) && ticks == 24LL * 86400000);
    for (const char *wrong : {"", "s", "5", "5 s", "1.s", ".5s", "1..5s", "-1s", "25d", "0.0001s", "1e3s", "3000000000ms"})
        CHECK(!parse_ticks(wrong, ticks));
    CHECK(format_ticks(0) == "0.0" && format_ticks(1949) == "1.9" && format_ticks(1950) == "2.0");
}

void try_durations()
{
    std::vector<DurationPtr> durations;
    durations.push_back(make_constant(5000));
    durations.push_back(make_uniform(2000, 8000));
    durations.push_back(make_exponential(5000));
    durations.push_back(make_erlang(4, 5000));
    durations.push_back(make_choice({{1000, 1}, {3000, 2}, {13000, 1}}));
    qsim_random random;
    qsim_random_seed(&random, 5, 6);
    for (const DurationPtr &duration : durations) {
        Ticks sum = 0;
        for (int i = 0; i < 20000; ++i)
            sum += duration->sample(random);
        CHECK(duration->mean() == 5000);
        CHECK(sum / 20000 > 4880 && sum / 20000 < 5120);
    }
}

void load(Scenario &scenario, const std::string &text)
{
    std::istringstream input(text);
    read_scenario(input, scenario);
}

// The line and the message of the error that reading gives.
std::string complaint(const std::string &text)
{
    try {
        Scenario scenario;
        load(scenario, text);
    } catch (const ScenarioError &error) {
        CHECK(std::string(error.what()).rfind("line " + std::to_string(error.line()) + ": ", 0) == 0);
        return error.what();
    }
    return "none";
}

void try_complaints()
{
    CHECK(complaint("") == "line 0: there is no 'run LENGTH'");
    CHECK(complaint("run 1h\n") == "line 1: there are no nodes");
    CHECK(complaint("run 1h\nrun 1h\n") == "line 2: there is a 'run' already");
    CHECK(complaint("run 1h speed 3\n") == "line 1: unknown option 'speed'");
    CHECK(complaint("walk 1h\n") == "line 1: unknown statement 'walk'");
    CHECK(complaint("run 1h\nsink a\nsink a\n") == "line 3: there is a 'a' already");
    CHECK(complaint("run 1h\nstation a\n") == "line 2: a station needs 'serve DURATION'");
    CHECK(complaint("run 1h\nstation a serve 1m servers 0\n") ==
          "line 2: expected a number of servers of 1 to 1000000, not '0'");
    CHECK(complaint("run 1h\nstation a serve 1m queue lifo\n") ==
          "line 2: a queue is first, last or priority, not 'lifo'");
    CHECK(complaint("run 1h\ndelay a for\n") == "line 2: expected a duration at the end of the line");
    CHECK(complaint("run 1h\ndelay a for choice 1m:0\n") == "line 2: a choice needs at least one TIME:WEIGHT with a weight");
    CHECK(complaint("run 1h\nsource a every 1m to a\n") == "line 2: nobody can go to the source 'a'");
    CHECK(complaint("run 1h\nsink a\n") == "none");
}

std::uint64_t arrivals(const Scenario &scenario, const char *name)
{
    return scenario.network.find(name)->summary().arrived;
}

// One server, no chance: every figure can be calculated by hand.
void try_certain_queue()
{
    Scenario scenario;
    load(scenario, "run 95s\nsource s every 10s to w\nstation w serve 15s to done\nsink done\n");
    Totals totals = run_scenario(scenario);
    Summary station = scenario.network.find("w")->summary();
    CHECK(totals.created == 9 && totals.inside == 4);
    CHECK(station.arrived == 9 && station.left == 5 && arrivals(scenario, "done") == 5);
    CHECK(qsim_gauge_average(station.busy, 95000) == 894);
    CHECK(station.times->most == 25000 && station.times->least == 0);
    CHECK(unaccounted(scenario, totals) == 0);
}

// Erlang's result for one exponential server at 80 % load: four times the service time spent waiting.
void try_random_queue()
{
    Scenario scenario;
    load(scenario, "run 20d seed 9 times 5\nsource s every exponential 50s to w\n"
                   "station w serve exponential 40s to done\nsink done\n");
    Totals totals = run_scenario(scenario);
    Summary station = scenario.network.find("w")->summary();
    Ticks wait = qsim_histogram_mean(station.times);
    CHECK(wait > 150000 && wait < 170000);
    CHECK(unaccounted(scenario, totals) == 0);
}

void try_limits()
{
    Scenario scenario;
    load(scenario, "run 1h\nsource s every 1s limit 100 to w\n"
                   "station w serve 1m capacity 3 patience 90s to done else gone\nsink done\nsink gone\n");
    Totals totals = run_scenario(scenario);
    Summary station = scenario.network.find("w")->summary();
    CHECK(totals.created == 100 && totals.inside == 0 && station.arrived == 100);
    CHECK(station.turned_away + station.gave_up + station.left == 100);
    CHECK(station.turned_away > 90 && station.gave_up > 0 && station.queue->most == 3);
    CHECK(arrivals(scenario, "gone") == station.turned_away + station.gave_up);
    CHECK(station.times->most <= 90000);
}

// A late customer with a higher priority is served before earlier ones.
void try_disciplines()
{
    const std::string text = "run 100s\nsource low every 10s limit 4 to w\n"
                             "source high every 35s limit 1 priority 1 to w\nsink done\nstation w serve 20s to done queue ";
    for (const char *queue : {"first", "last", "priority"}) {
        Scenario scenario;
        load(scenario, text + queue + "\n");
        std::string order;
        run_scenario(scenario, [&](Ticks, const Event &event, const Customer *customer) {
            if (event.what == What::service_over)
                order += static_cast<char>('0' + customer->id);
        });
        CHECK(order == (queue[0] == 'f' ? "1234" : queue[0] == 'l' ? "1254" : "1243"));
    }
}

void try_standstill()
{
    Scenario scenario;
    load(scenario, "run 1h\nsource s every 0s to done\nsink done\n");
    bool thrown = false;
    try {
        run_scenario(scenario);
    } catch (const ScenarioError &) {
        CHECK(false);
    } catch (const Error &error) {
        thrown = std::string(error.what()).find("time stands still") == 0;
    }
    CHECK(thrown);
}

} // namespace

int main()
{
    try_ring();
    try_pool();
    try_calendar();
    try_ticks();
    try_durations();
    try_complaints();
    try_certain_queue();
    try_random_queue();
    try_limits();
    try_disciplines();
    try_standstill();
    std::cout << "units.cpp: " << checks << " checks, " << failures << " failed\n";
    return failures != 0;
}
