#include "expr.h"

#include <stdlib.h>
#include <string.h>

/* The length bounds the depth of trees that lean to the left, the depth that of all others. */
enum { DEPTH_MAX = 200, LENGTH_MAX = 10000 };

struct parser {
    struct tokenizer tokenizer;
    struct token token;
    unsigned depth;
    struct fault *fault;
};

static struct expr *parse_choice(struct parser *parser);

static struct expr *make(enum expr_kind kind, size_t at)
{
    struct expr *expr = allocate(sizeof *expr);
    expr->kind = kind;
    expr->at = at;
    return expr;
}

void expr_free(struct expr *expr)
{
    if (!expr)
        return;
    for (size_t i = 0; i < expr->part_count; i++)
        expr_free(expr->parts[i]);
    for (size_t i = 0; i < expr->name_count; i++)
        free(expr->names[i]);
    free(expr->parts);
    free(expr->names);
    free(expr->name);
    value_release(expr->constant);
    free(expr);
}

/* Adds the part, or frees the whole when there is none: so a fault travels up with no leak. */
static struct expr *with_part(struct expr *expr, struct expr *part)
{
    if (!part) {
        expr_free(expr);
        return NULL;
    }
    expr->parts = reallocate(expr->parts, expr->part_count + 1, sizeof *expr->parts);
    expr->parts[expr->part_count++] = part;
    return expr;
}

static void advance(struct parser *parser)
{
    if (!token_next(&parser->tokenizer, &parser->token, parser->fault))
        parser->token.kind = TOKEN_END;
}

static bool accept(struct parser *parser, enum token_kind kind)
{
    if (parser->token.kind != kind)
        return false;
    advance(parser);
    return true;
}

static bool expect(struct parser *parser, enum token_kind kind, const char *what)
{
    if (accept(parser, kind))
        return true;
    fault_set(parser->fault, parser->token.at, "expected %s", what);
    return false;
}

static struct expr *parse_items(struct parser *parser, struct expr *expr, enum token_kind closing, const char *what)
{
    if (accept(parser, closing))
        return expr;
    do {
        expr = with_part(expr, parse_choice(parser));
    } while (expr && accept(parser, TOKEN_COMMA));
    if (expr && !expect(parser, closing, what)) {
        expr_free(expr);
        return NULL;
    }
    return expr;
}

static struct expr *parse_constant(struct parser *parser)
{
    const struct token *token = &parser->token;
    struct expr *expr = make(EXPR_CONSTANT, token->at);
    if (token->kind == TOKEN_NUMBER)
        expr->constant = value_number(token->number);
    else
        expr->constant = value_string(token->text.bytes, token->text.length);
    advance(parser);
    return expr;
}

static struct expr *parse_name(struct parser *parser)
{
    struct expr *expr = make(EXPR_NAME, parser->token.at);
    expr->name = copy_string(parser->token.text.bytes, parser->token.text.length);
    advance(parser);
    if (!accept(parser, TOKEN_OPEN))
        return expr;
    expr->kind = EXPR_CALL;
    return parse_items(parser, expr, TOKEN_CLOSE, "',' or ')'");
}

static struct expr *parse_primary(struct parser *parser)
{
    size_t at = parser->token.at;
    switch (parser->token.kind) {
    case TOKEN_NUMBER:
    case TOKEN_TEXT:
        return parse_constant(parser);
    case TOKEN_NAME:
        return parse_name(parser);
    case TOKEN_OPEN_LIST:
        advance(parser);
        return parse_items(parser, make(EXPR_LIST, at), TOKEN_CLOSE_LIST, "',' or ']'");
    case TOKEN_OPEN: {
        advance(parser);
        struct expr *inner = parse_choice(parser);
        if (inner && !expect(parser, TOKEN_CLOSE, "')'")) {
            expr_free(inner);
            return NULL;
        }
        return inner;
    }
    default:
        fault_set(parser->fault, at, parser->token.kind == TOKEN_END ? "unexpected end" : "expected a value");
        return NULL;
    }
}

static struct expr *parse_postfix(struct parser *parser)
{
    struct expr *expr = parse_primary(parser);
    while (expr) {
        size_t at = parser->token.at;
        if (accept(parser, TOKEN_OPEN_LIST)) {
            expr = with_part(make(EXPR_INDEX, at), expr);
            expr = with_part(expr, parse_choice(parser));
            if (expr && !expect(parser, TOKEN_CLOSE_LIST, "']'")) {
                expr_free(expr);
                return NULL;
            }
        } else if (accept(parser, TOKEN_DOT)) {
            if (parser->token.kind != TOKEN_NAME) {
                fault_set(parser->fault, parser->token.at, "expected a field's name");
                expr_free(expr);
                return NULL;
            }
            expr = with_part(make(EXPR_FIELD, at), expr);
            expr->name = copy_string(parser->token.text.bytes, parser->token.text.length);
            advance(parser);
        } else {
            break;
        }
    }
    return expr;
}

enum { LEVEL_OR = 1, LEVEL_AND, LEVEL_COMPARE, LEVEL_JOIN, LEVEL_SUM, LEVEL_PRODUCT, LEVEL_UNARY, LEVEL_POWER };

