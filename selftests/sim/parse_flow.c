// SPDX-License-Identifier: GPL-2.0
/*
 * flow NAME KIND KEY=VALUE...
 */
#include "parse.h"

#define FIELD(key, unit, field)	\
	{ key, unit, offsetof(struct flow_conf, field),	\
	  sizeof(((struct flow_conf *)0)->field) == 4 }

static const struct key flow_keys[] = {
	FIELD("start", UNIT_TIME, start),
	FIELD("stop", UNIT_TIME, stop),
	FIELD("count", UNIT_COUNT, count),
	FIELD("size", UNIT_SIZE, size),
};

static const char *const kinds[] = {
	[FLOW_BULK] = "bulk", NULL
};

/* in the order of enum tquic_stream_class */
static const char *const classes[] = {
	"realtime", "interactive", "bulk", "background", "auto", NULL
};

int parse_class(const struct words *w, const char *text)
{
	int class = pick(w, text, classes, "class");

	return class == TQUIC_STREAM_CLASSES ? -1 : class;
}

u8 parse_dirs(const struct words *w, const char *text, bool both)
{
	if (!strcmp(text, "up"))
		return BIT(UP);
	if (!strcmp(text, "down"))
		return BIT(DOWN);
	if (both && !strcmp(text, "both"))
		return BIT(UP) | BIT(DOWN);
	complain(w, "'%s' is no direction", text);
}

int find_flow(const struct scene *sc, const char *name)
{
	int i;

	for (i = 0; i < sc->nflows; i++)
		if (!strcmp(sc->flows[i].name, name))
			return i;
	return -1;
}

static bool parse_flow_word(const struct words *w, struct flow_conf *flow,
			    const char *word)
{
	const char *text;

	if (take_key(w, word, flow_keys, ARRAY_SIZE(flow_keys), flow))
		return true;
	text = value_of(word, "dir");
	if (text) {
		flow->dirs = parse_dirs(w, text, true);
		return true;
	}
	text = value_of(word, "class");
	if (text) {
		flow->class = parse_class(w, text);
		return true;
	}
	return false;
}

void parse_flow(struct scene *sc, const struct words *w)
{
	struct flow_conf *flow;
	int i;

	if (w->count < 3)
		complain(w, "a flow needs a name and a kind");
	if (sc->nflows == FLOWS_MAX)
		complain(w, "more than %d flows", FLOWS_MAX);
	if (find_flow(sc, w->word[1]) >= 0)
		complain(w, "there is a flow '%s' already", w->word[1]);
	flow = &sc->flows[sc->nflows++];
	*flow = (struct flow_conf){
		.kind = pick(w, w->word[2], kinds, "kind of flow"),
		.dirs = BIT(sc->dir),
		.class = sc->class,
		.stop = NEVER,
		.count = 1,
	};
	copy_name(w, flow->name, sizeof(flow->name), w->word[1]);
	for (i = 3; i < w->count; i++)
		if (!parse_flow_word(w, flow, w->word[i]))
			complain(w, "unknown word '%s'", w->word[i]);
}
