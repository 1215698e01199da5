/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of libnftables, with places as they are in the user's text. */
#ifndef NT_EREC_H
#define NT_EREC_H

#include "text.h"

/* Texts by which places are led back; they have been run. */
void nt_erec_source(const struct nt_text *text);
/* libnftables' messages to standard error. */
void nt_erec_print(const char *messages);
/* A message of our own, in the same form. */
void nt_erec_fail(const struct nt_text *text);

#endif /* NT_EREC_H */
