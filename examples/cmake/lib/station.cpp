// Stations: a queue and servers. The queue's discipline is a template parameter; all else is shared.
#include "network.hpp"

#include <algorithm>
#include <utility>

namespace qsim {

namespace {

struct Waiting {
    CustomerNumber customer = nobody;
    std::uint64_t ticket = 0;
    std::uint32_t priority = 0;
};

class FirstCome {
public:
    void push(const Waiting &waiting) { ring_.push(waiting); }
    Waiting pop() { return ring_.pop(); }
    bool empty() const { return ring_.empty(); }
    void clear() { ring_.clear(); }

private:
    Ring<Waiting> ring_;
};

class LastCome {
public:
    void push(const Waiting &waiting) { stack_.push_back(waiting); }

    Waiting pop()
    {
        Waiting top = stack_.back();
        stack_.pop_back();
        return top;
    }

    bool empty() const { return stack_.empty(); }
    void clear() { stack_.clear(); }

private:
    std::vector<Waiting> stack_;
};

// A binary heap of the standard library; equal priorities by ticket, that is by arrival.
class ByPriority {
public:
    void push(const Waiting &waiting)
    {
        heap_.push_back(waiting);
        std::push_heap(heap_.begin(), heap_.end(), later);
    }

    Waiting pop()
    {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        Waiting first = heap_.back();
        heap_.pop_back();
        return first;
    }

    bool empty() const { return heap_.empty(); }
    void clear() { heap_.clear(); }

private:
    static bool later(const Waiting &a, const Waiting &b)
    {
        return a.priority != b.priority ? a.priority < b.priority : a.ticket > b.ticket;
    }

    std::vector<Waiting> heap_;
};

template <class Queue>
class Station final : public Node {
public:
    Station(std::string name, StationOptions options) : Node(std::move(name)), options_(std::move(options)) {}

    const char *kind() const override { return "station"; }
    std::vector<Link *> links() override { return {&options_.to, &options_.otherwise}; }

    void start(Simulation &) override
    {
        queue_.clear();
        waiting_ = 0;
        serving_ = 0;
        qsim_gauge_restart(&queue_gauge_);
        qsim_gauge_restart(&busy_gauge_);
    }

    void accept(Simulation &simulation, CustomerNumber number) override
    {
        ++counts_.arrived;
        Customer &customer = simulation.customer(number);
        customer.queued = simulation.now();
        customer.ticket = simulation.next_ticket();
        if (serving_ < options_.servers) {
            serve(simulation, number);
        } else if (waiting_ >= options_.capacity) {
            ++counts_.turned_away;
            pass(simulation, number, options_.otherwise);
        } else {
            line_up(simulation, number);
        }
    }

    void wake(Simulation &simulation, const Event &event) override
    {
        if (event.what == What::patience_over) {
            give_up(simulation, event.customer);
            return;
        }
        ++counts_.left;
        --serving_;
        pass(simulation, event.customer, options_.to);
        serve_next(simulation);
        qsim_gauge_set(&busy_gauge_, simulation.now(), serving_);
    }

    void finish(Simulation &simulation) override
    {
        qsim_gauge_set(&queue_gauge_, simulation.now(), 0);
        qsim_gauge_set(&busy_gauge_, simulation.now(), 0);
    }

    Summary summary() const override
    {
        Summary summary = counts_;
        summary.times = &waits_;
        summary.queue = &queue_gauge_;
        summary.busy = &busy_gauge_;
        summary.servers = options_.servers;
        return summary;
    }

private:
    void line_up(Simulation &simulation, CustomerNumber number)
    {
        const Customer &customer = simulation.customer(number);
        queue_.push({number, customer.ticket, customer.priority});
        qsim_gauge_set(&queue_gauge_, simulation.now(), static_cast<std::int64_t>(++waiting_));
        if (options_.patience)
            simulation.schedule(options_.patience->sample(random_),
                                {this, What::patience_over, number, customer.ticket});
    }

    void give_up(Simulation &simulation, CustomerNumber number)
    {
        ++counts_.gave_up;
        simulation.customer(number).ticket = simulation.next_ticket();
        qsim_gauge_set(&queue_gauge_, simulation.now(), static_cast<std::int64_t>(--waiting_));
        pass(simulation, number, options_.otherwise);
    }

    void serve(Simulation &simulation, CustomerNumber number)
    {
        Customer &customer = simulation.customer(number);
        customer.ticket = simulation.next_ticket();
        qsim_histogram_add(&waits_, simulation.now() - customer.queued);
        ++serving_;
        qsim_gauge_set(&busy_gauge_, simulation.now(), serving_);
        simulation.schedule(options_.serve->sample(random_), {this, What::service_over, number, 0});
    }

    // Those who gave up are still in the queue, with a ticket that is theirs no more.
    void serve_next(Simulation &simulation)
    {
        while (!queue_.empty()) {
            Waiting next = queue_.pop();
            if (simulation.customer(next.customer).ticket != next.ticket)
                continue;
            qsim_gauge_set(&queue_gauge_, simulation.now(), static_cast<std::int64_t>(--waiting_));
            serve(simulation, next.customer);
            return;
        }
    }

    StationOptions options_;
    Queue queue_;
    std::size_t waiting_ = 0;
    unsigned serving_ = 0;
    qsim_histogram waits_{};
    qsim_gauge queue_gauge_{}, busy_gauge_{};
};

} // namespace

NodePtr make_station(std::string name, StationOptions options)
{
    switch (options.discipline) {
    case Discipline::last_come:
        return std::make_unique<Station<LastCome>>(std::move(name), std::move(options));
    case Discipline::priority:
        return std::make_unique<Station<ByPriority>>(std::move(name), std::move(options));
    case Discipline::first_come:
        break;
    }
    return std::make_unique<Station<FirstCome>>(std::move(name), std::move(options));
}

} // namespace qsim
