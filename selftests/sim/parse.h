/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The statements of a scenario file, one function each.
 */
#ifndef _SIM_PARSE_H
#define _SIM_PARSE_H

#include "scene.h"
#include "words.h"

void parse_leg(struct scene *sc, const struct words *w);
bool parse_leg_word(const struct scene *sc, const struct words *w,
		    struct leg_conf *leg, const char *word);
void parse_host(struct scene *sc, const struct words *w);
void parse_shared(struct scene *sc, const struct words *w);
const struct trace *read_trace(const struct words *w, const char *name);
void parse_flow(struct scene *sc, const struct words *w);
void parse_cross(struct scene *sc, const struct words *w);
void parse_event(struct scene *sc, const struct words *w);
void parse_bar(struct scene *sc, const struct words *w, bool judged);

int find_leg(const struct scene *sc, const char *name);
int find_shared(const struct scene *sc, const char *name);
int find_flow(const struct scene *sc, const char *name);
int parse_class(const struct words *w, const char *text);
/* "up", "down", and where @both "both", as bits */
u8 parse_dirs(const struct words *w, const char *text, bool both);

#endif /* _SIM_PARSE_H */
