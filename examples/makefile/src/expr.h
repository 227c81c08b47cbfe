/* The expression language: tokens and syntax trees. eval.h runs them.
 *
 *   line    = name "=" choice | name "(" names ")" "=" choice | choice
 *   choice  = or [ "?" choice ":" choice ]
 *   or, and, comparison, "&" (join texts), sum, product, unary, power: the usual order, "^" to the right
 *   postfix = primary { "[" choice "]" | "." name }
 *   primary = number | "text" | 'text' | name | name "(" choices ")" | "(" choice ")" | "[" choices "]"
 */
#ifndef LOGBOOK_EXPR_H
#define LOGBOOK_EXPR_H

#include "value.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_TEXT,
    TOKEN_NAME,
    TOKEN_OR,
    TOKEN_AND,
    TOKEN_NOT,
    TOKEN_EQUAL,
    TOKEN_UNEQUAL,
    TOKEN_LESS,
    TOKEN_AT_MOST,
    TOKEN_GREATER,
    TOKEN_AT_LEAST,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_TIMES,
    TOKEN_DIVIDE,
    TOKEN_REMAINDER,
    TOKEN_POWER,
    TOKEN_JOIN,
    TOKEN_ASSIGN,
    TOKEN_QUESTION,
    TOKEN_COLON,
    TOKEN_COMMA,
    TOKEN_DOT,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_LIST,
    TOKEN_CLOSE_LIST
};

struct token {
    enum token_kind kind;
    size_t at;
    size_t length;
    struct text text; /* content of TOKEN_TEXT, spelling of TOKEN_NAME */
    double number;
};

struct tokenizer {
    const char *source;
    size_t length;
    size_t at;
};

void token_init(struct token *token);
void token_free(struct token *token);

/* False and a fault for something that is no token. A "#" outside quotes ends the line. */
bool token_next(struct tokenizer *tokenizer, struct token *token, struct fault *fault);

enum expr_kind {
    EXPR_CONSTANT,
    EXPR_NAME,
    EXPR_LIST,
    EXPR_UNARY,
    EXPR_BINARY,
    EXPR_CHOICE,
    EXPR_CALL,
    EXPR_INDEX,
    EXPR_FIELD,
    EXPR_ASSIGN, /* only at the top of a line */
    EXPR_DEFINE  /* only at the top of a line; `names` are the parameters */
};

struct expr {
    enum expr_kind kind;
    enum token_kind operation; /* of EXPR_UNARY and EXPR_BINARY */
    size_t at;
    char *name;
    struct value *constant;
    struct expr **parts;
    size_t part_count;
    char **names;
    size_t name_count;
};

/* NULL for a fault, and for a line with nothing on it (then no fault is set). */
struct expr *expr_parse(const char *source, size_t length, struct fault *fault);
void expr_free(struct expr *expr);

#endif
