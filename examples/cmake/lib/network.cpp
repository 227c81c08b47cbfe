#include "network.hpp"

#include "error.hpp"

#include <cstring>
#include <utility>

namespace qsim {

Node::Node(std::string name) : name_(std::move(name)) {}

// A stream per name: a node that is added to a scenario does not change what the others draw.
void Node::seed(std::uint64_t seed)
{
    qsim_random_seed(&random_, seed, qsim_random_stream(name_.c_str()));
}

void Node::pass(Simulation &simulation, CustomerNumber customer, const Link &link)
{
    if (link.node)
        simulation.send(customer, *link.node);
    else
        simulation.remove_customer(customer);
}

void Network::add(NodePtr node, int line)
{
    if (!by_name_.emplace(node->name(), node.get()).second)
        throw ScenarioError(line, "there is a '" + node->name() + "' already");
    nodes_.push_back(std::move(node));
}

Node *Network::find(const std::string &name) const
{
    auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

void Network::resolve()
{
    for (auto &node : nodes_) {
        for (Link *link : node->links()) {
            if (!*link)
                continue;
            link->node = find(link->name);
            if (!link->node)
                throw ScenarioError(link->line, "there is no '" + link->name + "' to go to");
            if (std::strcmp(link->node->kind(), "source") == 0)
                throw ScenarioError(link->line, "nobody can go to the source '" + link->name + "'");
        }
    }
}

} // namespace qsim
