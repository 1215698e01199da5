// SPDX-License-Identifier: GPL-2.0
/*
 * leg NAME KEY=VALUE...
 */
#include "parse.h"

#define FIELD(key, unit, field)	\
	{ key, unit, offsetof(struct link_conf, field),	\
	  sizeof(((struct link_conf *)0)->field) == 4 }

static const struct key link_keys[] = {
	FIELD("rate", UNIT_RATE, rate),
	FIELD("delay", UNIT_TIME, delay),
	FIELD("loss", UNIT_SHARE, loss),
	FIELD("jitter", UNIT_TIME, jitter),
	FIELD("mtu", UNIT_COUNT, mtu),
};

static void parse_limit(const struct words *w, const char *text,
			struct limit *limit)
{
	size_t len = strspn(text, "0123456789.");
	char digits[32];

	if (!len || len >= sizeof(digits))
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

static bool parse_link_word(const struct words *w, struct link_conf *link,
			    const char *word)
{
	const char *text;

	if (take_key(w, word, link_keys, ARRAY_SIZE(link_keys), link))
		return true;
	text = value_of(word, "queue");
	if (!text)
		return false;
	parse_limit(w, text, &link->queue);
	return true;
}

/* A word of a leg, on its own or after "up." or "down.". */
bool parse_leg_word(const struct scene *sc, const struct words *w,
		    struct leg_conf *leg, const char *word)
{
	if (!strcmp(word, "absent"))
		leg->absent = true;
	else if (!strcmp(word, "backup"))
		leg->backup = true;
	else if (!strncmp(word, "up.", 3))
		return parse_link_word(w, &leg->link[UP ^ sc->flip], word + 3);
	else if (!strncmp(word, "down.", 5))
		return parse_link_word(w, &leg->link[DOWN ^ sc->flip],
				       word + 5);
	else
		return parse_link_word(w, &leg->link[UP], word) &&
		       parse_link_word(w, &leg->link[DOWN], word);
	return true;
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
	for (i = 0; i < 2; i++)
		leg->link[i] = (struct link_conf){
			.queue = { LIMIT_BDP, 1000 },
			.mtu = sc->mtu,
		};
	for (i = 2; i < w->count; i++)
		if (!parse_leg_word(sc, w, leg, w->word[i]))
			complain(w, "unknown word '%s'", w->word[i]);
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
