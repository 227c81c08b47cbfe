#pragma once

#include "containers.hpp"
#include "duration.hpp"

#include <functional>
#include <string>

namespace qsim {

class Network;
class Node;

using CustomerNumber = std::uint32_t;
constexpr CustomerNumber nobody = UINT32_MAX;

struct Customer {
    std::uint64_t id = 0; // counts from 1 within a run
    Ticks born = 0;
    Ticks queued = 0;          // since when the customer stands in the present queue
    std::uint64_t ticket = 0;  // changes with every queue, so that an old patience event finds nobody
    std::uint32_t priority = 0; // higher ones go first
};

enum class What { arrive, next_birth, service_over, patience_over, delay_over, batch_over };

const char *what_name(What what);

struct Event {
    Node *node = nullptr;
    What what = What::arrive;
    CustomerNumber customer = nobody;
    std::uint64_t ticket = 0;
};

// One run of a network from an empty start until `length` has passed.
class Simulation {
public:
    using Trace = std::function<void(Ticks now, const Event &event, const Customer *customer)>;

    Simulation(Network &network, Ticks length);

    // Throws SimulationError when time stands still: a loop without any delay in it.
    void run();

    void set_trace(Trace trace) { trace_ = std::move(trace); }

    Ticks now() const { return now_; }
    void schedule(Ticks delay, const Event &event);

    CustomerNumber create_customer(std::uint32_t priority);
    Customer &customer(CustomerNumber number) { return customers_[number]; }
    void remove_customer(CustomerNumber number) { customers_.take(number); }
    std::uint64_t next_ticket() { return ++tickets_; }

    // The customer arrives there at once, but after everything that is already due now.
    void send(CustomerNumber number, Node &node);

    std::uint64_t events() const { return events_; }
    std::uint64_t created() const { return created_; }
    std::size_t inside() const { return customers_.live(); }

private:
    bool too_late(const Event &event);
    void count_moment();

    Network &network_;
    Ticks length_, now_ = 0;
    Calendar<Event> calendar_;
    Pool<Customer> customers_;
    Trace trace_;
    std::uint64_t events_ = 0, created_ = 0, tickets_ = 0, in_this_moment_ = 0;
    Ticks moment_ = -1;
};

} // namespace qsim
