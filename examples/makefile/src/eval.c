#include "eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Levels of evaluation, calls and operators together: far below what any stack holds, far above what a line needs. */
enum { DEPTH_MAX = 5000 };

struct function {
    char **names;
    size_t name_count;
    struct expr *body;
};

static struct value *eval(const struct expr *expr, struct scope *scope, struct fault *fault);

static void release_variable(void *value)
{
    value_release(value);
}

static void release_function(void *item)
{
    struct function *function = item;
    for (size_t i = 0; i < function->name_count; i++)
        free(function->names[i]);
    free(function->names);
    expr_free(function->body);
    free(function);
}

void scope_init(struct scope *scope, struct scope *parent)
{
    scope->variables = map_new(release_variable);
    scope->functions = parent ? NULL : map_new(release_function);
    scope->parent = parent;
    scope->depth = parent ? parent->depth : 0;
}

void scope_free(struct scope *scope)
{
    map_free(scope->variables);
    map_free(scope->functions);
}

void scope_set(struct scope *scope, const char *name, struct value *value)
{
    map_set(scope->variables, name, value);
}

struct value *scope_get(const struct scope *scope, const char *name)
{
    for (; scope; scope = scope->parent) {
        struct value *value = map_get(scope->variables, name);
        if (value)
            return value;
    }
    return NULL;
}

static struct scope *outermost(struct scope *scope)
{
    while (scope->parent)
        scope = scope->parent;
    return scope;
}

static struct value *eval_name(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    struct value *value = scope_get(scope, expr->name);
    if (value)
        return value_share(value);
    if (strcmp(expr->name, "true") == 0 || strcmp(expr->name, "false") == 0)
        return value_bool(*expr->name == 't');
    if (strcmp(expr->name, "nil") == 0)
        return value_nil();
    if (strcmp(expr->name, "pi") == 0)
        return value_number(3.14159265358979323846);
    fault_set(fault, expr->at, "no variable '%s'", expr->name);
    return NULL;
}

static struct value *finite_number(double number, size_t at, struct fault *fault)
{
    if (isfinite(number))
        return value_number(number);
    fault_set(fault, at, "the result is not a number that can be written");
    return NULL;
}

static struct value *arithmetic(const struct expr *expr, double a, double b, struct fault *fault)
{
    switch (expr->operation) {
    case TOKEN_PLUS:
        return finite_number(a + b, expr->at, fault);
    case TOKEN_MINUS:
        return finite_number(a - b, expr->at, fault);
    case TOKEN_TIMES:
        return finite_number(a * b, expr->at, fault);
    case TOKEN_POWER:
        return finite_number(pow(a, b), expr->at, fault);
    default:
        break;
    }
    if (b == 0) {
        fault_set(fault, expr->at, "division by zero");
        return NULL;
    }
    if (expr->operation == TOKEN_DIVIDE)
        return finite_number(a / b, expr->at, fault);
    double rest = fmod(a, b); /* the sign of the divisor, as in a clock's arithmetic */
    return finite_number(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest, expr->at, fault);
}

static struct value *join(const struct value *a, const struct value *b)
{
    struct text text;
    text_init(&text);
    value_print(&text, a);
    value_print(&text, b);
    struct value *value = value_string(text.bytes, text.length);
    text_free(&text);
    return value;
}

static struct value *compare(const struct expr *expr, const struct value *a, const struct value *b, struct fault *fault)
{
    if (expr->operation == TOKEN_EQUAL)
        return value_bool(value_compare(a, b) == 0);
    if (expr->operation == TOKEN_UNEQUAL)
        return value_bool(value_compare(a, b) != 0);
    if (a->kind != b->kind) {
        fault_set(fault, expr->at, "cannot order a %s and a %s", value_kind_name(a), value_kind_name(b));
        return NULL;
    }
    int order = value_compare(a, b);
    switch (expr->operation) {
    case TOKEN_LESS:
        return value_bool(order < 0);
    case TOKEN_AT_MOST:
        return value_bool(order <= 0);
    case TOKEN_GREATER:
        return value_bool(order > 0);
    default:
        return value_bool(order >= 0);
    }
}

static struct value *concatenate(const struct value *a, const struct value *b)
{
    struct value *list = value_list();
    for (size_t i = 0; i < a->as.list.count; i++)
        value_list_add(list, value_share(a->as.list.items[i]));
    for (size_t i = 0; i < b->as.list.count; i++)
        value_list_add(list, value_share(b->as.list.items[i]));
    return list;
}

