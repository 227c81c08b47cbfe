#include "scenario.hpp"

#include "error.hpp"

#include <sstream>
#include <utility>

namespace qsim {

namespace {

// The words of one line, taken from left to right.
class Words {
public:
    Words(const std::string &line, int number) : number_(number)
    {
        std::istringstream stream(line.substr(0, line.find('#')));
        for (std::string word; stream >> word;)
            words_.push_back(std::move(word));
    }

    bool empty() const { return at_ == words_.size(); }
    int line() const { return number_; }
    const std::string &peek() const { return words_[at_]; }

    std::string take(const char *what)
    {
        if (empty())
            fail(std::string("expected ") + what + " at the end of the line");
        return words_[at_++];
    }

    std::uint32_t count(const char *what, std::uint32_t least, std::uint32_t most)
    {
        std::string word = take(what);
        std::uint64_t number;
        if (!parse_count(word, number) || number < least || number > most)
            fail("expected " + std::string(what) + " of " + std::to_string(least) + " to " + std::to_string(most) +
                 ", not '" + word + "'");
        return static_cast<std::uint32_t>(number);
    }

    Ticks ticks(const char *what)
    {
        std::string word = take(what);
        Ticks ticks;
        if (!parse_ticks(word, ticks))
            fail("'" + word + "' is no time such as 90s or 1.5m");
        return ticks;
    }

    Link link()
    {
        Link link;
        link.name = take("the name of a node");
        link.line = number_;
        return link;
    }

    [[noreturn]] void fail(const std::string &what) const { throw ScenarioError(number_, what); }

