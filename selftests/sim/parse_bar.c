// SPDX-License-Identifier: GPL-2.0
/*
 * expect METRIC OP VALUE [of WHICH], report METRIC...
 */
#include "parse.h"

static const char *const whiches[] = {
	[WHICH_WORST] = "worst", [WHICH_MEDIAN] = "median",
	[WHICH_P95] = "p95", [WHICH_P90] = "p90", [WHICH_MEAN] = "mean", NULL
};

static struct bar *add_bar(struct scene *sc, const struct words *w,
			   const char *metric)
{
	struct bar *bar = keep(sizeof(*bar));

	*bar = (struct bar){ .metric = keep_text(metric), .file = w->file,
			     .line = w->line };
	*sc->last_bar = bar;
	sc->last_bar = &bar->next;
	return bar;
}

/* [NUMBER*]X, X a number with unit, METRIC or METRIC:SCENARIO */
static struct term *parse_term(const struct words *w, const char *text)
{
	struct term *t = keep(sizeof(*t));
	char number[32], *colon;
	const char *rest;
	double value;

	t->factor = 1;
	rest = cut(text, '*', number, sizeof(number));
	if (rest && !is_quantity(number, &t->factor))
		complain(w, "'%s' is no number", number);
	text = rest ?: text;
	if (is_quantity(text, &value)) {
		t->factor *= value;
		return t;
	}
	t->metric = keep_text(text);
	colon = strchr(t->metric, ':');
	t->elsewhere = colon;
	if (colon)
		*colon = 0;
	return t;
}

/* TERM{+TERM} */
static struct term *parse_value(const struct words *w, const char *text)
{
	struct term *first = NULL, **end = &first;
	char part[120];

	for (; text; end = &(*end)->next) {
		text = cut(text, '+', part, sizeof(part));
		*end = parse_term(w, part);
	}
	return first;
}

static void parse_expect(struct scene *sc, const struct words *w)
{
	struct bar *bar;

	if (w->count != 4 && (w->count != 6 || strcmp(w->word[4], "of")))
		complain(w, "expect METRIC >=|<= VALUE [of WHICH]");
	bar = add_bar(sc, w, w->word[1]);
	bar->at_least = !strcmp(w->word[2], ">=");
	if (!bar->at_least && strcmp(w->word[2], "<="))
		complain(w, "'%s' is neither >= nor <=", w->word[2]);
	bar->terms = parse_value(w, w->word[3]);
	if (w->count == 6)
		bar->which = pick(w, w->word[5], whiches, "choice of runs");
	bar->text = keep(strlen(w->word[1]) + strlen(w->word[3]) + 40);
	sprintf(bar->text, "%s %s %s of %s", w->word[1], w->word[2],
		w->word[3], whiches[bar->which]);
}

void parse_bar(struct scene *sc, const struct words *w, bool judged)
{
	int i;

	if (judged) {
		parse_expect(sc, w);
		return;
	}
	if (w->count < 2)
		complain(w, "report METRIC...");
	for (i = 1; i < w->count; i++)
		add_bar(sc, w, w->word[i])->text = keep_text(w->word[i]);
}
