/* Compound literals as arguments, results and array elements, with designators, in loops and recursion: each evaluation
 * initialises the object again, and pointers into the enclosing block stay good. */
#include "certify.h"

struct options { int width, precision; char fill; unsigned flags[3]; };
struct node { const struct node *left, *right; int value; };

static NOINLINE int apply(const struct options *o) {
    return o->width * 1000 + o->precision * 100 + (o->fill == '#') * 10 + (int)(o->flags[0] + 2 * o->flags[1] + 3 * o->flags[2]);
}

static int apply_value(struct options o) {
    o.flags[1] += 1;
    return apply(&o) - 2;
}

static NOINLINE int consume(int *list, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
        sum = sum * 10 + list[i];
        list[i] = 9;
    }
    return sum;
}

/* Written to in each turn, and as new in the next. */
static int fresh_each_turn(int turns) {
    int sum = 0;
    for (int i = 0; i < turns; i++) {
        int *list = (int[4]){i, [2] = 3};
        list[1] += i + 1;
        sum += consume(list, 4);
        sum += list[3];
    }
    return sum;
}

/* The object lives as long as the block around the loop made with goto, and is initialised again each time. */
static int repeated(int turns) {
    int count = 0, sum = 0;
    struct options *previous = 0;
again:;
    struct options *o = &(struct options){.precision = count, .fill = '#', .flags = {[1] = 4}};
    if (previous)
        sum += previous == o;
    o->width++;
    o->flags[2] += o->flags[1];
    sum = sum * 3 + apply(o);
    previous = o;
    if (++count < turns)
        goto again;
    return sum;
}

static int repeated_model(int turns) {
    volatile int sum = 0;
    for (int count = 0; count < turns; count++)
        sum = (sum + (count > 0)) * 3 + 1000 + count * 100 + 10 + 8 + 12;
    return sum;
}

static int evaluate(const struct node *n) {
    if (!n)
        return 0;
    int left = evaluate(n->left), right = evaluate(n->right);
    return n->value < 0 ? left - right : left * 2 + right + n->value;
}

static int tree(int a, int b) {
    const struct node *root = &(struct node){
        &(struct node){&(struct node){.value = a}, &(struct node){0, 0, b}, -1},
        &(struct node){.right = &(struct node){.value = a + b}, .value = 3},
        10,
    };
    int first = evaluate(root);
    return first * 100 + evaluate(root->left) + evaluate(&(struct node){root, root->right, -1});
}

/* A list of literals that grows along the recursion. */
static int recursive(int depth, const struct node *chain) {
    if (depth == 0) {
        int sum = 0;
        for (; chain; chain = chain->left)
            sum = sum * 2 + chain->value;
        return sum;
    }
    return recursive(depth - 1, &(struct node){chain, 0, depth * 3});
}

static const char *name(int i) { return (const char *[]){"zero", "one", "two", "three"}[i & 3]; }

static int chosen(int which) {
    struct options o = which ? (struct options){1, 2, '#', {3, 4, 5}} : (struct options){.flags = {1, [2] = 7}, .width = 6};
    int first = apply(&o);
    o = (struct options){.width = o.precision, .precision = o.width, .fill = o.fill, .flags = {o.flags[2], 0, o.flags[0]}};
    return first * 10000 + apply(&o);
}

static int swapped(int a, int b) {
    struct { int x, y; } p = {a, b};
    int *both[] = {&p.x, &p.y};
    for (int i = 0; i < 3; i++) {
        int *kept = (int[]){*both[1], *both[0]};
        *both[0] = kept[0];
        *both[1] = kept[1] + i;
    }
    return p.x * 100 + p.y;
}

PROGRAM(struct_compound_literals) {
    CHECK(apply(&(struct options){0}) == 0 && apply(&(struct options){.flags[2] = opaque_unsigned(5)}) == 15);
    CHECK(apply(&(struct options){3, 2, '#', {opaque_unsigned(1), 0, 1}}) == 3214);
    CHECK(apply_value((struct options){.width = opaque_int(-2), .fill = '*'}) == -2000);
    CHECK(apply_value((struct options){.flags = {1, 2, 3}, .fill = '#'}) == 24);
    CHECK(consume((int[]){1, opaque_int(2), 3}, 3) == 123 && consume((int[5]){[4] = 5, [1] = 2}, opaque_int(5)) == 2005);

    /* Turn i reads the digits i, i + 1, 3, 0, and then the 9 that was left. */
    int sum = 0;
    for (int turns = 0; turns < 8; turns++) {
        CHECK(fresh_each_turn(opaque_int(turns)) == sum);
        sum += turns * 1000 + (turns + 1) * 100 + 30 + 9;
    }
    CHECK(fresh_each_turn(2) == 139 + 1239);
    for (int turns = 1; turns < 6; turns++)
        CHECK(repeated(opaque_int(turns)) == repeated_model(turns));
    CHECK(repeated(3) == repeated_model(3));

    /* The left part is a - b, the right one a + b + 3, the root 2(a - b) + a + b + 13. */
    CHECK(tree(5, 2) == 26 * 100 + 3 + 26 - 10);
    CHECK(tree(opaque_int(1), opaque_int(8)) == 8 * 100 - 7 + 8 - 12);
    for (int depth = 0; depth < 10; depth++) {
        int expected = 0;
        for (int d = 1; d <= depth; d++)
            expected = expected * 2 + d * 3;
        CHECK(recursive(opaque_int(depth), 0) == expected);
    }
    CHECK(name(opaque_int(2))[2] == 'o' && name(3)[0] == 't' && name(opaque_int(4))[0] == 'z' && name(1)[3] == 0);
    CHECK(chosen(opaque_int(1)) == (1210 + 3 + 8 + 15) * 10000 + 2110 + 5 + 9);
    CHECK(chosen(0) == (6000 + 1 + 21) * 10000 + 600 + 7 + 3);
    CHECK(swapped(opaque_int(7), 4) == 5 * 100 + 9);
}
