// All kinds of nodes but stations.
#include "network.hpp"

#include <utility>

namespace qsim {

namespace {

class Source final : public Node {
public:
    Source(std::string name, SourceOptions options) : Node(std::move(name)), options_(std::move(options)) {}

    const char *kind() const override { return "source"; }
    std::vector<Link *> links() override { return {&options_.to}; }

    void start(Simulation &simulation) override
    {
        made_ = 0;
        plan_next(simulation);
    }

    void accept(Simulation &simulation, CustomerNumber customer) override { pass(simulation, customer, options_.to); }

    void wake(Simulation &simulation, const Event &) override
    {
        ++made_;
        ++counts_.left;
        pass(simulation, simulation.create_customer(options_.priority), options_.to);
        plan_next(simulation);
    }

private:
    void plan_next(Simulation &simulation)
    {
        if (options_.limit == 0 || made_ < options_.limit)
            simulation.schedule(options_.every->sample(random_), {this, What::next_birth, nobody, 0});
    }

    SourceOptions options_;
    std::uint64_t made_ = 0;
};

class Router final : public Node {
public:
    Router(std::string name, std::vector<Branch> branches) : Node(std::move(name)), branches_(std::move(branches))
    {
        for (const Branch &branch : branches_)
            total_ += branch.weight;
    }

    const char *kind() const override { return "router"; }

    std::vector<Link *> links() override
    {
        std::vector<Link *> links;
        for (Branch &branch : branches_)
            links.push_back(&branch.to);
        return links;
    }

    void accept(Simulation &simulation, CustomerNumber customer) override
    {
        ++counts_.arrived;
        ++counts_.left;
        std::uint32_t left = qsim_random_below(&random_, total_);
        const Branch *chosen = &branches_.front();
        for (const Branch &branch : branches_) {
            chosen = &branch;
            if (left < branch.weight)
                break;
            left -= branch.weight;
        }
        pass(simulation, customer, chosen->to);
    }

private:
    std::vector<Branch> branches_;
    std::uint32_t total_ = 0;
};

class Delay final : public Node {
public:
    Delay(std::string name, DelayOptions options) : Node(std::move(name)), options_(std::move(options)) {}

    const char *kind() const override { return "delay"; }
    std::vector<Link *> links() override { return {&options_.to}; }

    void accept(Simulation &simulation, CustomerNumber customer) override
    {
        ++counts_.arrived;
        Ticks length = options_.duration->sample(random_);
        qsim_histogram_add(&times_, length);
        simulation.schedule(length, {this, What::delay_over, customer, 0});
    }

    void wake(Simulation &simulation, const Event &event) override
    {
        ++counts_.left;
        pass(simulation, event.customer, options_.to);
    }

    Summary summary() const override
    {
        Summary summary = counts_;
        summary.times = &times_;
        return summary;
    }

private:
    DelayOptions options_;
    qsim_histogram times_{};
};

class Batch final : public Node {
public:
    Batch(std::string name, BatchOptions options) : Node(std::move(name)), options_(std::move(options)) {}

    const char *kind() const override { return "batch"; }
    std::vector<Link *> links() override { return {&options_.to}; }

    void start(Simulation &) override
    {
        waiting_.clear();
        qsim_gauge_restart(&gauge_);
    }

    void accept(Simulation &simulation, CustomerNumber number) override
    {
        ++counts_.arrived;
        simulation.customer(number).queued = simulation.now();
        waiting_.push(number);
        if (waiting_.size() == 1) {
            batch_ = simulation.next_ticket();
            if (options_.timeout)
                simulation.schedule(options_.timeout->sample(random_), {this, What::batch_over, nobody, batch_});
        }
        if (waiting_.size() >= options_.size)
            let_go(simulation);
        else
            qsim_gauge_set(&gauge_, simulation.now(), static_cast<std::int64_t>(waiting_.size()));
    }

    void wake(Simulation &simulation, const Event &event) override
    {
        if (event.ticket == batch_ && !waiting_.empty())
            let_go(simulation);
    }

    void finish(Simulation &simulation) override { qsim_gauge_set(&gauge_, simulation.now(), 0); }

    Summary summary() const override
    {
        Summary summary = counts_;
        summary.times = &waits_;
        summary.queue = &gauge_;
        return summary;
    }

private:
    void let_go(Simulation &simulation)
    {
        while (!waiting_.empty()) {
            CustomerNumber number = waiting_.pop();
            qsim_histogram_add(&waits_, simulation.now() - simulation.customer(number).queued);
            ++counts_.left;
            pass(simulation, number, options_.to);
        }
        qsim_gauge_set(&gauge_, simulation.now(), 0);
    }

    BatchOptions options_;
    Ring<CustomerNumber> waiting_;
    std::uint64_t batch_ = 0;
    qsim_histogram waits_{};
    qsim_gauge gauge_{};
};

class Sink final : public Node {
public:
    using Node::Node;

    const char *kind() const override { return "sink"; }

    void accept(Simulation &simulation, CustomerNumber number) override
    {
        ++counts_.arrived;
        qsim_histogram_add(&times_, simulation.now() - simulation.customer(number).born);
        simulation.remove_customer(number);
    }

    Summary summary() const override
    {
        Summary summary = counts_;
        summary.times = &times_;
        return summary;
    }

private:
    qsim_histogram times_{};
};

} // namespace

NodePtr make_source(std::string name, SourceOptions options)
{
    return std::make_unique<Source>(std::move(name), std::move(options));
}

NodePtr make_router(std::string name, std::vector<Branch> branches)
{
    return std::make_unique<Router>(std::move(name), std::move(branches));
}

NodePtr make_delay(std::string name, DelayOptions options)
{
    return std::make_unique<Delay>(std::move(name), std::move(options));
}

NodePtr make_batch(std::string name, BatchOptions options)
{
    return std::make_unique<Batch>(std::move(name), std::move(options));
}

NodePtr make_sink(std::string name)
{
    return std::make_unique<Sink>(std::move(name));
}

} // namespace qsim
