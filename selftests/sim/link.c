// SPDX-License-Identifier: GPL-2.0
#include "link.h"
#include "world.h"

/* what a draw is for */
enum {
	DRAW_LOSS = 1,
	DRAW_JITTER,
};

static u64 link_key(const struct link *link, unsigned int purpose)
{
	return mix(link->key + purpose);
}

static void lose(struct link *link, struct pkt *p, enum log_what what)
{
	log_packet(link->w, what, link->id, p);
	link->stats.lost++;
	link->inside--;
	pkt_put(p);
}

/*
 * Jitter is a function of time that never falls faster than time passes, so
 * packets stay in order: straight lines between random points.
 */
static u64 jitter(const struct link *link, u64 at)
{
	u64 mean = link->conf->jitter, grid = max(4 * mean, 5 * MS);
	u64 t = at - link->w->t0, i = div64_u64(t, grid), from, to;
	u64 key = link_key(link, DRAW_JITTER);

	if (!mean || !link->live)
		return 0;
	t -= i * grid;
	from = draw_span(key, i, 0, 2 * mean);
	to = draw_span(key, i + 1, 0, 2 * mean);
	return div64_u64(from * (grid - t) + to * t, grid);
}

static void arm_arrival(struct link *link)
{
	ev_set(&link->w->q, &link->arrive,
	       link->flight.head ? link->flight.head->at : NEVER);
}

static void arrived(struct ev *ev)
{
	struct link *link = container_of(ev, struct link, arrive);
	struct pkt *p = pkt_take(&link->flight);

	arm_arrival(link);
	CHECK(link->w->q.now >= p->due);
	if (link->down) {
		lose(link, p, LOG_DOWN);
		return;
	}
	link->inside--;
	link->stats.out++;
	link->stats.out_bytes += p->size;
	log_packet(link->w, LOG_LEAVE, link->id, p);
	p->sink->take(p->sink, p);
}

/* Onto the wire: from here on only its delay, or its loss, awaits it. */
static void wire(struct link *link, struct pkt *p)
{
	u64 now = link->w->q.now;

	p->index = link->index++;
	if (link->silent || link->down) {
		lose(link, p, LOG_SILENT);
		return;
	}
	if (link->live && draw_chance(link_key(link, DRAW_LOSS), p->index,
				      link->conf->loss)) {
		lose(link, p, LOG_LOSS);
		return;
	}
	p->due = now + link->conf->delay;
	p->at = max(p->due + jitter(link, now), link->last_at);
	link->last_at = p->at;
	pkt_append(&link->flight, p);
	if (link->flight.head == p)
		arm_arrival(link);
}

static void serve(struct link *link)
{
	struct pkt *p = pkt_take(&link->queue);
	u64 bits;

	link->serving = p;
	if (!p)
		return;
	bits = 8ULL * p->size;
	ev_set(&link->w->q, &link->sent, link->w->q.now +
	       div64_u64(bits * SEC + link->conf->rate - 1, link->conf->rate));
}

static void sent(struct ev *ev)
{
	struct link *link = container_of(ev, struct link, sent);
	struct pkt *p = link->serving;

	serve(link);
	wire(link, p);
}

static bool fits(const struct link *link, const struct pkt *p)
{
	if (link->conf->queue.unit == LIMIT_PACKETS)
		return link->queue.count < link->limit;
	return link->queue.bytes + p->size <= link->limit;
}

/* A packet comes; the link owns it now. */
void link_enter(struct link *link, struct pkt *p)
{
	p->entered = link->w->q.now;
	p->dir = link->dir;
	link->inside++;
	link->stats.in++;
	link->stats.in_bytes += p->size;
	log_packet(link->w, LOG_ENTER, link->id, p);
	if (p->size > link->conf->mtu + link->w->sc->header) {
		lose(link, p, LOG_MTU);
	} else if (link->down) {
		lose(link, p, LOG_DOWN);
	} else if (!link->conf->rate) {
		wire(link, p);
	} else if (!link->serving || fits(link, p)) {
		pkt_append(&link->queue, p);
		if (!link->serving)
			serve(link);
	} else {
		link->stats.dropped++;
		lose(link, p, LOG_FULL);
	}
}

/* Bytes or packets that the queue holds. */
static u64 limit_of(const struct link_conf *conf, u64 base)
{
	u64 value = conf->queue.value, least = 2 * (conf->mtu + 14);

	switch (conf->queue.unit) {
	case LIMIT_PACKETS:
		return max(value, 1ULL);
	case LIMIT_BYTES:
		return max(value, least);
	case LIMIT_TIME:
		return max(mul_u64_u64_div_u64(conf->rate, value, 8 * SEC),
			   least);
	default:
		return max(mul_u64_u64_div_u64(conf->rate, value * base / 1000,
					       8 * SEC), least);
	}
}

void link_init(struct link *link, struct world *w, const char *name, u32 id,
	       u8 dir, u64 key)
{
	*link = (struct link){
		.w = w, .name = name, .id = id, .dir = dir,
		.key = mix(key + dir),
		.sent.fn = sent, .arrive.fn = arrived,
	};
}

/* Takes over what the leg says, now or while it runs. */
void link_configure(struct link *link, const struct link_conf *conf, u64 base)
{
	link->conf = conf;
	link->base = base;
	link->limit = limit_of(conf, base);
}

/* Bulk begins: packets are counted from here on, and chance sets in. */
void link_live(struct link *link)
{
	link->live = true;
	link->index = 0;
	link->stats = (struct link_stats){ .in = link->inside };
}

/* The carrier is gone, and with it what was waiting. */
void link_cut(struct link *link)
{
	struct pkt *p;

	while ((p = pkt_take(&link->queue)))
		lose(link, p, LOG_DOWN);
}

/* At the end: has every packet become something? */
void link_free(struct link *link)
{
	u64 inside = link->queue.count + link->flight.count + !!link->serving;

	CHECK(link->inside == inside);
	CHECK(link->stats.in == link->stats.out + link->stats.lost + inside);
	ev_cancel(&link->w->q, &link->sent);
	ev_cancel(&link->w->q, &link->arrive);
	pkt_purge(&link->queue);
	pkt_purge(&link->flight);
	if (link->serving)
		pkt_put(link->serving);
}
