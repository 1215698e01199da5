// SPDX-License-Identifier: GPL-2.0
/*
 * flow NAME KIND KEY=VALUE...
 */
#include "message.h"
#include "parse.h"

#define FIELD(key, unit, field)	\
	{ key, unit, offsetof(struct flow_conf, field),	\
	  sizeof(((struct flow_conf *)0)->field) == 4 }

static const struct key flow_keys[] = {
	FIELD("start", UNIT_TIME, start),
	FIELD("stop", UNIT_TIME, stop),
	FIELD("count", UNIT_COUNT, count),
	FIELD("size", UNIT_SIZE, size),
	FIELD("every", UNIT_TIME, every),
	FIELD("gap", UNIT_TIME, gap),
	FIELD("segment", UNIT_TIME, segment),
	FIELD("buffer", UNIT_TIME, buffer),
	FIELD("min", UNIT_RATE, min),
	FIELD("max", UNIT_RATE, max),
};

static const char *const kinds[] = {
	[FLOW_BULK] = "bulk", [FLOW_CBR] = "cbr", [FLOW_BURST] = "burst",
	[FLOW_RPC] = "rpc", [FLOW_WEB] = "web", [FLOW_VIDEO] = "video",
	[FLOW_RTP] = "rtp", [FLOW_INNER] = "inner", NULL
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

static const char *const carriers[] = { "stream", "datagram", NULL };

static const char *const inners[] = { "cubic", "bbr", NULL };

static void take_sizes(const struct words *w, struct flow_conf *flow,
		       const char *text)
{
	char part[64];

	for (flow->nsizes = 0; text; flow->nsizes++) {
		if (flow->nsizes == SIZES_MAX)
			complain(w, "more than %d sizes", SIZES_MAX);
		text = cut(text, ',', part, sizeof(part));
		flow->sizes[flow->nsizes] = number(w, part, UNIT_SIZE);
		if (!flow->sizes[flow->nsizes])
			complain(w, "a size of nothing");
	}
}

/* What a kind has unless it is told otherwise. */
static void defaults(struct flow_conf *flow)
{
	switch (flow->kind) {
	case FLOW_CBR:
		flow->datagram = true;
		flow->rate = 50;
		flow->size = 200;
		break;
	case FLOW_BURST:
		flow->size = 3000000;
		flow->every = 10 * SEC;
		break;
	case FLOW_RPC:
		flow->size = 750;
		flow->every = 400 * MS;
		break;
	case FLOW_WEB:
		flow->sizes[0] = 10000;
		flow->sizes[1] = 50000;
		flow->sizes[2] = 200000;
		flow->sizes[3] = 1000000;
		flow->sizes[4] = 4000000;
		flow->nsizes = 5;
		flow->gap = 500 * MS;
		break;
	case FLOW_VIDEO:
		flow->segment = 4 * SEC;
		flow->rate = 28000000;
		flow->buffer = 12 * SEC;
		break;
	case FLOW_INNER:
		flow->datagram = true;
		break;
	case FLOW_RTP:
		flow->datagram = true;
		flow->min = 300000;
		flow->max = 3000000;
		break;
	default:
		break;
	}
}

static void check_flow(const struct words *w, const struct flow_conf *flow)
{
	if (!flow->datagram &&
	    (flow->kind == FLOW_RTP || flow->kind == FLOW_INNER))
		complain(w, "a flow of this kind needs on=datagram");
	if (flow->datagram && flow->kind != FLOW_CBR &&
	    flow->kind != FLOW_RPC && flow->kind != FLOW_RTP &&
	    flow->kind != FLOW_INNER)
		complain(w, "a flow of this kind needs on=stream");
	if (flow->datagram && flow->kind != FLOW_RTP &&
	    flow->kind != FLOW_INNER &&
	    (flow->size < MESSAGE_MIN || flow->size > 65000))
		complain(w, "size= of a datagram is %u to 65000 bytes",
			 MESSAGE_MIN);
	if ((flow->kind == FLOW_CBR && (!flow->rate || !flow->size)) ||
	    ((flow->kind == FLOW_BURST || flow->kind == FLOW_RPC) &&
	     (!flow->every || !flow->size)) ||
	    (flow->kind == FLOW_WEB && !flow->nsizes) ||
	    (flow->kind == FLOW_VIDEO &&
	     (!flow->rate || !flow->segment ||
	      flow->buffer < flow->segment)) ||
	    (flow->kind == FLOW_RTP &&
	     (!flow->min || flow->max < flow->min)) || !flow->count)
		complain(w, "a flow of nothing");
}

static bool parse_flow_word(const struct words *w, struct flow_conf *flow,
			    const char *word)
{
	const char *text;

	if (take_key(w, word, flow_keys, ARRAY_SIZE(flow_keys), flow))
		return true;
	if (!strcmp(word, "duplicate")) {
		flow->duplicate = true;
		return true;
	}
	if (!strcmp(word, "reader=0")) {
		flow->unread = true;
		return true;
	}
	text = value_of(word, "rate");
	if (text) {
		flow->rate = number(w, text, flow->kind == FLOW_CBR ?
				    UNIT_COUNT : UNIT_RATE);
		return true;
	}
	text = value_of(word, "sizes");
	if (text) {
		take_sizes(w, flow, text);
		return true;
	}
	text = value_of(word, "cc");
	if (text) {
		flow->bbr = pick(w, text, inners, "TCP model");
		return true;
	}
	text = value_of(word, "on");
	if (text) {
		flow->datagram = pick(w, text, carriers, "way");
		return true;
	}
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
	defaults(flow);
	for (i = 3; i < w->count; i++)
		if (!parse_flow_word(w, flow, w->word[i]))
			complain(w, "unknown word '%s'", w->word[i]);
	/* requests go up, whatever else they say */
	if (flow->kind == FLOW_RPC || flow->kind == FLOW_VIDEO)
		flow->dirs = BIT(DOWN);
	check_flow(w, flow);
}
