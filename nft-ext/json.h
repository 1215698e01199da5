/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same for JSON: {"tquic": {"key": KEY}} is an expression, and
 * {"tquic": {"action": "tunnel", "to": NAME, "class": CLASS}} a statement.
 */
#ifndef NT_JSON_H
#define NT_JSON_H

#include <stdbool.h>

#include "scope.h"

/* For free(); NULL if it is no JSON, or has an error, which is shown. */
char *nt_json_in(const char *text, struct nt_scope *scope);
bool nt_json_failed(void);
/* What libnftables prints, to standard output. */
void nt_json_show(const char *text, struct nt_scope *scope);

#endif /* NT_JSON_H */
