/* A binary search tree out of a pool of nodes: rotations, recursive members, pointers to pointers, walks in order. */
#include "bare.h"

namespace {

class Tree {
public:
    NOINLINE bool insert(int16_t key, uint32_t priority) {
        unsigned before = count;
        insert(root, key, priority);
        return count != before;
    }
    NOINLINE bool remove(int16_t key) {
        Node **link = &root;
        while (*link && (*link)->key != key)
            link = key < (*link)->key ? &(*link)->left : &(*link)->right;
        Node *gone = *link;
        if (!gone)
            return false;
        while (gone->left || gone->right) {
            bool left = !gone->right || (gone->left && gone->left->priority > gone->right->priority);
            Node *child = left ? gone->left : gone->right;
            (left ? gone->left : gone->right) = left ? child->right : child->left;
            (left ? child->right : child->left) = gone;
            *link = child;
            link = left ? &child->right : &child->left;
        }
        *link = nullptr;
        gone->right = free;
        free = gone;
        return true;
    }
    template <typename Function> void walk(Function function) const { walk(root, function, 0); }
    unsigned depth() const { return depth(root); }

private:
    struct Node {
        int16_t key;
        uint32_t priority;
        Node *left, *right;
    };
    void insert(Node *&place, int16_t key, uint32_t priority) {
        if (!place) {
            Node *made = free;
            if (made)
                free = made->right;
            else if (count < 24)
                made = &nodes[count];
            else
                return;
            count += made == &nodes[count];
            *made = {key, priority, nullptr, nullptr};
            place = made;
            return;
        }
        Node *here = place;
        if (key == here->key)
            return;
        if (key < here->key) {
            insert(here->left, key, priority);
            if (here->left && here->left->priority > here->priority) {
                place = here->left;
                here->left = place->right;
                place->right = here;
            }
        } else {
            insert(here->right, key, priority);
            if (here->right && here->right->priority > here->priority) {
                place = here->right;
                here->right = place->left;
                place->left = here;
            }
        }
    }
    template <typename Function> static void walk(const Node *node, Function &function, int level) {
        if (!node)
            return;
        walk(node->left, function, level + 1);
        function(node->key, level);
        walk(node->right, function, level + 1);
    }
    static unsigned depth(const Node *node) {
        if (!node)
            return 0;
        unsigned left = depth(node->left), right = depth(node->right);
        return 1 + (left < right ? right : left);
    }
    Node nodes[25];
    Node *root = nullptr, *free = nullptr;
    unsigned count = 0;
};

} // namespace

PROGRAM(bare_trees) {
    Sum sum;
    Tree tree;
    Numbers numbers(opaque_unsigned(24));
    for (int i = 0; i < 90; i++) {
        int16_t key = static_cast<int16_t>(numbers.below(40) - 20);
        Add{sum, numbers.below(3) ? tree.insert(key, numbers.next()) : tree.remove(key), tree.depth()};
        if (i % 9 == 0) {
            uint32_t order = 0;
            tree.walk([&order](int16_t k, int level) { order = order * 41 + static_cast<uint32_t>(k + 20 + level * 3); });
            Add{sum, order};
        }
    }
    AGREED(bare_trees, sum);
}
