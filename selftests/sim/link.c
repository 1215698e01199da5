// SPDX-License-Identifier: GPL-2.0
#include "world.h"

/* after a pause of this length a burst is over */
#define BURST_MEMORY	(100 * MS)
/* legs that lose packets together do so in spans of this length */
#define COMMON_SPAN	(5 * MS)

void link_lose(struct pkt *p, enum log_what what)
{
	struct link *link = p->link;

	log_packet(link->w, what, link->id, p);
	/* in the interface of a host: it never came here */
	if (!p->stage) {
		pkt_put(p);
		return;
	}
	link->stats.lost++;
	link->stats.dropped += what == LOG_FULL || what == LOG_AQM ||
			       what == LOG_POLICED;
	link->inside--;
	pkt_put(p);
}

/* A packet waited so long before it was served. */
void link_note_wait(struct link *link, u64 wait)
{
	if (link->w->q.now >= link->w->t0 + link->w->sc->steady)
		histogram_add(&link->stats.wait, wait);
}

static void arm(struct link *link, struct pkt_list *list, struct ev *ev)
{
	ev_set(&link->w->q, ev, list->head ? list->head->at : NEVER);
}

static void arrived(struct link *link, struct pkt *p)
{
	CHECK(link->w->q.now >= p->due);
	if (link->down) {
		link_lose(p, LOG_DOWN);
		return;
	}
	link->inside--;
	link->stats.out++;
	link->stats.out_bytes += p->size;
	if (link->carried && link->live)
		series_add(link->carried, link->w->q.now - link->w->t0,
			   p->size);
	link->stats.marked += p->ecn == TQUIC_ECN_CE;
	log_packet(link->w, LOG_LEAVE, link->id, p);
	p->sink->take(p->sink, p);
}

static void arrive(struct ev *ev)
{
	struct link *link = container_of(ev, struct link, arrive);
	struct pkt *p = pkt_take(&link->flight);

	arm(link, &link->flight, ev);
	arrived(link, p);
}

static void arrive_late(struct ev *ev)
{
	struct link *link = container_of(ev, struct link, late_arrive);
	struct pkt *p = pkt_take(&link->late);

	arm(link, &link->late, ev);
	arrived(link, p);
}

/*
 * The Gilbert-Elliott channel: in its bad state everything is lost.  Its state
 * changes with packets; but after a pause nobody knows what it was, or a sender
 * that waits for the end of a burst would never see it.
 */
static bool burst_loses(struct link *link, u64 index)
{
	const struct link_conf *c = link->conf;
	u64 key = draw_key(link->key, DRAW_BURST);
	u64 pause = link->w->q.now - link->wired_at;

	link->wired_at = link->w->q.now;
	if (!c->burst)
		return false;
	if (pause > BURST_MEMORY)
		link->bad = draw_chance(key, index, c->burst);
	else if (link->bad)
		link->bad = !draw_chance(key, index, SURE / c->burst_len);
	else
		link->bad = draw_chance(key, index,
					div_u64(mul_u64_u64_div_u64(c->burst,
								    SURE,
								    SURE -
								    c->burst),
						c->burst_len));
	return link->bad;
}

static bool chance_loses(struct link *link, u64 index, u64 t)
{
	const struct link_conf *c = link->conf;
	bool bad = burst_loses(link, index);

	return bad ||
	       draw_chance(draw_key(link->key, DRAW_LOSS), index, c->loss) ||
	       draw_chance(draw_key(link->w->seed, DRAW_COMMON),
			   div_u64(t, COMMON_SPAN), c->common);
}

static void insert_late(struct link *link, struct pkt *p)
{
	struct pkt_list *list = &link->late;
	struct pkt **at = &list->head;

	while (*at && (*at)->at <= p->at)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
	if (!p->next)
		list->tail = p;
	list->count++;
	list->bytes += p->size;
	arm(link, list, &link->late_arrive);
}

