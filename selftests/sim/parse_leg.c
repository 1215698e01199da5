// SPDX-License-Identifier: GPL-2.0
/*
 * leg NAME KEY=VALUE..., shared NAME KEY=VALUE...
 */
#include "parse.h"

#define FIELD(key, unit, field)	\
	{ key, unit, offsetof(struct link_conf, field),	\
	  sizeof(((struct link_conf *)0)->field) == 4 }

static const struct key link_keys[] = {
	FIELD("rate", UNIT_RATE, rate),
	FIELD("delay", UNIT_TIME, delay),
	FIELD("loss", UNIT_SHARE, loss),
	FIELD("common", UNIT_SHARE, common),
	FIELD("jitter", UNIT_TIME, jitter),
	FIELD("slot", UNIT_TIME, slot),
	FIELD("mtu", UNIT_COUNT, mtu),
	FIELD("nat", UNIT_TIME, nat),
};

static const char *const qdiscs[] = {
	[QDISC_FIFO] = "fifo", [QDISC_FQ_CODEL] = "fq_codel",
	[QDISC_CODEL] = "codel", NULL
};

static const char *const ecns[] = {
	[ECN_OFF] = "off", [ECN_MARK] = "mark", [ECN_BLEACH] = "bleach",
	[ECN_BLACKHOLE] = "blackhole", NULL
};

static void take_queue(const struct words *w, struct link_conf *link,
		       const char *text)
{
	size_t len = strspn(text, "0123456789.");
	struct limit *limit = &link->queue;
	char digits[32];

	if (!len || len + 3 > sizeof(digits))
		complain(w, "'%s' is no queue", text);
	memcpy(digits, text, len);
	digits[len] = 0;
	if (!strcmp(text + len, "p")) {
		limit->unit = LIMIT_PACKETS;
		limit->value = number(w, digits, UNIT_COUNT);
	} else if (!strcmp(text + len, "bdp")) {
		limit->unit = LIMIT_BDP;
		strcat(digits, "us");
		limit->value = number(w, digits, UNIT_TIME);
	} else if (text[strlen(text) - 1] == 's') {
		limit->unit = LIMIT_TIME;
		limit->value = number(w, text, UNIT_TIME);
	} else {
		limit->unit = LIMIT_BYTES;
		limit->value = number(w, text, UNIT_SIZE);
	}
}

static void take_qdisc(const struct words *w, struct link_conf *link,
		       const char *text)
{
	link->qdisc = pick(w, text, qdiscs, "queueing discipline");
}

static void take_ecn(const struct words *w, struct link_conf *link,
		     const char *text)
{
	link->ecn = pick(w, text, ecns, "treatment of marks");
}

/* The parts between colons, exactly @count of them. */
static void parts_of(const struct words *w, const char *text, int count,
		     char parts[][64])
{
	const char *rest = text;
	int i;

	for (i = 0; i < count; i++) {
		if (!rest)
			complain(w, "'%s' has not %d parts", text, count);
		rest = cut(rest, ':', parts[i], 64);
	}
	if (rest)
		complain(w, "'%s' has more than %d parts", text, count);
}

static void take_burst(const struct words *w, struct link_conf *link,
		       const char *text)
{
	char part[2][64];

	parts_of(w, text, 2, part);
	link->burst = number(w, part[0], UNIT_SHARE);
	link->burst_len = number(w, part[1], UNIT_COUNT);
	if (!link->burst_len || link->burst >= SURE / 2)
		complain(w, "burst=%s makes no sense", text);
}

static void take_reorder(const struct words *w, struct link_conf *link,
			 const char *text)
{
	char part[2][64];

	parts_of(w, text, 2, part);
	link->reorder = number(w, part[0], UNIT_SHARE);
	link->reorder_by = number(w, part[1], UNIT_TIME);
}

static void take_police(const struct words *w, struct link_conf *link,
			const char *text)
{
	char part[2][64];

	parts_of(w, text, 2, part);
	link->police = number(w, part[0], UNIT_RATE);
	link->police_burst = number(w, part[1], UNIT_SIZE);
}

static void take_steps(const struct words *w, struct link_conf *link,
		       const char *text)
{
	char part[2][64], rate[64];
	const char *rest;

	parts_of(w, text, 2, part);
	link->nsteps = 0;
	for (rest = part[0]; rest;) {
		if (link->nsteps == STEPS_MAX)
			complain(w, "more than %d steps", STEPS_MAX);
		rest = cut(rest, ',', rate, sizeof(rate));
		link->steps[link->nsteps] = number(w, rate, UNIT_RATE);
		if (!link->steps[link->nsteps++])
			complain(w, "a step of no rate");
	}
	link->step = number(w, part[1], UNIT_TIME);
	if (link->step < MS)
		complain(w, "steps are too short");
	link->rate = link->steps[0];
}

static void take_span(const struct words *w, const char *text, u64 *from,
		      u64 *to)
{
	char part[64];
	const char *rest = cut(text, '-', part, sizeof(part));

	*from = number(w, part, UNIT_TIME);
	*to = rest ? number(w, rest, UNIT_TIME) : *from;
	if (*to < *from)
		complain(w, "'%s' ends before it begins", text);
}

static void take_freeze(const struct words *w, struct link_conf *link,
			const char *text)
{
	char part[2][64];

	parts_of(w, text, 2, part);
	link->freeze = number(w, part[0], UNIT_TIME);
	take_span(w, part[1], &link->freeze_min, &link->freeze_max);
	if (link->freeze < 2 * link->freeze_max || !link->freeze)
		complain(w, "freezes of '%s' run into each other", text);
}

