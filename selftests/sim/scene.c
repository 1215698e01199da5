// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a scenario file: statements, variables, the command line's changes.
 */
#include "parse.h"

#define FIELD(key, unit, field)	\
	{ key, unit, offsetof(struct scene, field), false }

static const struct key set_keys[] = {
	FIELD("duration", UNIT_TIME, duration),
	FIELD("steady", UNIT_TIME, steady),
	FIELD("runs", UNIT_COUNT, runs),
	FIELD("window", UNIT_SIZE, window),
	FIELD("mtu", UNIT_COUNT, mtu),
	FIELD("header", UNIT_COUNT, header),
	FIELD("ip", UNIT_COUNT, ip),
	FIELD("inner-mtu", UNIT_COUNT, inner_mtu),
};

static bool set_word(struct scene *sc, const struct words *w,
		     const char *word)
{
	const char *text;

	if (take_key(w, word, set_keys, ARRAY_SIZE(set_keys), sc))
		return true;
	text = value_of(word, "cc");
	if (text) {
		copy_name(w, sc->cc, sizeof(sc->cc), text);
		return true;
	}
	text = value_of(word, "sched");
	if (text) {
		copy_name(w, sc->sched, sizeof(sc->sched), text);
		return true;
	}
	text = value_of(word, "class");
	if (text) {
		sc->class = parse_class(w, text);
		return true;
	}
	return false;
}

static void parse_set(struct scene *sc, const struct words *w)
{
	const char *text;
	int i;

	for (i = 1; i < w->count; i++) {
		text = value_of(w->word[i], "dir");
		if (text) {
			if (sc->nlegs || sc->nflows)
				complain(w, "dir= comes before legs and flows");
			sc->dir = (parse_dirs(w, text, false) == BIT(DOWN)) ^
				  sc->flip;
		} else if (!set_word(sc, w, w->word[i])) {
			complain(w, "unknown word '%s'", w->word[i]);
		}
	}
	if (sc->ip != 4 && sc->ip != 6)
		complain(w, "ip= is 4 or 6");
	if (sc->mtu < 1280 || sc->mtu > 9000 || sc->header > 256)
		complain(w, "mtu= is 1280 to 9000, header= at most 256");
}

static void parse_gate(struct scene *sc, const struct words *w)
{
	if (w->count != 2 || (strcmp(w->word[1], "no") &&
			      strcmp(w->word[1], "yes")))
		complain(w, "gate no, or yes");
	sc->gate = !strcmp(w->word[1], "yes");
}

static struct scene *new_scene(const struct words *w, const char *name,
			       const struct overrides *o)
{
	struct scene *sc = keep(sizeof(*sc));
	int i;

	*sc = (struct scene){
		.file = w->file, .line = w->line,
		.duration = 60 * SEC, .steady = 10 * SEC, .runs = 20,
		.window = 16 << 20, .cc = "default", .sched = "default",
		.mtu = 1500, .header = 14, .ip = 4, .inner_mtu = 1400,
		.class = TQUIC_STREAM_BULK, .dir = DOWN ^ o->flip,
		.flip = o->flip, .gate = true,
	};
	copy_name(w, sc->name, sizeof(sc->name), name);
	for (i = 0; i < 2; i++)
		sc->host[i] = (struct host_conf){
			.gso = 64, .gro = 1, .gro_wait = 50 * US,
			.nic_queue = 1000,
		};
	sc->last_event = &sc->events;
	sc->last_bar = &sc->bars;
	return sc;
}

/* KEY=VALUE as in "set", or LEG.KEY=VALUE as in "leg LEG". */
static void override_word(struct scene *sc, const char *word)
{
	struct words w = { .file = "--set", .line = 1 };
	char name[NAME_MAX_LEN];
	const char *rest;
	int leg;

	if (set_word(sc, &w, word))
		return;
	rest = cut(word, '.', name, sizeof(name));
	leg = rest ? find_leg(sc, name) : -1;
	if (leg < 0 || !parse_leg_word(sc, &w, &sc->legs[leg], rest))
		complain(&w, "unknown word '%s' in scenario %s", word,
			 sc->name);
}

static void check_link(const struct scene *sc, const struct words *w,
		       const struct link_conf *link)
{
	if (*link->via && find_shared(sc, link->via) < 0)
		complain(w, "scenario %s: there is no bottleneck '%s'",
			 sc->name, link->via);
	if ((*link->air || link->qdisc != QDISC_FIFO) && !link->rate)
		complain(w, "scenario %s: a leg without a rate has no queue",
			 sc->name);
}

static void finish_scene(struct scene *sc, const struct overrides *o)
{
	struct words w = {
		.file = sc->file, .line = sc->line,
		.word = { "flow", "bulk", "bulk" }, .count = 3,
	};
	int i;

	if (!sc->nlegs)
		complain(&w, "scenario %s has no leg", sc->name);
	if (!sc->nflows)
		parse_flow(sc, &w);
	for (i = 0; i < o->nset; i++)
		override_word(sc, o->set[i]);
	if (o->cc)
		copy_name(&w, sc->cc, sizeof(sc->cc), o->cc);
	if (o->sched)
		copy_name(&w, sc->sched, sizeof(sc->sched), o->sched);
	if (o->runs)
		sc->runs = o->runs;
	if (sc->steady >= sc->duration)
		sc->steady = sc->duration / 2;
	if (!sc->runs || sc->duration < 10 * MS || sc->duration > 200000 * SEC)
		complain(&w, "scenario %s: runs, steady, duration?",
			 sc->name);
	for (i = 0; i < 2 * sc->nlegs; i++)
		check_link(sc, &w, &sc->legs[i / 2].link[i % 2]);
	for (i = 0; i < sc->nlegs; i++)
		if (!sc->legs[i].absent)
			return;
	complain(&w, "scenario %s has no leg in the beginning", sc->name);
}

