// SPDX-License-Identifier: GPL-2.0
/*
 * What the names of metrics mean.
 */
#include "metric.h"
#include "words.h"

/* what may stand behind a name */
#define TAKES_LEG	BIT(0)	/* and has to */
#define TAKES_SHARE	BIT(1)
#define TAKES_SIZE	BIT(2)
#define TAKES_TIME	BIT(3)
#define TAKES_BEST	BIT(4)
#define TAKES_RATIO	BIT(5)
#define MAY_LEG		BIT(6)

struct meaning {
	const char *name;
	enum base base;
	unsigned int takes;
};

static const struct meaning meanings[] = {
	{ "goodput", BASE_GOODPUT, TAKES_RATIO | TAKES_BEST },
	{ "steady", BASE_STEADY, TAKES_RATIO | TAKES_BEST },
	{ "rate", BASE_RATE, TAKES_BEST },
	{ "window5", BASE_WINDOW5, 0 },
	{ "dip", BASE_DIP, TAKES_TIME },
	{ "share", BASE_SHARE, TAKES_LEG },
	{ "jain", BASE_JAIN, 0 },
	{ "bound", BASE_OUTSIDE, 0 },
	{ "credit", BASE_OUTSIDE, 0 },
	{ "fair", BASE_OUTSIDE, 0 },
	{ "gap", BASE_GAP, TAKES_TIME },
	{ "rise", BASE_RISE, TAKES_TIME },
	{ "resent", BASE_RESENT, 0 },
	{ "copies", BASE_COPIES, MAY_LEG },
	{ "extra", BASE_EXTRA, 0 },
	{ "done", BASE_DONE, TAKES_SHARE | TAKES_SIZE | TAKES_BEST },
	{ "first", BASE_FIRST, TAKES_SHARE | TAKES_SIZE | TAKES_BEST },
	{ "added", BASE_ADDED, TAKES_SHARE },
	{ "delay", BASE_DELAY, TAKES_SHARE | TAKES_BEST },
	{ "frame", BASE_FRAME, TAKES_SHARE | TAKES_BEST },
	{ "ipdv", BASE_IPDV, TAKES_SHARE },
	{ "lost", BASE_LOST, 0 },
	{ "lostn", BASE_LOSTN, TAKES_TIME },
	{ "run", BASE_RUN, 0 },
	{ "moves", BASE_MOVES, 0 },
	{ "disorder", BASE_DISORDER, 0 },
	{ "duplicates", BASE_DUPLICATES, 0 },
	{ "freezes", BASE_FREEZES, 0 },
	{ "rebuffers", BASE_REBUFFERS, 0 },
	{ "mismatch", BASE_MISMATCH, 0 },
	{ "queue", BASE_QUEUE, TAKES_LEG | TAKES_SHARE },
	{ "acks", BASE_ACKS, TAKES_LEG },
	{ "bytes", BASE_BYTES, TAKES_LEG },
	{ "settle", BASE_SETTLE, TAKES_LEG },
	{ "thaw", BASE_THAW, TAKES_LEG },
	{ "srtt", BASE_SRTT, TAKES_LEG | TAKES_TIME },
	{ "memory", BASE_MEMORY, 0 },
	{ "state", BASE_STATE, 0 },
	{ "cost", BASE_COST, 0 },
	{ "collapses", BASE_COLLAPSES, 0 },
	{ "events", BASE_EVENTS, 0 },
};

/* alone they mean the goodput's */
static const struct {
	const char *name;
	enum ratio ratio;
	unsigned int takes;
} ratios[] = {
	{ "best", RATIO_BEST, TAKES_BEST },
	{ "sum", RATIO_SUM, TAKES_RATIO },
	{ "eben", RATIO_EBEN, TAKES_RATIO },
	{ "ceiling", RATIO_CEILING, TAKES_RATIO },
	{ "alone", RATIO_ALONE, TAKES_RATIO },
	{ "floor", RATIO_FLOOR, TAKES_RATIO },
	{ "bound", RATIO_OUTSIDE, TAKES_RATIO },
	{ "credit", RATIO_OUTSIDE, TAKES_RATIO },
	{ "fair", RATIO_OUTSIDE, TAKES_RATIO },
};

static const char *const usual[] = {
	"goodput", "steady", "ceiling", "gap", "rise", "resent", "memory",
};

static const char *const usual_alone[] = { "best", "sum", "eben" };

static bool needs_alone(const struct metric *m)
{
	return m->ratio == RATIO_BEST || m->ratio == RATIO_SUM ||
	       m->ratio == RATIO_EBEN || m->ratio == RATIO_ALONE ||
	       m->ratio == RATIO_FLOOR || m->base == BASE_WINDOW5;
}

static int flow_named(const struct scene *sc, const char *name)
{
	int i;

	for (i = 0; i < sc->nflows; i++)
		if (!strcmp(sc->flows[i].name, name))
			return i;
	return -1;
}

static int cross_named(const struct scene *sc, const char *name)
{
	int i;

	for (i = 0; i < sc->ncross; i++)
		if (!strcmp(sc->cross[i].name, name))
			return i;
	return -1;
}

static int leg_named(const struct scene *sc, const char *name)
{
	int i;

	for (i = 0; i < sc->nlegs; i++)
		if (!strcmp(sc->legs[i].name, name))
			return i;
	return -1;
}

/* The flow that is meant when none is named. */
static int first_bulk(const struct scene *sc)
{
	int i;

	for (i = 0; i < sc->nflows; i++)
		if (sc->flows[i].kind == FLOW_BULK ||
		    sc->flows[i].kind == FLOW_INNER)
			return i;
	return 0;
}

