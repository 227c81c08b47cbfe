/* Recursion about forty frames deep over lists, a search tree and a grid, against loops over the same. */
#include "certify.h"

enum { COUNT = 40 };

struct node {
    struct node *left, *right;
    int16_t key;
    uint8_t height;
};

static struct node pool[COUNT];
static unsigned used;

static struct node *insert(struct node *tree, int key) {
    if (!tree) {
        struct node *fresh = &pool[used++];
        fresh->left = fresh->right = 0;
        fresh->key = (int16_t)key;
        fresh->height = 1;
        return fresh;
    }
    if (key < tree->key)
        tree->left = insert(tree->left, key);
    else
        tree->right = insert(tree->right, key);
    uint8_t left = tree->left ? tree->left->height : 0, right = tree->right ? tree->right->height : 0;
    tree->height = (uint8_t)((left > right ? left : right) + 1);
    return tree;
}

static int flatten(const struct node *tree, int16_t *keys, int count) {
    if (!tree)
        return count;
    count = flatten(tree->left, keys, count);
    keys[count++] = tree->key;
    return flatten(tree->right, keys, count);
}

static void mirror(struct node *tree) {
    if (!tree)
        return;
    struct node *left = tree->left;
    tree->left = tree->right;
    tree->right = left;
    mirror(tree->left);
    mirror(tree->right);
}

static int32_t path_sum(const struct node *tree, int32_t above) {
    if (!tree)
        return 0;
    above = above * 3 % 1009 + tree->key;
    return above + path_sum(tree->left, above) - path_sum(tree->right, above);
}

/* The same by an explicit stack; sign is what the right turns above have made of it. */
static int32_t path_sum_loop(const struct node *root) {
    struct { const struct node *tree; int32_t above; int sign; } stack[COUNT + 1];
    int sum = 0;
    stack[0].tree = root, stack[0].above = 0, stack[0].sign = 1;
    for (int depth = 1; depth > 0;) {
        const struct node *tree = stack[--depth].tree;
        int sign = stack[depth].sign;
        if (!tree)
            continue;
        int32_t above = stack[depth].above * 3 % 1009 + tree->key;
        sum += sign * above;
        stack[depth].tree = tree->left, stack[depth].above = above, stack[depth].sign = sign, depth++;
        stack[depth].tree = tree->right, stack[depth].above = above, stack[depth].sign = -sign, depth++;
    }
    return sum;
}

static struct node *reverse(struct node *list, struct node *behind) {
    if (!list)
        return behind;
    struct node *next = list->right;
    list->right = behind;
    return reverse(next, list);
}

/* Not a tail call: the rest is put behind the node first. */
static struct node *keep_odd(struct node *list) {
    if (!list)
        return 0;
    struct node *rest = keep_odd(list->right);
    if (list->key % 2 == 0)
        return rest;
    list->right = rest;
    return list;
}

static int fill(uint8_t grid[6][6], int row, int column, uint8_t from, uint8_t to) {
    if (row < 0 || row > 5 || column < 0 || column > 5 || grid[row][column] != from)
        return 0;
    grid[row][column] = to;
    return 1 + fill(grid, row - 1, column, from, to) + fill(grid, row + 1, column, from, to)
           + fill(grid, row, column - 1, from, to) + fill(grid, row, column + 1, from, to);
}

PROGRAM(recursion_deep_structures) {
    unsigned checked = 0;
    int16_t keys[COUNT];
    /* The step decides the shape: 1 and 40 give one long path. */
    static const int steps[] = {1, 40, 39, 7, 11, 17};
    for (unsigned s = 0; s < sizeof steps / sizeof *steps; s++) {
        struct node *tree = 0;
        int step = opaque_int(steps[s]), count = step == 1 || step == 40 ? 36 : COUNT;
        used = 0;
        for (int i = 0; i < count; i++)
            tree = insert(tree, (i + 1) * step % 41 * 10);
        CHECK((int)used == count);
        CHECK(step == 1 || step == 40 ? tree->height == 36 : tree->height >= 6 && tree->height < 36);
        CHECK(flatten(tree, keys, 0) == count);
        for (int i = 1; i < count; i++)
            CHECK(keys[i - 1] < keys[i]);
        CHECK(path_sum(tree, 0) == path_sum_loop(tree));
        mirror(tree);
        CHECK(flatten(tree, keys, 0) == count);
        for (int i = 1; i < count; i++)
            CHECK(keys[i - 1] > keys[i]);
        CHECK(path_sum(tree, 0) == path_sum_loop(tree));
        checked++;
    }
    for (int i = 0; i < COUNT; i++) {
        pool[i].key = (int16_t)opaque_int(i * i + i / 3);
        pool[i].right = i + 1 < COUNT ? &pool[i + 1] : 0;
        checked++;
    }
    struct node *list = reverse(pool, 0);
    CHECK(list == &pool[COUNT - 1]);
    list = keep_odd(list);
    for (int i = COUNT - 1; i >= 0; i--)
        if ((i * i + i / 3) % 2) {
            CHECK(list == &pool[i]);
            list = list->right;
        }
    CHECK(list == 0);

    uint8_t grid[6][6];
    for (int i = 0; i < 36; i++)
        grid[i / 6][i % 6] = (uint8_t)opaque_int(i % 6 != 3 || i == 15 ? 1 : 0);
    CHECK(fill(grid, 0, 0, 1, 2) == 18 + 1 + 12);
    CHECK(fill(grid, 0, 0, 1, 3) == 0 && fill(grid, 5, 3, 0, 4) == 3 && fill(grid, 0, 3, 0, 4) == 2);
    CHECK(grid[2][3] == 2 && grid[3][3] == 4 && grid[5][5] == 2);
    /* No loop was left out. */
    CHECK(checked == 46);
}