static struct value *apply_binary(const struct expr *expr, struct value *a, struct value *b, struct fault *fault)
{
    switch (expr->operation) {
    case TOKEN_JOIN:
        return join(a, b);
    case TOKEN_EQUAL:
    case TOKEN_UNEQUAL:
    case TOKEN_LESS:
    case TOKEN_AT_MOST:
    case TOKEN_GREATER:
    case TOKEN_AT_LEAST:
        return compare(expr, a, b, fault);
    default:
        break;
    }
    if (a->kind == VALUE_NUMBER && b->kind == VALUE_NUMBER)
        return arithmetic(expr, a->as.number, b->as.number, fault);
    if (expr->operation == TOKEN_PLUS && a->kind == VALUE_LIST && b->kind == VALUE_LIST)
        return concatenate(a, b);
    fault_set(fault, expr->at, "cannot calculate with a %s and a %s", value_kind_name(a), value_kind_name(b));
    return NULL;
}

static struct value *eval_binary(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    struct value *a = eval(expr->parts[0], scope, fault);
    if (!a)
        return NULL;
    if (expr->operation == TOKEN_AND || expr->operation == TOKEN_OR) {
        /* the value that decides, so that "name or 'unknown'" works */
        if (value_truth(a) == (expr->operation == TOKEN_OR))
            return a;
        value_release(a);
        return eval(expr->parts[1], scope, fault);
    }
    struct value *b = eval(expr->parts[1], scope, fault);
    struct value *result = b ? apply_binary(expr, a, b, fault) : NULL;
    value_release(a);
    value_release(b);
    return result;
}

static struct value *eval_unary(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    struct value *operand = eval(expr->parts[0], scope, fault);
    struct value *result = NULL;
    if (!operand)
        return NULL;
    if (expr->operation == TOKEN_NOT)
        result = value_bool(!value_truth(operand));
    else if (operand->kind == VALUE_NUMBER)
        result = value_number(-operand->as.number);
    else
        fault_set(fault, expr->at, "cannot negate a %s", value_kind_name(operand));
    value_release(operand);
    return result;
}

static struct value *eval_list(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    struct value *list = value_list();
    for (size_t i = 0; i < expr->part_count; i++) {
        struct value *item = eval(expr->parts[i], scope, fault);
        if (!item) {
            value_release(list);
            return NULL;
        }
        value_list_add(list, item);
    }
    return list;
}

static struct value *element(const struct expr *expr, const struct value *list, const struct value *index,
                             struct fault *fault)
{
    if (list->kind == VALUE_RECORD && index->kind == VALUE_STRING) {
        struct value *field = value_field(list, index->as.string.bytes);
        return field ? value_share(field) : value_nil();
    }
    if (list->kind != VALUE_LIST || index->kind != VALUE_NUMBER) {
        fault_set(fault, expr->at, "cannot index a %s with a %s", value_kind_name(list), value_kind_name(index));
        return NULL;
    }
    double count = (double)list->as.list.count;
    double at = index->as.number < 0 ? index->as.number + count : index->as.number; /* -1 is the last */
    if (!(at >= 0 && at < count)) {
        fault_set(fault, expr->at, "no such element in a list of %zu", list->as.list.count);
        return NULL;
    }
    return value_share(list->as.list.items[(size_t)at]);
}

static struct value *eval_index(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    struct value *list = eval(expr->parts[0], scope, fault);
    struct value *index = list ? eval(expr->parts[1], scope, fault) : NULL;
    struct value *result = index ? element(expr, list, index, fault) : NULL;
    value_release(list);
    value_release(index);
    return result;
}

static struct value *eval_field(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    struct value *record = eval(expr->parts[0], scope, fault);
    if (!record)
        return NULL;
    struct value *result = NULL;
    if (record->kind == VALUE_RECORD) {
        struct value *field = value_field(record, expr->name);
        result = field ? value_share(field) : value_nil();
    } else {
        fault_set(fault, expr->at, "a %s has no fields", value_kind_name(record));
    }
    value_release(record);
    return result;
}

static bool check_count(const struct expr *expr, size_t least, size_t most, struct fault *fault)
{
    if (expr->part_count >= least && expr->part_count <= most)
        return true;
    if (least == most)
        fault_set(fault, expr->at, "%s takes %zu arguments, not %zu", expr->name, least, expr->part_count);
    else
        fault_set(fault, expr->at, "%s takes %zu to %zu arguments, not %zu", expr->name, least, most, expr->part_count);
    return false;
}

static bool check_kinds(const struct expr *expr, const char *kinds, const struct value *arguments, struct fault *fault)
{
    for (size_t i = 0; i < arguments->as.list.count; i++) {
        char kind = *kinds;
        if (kinds[0] && kinds[1])
            kinds++;
        enum value_kind wanted = kind == 'n' ? VALUE_NUMBER : kind == 's' ? VALUE_STRING : VALUE_LIST;
        const struct value *argument = arguments->as.list.items[i];
        if (kind == '.' || argument->kind == wanted)
            continue;
        fault_set(fault, expr->parts[i]->at, "%s cannot take a %s here", expr->name, value_kind_name(argument));
        return false;
    }
    return true;
}

