/* Pointers to members against accesses through the whole structure: a member pointer picked at run time, container-of,
 * arrays of structures, structure assignment between two uses of a member pointer. */
#include "certify.h"

struct inner { int32_t low, high; };
struct node {
    int32_t first;
    struct inner pair;
    int32_t list[3];
    uint16_t tag;
    struct inner last;
};

static int32_t *member(struct node *node, int which) {
    switch (which) {
    case 0: return &node->first;
    case 1: return &node->pair.low;
    case 2: return &node->pair.high;
    case 3: return &node->list[0];
    case 4: return &node->list[1];
    case 5: return &node->list[2];
    case 6: return &node->last.low;
    default: return &node->last.high;
    }
}

static struct node make(int32_t seed) {
    struct node node = {seed, {seed + 1, seed + 2}, {seed + 3, seed + 4, seed + 5}, (uint16_t)seed, {seed + 6, seed + 7}};
    return node;
}

static int32_t digest(const struct node *n) {
    return n->first + 2 * n->pair.low + 3 * n->pair.high + 4 * n->list[0] + 5 * n->list[1] + 6 * n->list[2]
        + 7 * n->last.low + 8 * n->last.high;
}

/* The weight of a member in the digest is its number plus one. */
static NOINLINE int32_t poke(struct node *node, int32_t *value, int32_t by) {
    int32_t before = digest(node);
    *value += by;
    return digest(node) - before;
}

static NOINLINE int32_t mixed(struct node *node, int32_t *value) {
    node->first = 1;
    node->pair.high = 2;
    *value = 10;
    int32_t sum = node->first * 100 + node->pair.high;
    node->list[1] = 3;
    *value += 5;
    sum = sum * 100 + node->list[1];
    node->last = node->pair;
    *value += node->last.high;
    return sum * 100 + node->last.high;
}

static int32_t mixed_model(int which, int32_t cell[8]) {
    volatile int32_t *v = cell;
    v[0] = 1;
    v[2] = 2;
    v[which] = 10;
    int32_t sum = v[0] * 100 + v[2];
    v[4] = 3;
    v[which] += 5;
    sum = sum * 100 + v[4];
    v[6] = v[1];
    v[7] = v[2];
    v[which] += v[7];
    return sum * 100 + v[7];
}

static struct node *node_of_pair(struct inner *pair) {
    return (struct node *)((char *)pair - offsetof(struct node, pair));
}

static struct node *node_of_last(struct inner *last) {
    return (struct node *)((char *)last - offsetof(struct node, last));
}

static int32_t through_pair(struct node *node, struct inner *pair) {
    node->first = 7;
    node_of_pair(pair)->first = 9;
    node->pair.low = 3;
    pair->low *= 4;
    return node->first * 100 + node->pair.low;
}

static int32_t through_last(struct node *node, struct inner *last) {
    node->first = 7;
    node_of_last(last)->first = 9;
    node->last.low = 3;
    last->low *= 4;
    return node->first * 100 + node->last.low;
}

static void replaced_under_pointer(int which, int32_t seed) {
    struct node a = make(seed), b = make(2 * seed);
    int32_t *in_a = member(&a, which), *in_b = member(&b, which);
    *in_a = -1;
    b = a;
    CHECK(*in_b == -1);
    *in_b = -2;
    a = make(seed + 50);
    CHECK(*in_a == seed + 50 + which && *in_b == -2);
    a.pair = b.pair;
    a.last = a.pair;
    int32_t cell = which == 1 || which == 2 ? -2 : which < 6 ? seed + 50 + which : seed + which - 5;
    CHECK(*in_a == cell);
}

static void check_member(int which, int32_t seed) {
    struct node node = make(seed), other = make(seed);
    int32_t cell[8];
    CHECK(poke(&node, member(&node, which), 5) == 5 * (which + 1));
    CHECK(poke(&node, member(&other, which), 5) == 0);
    CHECK(*member(&node, which) == seed + which + 5 && node.tag == (uint16_t)seed);

    node = make(seed);
    for (int i = 0; i < 8; i++)
        cell[i] = seed + i;
    int32_t expected = mixed_model(which, cell);
    CHECK(mixed(&node, member(&node, which)) == expected);
    for (int i = 0; i < 8; i++)
        CHECK(*member(&node, i) == cell[i]);
    replaced_under_pointer(which, seed);
}

PROGRAM(alias_pointers_to_members) {
    for (int which = 0; which < 8; which++) {
        check_member(which, 1000);
        check_member(opaque_int(which), opaque_int(-77));
    }
    struct node nodes[4];
    for (int i = 0; i < 4; i++)
        nodes[i] = make(i * 10);
    CHECK(through_pair(&nodes[1], &nodes[1].pair) == 912 && through_last(&nodes[1], &nodes[1].last) == 912);
    CHECK(through_pair(&nodes[2], &nodes[opaque_int(3)].pair) == 703 && nodes[3].pair.low == 124);
    CHECK(through_last(&nodes[2], &nodes[opaque_int(3)].last) == 703 && nodes[3].last.low == 144);
    CHECK(nodes[3].first == 9 && nodes[2].first == 7 && nodes[0].first == 0);
}
