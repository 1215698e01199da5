// SPDX-License-Identifier: GPL-2.0
/*
 * at TIME leg NAME WHAT, at TIME flow NAME start|stop
 * every TIME from TIME ...
 */
#include "parse.h"

static const char *const acts[] = {
	[ACT_DOWN] = "down", [ACT_UP] = "up", [ACT_SILENT] = "silent",
	[ACT_HEAL] = "heal", [ACT_ADD] = "add", [ACT_REMOVE] = "remove",
	[ACT_REBIND] = "rebind", NULL
};

static const char *const flow_acts[] = { "start", "stop", NULL };

/* "silent", "silent=data", "silent.up" and the like: the directions meant. */
static bool parse_silent(const struct scene *sc, const char *word, u8 *dirs)
{
	if (strncmp(word, "silent", 6))
		return false;
	word += 6;
	if (!*word)
		*dirs = BIT(UP) | BIT(DOWN);
	else if (!strcmp(word, "=data"))
		*dirs = BIT(sc->dir);
	else if (!strcmp(word, "=acks"))
		*dirs = BIT(!sc->dir);
	else if (!strcmp(word, ".up"))
		*dirs = BIT(UP ^ sc->flip);
	else if (!strcmp(word, ".down"))
		*dirs = BIT(DOWN ^ sc->flip);
	else
		return false;
	return true;
}

static void parse_leg_act(const struct scene *sc, const struct words *w,
			  int first, struct event_conf *e)
{
	struct leg_conf scratch = {};
	int i;

	e->dirs = BIT(UP) | BIT(DOWN);
	if (parse_silent(sc, w->word[first], &e->dirs)) {
		e->act = ACT_SILENT;
	} else if (!strchr(w->word[first], '=')) {
		e->act = pick(w, w->word[first], acts, "event");
	} else {
		e->act = ACT_SET;
		e->count = w->count - first;
		e->words = keep(e->count * sizeof(*e->words));
		for (i = 0; i < e->count; i++) {
			e->words[i] = keep_text(w->word[first + i]);
			if (!parse_leg_word(sc, w, &scratch, e->words[i]))
				complain(w, "unknown word '%s'", e->words[i]);
		}
		return;
	}
	if (w->count > first + 1)
		complain(w, "unknown word '%s'", w->word[first + 1]);
}

static int parse_when(const struct words *w, struct event_conf *e)
{
	if (!strcmp(w->word[0], "at")) {
		if (w->count < 5)
			complain(w, "at TIME leg|flow NAME WHAT");
		e->at = number(w, w->word[1], UNIT_TIME);
		return 2;
	}
	if (w->count < 7 || strcmp(w->word[2], "from"))
		complain(w, "every TIME from TIME leg|flow NAME WHAT");
	e->every = number(w, w->word[1], UNIT_TIME);
	e->at = number(w, w->word[3], UNIT_TIME);
	if (e->every < MS)
		complain(w, "every %s is too often", w->word[1]);
	return 4;
}

void parse_event(struct scene *sc, const struct words *w)
{
	struct event_conf *e = keep(sizeof(*e));
	int i;

	*e = (struct event_conf){ .leg = -1, .flow = -1, .file = w->file,
				  .line = w->line };
	i = parse_when(w, e);
	if (!strcmp(w->word[i], "leg")) {
		e->leg = find_leg(sc, w->word[i + 1]);
		if (e->leg < 0)
			complain(w, "there is no leg '%s'", w->word[i + 1]);
		parse_leg_act(sc, w, i + 2, e);
	} else if (!strcmp(w->word[i], "flow")) {
		e->flow = find_flow(sc, w->word[i + 1]);
		if (e->flow < 0)
			complain(w, "there is no flow '%s'", w->word[i + 1]);
		e->act = ACT_START + pick(w, w->word[i + 2], flow_acts,
					  "event");
		if (w->count > i + 3)
			complain(w, "unknown word '%s'", w->word[i + 3]);
	} else {
		complain(w, "unknown word '%s'", w->word[i]);
	}
	*sc->last_event = e;
	sc->last_event = &e->next;
}