static bool take_ratio(struct metric *m, const char *part, unsigned int takes)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ratios); i++) {
		if (strcmp(ratios[i].name, part) || m->ratio != RATIO_NONE ||
		    !(takes & ratios[i].takes))
			continue;
		m->ratio = ratios[i].ratio;
		return true;
	}
	return false;
}

static bool take_share(struct metric *m, const char *part)
{
	unsigned int value;
	char rest;

	if (!strcmp(part, "max"))
		m->share = 1000;
	else if (!strcmp(part, "mean"))
		m->share = SHARE_MEAN;
	else if (sscanf(part, "p%u%c", &value, &rest) == 1 && value <= 100)
		m->share = 10 * value;
	else
		return false;
	return true;
}

/* One word behind the metric's name. */
static bool take_part(const struct scene *sc, struct metric *m,
		      const char *part, unsigned int takes)
{
	bool wants_leg = takes & (TAKES_LEG | MAY_LEG) ||
			 m->ratio == RATIO_ALONE || m->ratio == RATIO_FLOOR;
	int i;

	if (wants_leg && m->leg < 0) {
		m->leg = leg_named(sc, part);
		return m->leg >= 0;
	}
	if (take_ratio(m, part, takes))
		return true;
	if (takes & TAKES_SHARE && take_share(m, part))
		return true;
	if (!(takes & TAKES_SIZE))
		return false;
	for (i = 0; i < sc->flows[m->flow].nsizes; i++)
		if (size_is(part, sc->flows[m->flow].sizes[i])) {
			m->size = sc->flows[m->flow].sizes[i];
			return true;
		}
	return false;
}

/* The name itself, and what stands behind it. */
static bool parse_rest(const struct scene *sc, struct metric *m,
		       const char *part, const char *rest)
{
	char word[NAME_MAX_LEN];
	unsigned int i, takes;

	for (i = 0; i < ARRAY_SIZE(meanings); i++)
		if (!strcmp(meanings[i].name, part))
			break;
	if (i < ARRAY_SIZE(meanings)) {
		m->base = meanings[i].base;
		takes = meanings[i].takes;
	} else {
		m->base = BASE_GOODPUT;
		takes = TAKES_RATIO | TAKES_BEST;
		if (!take_ratio(m, part, takes))
			return false;
	}
	while (rest) {
		rest = cut(rest, '.', word, sizeof(word));
		if (!take_part(sc, m, word, takes))
			return false;
	}
	if (m->at != NEVER && !(takes & TAKES_TIME))
		return false;
	return m->leg >= 0 || (!(takes & TAKES_LEG) &&
			       m->ratio != RATIO_ALONE &&
			       m->ratio != RATIO_FLOOR);
}

static bool parse_name(const struct scene *sc, struct metric *m,
		       const struct words *w, const char *text)
{
	char name[sizeof(m->name)], part[NAME_MAX_LEN];
	const char *rest, *at;
	int flow;

	at = cut(text, '@', name, sizeof(name));
	m->at = at ? number(w, at, UNIT_TIME) : NEVER;
	rest = cut(name, '.', part, sizeof(part));
	m->flow = first_bulk(sc);
	flow = flow_named(sc, part);
	if (rest && !strcmp(part, "cross")) {
		rest = cut(rest, '.', part, sizeof(part));
		m->cross = cross_named(sc, part);
		if (m->cross < 0 || !rest)
			return false;
		cut(rest, '.', part, sizeof(part));
		m->dirs = BIT(UP) | BIT(DOWN);
		return parse_rest(sc, m, part, NULL) &&
		       m->base <= BASE_STEADY && m->ratio == RATIO_NONE;
	}
	if (flow >= 0 && rest) {
		m->flow = flow;
		rest = cut(rest, '.', part, sizeof(part));
	}
	m->dirs = sc->flows[m->flow].dirs;
	if (flow >= 0 && rest &&
	    (!strcmp(part, "up") || !strcmp(part, "down"))) {
		m->dirs &= BIT(*part == 'u' ? UP : DOWN);
		rest = cut(rest, '.', part, sizeof(part));
	}
	return m->dirs && parse_rest(sc, m, part, rest);
}

static void add(struct metrics *ms, const struct words *w, const char *name)
{
	struct metric *m = &ms->metric[ms->count];
	int i;

	for (i = 0; i < ms->count; i++)
		if (!strcmp(ms->metric[i].name, name))
			return;
	if (ms->count == METRICS_MAX)
		complain(w, "more than %d metrics", METRICS_MAX);
	*m = (struct metric){ .leg = -1, .cross = -1, .share = 500 };
	copy_name(w, m->name, sizeof(m->name), name);
	if (!parse_name(ms->sc, m, w, name))
		complain(w, "unknown metric '%s'", name);
	ms->alone |= needs_alone(m);
	ms->count++;
}

/* The metrics that a scenario asks for. */
void metrics_of(const struct scene *sc, bool alone, struct metrics *ms)
{
	struct words w = { .file = sc->file, .line = sc->line };
	const struct bar *bar;
	const struct term *term;
	unsigned int i;

	*ms = (struct metrics){ .sc = sc, .alone = alone };
	for (bar = sc->bars; bar; bar = bar->next) {
		w.file = bar->file;
		w.line = bar->line;
		add(ms, &w, bar->metric);
		for (term = bar->terms; term; term = term->next)
			if (term->metric && !term->elsewhere)
				add(ms, &w, term->metric);
	}
	for (i = 0; i < ARRAY_SIZE(usual); i++)
		add(ms, &w, usual[i]);
	for (i = 0; alone && i < ARRAY_SIZE(usual_alone); i++)
		add(ms, &w, usual_alone[i]);
}