/* When a packet that leaves now arrives. */
static u64 arrival(const struct link *link, struct pkt *p)
{
	const struct link_conf *c = link->conf;
	u64 now = link->w->q.now, t = now - link->w->t0;
	s64 delay = c->delay;

	if (!link->live) {
		p->due = now + delay;
		return p->due;
	}
	if (c->slot)
		t = div64_u64(t + c->slot - 1, c->slot) * c->slot;
	if (!link->server)
		t = vary_hole_end(c, link->leg_key, t);
	delay = max(delay + vary_orbit_delay(c, link->leg_key, t), 0LL);
	p->due = now + delay;
	t += delay + vary_jitter(c, link->key, t);
	return link->w->t0 + vary_thaw(c, link->leg_key, t);
}

/* Onto the wire: from here on only its delay, or its loss, awaits it. */
static void wire(struct link *link, struct pkt *p)
{
	const struct link_conf *c = link->conf;
	u64 t = link->w->q.now - link->w->t0;

	p->index = link->index++;
	if (link->silent || link->down) {
		link_lose(p, LOG_SILENT);
		return;
	}
	if (link->live && chance_loses(link, p->index, t)) {
		link_lose(p, LOG_LOSS);
		return;
	}
	if (c->ecn == ECN_BLACKHOLE && p->ecn != TQUIC_ECN_NOT_ECT) {
		link_lose(p, LOG_ECN);
		return;
	}
	if (c->ecn == ECN_BLEACH)
		p->ecn = TQUIC_ECN_NOT_ECT;
	p->at = arrival(link, p);
	if (link->live && draw_chance(draw_key(link->key, DRAW_REORDER),
				      p->index, c->reorder)) {
		p->at += c->reorder_by;
		insert_late(link, p);
		return;
	}
	p->at = max(p->at, link->last_at);
	link->last_at = p->at;
	pkt_append(&link->flight, p);
	if (link->flight.head == p)
		arm(link, &link->flight, &link->arrive);
}

/* A server has sent it: on to the next one, or onto the wire. */
void link_served(struct pkt *p)
{
	struct link *link = p->link;

	if (!p->stage) {
		leg_send(&link->w->leg[p->leg], p->dir, p);
	} else if (link->via && p->stage == 1) {
		p->stage = 2;
		server_enter(link->via, p);
	} else {
		wire(link, p);
	}
}

/* A packet comes; the link owns it now. */
void link_enter(struct link *link, struct pkt *p)
{
	p->link = link;
	p->entered = link->w->q.now;
	p->dir = link->dir;
	p->stage = 1;
	link->inside++;
	link->stats.in++;
	link->stats.in_bytes += p->size;
	log_packet(link->w, LOG_ENTER, link->id, p);
	if (p->size > link->conf->mtu + link->w->sc->header)
		link_lose(p, LOG_MTU);
	else if (link->down)
		link_lose(p, LOG_DOWN);
	else if (link->server)
		server_enter(link->server, p);
	else
		link_served(p);
}

void link_init(struct link *link, struct world *w, const char *name, u32 id,
	       u8 dir, u64 key)
{
	*link = (struct link){
		.w = w, .name = name, .id = id, .dir = dir,
		.key = mix(key + dir), .leg_key = mix(key + 2),
		.arrive.fn = arrive, .late_arrive.fn = arrive_late,
	};
}

/* No packet came from nowhere, and none got lost without a reason. */
void link_audit(const struct link *link)
{
	CHECK(link->stats.in == link->stats.out + link->stats.lost +
				link->inside);
}

/* Bulk begins: packets are counted from here on, and chance sets in. */
void link_live(struct link *link)
{
	link->live = true;
	link->index = 0;
	link->stats = (struct link_stats){ .in = link->inside };
}

/* At the end, after the servers: has every packet become something? */
void link_free(struct link *link)
{
	ev_cancel(&link->w->q, &link->arrive);
	ev_cancel(&link->w->q, &link->late_arrive);
	CHECK(link->inside == link->flight.count + link->late.count);
	pkt_purge(&link->flight);
	pkt_purge(&link->late);
}