static void take_orbit(const struct words *w, struct link_conf *link,
		       const char *text)
{
	char part[3][64];

	parts_of(w, text, 3, part);
	link->orbit = number(w, part[0], UNIT_TIME);
	link->orbit_step = number(w, part[1], UNIT_TIME);
	take_span(w, part[2], &link->orbit_min, &link->orbit_max);
	if (link->orbit <= link->orbit_max)
		complain(w, "orbit=%s never passes anything", text);
}

static void take_air(const struct words *w, struct link_conf *link,
		     const char *text)
{
	copy_name(w, link->air, sizeof(link->air), text);
}

static void take_via(const struct words *w, struct link_conf *link,
		     const char *text)
{
	copy_name(w, link->via, sizeof(link->via), text);
}

static void take_trace(const struct words *w, struct link_conf *link,
		       const char *text)
{
	link->trace = read_trace(w, text);
	link->rate = div64_u64(1514 * 8 * SEC * link->trace->count,
			       link->trace->period);
}

static const struct {
	const char *key;
	void (*take)(const struct words *w, struct link_conf *link,
		     const char *text);
} special[] = {
	{ "queue", take_queue }, { "qdisc", take_qdisc }, { "ecn", take_ecn },
	{ "burst", take_burst }, { "reorder", take_reorder },
	{ "police", take_police }, { "steps", take_steps },
	{ "freeze", take_freeze }, { "orbit", take_orbit },
	{ "air", take_air }, { "via", take_via }, { "trace", take_trace },
};

static bool parse_link_word(const struct words *w, struct link_conf *link,
			    const char *word)
{
	const char *text;
	unsigned int i;

	if (take_key(w, word, link_keys, ARRAY_SIZE(link_keys), link)) {
		if (value_of(word, "rate")) {
			link->nsteps = 0;
			link->trace = NULL;
		}
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(special); i++) {
		text = value_of(word, special[i].key);
		if (!text)
			continue;
		special[i].take(w, link, text);
		return true;
	}
	return false;
}

static bool parse_links_word(const struct scene *sc, const struct words *w,
			     struct link_conf *links, const char *word)
{
	if (!strncmp(word, "up.", 3))
		return parse_link_word(w, &links[UP ^ sc->flip], word + 3);
	if (!strncmp(word, "down.", 5))
		return parse_link_word(w, &links[DOWN ^ sc->flip], word + 5);
	return parse_link_word(w, &links[UP], word) &&
	       parse_link_word(w, &links[DOWN], word);
}

/* A word of a leg, on its own or after "up." or "down.". */
bool parse_leg_word(const struct scene *sc, const struct words *w,
		    struct leg_conf *leg, const char *word)
{
	if (!strcmp(word, "absent"))
		leg->absent = true;
	else if (!strcmp(word, "backup"))
		leg->backup = true;
	else if (!strcmp(word, "metered"))
		leg->metered = true;
	else
		return parse_links_word(sc, w, leg->link, word);
	return true;
}

static void init_links(const struct scene *sc, struct link_conf *links)
{
	int i;

	for (i = 0; i < 2; i++)
		links[i] = (struct link_conf){
			.queue = { LIMIT_BDP, 1000 },
			.mtu = sc->mtu,
		};
}

void parse_leg(struct scene *sc, const struct words *w)
{
	struct leg_conf *leg;
	int i;

	if (w->count < 2)
		complain(w, "a leg needs a name");
	if (sc->nlegs == LEGS_MAX)
		complain(w, "more than %d legs", LEGS_MAX);
	if (find_leg(sc, w->word[1]) >= 0)
		complain(w, "there is a leg '%s' already", w->word[1]);
	leg = &sc->legs[sc->nlegs++];
	*leg = (struct leg_conf){};
	copy_name(w, leg->name, sizeof(leg->name), w->word[1]);
	init_links(sc, leg->link);
	for (i = 2; i < w->count; i++)
		if (!parse_leg_word(sc, w, leg, w->word[i]))
			complain(w, "unknown word '%s'", w->word[i]);
}

void parse_shared(struct scene *sc, const struct words *w)
{
	struct shared_conf *shared;
	int i;

	if (w->count < 2)
		complain(w, "a bottleneck needs a name");
	if (sc->nshared == SHARED_MAX)
		complain(w, "more than %d bottlenecks", SHARED_MAX);
	if (find_shared(sc, w->word[1]) >= 0 || find_leg(sc, w->word[1]) >= 0)
		complain(w, "there is a '%s' already", w->word[1]);
	shared = &sc->shared[sc->nshared++];
	*shared = (struct shared_conf){};
	copy_name(w, shared->name, sizeof(shared->name), w->word[1]);
	init_links(sc, shared->link);
	for (i = 2; i < w->count; i++)
		if (!parse_links_word(sc, w, shared->link, w->word[i]))
			complain(w, "unknown word '%s'", w->word[i]);
	for (i = 0; i < 2; i++)
		if (!shared->link[i].rate)
			complain(w, "a bottleneck needs a rate");
}

/* What "at TIME leg NAME KEY=VALUE..." says, which was checked before. */
void scene_change_leg(const struct scene *sc, struct leg_conf *leg,
		      const struct event_conf *e)
{
	struct words w = { .file = e->file, .line = e->line };
	int i;

	for (i = 0; i < e->count; i++)
		CHECK(parse_leg_word(sc, &w, leg, e->words[i]));
}

int find_leg(const struct scene *sc, const char *name)
{
	int i;

	for (i = 0; i < sc->nlegs; i++)
		if (!strcmp(sc->legs[i].name, name))
			return i;
	return -1;
}

int find_shared(const struct scene *sc, const char *name)
{
	int i;

	for (i = 0; i < sc->nshared; i++)
		if (!strcmp(sc->shared[i].name, name))
			return i;
	return -1;
}
