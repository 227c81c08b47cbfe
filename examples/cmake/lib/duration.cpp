#include "duration.hpp"

#include <utility>

namespace qsim {

namespace {

constexpr Ticks ticks_max = INT32_MAX;

struct Unit {
    const char *name;
    Ticks ticks;
};

constexpr Unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

class Constant final : public Duration {
public:
    explicit Constant(Ticks ticks) : ticks_(ticks) {}
    Ticks sample(qsim_random &) const override { return ticks_; }
    Ticks mean() const override { return ticks_; }

private:
    Ticks ticks_;
};

class Uniform final : public Duration {
public:
    Uniform(Ticks least, Ticks most) : least_(least), most_(most) {}

    Ticks sample(qsim_random &random) const override
    {
        return least_ + qsim_random_below(&random, static_cast<std::uint32_t>(most_ - least_ + 1));
    }

    Ticks mean() const override { return (least_ + most_) / 2; }

private:
    Ticks least_, most_;
};

class Exponential final : public Duration {
public:
    explicit Exponential(Ticks mean) : mean_(mean) {}
    Ticks sample(qsim_random &random) const override { return qsim_random_exponential(&random, mean_); }
    Ticks mean() const override { return mean_; }

private:
    Ticks mean_;
};

class Erlang final : public Duration {
public:
    Erlang(unsigned stages, Ticks mean) : stages_(stages), mean_(mean) {}

    Ticks sample(qsim_random &random) const override
    {
        Ticks sum = 0;
        for (unsigned i = 0; i < stages_; ++i)
            sum += qsim_random_exponential(&random, mean_);
        return sum / stages_;
    }

    Ticks mean() const override { return mean_; }

private:
    unsigned stages_;
    Ticks mean_;
};

class Choice final : public Duration {
public:
    explicit Choice(std::vector<Weighted> choices) : choices_(std::move(choices))
    {
        for (const Weighted &choice : choices_)
            total_ += choice.weight;
    }

    Ticks sample(qsim_random &random) const override
    {
        std::uint32_t left = qsim_random_below(&random, total_);
        for (const Weighted &choice : choices_) {
            if (left < choice.weight)
                return choice.ticks;
            left -= choice.weight;
        }
        return choices_.back().ticks;
    }

    Ticks mean() const override
    {
        Ticks sum = 0;
        for (const Weighted &choice : choices_)
            sum += choice.ticks * choice.weight;
        return sum / total_;
    }

private:
    std::vector<Weighted> choices_;
    std::uint32_t total_ = 0;
};

} // namespace

bool parse_ticks(const std::string &text, Ticks &ticks)
{
    std::size_t at = 0;
    Ticks number = 0, scale = 1;
    bool digits = false, point = false;
    for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && digits && !point)); ++at) {
        if (text[at] == '.') {
            point = true;
            digits = false;
            continue;
        }
        digits = true;
        number = number * 10 + (text[at] - '0');
        scale *= point ? 10 : 1;
        if (number > ticks_max || scale > 1000000)
            return false;
    }
    for (const Unit &unit : units) {
        if (!digits || text.compare(at, std::string::npos, unit.name) != 0)
            continue;
        ticks = number * unit.ticks / scale;
        return number * unit.ticks % scale == 0 && ticks <= ticks_max;
    }
    return false;
}

std::string format_ticks(Ticks ticks)
{
    Ticks tenths = (ticks + 50) / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

DurationPtr make_constant(Ticks ticks)
{
    return std::make_unique<Constant>(ticks);
}

DurationPtr make_uniform(Ticks least, Ticks most)
{
    return std::make_unique<Uniform>(least, most);
}

DurationPtr make_exponential(Ticks mean)
{
    return std::make_unique<Exponential>(mean);
}

DurationPtr make_erlang(unsigned stages, Ticks mean)
{
    return std::make_unique<Erlang>(stages, mean);
}

DurationPtr make_choice(std::vector<Weighted> choices)
{
    return std::make_unique<Choice>(std::move(choices));
}

} // namespace qsim