/* What a direction of a leg carries on average, bits per second. */
u64 scene_mean_rate(const struct scene *sc, const struct link_conf *c)
{
	u64 sum = 0, t, rate = c->rate, i;

	if (c->nsteps) {
		for (t = 0, i = 0; t < sc->duration; t += c->step, i++)
			sum += mul_u64_u64_div_u64(c->steps[i % c->nsteps],
						   min(c->step,
						       sc->duration - t),
						   sc->duration);
		rate = sum;
	} else if (c->trace) {
		t = 0;
		for (i = 0; t + c->trace->at[i % c->trace->count] <
			    sc->duration; i++) {
			sum++;
			if (i % c->trace->count == c->trace->count - 1)
				t += c->trace->period;
		}
		rate = mul_u64_u64_div_u64(sum * 8 * (1500 + sc->header), SEC,
					   sc->duration);
	}
	return c->police ? min(rate ?: U64_MAX, c->police) : rate;
}

/* {dir}: for legs as the file means it, for the rest as it turns out. */
static void substitute(const struct scene *sc, struct words *w)
{
	bool leg = !strcmp(w->word[0], "leg") || !strcmp(w->word[0], "at") ||
		   !strcmp(w->word[0], "every") ||
		   !strcmp(w->word[0], "shared");
	int dir = leg ? sc->dir ^ sc->flip : sc->dir, i;
	char *mark, *fresh;

	for (i = 0; i < w->count; i++) {
		while ((mark = strstr(w->word[i], "{dir}"))) {
			*mark = 0;
			fresh = keep(strlen(w->word[i]) +
				       strlen(mark + 5) + 5);
			sprintf(fresh, "%s%s%s", w->word[i],
				dir == DOWN ? "down" : "up", mark + 5);
			w->word[i] = fresh;
		}
	}
}

static void statement(struct scene *sc, struct words *w)
{
	const char *what = w->word[0];

	substitute(sc, w);
	if (!strcmp(what, "set"))
		parse_set(sc, w);
	else if (!strcmp(what, "leg"))
		parse_leg(sc, w);
	else if (!strcmp(what, "host"))
		parse_host(sc, w);
	else if (!strcmp(what, "shared"))
		parse_shared(sc, w);
	else if (!strcmp(what, "flow"))
		parse_flow(sc, w);
	else if (!strcmp(what, "cross"))
		parse_cross(sc, w);
	else if (!strcmp(what, "at") || !strcmp(what, "every"))
		parse_event(sc, w);
	else if (!strcmp(what, "expect") || !strcmp(what, "report"))
		parse_bar(sc, w, *what == 'e');
	else if (!strcmp(what, "gate"))
		parse_gate(sc, w);
	else
		complain(w, "unknown word '%s'", what);
}

/* The words of a statement, which may go over several lines. */
static bool read_words(FILE *f, struct words *w, int *line, char **text)
{
	static char buf[8192];
	size_t len = 0;
	char *p;

	w->count = 0;
	do {
		if (!fgets(buf + len, sizeof(buf) - len, f))
			break;
		if (!len)
			w->line = *line + 1;
		++*line;
		p = strchr(buf + len, '#');
		if (p)
			*p = 0;
		len += strcspn(buf + len, "\n");
		buf[len] = 0;
	} while (len && buf[len - 1] == '\\' && (buf[len - 1] = ' '));
	if (!len && feof(f))
		return false;
	*text = keep_text(buf);
	for (p = strtok(buf, " \t"); p; p = strtok(NULL, " \t")) {
		if (w->count == WORDS_MAX)
			complain(w, "too many words");
		w->word[w->count++] = keep_text(p);
	}
	return true;
}

static void head_line(struct scene *sc, const struct words *w,
		      const char *text)
{
	const char *rest = strstr(text, w->word[1]) + strlen(w->word[1]);

	rest += strspn(rest, " \t");
	snprintf(sc->text, sizeof(sc->text), "%s", rest);
}

static const char *base_name(const char *file, char *name, size_t room)
{
	const char *slash = strrchr(file, '/');

	cut(slash ? slash + 1 : file, '.', name, room);
	return name;
}

/* All scenarios of a file. */
struct scene *scene_read(const char *file, const struct overrides *o)
{
	struct scene *first = NULL, **end = &first, *sc = NULL;
	struct words w = { .file = file };
	char name[NAME_MAX_LEN * 2], *text;
	FILE *f = fopen(file, "r");
	int line = 0;

	if (!f)
		die("%s: %m", file);
	while (read_words(f, &w, &line, &text)) {
		bool head = w.count && !strcmp(w.word[0], "scenario");

		if (head && w.count < 2)
			complain(&w, "a scenario needs a name");
		if (w.count && (head || !sc)) {
			if (sc)
				finish_scene(sc, o);
			sc = new_scene(&w, head ? w.word[1] :
				       base_name(file, name, sizeof(name)), o);
			*end = sc;
			end = &sc->next;
		}
		if (head)
			head_line(sc, &w, text);
		else if (w.count)
			statement(sc, &w);
	}
	fclose(f);
	if (!sc)
		complain(&w, "nothing in it");
	finish_scene(sc, o);
	return first;
}
