// SPDX-License-Identifier: GPL-2.0
/*
 * host client|server KEY=VALUE...
 */
#include "parse.h"

#define FIELD(key, unit, field)	\
	{ key, unit, offsetof(struct host_conf, field), false }

static const struct key host_keys[] = {
	FIELD("offset", UNIT_SPAN, offset),
	FIELD("slack", UNIT_TIME, slack),
	FIELD("proc", UNIT_TIME, proc),
	FIELD("cpu", UNIT_TIME, cpu),
	FIELD("gso", UNIT_COUNT, gso),
	FIELD("gro", UNIT_COUNT, gro),
	FIELD("gro-wait", UNIT_TIME, gro_wait),
	FIELD("nic", UNIT_RATE, nic),
};

static const char *const hosts[] = {
	[UP] = "client", [DOWN] = "server", NULL
};

static void parse_host_word(const struct words *w, struct host_conf *h,
			    const char *word)
{
	const char *text = value_of(word, "skew");
	char part[64];
	bool minus;

	if (text) {
		minus = *text == '-';
		h->skew = number(w, text + minus, UNIT_COUNT);
		h->skew = minus ? -h->skew : h->skew;
		return;
	}
	text = value_of(word, "nic-queue");
	if (text) {
		text = cut(text, 'p', part, sizeof(part));
		if (!text || *text)
			complain(w, "'%s' is not in packets", word);
		h->nic_queue = number(w, part, UNIT_COUNT);
		return;
	}
	text = value_of(word, "reader");
	if (text) {
		if (!strncmp(text, "burst:", 6))
			h->burst = number(w, text + 6, UNIT_TIME);
		else
			h->reader = number(w, text, UNIT_RATE);
		return;
	}
	if (!take_key(w, word, host_keys, ARRAY_SIZE(host_keys), h))
		complain(w, "unknown word '%s'", word);
}

void parse_host(struct scene *sc, const struct words *w)
{
	struct host_conf *h;
	int i;

	if (w->count < 2)
		complain(w, "host client|server KEY=VALUE...");
	h = &sc->host[pick(w, w->word[1], hosts, "host")];
	for (i = 2; i < w->count; i++)
		parse_host_word(w, h, w->word[i]);
	if (abs(h->skew) > 1000 || h->offset > (s64)(900 * SEC) ||
	    h->offset < -(s64)(900 * SEC))
		complain(w, "no clock is that wrong");
	if (!h->gso || !h->gro || !h->nic_queue)
		complain(w, "gso=, gro= and nic-queue= are at least 1");
}
