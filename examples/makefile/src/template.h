/* Text with expressions in it.
 *
 *   {{ expression }}                                   its value
 *   {% set name = expression %}                        nothing
 *   {% for name in expression %} … {% else %} … {% end %}   `else` when there is nothing to go through; inside,
 *                                                      `index` counts from 1 and `last` is true at the end
 *   {% if expression %} … {% elif expression %} … {% else %} … {% end %}
 *   {# nothing #}
 *
 * A line that holds one {% %} or {# #} and blanks only leaves no line behind.
 */
#ifndef LOGBOOK_TEMPLATE_H
#define LOGBOOK_TEMPLATE_H

#include "eval.h"

/* False and a fault (at: line number). */
bool template_render(struct text *out, const char *source, size_t length, struct scope *scope, struct fault *fault);

#endif
