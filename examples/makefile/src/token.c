#include "expr.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Longer spellings first, so that "<=" is not taken for "<". */
static const struct {
    const char *spelling;
    enum token_kind kind;
} symbols[] = {
    {"||", TOKEN_OR},        {"&&", TOKEN_AND},         {"==", TOKEN_EQUAL},     {"!=", TOKEN_UNEQUAL},
    {"<=", TOKEN_AT_MOST},   {">=", TOKEN_AT_LEAST},    {"<", TOKEN_LESS},       {">", TOKEN_GREATER},
    {"!", TOKEN_NOT},        {"+", TOKEN_PLUS},         {"-", TOKEN_MINUS},      {"*", TOKEN_TIMES},
    {"/", TOKEN_DIVIDE},     {"%", TOKEN_REMAINDER},    {"^", TOKEN_POWER},      {"&", TOKEN_JOIN},
    {"=", TOKEN_ASSIGN},     {"?", TOKEN_QUESTION},     {":", TOKEN_COLON},      {",", TOKEN_COMMA},
    {".", TOKEN_DOT},        {"(", TOKEN_OPEN},         {")", TOKEN_CLOSE},      {"[", TOKEN_OPEN_LIST},
    {"]", TOKEN_CLOSE_LIST},
};

static const struct {
    const char *word;
    enum token_kind kind;
} words[] = {{"or", TOKEN_OR}, {"and", TOKEN_AND}, {"not", TOKEN_NOT}};

void token_init(struct token *token)
{
    memset(token, 0, sizeof *token);
    text_init(&token->text);
}

void token_free(struct token *token)
{
    text_free(&token->text);
}

static int look(const struct tokenizer *tokenizer, size_t ahead)
{
    size_t at = tokenizer->at + ahead;
    return at < tokenizer->length ? (unsigned char)tokenizer->source[at] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool starts_name(int c)
{
    return c == '_' || (c >= 0 && isalpha(c)) || c >= 0x80;
}

static void skip_digits(struct tokenizer *tokenizer)
{
    while (is_digit(look(tokenizer, 0)))
        tokenizer->at++;
}

static void read_number(struct tokenizer *tokenizer, struct token *token)
{
    skip_digits(tokenizer);
    if (look(tokenizer, 0) == '.' && is_digit(look(tokenizer, 1))) {
        tokenizer->at++;
        skip_digits(tokenizer);
    }
    int c = look(tokenizer, 0);
    if (c == 'e' || c == 'E') {
        int sign = look(tokenizer, 1);
        size_t first_digit = sign == '+' || sign == '-' ? 2 : 1;
        if (is_digit(look(tokenizer, first_digit))) {
            tokenizer->at += first_digit;
            skip_digits(tokenizer);
        }
    }
    token->kind = TOKEN_NUMBER;
    char *digits = copy_string(tokenizer->source + token->at, tokenizer->at - token->at);
    token->number = strtod(digits, NULL);
    free(digits);
}

static bool read_text(struct tokenizer *tokenizer, struct token *token, struct fault *fault)
{
    int quote = look(tokenizer, 0);
    tokenizer->at++;
    token->kind = TOKEN_TEXT;
    for (;;) {
        int c = look(tokenizer, 0);
        if (c < 0) {
            fault_set(fault, token->at, "text has no closing quote");
            return false;
        }
        tokenizer->at++;
        if (c == quote)
            return true;
        if (c == '\\') {
            c = look(tokenizer, 0);
            if (c < 0)
                continue;
            tokenizer->at++;
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        text_add_char(&token->text, (char)c);
    }
}

static void read_name(struct tokenizer *tokenizer, struct token *token)
{
    while (starts_name(look(tokenizer, 0)) || is_digit(look(tokenizer, 0)))
        tokenizer->at++;
    text_add(&token->text, tokenizer->source + token->at, tokenizer->at - token->at);
    token->kind = TOKEN_NAME;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(token->text.bytes, words[i].word) == 0)
            token->kind = words[i].kind;
}

static bool read_symbol(struct tokenizer *tokenizer, struct token *token)
{
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        size_t length = strlen(symbols[i].spelling);
        if (tokenizer->length - tokenizer->at < length)
            continue;
        if (memcmp(tokenizer->source + tokenizer->at, symbols[i].spelling, length) != 0)
            continue;
        token->kind = symbols[i].kind;
        tokenizer->at += length;
        return true;
    }
    return false;
}

bool token_next(struct tokenizer *tokenizer, struct token *token, struct fault *fault)
{
    while (look(tokenizer, 0) >= 0 && isspace(look(tokenizer, 0)))
        tokenizer->at++;
    text_clear(&token->text);
    token->at = tokenizer->at;
    int c = look(tokenizer, 0);
    bool ok = true;
    if (c < 0 || c == '#')
        token->kind = TOKEN_END;
    else if (is_digit(c))
        read_number(tokenizer, token);
    else if (c == '"' || c == '\'')
        ok = read_text(tokenizer, token, fault);
    else if (starts_name(c))
        read_name(tokenizer, token);
    else
        ok = read_symbol(tokenizer, token);
    if (!ok)
        fault_set(fault, token->at, "unexpected character");
    token->length = tokenizer->at - token->at;
    return ok;
}
