// SPDX-License-Identifier: GPL-2.0
/*
 * cross NAME on=LEG|SHARED dir=.. KIND KEY=VALUE...
 */
#include "parse.h"

#define FIELD(key, unit, field)	\
	{ key, unit, offsetof(struct cross_conf, field), false }

static const struct key cross_keys[] = {
	FIELD("rtt", UNIT_TIME, rtt),
	FIELD("rate", UNIT_RATE, rate),
	FIELD("on", UNIT_TIME, on),
	FIELD("off", UNIT_TIME, off),
	FIELD("count", UNIT_COUNT, count),
	FIELD("start", UNIT_TIME, start),
	FIELD("stop", UNIT_TIME, stop),
};

static const char *const kinds[] = {
	[CROSS_RENO] = "reno", [CROSS_CUBIC] = "cubic", [CROSS_BBR] = "bbr",
	[CROSS_CBR] = "cbr", [CROSS_ONOFF] = "onoff", NULL
};

static bool on_place(const struct scene *sc, struct cross_conf *c,
		     const char *word)
{
	const char *text = value_of(word, "on");

	if (!text || c->leg >= 0 || c->shared >= 0)
		return false;
	c->leg = find_leg(sc, text);
	c->shared = find_shared(sc, text);
	return c->leg >= 0 || c->shared >= 0;
}

static void check_cross(const struct words *w, const struct scene *sc,
			const struct cross_conf *c, int kind)
{
	if (kind < 0)
		complain(w, "other people's traffic needs a kind");
	if (c->leg < 0 && c->shared < 0)
		complain(w, "on= names no leg and no bottleneck");
	if (c->leg >= 0 && !sc->legs[c->leg].link[c->dir].rate)
		complain(w, "a leg without a rate has no queue to share");
	if (c->kind >= CROSS_CBR && !c->rate)
		complain(w, "rate= is missing");
	if (c->kind == CROSS_ONOFF && (!c->on || !c->off))
		complain(w, "on= and off= are missing");
	if (!c->count || c->count > 40)
		complain(w, "count= is 1 to 40");
}

void parse_cross(struct scene *sc, const struct words *w)
{
	struct cross_conf *c;
	int i, kind = -1;
	const char *text;

	if (w->count < 4)
		complain(w, "cross NAME on=LEG|BOTTLENECK dir=.. KIND");
	if (sc->ncross == CROSS_MAX)
		complain(w, "more than %d of other people", CROSS_MAX);
	c = &sc->cross[sc->ncross++];
	*c = (struct cross_conf){ .leg = -1, .shared = -1, .dir = sc->dir,
				  .count = 1, .stop = NEVER };
	copy_name(w, c->name, sizeof(c->name), w->word[1]);
	for (i = 2; i < w->count; i++) {
		text = value_of(w->word[i], "dir");
		if (text) {
			c->dir = parse_dirs(w, text, false) == BIT(DOWN);
		} else if (!strchr(w->word[i], '=')) {
			kind = pick(w, w->word[i], kinds, "kind of traffic");
			c->kind = kind;
		} else if (!on_place(sc, c, w->word[i]) &&
			   !take_key(w, w->word[i], cross_keys,
				     ARRAY_SIZE(cross_keys), c)) {
			complain(w, "unknown word '%s'", w->word[i]);
		}
	}
	check_cross(w, sc, c, kind);
}