static int binary_level(enum token_kind kind)
{
    switch (kind) {
    case TOKEN_OR:
        return LEVEL_OR;
    case TOKEN_AND:
        return LEVEL_AND;
    case TOKEN_EQUAL:
    case TOKEN_UNEQUAL:
    case TOKEN_LESS:
    case TOKEN_AT_MOST:
    case TOKEN_GREATER:
    case TOKEN_AT_LEAST:
        return LEVEL_COMPARE;
    case TOKEN_JOIN:
        return LEVEL_JOIN;
    case TOKEN_PLUS:
    case TOKEN_MINUS:
        return LEVEL_SUM;
    case TOKEN_TIMES:
    case TOKEN_DIVIDE:
    case TOKEN_REMAINDER:
        return LEVEL_PRODUCT;
    case TOKEN_POWER:
        return LEVEL_POWER;
    default:
        return 0;
    }
}

static struct expr *parse_binary(struct parser *parser, int level);

static struct expr *parse_unary(struct parser *parser)
{
    enum token_kind operation = parser->token.kind;
    size_t at = parser->token.at;
    if (operation != TOKEN_MINUS && operation != TOKEN_NOT)
        return parse_postfix(parser);
    if (parser->depth == DEPTH_MAX) {
        fault_set(parser->fault, at, "nested too deeply");
        return NULL;
    }
    parser->depth++;
    advance(parser);
    struct expr *expr = make(EXPR_UNARY, at);
    expr->operation = operation;
    /* -2 ^ 2 is -4, and "not a == b" denies the comparison. */
    expr = with_part(expr, parse_binary(parser, operation == TOKEN_NOT ? LEVEL_COMPARE : LEVEL_UNARY));
    parser->depth--;
    return expr;
}

/* Precedence climbing: everything that binds at least as tightly as `level`. */
static struct expr *parse_binary(struct parser *parser, int level)
{
    struct expr *left = parse_unary(parser);
    while (left) {
        enum token_kind operation = parser->token.kind;
        int own = binary_level(operation);
        if (!own || own < level)
            break;
        struct expr *expr = make(EXPR_BINARY, parser->token.at);
        expr->operation = operation;
        advance(parser);
        expr = with_part(expr, left);
        /* the right of "^" may have a sign and another "^" */
        left = with_part(expr, parse_binary(parser, own == LEVEL_POWER ? LEVEL_UNARY : own + 1));
    }
    return left;
}

static struct expr *parse_choice(struct parser *parser)
{
    if (parser->depth == DEPTH_MAX) {
        fault_set(parser->fault, parser->token.at, "nested too deeply");
        return NULL;
    }
    parser->depth++;
    struct expr *expr = parse_binary(parser, LEVEL_OR);
    size_t at = parser->token.at;
    if (expr && accept(parser, TOKEN_QUESTION)) {
        expr = with_part(make(EXPR_CHOICE, at), expr);
        expr = with_part(expr, parse_choice(parser));
        if (expr && !expect(parser, TOKEN_COLON, "':'")) {
            expr_free(expr);
            expr = NULL;
        }
        if (expr)
            expr = with_part(expr, parse_choice(parser));
    }
    parser->depth--;
    return expr;
}

/* What stands left of "=": a name, or a name with names in parentheses. */
static struct expr *as_target(struct parser *parser, struct expr *left)
{
    bool ok = left->kind == EXPR_NAME || left->kind == EXPR_CALL;
    for (size_t i = 0; ok && i < left->part_count; i++)
        ok = left->parts[i]->kind == EXPR_NAME;
    if (!ok) {
        fault_set(parser->fault, left->at, "only a name, or a name with parameters, can stand before '='");
        expr_free(left);
        return NULL;
    }
    left->names = reallocate(NULL, left->part_count, sizeof *left->names);
    for (size_t i = 0; i < left->part_count; i++) {
        left->names[left->name_count++] = left->parts[i]->name;
        left->parts[i]->name = NULL;
        expr_free(left->parts[i]);
    }
    left->part_count = 0;
    left->kind = left->kind == EXPR_NAME ? EXPR_ASSIGN : EXPR_DEFINE;
    return left;
}

struct expr *expr_parse(const char *source, size_t length, struct fault *fault)
{
    if (length > LENGTH_MAX) {
        fault_set(fault, LENGTH_MAX, "the expression is too long");
        return NULL;
    }
    struct parser parser = {.tokenizer = {source, length, 0}, .fault = fault};
    token_init(&parser.token);
    advance(&parser);
    struct expr *expr = NULL;
    if (parser.token.kind != TOKEN_END) {
        expr = parse_choice(&parser);
        if (expr && accept(&parser, TOKEN_ASSIGN)) {
            expr = as_target(&parser, expr);
            if (expr)
                expr = with_part(expr, parse_choice(&parser));
        }
        if (expr && parser.token.kind != TOKEN_END)
            fault_set(fault, parser.token.at, "unexpected '%.*s'", (int)(parser.token.length < 40 ? parser.token.length : 40),
                      source + parser.token.at);
    }
    if (fault->set) {
        expr_free(expr);
        expr = NULL;
    }
    token_free(&parser.token);
    return expr;
}
