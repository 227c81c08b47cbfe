#pragma once

#include "measure.h"
#include "simulation.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace qsim {

// A node's name in a scenario, and the node once the whole scenario is known.
struct Link {
    std::string name;
    int line = 0;
    Node *node = nullptr;

    explicit operator bool() const { return !name.empty(); }
};

// What a node has to say at the end, over all runs. A field that means nothing for a kind of node stays empty.
struct Summary {
    std::uint64_t arrived = 0, left = 0, turned_away = 0, gave_up = 0;
    const qsim_histogram *times = nullptr;
    const qsim_gauge *queue = nullptr;
    const qsim_gauge *busy = nullptr;
    unsigned servers = 0;
};

// A place customers come through. Statistics go on from run to run; everything else starts anew.
class Node {
public:
    explicit Node(std::string name);
    virtual ~Node() = default;
    Node(const Node &) = delete;
    Node &operator=(const Node &) = delete;

    const std::string &name() const { return name_; }
    virtual const char *kind() const = 0;

    // Where customers can go from here; to be resolved before the first run.
    virtual std::vector<Link *> links() { return {}; }

    void seed(std::uint64_t seed);

    virtual void start(Simulation &) {}
    virtual void accept(Simulation &simulation, CustomerNumber customer) = 0;
    virtual void wake(Simulation &, const Event &) {}
    virtual void finish(Simulation &) {}
    virtual Summary summary() const { return counts_; }

protected:
    // Sends the customer on, or out of the system when there is no link.
    void pass(Simulation &simulation, CustomerNumber customer, const Link &link);

    qsim_random random_{};
    Summary counts_;

private:
    std::string name_;
};

using NodePtr = std::unique_ptr<Node>;

class Network {
public:
    // Throws ScenarioError when the name is taken.
    void add(NodePtr node, int line);

    // Throws ScenarioError for a link to a node that does not exist, or to one that takes no customers.
    void resolve();

    std::vector<NodePtr> &nodes() { return nodes_; }
    const std::vector<NodePtr> &nodes() const { return nodes_; }
    Node *find(const std::string &name) const;

private:
    std::vector<NodePtr> nodes_;
    std::map<std::string, Node *> by_name_;
};

// Kinds of nodes.

struct SourceOptions {
    DurationPtr every;
    std::uint64_t limit = 0; // 0: none
    std::uint32_t priority = 0;
    Link to;
};

NodePtr make_source(std::string name, SourceOptions options);

enum class Discipline { first_come, last_come, priority };

struct StationOptions {
    unsigned servers = 1;
    DurationPtr serve;
    Discipline discipline = Discipline::first_come;
    std::size_t capacity = SIZE_MAX; // of the queue
    DurationPtr patience;            // null: endless
    Link to, otherwise;              // otherwise: for those who find no room or lose patience
};

NodePtr make_station(std::string name, StationOptions options);

struct Branch {
    std::uint32_t weight;
    Link to;
};

NodePtr make_router(std::string name, std::vector<Branch> branches);

struct DelayOptions {
    DurationPtr duration;
    Link to;
};

NodePtr make_delay(std::string name, DelayOptions options);

struct BatchOptions {
    std::size_t size = 1;
    DurationPtr timeout; // null: waits until the batch is full
    Link to;
};

NodePtr make_batch(std::string name, BatchOptions options);

NodePtr make_sink(std::string name);

} // namespace qsim