static struct value *call_function(const struct function *function, const struct value *arguments, struct scope *scope,
                                   struct fault *fault)
{
    /* A function sees its parameters and the outermost names, not those of its caller. */
    struct scope inner;
    scope_init(&inner, outermost(scope));
    inner.depth = scope->depth;
    for (size_t i = 0; i < function->name_count; i++)
        scope_set(&inner, function->names[i], value_share(arguments->as.list.items[i]));
    struct value *result = eval(function->body, &inner, fault);
    scope_free(&inner);
    return result;
}

static struct value *eval_call(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    const struct function *function = map_get(outermost(scope)->functions, expr->name);
    const struct builtin *builtin = function ? NULL : builtin_find(expr->name);
    if (!function && !builtin) {
        fault_set(fault, expr->at, "no function '%s'", expr->name);
        return NULL;
    }
    if (function ? !check_count(expr, function->name_count, function->name_count, fault)
                 : !check_count(expr, builtin->least, builtin->most, fault))
        return NULL;
    struct value *arguments = eval_list(expr, scope, fault);
    if (!arguments)
        return NULL;
    struct value *result = NULL;
    if (function)
        result = call_function(function, arguments, scope, fault);
    else if (check_kinds(expr, builtin->kinds, arguments, fault))
        result = builtin->body(arguments->as.list.items, arguments->as.list.count, fault);
    if (!result)
        fault_set(fault, expr->at, "%s has no result for this", expr->name);
    else if (result->kind == VALUE_NUMBER && !isfinite(result->as.number)) {
        fault_set(fault, expr->at, "the result is not a number that can be written");
        value_release(result);
        result = NULL;
    }
    value_release(arguments);
    return result;
}

static struct value *eval_choice(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    struct value *condition = eval(expr->parts[0], scope, fault);
    if (!condition)
        return NULL;
    bool truth = value_truth(condition);
    value_release(condition);
    return eval(expr->parts[truth ? 1 : 2], scope, fault);
}

static struct value *eval_any(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    switch (expr->kind) {
    case EXPR_CONSTANT:
        return value_share(expr->constant);
    case EXPR_NAME:
        return eval_name(expr, scope, fault);
    case EXPR_LIST:
        return eval_list(expr, scope, fault);
    case EXPR_UNARY:
        return eval_unary(expr, scope, fault);
    case EXPR_BINARY:
        return eval_binary(expr, scope, fault);
    case EXPR_CHOICE:
        return eval_choice(expr, scope, fault);
    case EXPR_CALL:
        return eval_call(expr, scope, fault);
    case EXPR_INDEX:
        return eval_index(expr, scope, fault);
    case EXPR_FIELD:
        return eval_field(expr, scope, fault);
    case EXPR_ASSIGN:
    case EXPR_DEFINE:
        break;
    }
    fault_set(fault, expr->at, "'=' is possible only at the start of a line");
    return NULL;
}

static struct value *eval(const struct expr *expr, struct scope *scope, struct fault *fault)
{
    if (scope->depth == DEPTH_MAX) {
        fault_set(fault, expr->at, "the calculation goes too deep");
        return NULL;
    }
    scope->depth++;
    struct value *value = eval_any(expr, scope, fault);
    scope->depth--;
    return value;
}

static struct value *define(struct expr *expr, struct scope *scope)
{
    struct function *function = allocate(sizeof *function);
    function->names = expr->names;
    function->name_count = expr->name_count;
    function->body = expr->parts[0];
    expr->names = NULL;
    expr->name_count = 0;
    expr->part_count = 0;
    map_set(outermost(scope)->functions, expr->name, function);
    return value_nil();
}

struct value *evaluate(struct expr *expr, struct scope *scope, struct fault *fault)
{
    if (expr->kind == EXPR_DEFINE)
        return define(expr, scope);
    if (expr->kind != EXPR_ASSIGN)
        return eval(expr, scope, fault);
    struct value *value = eval(expr->parts[0], scope, fault);
    if (value)
        scope_set(scope, expr->name, value_share(value));
    return value;
}

struct value *evaluate_source(const char *source, size_t length, struct scope *scope, struct fault *fault)
{
    struct expr *expr = expr_parse(source, length, fault);
    if (!expr)
        return NULL;
    struct value *value = evaluate(expr, scope, fault);
    expr_free(expr);
    return value;
}
