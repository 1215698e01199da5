// SPDX-License-Identifier: GPL-2.0
#include "metric.h"
#include "words.h"

struct meaning {
	const char *name;
	enum base base;
	enum ratio ratio;
};

static const struct meaning meanings[] = {
	{ "goodput", BASE_GOODPUT, RATIO_NONE },
	{ "steady", BASE_STEADY, RATIO_NONE },
	{ "best", BASE_GOODPUT, RATIO_BEST },
	{ "sum", BASE_GOODPUT, RATIO_SUM },
	{ "eben", BASE_GOODPUT, RATIO_EBEN },
	{ "ceiling", BASE_GOODPUT, RATIO_CEILING },
	{ "bound", BASE_BOUND, RATIO_NONE },
	{ "alone", BASE_ALONE, RATIO_NONE },
	{ "floor", BASE_FLOOR, RATIO_NONE },
	{ "window5", BASE_WINDOW5, RATIO_NONE },
	{ "gap", BASE_GAP, RATIO_NONE },
	{ "rise", BASE_RISE, RATIO_NONE },
	{ "resent", BASE_RESENT, RATIO_NONE },
	{ "done", BASE_DONE, RATIO_NONE },
	{ "share", BASE_SHARE, RATIO_NONE },
	{ "memory", BASE_MEMORY, RATIO_NONE },
	{ "events", BASE_EVENTS, RATIO_NONE },
};

static const char *const usual[] = {
	"goodput", "steady", "ceiling", "gap", "rise", "resent", "memory",
};

static const char *const usual_alone[] = { "best", "sum", "eben" };

bool metric_more_is_better(const struct metric *m)
{
	return m->base <= BASE_WINDOW5 || m->base == BASE_SHARE ||
	       m->base == BASE_BOUND;
}

static bool needs_alone(const struct metric *m)
{
	return m->ratio == RATIO_BEST || m->ratio == RATIO_SUM ||
	       m->ratio == RATIO_EBEN || m->base == BASE_ALONE ||
	       m->base == BASE_FLOOR || m->base == BASE_WINDOW5;
}

static const struct meaning *meaning_of(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(meanings); i++)
		if (!strcmp(meanings[i].name, word))
			return &meanings[i];
	return NULL;
}

static int flow_named(const struct scene *sc, const char *name)
{
	int i;

	for (i = 0; i < sc->nflows; i++)
		if (!strcmp(sc->flows[i].name, name))
			return i;
	return -1;
}

/* The flow that is meant when none is named. */
static int first_bulk(const struct scene *sc)
{
	int i;

	for (i = 0; i < sc->nflows; i++)
		if (sc->flows[i].kind == FLOW_BULK)
			return i;
	return 0;
}

static int leg_named(const struct scene *sc, const char *name)
{
	int i;

	for (i = 0; i < sc->nlegs; i++)
		if (!strcmp(sc->legs[i].name, name))
			return i;
	return -1;
}

/* What stands behind the name: a leg, or what a rate is divided by. */
static bool parse_rest(const struct scene *sc, struct metric *m,
		       const char *rest)
{
	const struct meaning *over;
	char part[NAME_MAX_LEN];

	switch (m->base) {
	case BASE_ALONE:
	case BASE_FLOOR:
	case BASE_SHARE:
		if (!rest)
			return false;
		rest = cut(rest, '.', part, sizeof(part));
		m->leg = leg_named(sc, part);
		return m->leg >= 0 && !rest;
	case BASE_STEADY:
		if (!rest)
			return true;
		over = meaning_of(rest);
		if (!over)
			return false;
		if (over->base == BASE_BOUND) {
			m->base = BASE_BOUND;
			return true;
		}
		m->ratio = over->ratio;
		return over->ratio != RATIO_NONE;
	default:
		return !rest;
	}
}

static bool parse_name(const struct scene *sc, struct metric *m,
		       const struct words *w, const char *text)
{
	char name[sizeof(m->name)], part[NAME_MAX_LEN];
	const struct meaning *meaning;
	const char *rest, *at;
	int flow;

	at = cut(text, '@', name, sizeof(name));
	m->at = at ? number(w, at, UNIT_TIME) : NEVER;
	rest = cut(name, '.', part, sizeof(part));
	m->flow = first_bulk(sc);
	flow = flow_named(sc, part);
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
	meaning = meaning_of(part);
	if (!meaning || !m->dirs)
		return false;
	m->base = meaning->base;
	m->ratio = meaning->ratio;
	if (at && m->base != BASE_GAP && m->base != BASE_RISE)
		return false;
	return parse_rest(sc, m, rest);
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
	*m = (struct metric){ .leg = -1 };
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
	unsigned int i;

	*ms = (struct metrics){ .sc = sc, .alone = alone };
	for (bar = sc->bars; bar; bar = bar->next) {
		w.file = bar->file;
		w.line = bar->line;
		add(ms, &w, bar->metric);
	}
	for (i = 0; i < ARRAY_SIZE(usual); i++)
		add(ms, &w, usual[i]);
	for (i = 0; alone && i < ARRAY_SIZE(usual_alone); i++)
		add(ms, &w, usual_alone[i]);
}