    static bool parse_count(const std::string &word, std::uint64_t &number)
    {
        number = 0;
        if (word.empty() || word.size() > 10)
            return false;
        for (char c : word) {
            if (c < '0' || c > '9')
                return false;
            number = number * 10 + static_cast<std::uint64_t>(c - '0');
        }
        return true;
    }

private:
    std::vector<std::string> words_;
    std::size_t at_ = 0;
    int number_;
};

constexpr std::uint32_t million = 1000000;

DurationPtr take_choice(Words &words)
{
    std::vector<Weighted> choices;
    std::uint64_t total = 0;
    while (!words.empty() && words.peek().find(':') != std::string::npos) {
        std::string word = words.take("a choice");
        std::size_t colon = word.find(':');
        Weighted choice{};
        std::uint64_t weight;
        if (!parse_ticks(word.substr(0, colon), choice.ticks) ||
            !Words::parse_count(word.substr(colon + 1), weight) || weight > million)
            words.fail("'" + word + "' is no choice such as 90s:3");
        choice.weight = static_cast<std::uint32_t>(weight);
        total += weight;
        choices.push_back(choice);
    }
    if (total == 0 || choices.size() > 1000)
        words.fail("a choice needs at least one TIME:WEIGHT with a weight");
    return make_choice(std::move(choices));
}

DurationPtr take_duration(Words &words)
{
    std::string kind = words.take("a duration");
    Ticks fixed;
    if (parse_ticks(kind, fixed))
        return make_constant(fixed);
    if (kind == "uniform") {
        Ticks least = words.ticks("the least");
        Ticks most = words.ticks("the most");
        if (least > most)
            words.fail("uniform needs the smaller time first");
        return make_uniform(least, most);
    }
    if (kind == "exponential")
        return make_exponential(words.ticks("the mean"));
    if (kind == "erlang") {
        unsigned stages = words.count("a number of stages", 1, 100);
        return make_erlang(stages, words.ticks("the mean"));
    }
    if (kind == "choice")
        return take_choice(words);
    words.fail("'" + kind + "' is no duration");
}

Discipline take_discipline(Words &words)
{
    std::string name = words.take("a discipline");
    if (name == "first")
        return Discipline::first_come;
    if (name == "last")
        return Discipline::last_come;
    if (name == "priority")
        return Discipline::priority;
    words.fail("a queue is first, last or priority, not '" + name + "'");
}

[[noreturn]] void unknown_option(const Words &words, const std::string &option)
{
    words.fail("unknown option '" + option + "'");
}

NodePtr read_source(Words &words, std::string name)
{
    SourceOptions options;
    while (!words.empty()) {
        std::string option = words.take("an option");
        if (option == "every")
            options.every = take_duration(words);
        else if (option == "limit")
            options.limit = words.count("a limit", 1, million * 1000);
        else if (option == "priority")
            options.priority = words.count("a priority", 0, 1000);
        else if (option == "to")
            options.to = words.link();
        else
            unknown_option(words, option);
    }
    if (!options.every)
        words.fail("a source needs 'every DURATION'");
    return make_source(std::move(name), std::move(options));
}

NodePtr read_station(Words &words, std::string name)
{
    StationOptions options;
    while (!words.empty()) {
        std::string option = words.take("an option");
        if (option == "serve")
            options.serve = take_duration(words);
        else if (option == "servers")
            options.servers = words.count("a number of servers", 1, million);
        else if (option == "queue")
            options.discipline = take_discipline(words);
        else if (option == "capacity")
            options.capacity = words.count("a capacity", 0, million);
        else if (option == "patience")
            options.patience = take_duration(words);
        else if (option == "to")
            options.to = words.link();
        else if (option == "else")
            options.otherwise = words.link();
        else
            unknown_option(words, option);
    }
    if (!options.serve)
        words.fail("a station needs 'serve DURATION'");
    return make_station(std::move(name), std::move(options));
}

NodePtr read_router(Words &words, std::string name)
{
    std::vector<Branch> branches;
    std::uint64_t total = 0;
    while (!words.empty()) {
        std::string share = words.take("a share");
        std::uint64_t percent = 0;
        if (share.back() != '%' || !Words::parse_count(share.substr(0, share.size() - 1), percent) || percent > 100)
            words.fail("'" + share + "' is no share such as 25%");
        total += percent;
        branches.push_back({static_cast<std::uint32_t>(percent), words.link()});
    }
    if (total != 100)
        words.fail("the shares make " + std::to_string(total) + "%, not 100%");
    return make_router(std::move(name), std::move(branches));
}

NodePtr read_delay(Words &words, std::string name)
{
    DelayOptions options;
    while (!words.empty()) {
        std::string option = words.take("an option");
        if (option == "for")
            options.duration = take_duration(words);
        else if (option == "to")
            options.to = words.link();
        else
            unknown_option(words, option);
    }
    if (!options.duration)
        words.fail("a delay needs 'for DURATION'");
    return make_delay(std::move(name), std::move(options));
}

NodePtr read_batch(Words &words, std::string name)
{
    BatchOptions options;
    while (!words.empty()) {
        std::string option = words.take("an option");
        if (option == "size")
            options.size = words.count("a size", 1, million);
        else if (option == "timeout")
            options.timeout = take_duration(words);
        else if (option == "to")
            options.to = words.link();
        else
            unknown_option(words, option);
    }
    return make_batch(std::move(name), std::move(options));
}

NodePtr read_sink(Words &words, std::string name)
{
    if (!words.empty())
        unknown_option(words, words.peek());
    return make_sink(std::move(name));
}

struct Statement {
    const char *keyword;
    NodePtr (*read)(Words &words, std::string name);
};

constexpr Statement statements[] = {
    {"source", read_source}, {"station", read_station}, {"router", read_router},
    {"delay", read_delay},   {"batch", read_batch},     {"sink", read_sink},
};

void read_run(Words &words, Scenario &scenario)
{
    if (scenario.length)
        words.fail("there is a 'run' already");
    scenario.length = words.ticks("a length");
    if (!scenario.length)
        words.fail("a run of no length shows nothing");
    while (!words.empty()) {
        std::string option = words.take("an option");
        if (option == "seed")
            scenario.seed = words.count("a seed", 0, UINT32_MAX);
        else if (option == "times")
            scenario.times = words.count("a number of runs", 1, 1000);
        else
            unknown_option(words, option);
    }
}

void read_statement(Words &words, Scenario &scenario)
{
    std::string keyword = words.take("a statement");
    if (keyword == "run") {
        read_run(words, scenario);
        return;
    }
    for (const Statement &statement : statements) {
        if (keyword != statement.keyword)
            continue;
        std::string name = words.take("a name");
        scenario.network.add(statement.read(words, std::move(name)), words.line());
        return;
    }
    words.fail("unknown statement '" + keyword + "'");
}

} // namespace

void read_scenario(std::istream &input, Scenario &scenario)
{
    int number = 0;
    for (std::string line; std::getline(input, line);) {
        Words words(line, ++number);
        if (!words.empty())
            read_statement(words, scenario);
    }
    if (!scenario.length)
        throw ScenarioError(number, "there is no 'run LENGTH'");
    if (scenario.network.nodes().empty())
        throw ScenarioError(number, "there are no nodes");
    scenario.network.resolve();
}

} // namespace qsim
