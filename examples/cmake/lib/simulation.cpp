#include "simulation.hpp"

#include "error.hpp"
#include "network.hpp"

namespace qsim {

namespace {

constexpr std::uint64_t events_per_moment_max = 100000;

} // namespace

const char *what_name(What what)
{
    switch (what) {
    case What::arrive:
        return "arrives";
    case What::next_birth:
        return "creates";
    case What::service_over:
        return "served";
    case What::patience_over:
        return "out of patience";
    case What::delay_over:
        return "delay over";
    case What::batch_over:
        return "batch over";
    }
    return "?";
}

Simulation::Simulation(Network &network, Ticks length) : network_(network), length_(length) {}

void Simulation::schedule(Ticks delay, const Event &event)
{
    calendar_.add(now_ + delay, event);
}

CustomerNumber Simulation::create_customer(std::uint32_t priority)
{
    Customer fresh;
    fresh.id = ++created_;
    fresh.born = now_;
    fresh.priority = priority;
    return customers_.add(fresh);
}

void Simulation::send(CustomerNumber number, Node &node)
{
    Event event;
    event.node = &node;
    event.customer = number;
    schedule(0, event);
}

// The customer whom the event was meant for has gone on, or even left and passed the number to another one.
bool Simulation::too_late(const Event &event)
{
    return event.what == What::patience_over && customers_[event.customer].ticket != event.ticket;
}

void Simulation::count_moment()
{
    if (now_ != moment_) {
        moment_ = now_;
        in_this_moment_ = 0;
    }
    if (++in_this_moment_ > events_per_moment_max)
        throw SimulationError("time stands still at " + format_ticks(now_) + " s: there is a loop without a delay");
}

void Simulation::run()
{
    for (auto &node : network_.nodes())
        node->start(*this);
    Ticks time;
    Event event;
    while (calendar_.next(time, event) && time <= length_) {
        now_ = time;
        if (too_late(event))
            continue;
        ++events_;
        count_moment();
        if (trace_)
            trace_(now_, event, event.customer == nobody ? nullptr : &customers_[event.customer]);
        if (event.what == What::arrive)
            event.node->accept(*this, event.customer);
        else
            event.node->wake(*this, event);
    }
    now_ = length_;
    for (auto &node : network_.nodes())
        node->finish(*this);
}

} // namespace qsim
