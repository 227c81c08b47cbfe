/* An AA tree with insertion, removal, order statistics and a bound search over an array of nodes, recursive and iterative,
 * its invariants checked after each step, against a sorted array. */
#include "certify.h"

enum { NODES = 60, NIL = 0 };

/* Node 0 stands for none: level and size 0, both children itself. */
static struct node {
    int16_t key;
    uint8_t left, right, level, size;
} nodes[NODES + 1];
static unsigned root, free_list;
static int changed;

static void resize(struct node *n) { n->size = (uint8_t)(nodes[n->left].size + nodes[n->right].size + 1); }

/* The two rotations are the same but for the sides, the test and the level. */
static unsigned skew(unsigned at) {
    struct node *n = &nodes[at], *l = &nodes[n->left];
    if (!at || l->level != n->level) return at;
    unsigned up = n->left;
    n->left = l->right;
    l->right = (uint8_t)at;
    resize(n);
    resize(l);
    return up;
}

static unsigned split(unsigned at) {
    struct node *n = &nodes[at], *r = &nodes[n->right];
    if (!at || nodes[r->right].level != n->level) return at;
    unsigned up = n->right;
    n->right = r->left;
    r->left = (uint8_t)at;
    r->level++;
    resize(n);
    resize(r);
    return up;
}

static unsigned insert(unsigned at, int key) {
    struct node *n = &nodes[at];
    if (!at) {
        unsigned fresh = free_list;
        changed = fresh ? 1 : -1;
        free_list = nodes[fresh].right;
        if (fresh) nodes[fresh] = (struct node){(int16_t)key, NIL, NIL, 1, 1};
        return fresh;
    }
    if (key < n->key)
        n->left = (uint8_t)insert(n->left, key);
    else if (key > n->key)
        n->right = (uint8_t)insert(n->right, key);
    else
        return at;
    resize(n);
    return split(skew(at));
}

static unsigned settle(unsigned at) {
    struct node *n = &nodes[at];
    unsigned left = nodes[n->left].level, right = nodes[n->right].level, should = (left < right ? left : right) + 1;
    resize(n);
    if (should < n->level) {
        n->level = (uint8_t)should;
        if (should < right) nodes[n->right].level = (uint8_t)should;
    }
    at = skew(at);
    nodes[at].right = (uint8_t)skew(nodes[at].right);
    unsigned far = nodes[at].right;
    nodes[far].right = (uint8_t)skew(nodes[far].right);
    at = split(at);
    nodes[at].right = (uint8_t)split(nodes[at].right);
    return at;
}

static unsigned erase(unsigned at, int key) {
    struct node *n = &nodes[at];
    if (!at) return NIL;
    if (key < n->key) {
        n->left = (uint8_t)erase(n->left, key);
    } else if (key > n->key) {
        n->right = (uint8_t)erase(n->right, key);
    } else if (!n->left && !n->right) {
        n->right = (uint8_t)free_list;
        free_list = at;
        changed = 1;
        return NIL;
    } else {
        /* The neighbour in order takes its place: one way down, then the other way as far as it goes. */
        int right = !n->left;
        unsigned heir = right ? n->right : n->left;
        while (right ? nodes[heir].left : nodes[heir].right)
            heir = right ? nodes[heir].left : nodes[heir].right;
        n->key = nodes[heir].key;
        *(right ? &n->right : &n->left) = (uint8_t)erase(right ? n->right : n->left, n->key);
    }
    return settle(at);
}

static unsigned check(unsigned at, int low, int high) {
    const struct node *n = &nodes[at];
    if (!at) return 0;
    CHECK(n->key > low && n->key < high);
    CHECK(nodes[n->left].level == n->level - 1 && nodes[n->right].level >= n->level - 1);
    CHECK(nodes[n->right].level <= n->level && nodes[nodes[n->right].right].level < n->level);
    unsigned size = check(n->left, low, n->key) + check(n->right, n->key, high) + 1;
    CHECK(size == n->size);
    return size;
}

/* How many keys are below; the smallest key at or above goes to `found`. */
static unsigned below(int key, int *found) {
    unsigned count = 0, at = root;
    *found = -1;
    while (at) {
        const struct node *n = &nodes[at];
        int enough = n->key >= key;
        *found = enough ? n->key : *found;
        count += enough ? 0 : nodes[n->left].size + 1U;
        at = enough ? n->left : n->right;
    }
    return count;
}

PROGRAM(app_tree) {
    int16_t sorted[NODES];
    unsigned count = 0, refused = 0;
    uint32_t state = opaque_unsigned(8), sum = 0;
    root = free_list = NIL;
    for (unsigned i = 1; i <= NODES; i++) nodes[i].right = (uint8_t)free_list, free_list = i;
    for (unsigned turn = 0; turn < 400; turn++) {
        state = state * 747796405 + 2891336453U;
        int key = turn < 50 ? (int)turn * 3 : (int)(state >> 17) % 150, add = (state >> 8) % 8 < (turn % 200 < 110 ? 7U : 1U);
        unsigned place = 0;
        while (place < count && sorted[place] < key) place++;
        int present = place < count && sorted[place] == key;
        changed = 0;
        root = add ? insert(root, opaque_int(key)) : erase(root, opaque_int(key));
        CHECK(changed == (add == present ? 0 : !add || count < NODES ? 1 : -1));
        refused += changed < 0;
        if (changed > 0) {
            __builtin_memmove(sorted + place + add, sorted + place + !add, (count - place - !add) * sizeof *sorted);
            count += add ? 1 : -1U;
            sorted[place] = add ? (int16_t)key : sorted[place];
        }
        CHECK(check(root, -1, 1000) == count && nodes[NIL].level == 0 && nodes[NIL].size == 0);
        int found;
        for (unsigned i = turn % 3; i < count; i += 3) {
            CHECK(below(sorted[i], &found) == i && found == sorted[i]);
            CHECK(below(sorted[i] + 1, &found) == i + 1 && found == (i + 1 < count ? sorted[i + 1] : -1));
        }
        sum = sum * 5 + (root ? (uint32_t)nodes[root].key * 8 + nodes[root].level : 0);
    }
    CHECK(refused > 3);
    CHECK(sum == 2732165830U);
}
