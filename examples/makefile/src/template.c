#include "template.h"

#include <stdlib.h>
#include <string.h>

enum node_kind { NODE_TEXT, NODE_PRINT, NODE_SET, NODE_IF, NODE_FOR };

struct node {
    enum node_kind kind;
    size_t line;
    const char *bytes; /* of NODE_TEXT */
    size_t length;
    char *name; /* of NODE_FOR */
    struct expr *expr;
    struct node *body;
    struct node *otherwise;
    struct node *next;
};

enum { DEPTH_MAX = 60 };

enum piece_kind { PIECE_END, PIECE_TEXT, PIECE_PRINT, PIECE_TAG, PIECE_COMMENT };

struct piece {
    enum piece_kind kind;
    const char *bytes;
    size_t length;
    size_t line;
};

struct parser {
    const char *source;
    size_t length;
    size_t at;
    size_t line;
    unsigned depth;
    struct piece piece; /* the tag that ended the last block */
    struct fault *fault;
};

static struct node *parse_block(struct parser *parser);

static void node_free(struct node *node)
{
    while (node) {
        struct node *next = node->next;
        node_free(node->body);
        node_free(node->otherwise);
        expr_free(node->expr);
        free(node->name);
        free(node);
        node = next;
    }
}

static struct node *make(enum node_kind kind, const struct piece *piece)
{
    struct node *node = allocate(sizeof *node);
    node->kind = kind;
    node->line = piece->line;
    return node;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t count_lines(const char *bytes, size_t length)
{
    size_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n';
    return lines;
}

static size_t find_opening(const struct parser *parser)
{
    size_t at = parser->at;
    while (at + 1 < parser->length && !(parser->source[at] == '{' && strchr("{%#", parser->source[at + 1]) &&
                                        parser->source[at + 1]))
        at++;
    return at + 1 < parser->length ? at : parser->length;
}

/* Where the line of the tag at [open, close) begins and ends, when nothing else stands on it. */
static bool alone_on_line(const struct parser *parser, size_t open, size_t close, size_t *start, size_t *end)
{
    *start = open;
    while (*start > 0 && is_blank(parser->source[*start - 1]))
        --*start;
    *end = close;
    while (*end < parser->length && is_blank(parser->source[*end]))
        ++*end;
    if (*start > 0 && parser->source[*start - 1] != '\n')
        return false;
    if (*end == parser->length)
        return true;
    return parser->source[(*end)++] == '\n';
}

static bool read_tag(struct parser *parser, struct piece *piece)
{
    size_t open = parser->at;
    char sort = parser->source[open + 1];
    char closing[3] = {sort == '{' ? '}' : sort, '}', '\0'};
    size_t at = open + 2;
    while (at + 1 < parser->length && memcmp(parser->source + at, closing, 2) != 0)
        at++;
    if (at + 1 >= parser->length) {
        fault_set(parser->fault, parser->line, "'{%c' without '%s'", sort, closing);
        return false;
    }
    piece->kind = sort == '{' ? PIECE_PRINT : sort == '%' ? PIECE_TAG : PIECE_COMMENT;
    piece->bytes = parser->source + open + 2;
    piece->length = at - open - 2;
    piece->line = parser->line;
    size_t start, end = at + 2;
    if (piece->kind == PIECE_PRINT || !alone_on_line(parser, open, at + 2, &start, &end))
        end = at + 2;
    parser->line += count_lines(parser->source + open, end - open);
    parser->at = end;
    return true;
}

/* False after a fault. Text before a tag that stands alone on its line comes without the tag's indentation. */
static bool next_piece(struct parser *parser, struct piece *piece)
{
    *piece = (struct piece){PIECE_END, "", 0, parser->line};
    if (parser->at == parser->length)
        return true;
    size_t open = find_opening(parser);
    size_t text_end = open;
    if (open < parser->length && parser->source[open + 1] != '{') {
        const char *closing = parser->source[open + 1] == '%' ? "%}" : "#}";
        size_t close = open + 2, start, end;
        while (close + 1 < parser->length && memcmp(parser->source + close, closing, 2) != 0)
            close++;
        if (close + 1 < parser->length && alone_on_line(parser, open, close + 2, &start, &end) && start >= parser->at)
            text_end = start;
    }
    if (text_end > parser->at) {
        piece->kind = PIECE_TEXT;
        piece->bytes = parser->source + parser->at;
        piece->length = text_end - parser->at;
        parser->line += count_lines(piece->bytes, piece->length);
        parser->at = text_end;
        return true;
    }
    parser->at = open;
    return read_tag(parser, piece);
}

/* Takes the next word off the piece; an empty one at its end. */
static size_t take_word(struct piece *piece, const char **word)
{
    while (piece->length && (is_blank(*piece->bytes) || *piece->bytes == '\n'))
        piece->bytes++, piece->length--;
    *word = piece->bytes;
    size_t length = 0;
    while (length < piece->length && !is_blank(piece->bytes[length]) && piece->bytes[length] != '\n')
        length++;
    piece->bytes += length;
    piece->length -= length;
    return length;
}

static bool is_word(const char *word, size_t length, const char *wanted)
{
    return length == strlen(wanted) && memcmp(word, wanted, length) == 0;
}

static struct expr *parse_expression(struct parser *parser, const struct piece *piece)
{
    struct fault inner;
    fault_clear(&inner);
    struct expr *expr = expr_parse(piece->bytes, piece->length, &inner);
    if (!expr)
        fault_set(parser->fault, piece->line, "%s", inner.set ? inner.message : "expression is missing");
    return expr;
}

/* After `if` and `elif`: the tag that ends the block decides how it goes on. */
static struct node *parse_if(struct parser *parser, struct piece *piece)
{
    struct node *node = make(NODE_IF, piece);
    node->expr = parse_expression(parser, piece);
    node->body = parse_block(parser);
    const char *word;
    struct piece ending = parser->piece;
    size_t length = take_word(&ending, &word);
    if (is_word(word, length, "elif") && !parser->fault->set) {
        node->otherwise = parse_if(parser, &ending);
    } else if (is_word(word, length, "else") && !parser->fault->set) {
        node->otherwise = parse_block(parser);
    }
    return node;
}

static struct node *parse_for(struct parser *parser, struct piece *piece)
{
    struct node *node = make(NODE_FOR, piece);
    const char *word, *in;
    size_t length = take_word(piece, &word);
    size_t in_length = take_word(piece, &in);
    if (!length || !is_word(in, in_length, "in")) {
        fault_set(parser->fault, piece->line, "'for' goes on with a name and 'in'");
        return node;
    }
    node->name = copy_string(word, length);
    node->expr = parse_expression(parser, piece);
    node->body = parse_block(parser);
    struct piece ending = parser->piece;
    length = take_word(&ending, &word);
    if (is_word(word, length, "else") && !parser->fault->set)
        node->otherwise = parse_block(parser);
    return node;
}

static void check_end(struct parser *parser, const struct node *node)
{
    struct piece ending = parser->piece;
    const char *word;
    size_t length = take_word(&ending, &word);
    if (ending.kind != PIECE_TAG)
        fault_set(parser->fault, node->line, "'%s' without 'end'", node->kind == NODE_IF ? "if" : "for");
    else if (!is_word(word, length, "end"))
        fault_set(parser->fault, parser->piece.line, "expected 'end'");
}

/* NULL for a tag that ends a block; it is then in parser->piece. */
static struct node *parse_tag(struct parser *parser, const struct piece *tag)
{
    struct piece rest = *tag;
    const char *word;
    size_t length = take_word(&rest, &word);
    struct node *node = NULL;
    if (is_word(word, length, "set")) {
        node = make(NODE_SET, tag);
        node->expr = parse_expression(parser, &rest);
        if (node->expr && node->expr->kind != EXPR_ASSIGN && node->expr->kind != EXPR_DEFINE)
            fault_set(parser->fault, tag->line, "'set' needs a name and '='");
    } else if (is_word(word, length, "if")) {
        node = parse_if(parser, &rest);
        check_end(parser, node);
    } else if (is_word(word, length, "for")) {
        node = parse_for(parser, &rest);
        check_end(parser, node);
    } else if (is_word(word, length, "elif") || is_word(word, length, "else") || is_word(word, length, "end")) {
        parser->piece = *tag;
    } else {
        fault_set(parser->fault, tag->line, "unknown tag '%.*s'", (int)(length < 40 ? length : 40), word);
    }
    return node;
}

/* Everything up to the tag that ends the block, or the end of the source (parser->piece then has kind PIECE_END). */
static struct node *parse_block(struct parser *parser)
{
    struct node *first = NULL, **link = &first;
    struct piece piece;
    if (++parser->depth > DEPTH_MAX)
        fault_set(parser->fault, parser->line, "nested too deeply");
    while (!parser->fault->set && next_piece(parser, &piece)) {
        struct node *node = NULL;
        if (piece.kind == PIECE_END) {
            parser->piece = piece;
            break;
        }
        if (piece.kind == PIECE_COMMENT)
            continue;
        if (piece.kind == PIECE_TAG) {
            node = parse_tag(parser, &piece);
            if (!node)
                break;
        } else {
            node = make(piece.kind == PIECE_TEXT ? NODE_TEXT : NODE_PRINT, &piece);
            node->bytes = piece.bytes;
            node->length = piece.length;
            if (piece.kind == PIECE_PRINT)
                node->expr = parse_expression(parser, &piece);
        }
        *link = node;
        link = &node->next;
    }
    parser->depth--;
    return first;
}

static bool render(struct text *out, const struct node *node, struct scope *scope, struct fault *fault);

static struct value *value_of(const struct node *node, struct scope *scope, struct fault *fault)
{
    struct fault inner;
    fault_clear(&inner);
    struct value *value = evaluate(node->expr, scope, &inner);
    if (!value)
        fault_set(fault, node->line, "%s", inner.message);
    return value;
}

static bool render_item(struct text *out, const struct node *node, struct scope *scope, struct value *item,
                        size_t index, size_t count, struct fault *fault)
{
    struct scope inner;
    scope_init(&inner, scope);
    scope_set(&inner, node->name, value_share(item));
    scope_set(&inner, "index", value_number((double)index));
    scope_set(&inner, "last", value_bool(index == count));
    bool ok = render(out, node->body, &inner, fault);
    scope_free(&inner);
    return ok;
}

/* A record is gone through as a list of records with `key` and `value`. */
static struct value *as_list(struct value *value)
{
    if (value->kind != VALUE_RECORD)
        return value;
    struct value *list = value_list();
    size_t cursor = 0;
    const char *name;
    void *item;
    while (map_next(value->as.record, &cursor, &name, &item)) {
        struct value *pair = value_record();
        value_record_set(pair, "key", value_string(name, strlen(name)));
        value_record_set(pair, "value", value_share(item));
        value_list_add(list, pair);
    }
    value_release(value);
    return list;
}

static bool render_for(struct text *out, const struct node *node, struct scope *scope, struct value *value,
                       struct fault *fault)
{
    struct value *list = as_list(value_share(value));
    bool ok = true;
    if (list->kind == VALUE_NIL || (list->kind == VALUE_LIST && list->as.list.count == 0)) {
        ok = render(out, node->otherwise, scope, fault);
    } else if (list->kind == VALUE_LIST) {
        size_t count = list->as.list.count;
        for (size_t i = 0; ok && i < count; i++)
            ok = render_item(out, node, scope, list->as.list.items[i], i + 1, count, fault);
    } else {
        fault_set(fault, node->line, "cannot go through a %s", value_kind_name(list));
        ok = false;
    }
    value_release(list);
    return ok;
}

static bool render_node(struct text *out, const struct node *node, struct scope *scope, struct fault *fault)
{
    if (node->kind == NODE_TEXT) {
        text_add(out, node->bytes, node->length);
        return true;
    }
    struct value *value = value_of(node, scope, fault);
    if (!value)
        return false;
    bool ok = true;
    switch (node->kind) {
    case NODE_PRINT:
        value_print(out, value);
        break;
    case NODE_IF:
        ok = render(out, value_truth(value) ? node->body : node->otherwise, scope, fault);
        break;
    case NODE_FOR:
        ok = render_for(out, node, scope, value, fault);
        break;
    default:
        break;
    }
    value_release(value);
    return ok;
}

static bool render(struct text *out, const struct node *node, struct scope *scope, struct fault *fault)
{
    for (; node; node = node->next)
        if (!render_node(out, node, scope, fault))
            return false;
    return true;
}

bool template_render(struct text *out, const char *source, size_t length, struct scope *scope, struct fault *fault)
{
    struct parser parser = {.source = source, .length = length, .line = 1, .piece = {.bytes = ""}, .fault = fault};
    struct node *first = parse_block(&parser);
    if (!fault->set && parser.piece.kind != PIECE_END)
        fault_set(fault, parser.piece.line, "this ends nothing");
    bool ok = !fault->set && render(out, first, scope, fault);
    node_free(first);
    return ok;
}
