// SPDX-License-Identifier: GPL-2.0
#include "world.h"

/* clocks begin here, so that an offset can be negative */
#define EPOCH		(1000 * SEC)
#define PPM		1000000
/* a reader with a rate looks so often */
#define READ_EVERY	MS

static struct end *end_of(const struct host *h)
{
	return &h->w->end[h->who];
}

/* What the clock shows. */
u64 host_clock(const struct host *h, u64 t)
{
	u64 drift = mul_u64_u64_div_u64(t, abs(h->conf->skew), PPM);

	return EPOCH + h->conf->offset + t +
	       (h->conf->skew < 0 ? -drift : drift);
}

/* When it shows that, or just has. */
u64 host_world_time(const struct host *h, u64 local)
{
	u64 t;

	if (local == NEVER)
		return NEVER;
	if (local <= host_clock(h, h->w->q.now))
		return h->w->q.now;
	t = mul_u64_u64_div_u64(local - EPOCH - h->conf->offset, PPM,
				PPM + h->conf->skew);
	t = max(t, h->w->q.now);
	while (host_clock(h, t) < local)
		t++;
	return t;
}

/* Timers fire late, by the same time when they are set to the same. */
u64 host_timer(const struct host *h, u64 at)
{
	if (at == NEVER || !h->conf->slack || at <= h->w->q.now)
		return at;
	return at + draw_span(h->w->seed + h->who, at, 0, h->conf->slack);
}

/* While it is, nothing is planned. */
bool host_busy(struct host *h)
{
	return h->busy > h->w->q.now;
}

static void spend(struct host *h, u64 packets)
{
	h->busy = max(h->busy, h->w->q.now) + packets * h->conf->cpu;
}

static void arm(struct host *h, struct pkt_list *list, struct ev *ev)
{
	u64 at = list->head ? list->head->at : NEVER;

	ev_set(&h->w->q, ev, at == NEVER ? at : max(at, h->w->q.now));
}

/* Batches reach the end when they are due and the processor is free. */
static void run(struct ev *ev)
{
	struct host *h = container_of(ev, struct host, run);
	u64 now = h->w->q.now;
	u32 n = 0;

	if (host_busy(h)) {
		ev_set(&h->w->q, ev, h->busy);
		return;
	}
	while (h->ready.head && h->ready.head->at <= now) {
		end_take(end_of(h), pkt_take(&h->ready));
		n++;
	}
	spend(h, n);
	arm(h, &h->ready, &h->run);
	end_work(end_of(h));
}

static void hand_in(struct host *h)
{
	struct pkt *p;

	ev_cancel(&h->w->q, &h->give_up);
	while ((p = pkt_take(&h->gather))) {
		p->at = h->w->q.now + h->conf->proc;
		pkt_append(&h->ready, p);
	}
	if (!h->run.slot)
		arm(h, &h->ready, &h->run);
}

static void give_up(struct ev *ev)
{
	hand_in(container_of(ev, struct host, give_up));
}

/* A packet arrives at the machine. */
void host_receive(struct host *h, struct pkt *p)
{
	if (h->conf->gro <= 1 && !h->conf->proc && !h->conf->cpu) {
		end_take(end_of(h), p);
		end_work(end_of(h));
		return;
	}
	pkt_append(&h->gather, p);
	if (h->gather.count >= h->conf->gro)
		hand_in(h);
	else if (!h->give_up.slot)
		ev_set(&h->w->q, &h->give_up,
		       h->w->q.now + h->conf->gro_wait);
}

/* Through the local interface, onto the leg. */
static void emit(struct host *h, struct pkt *p)
{
	struct leg *leg = &h->w->leg[p->leg];

	if (!h->conf->nic) {
		leg_send(leg, h->who, p);
		return;
	}
	p->stage = 0;
	p->link = &leg->link[h->who];
	p->dir = h->who;
	server_enter(&h->nic[h->who == UP ? p->leg : 0], p);
}

static void go(struct ev *ev)
{
	struct host *h = container_of(ev, struct host, go);

	while (h->leave.head && h->leave.head->at <= h->w->q.now)
		emit(h, pkt_take(&h->leave));
	arm(h, &h->leave, &h->go);
}

/*
 * A packet leaves the end: number @i of a train of @n.  Those of a train leave
 * together once the processor is done with them, as many as it takes at once.
 */
void host_send(struct host *h, struct leg *leg, struct pkt *p, u32 i, u32 n)
{
	p->leg = leg->id;
	if (!h->conf->cpu) {
		emit(h, p);
		return;
	}
	if (i % h->conf->gso == 0)
		spend(h, min_t(u64, h->conf->gso, n - i));
	p->at = h->busy;
	pkt_append(&h->leave, p);
	if (!h->go.slot)
		arm(h, &h->leave, &h->go);
}

/* Bytes that the application reads now. */
u64 host_may_read(struct host *h)
{
	u64 now = h->w->q.now;

	if (h->conf->burst)
		return now >= h->read_at ? U64_MAX : 0;
	if (!h->conf->reader)
		return U64_MAX;
	h->credit += mul_u64_u64_div_u64(h->conf->reader, now - h->read_at,
					 8 * SEC);
	/* what it did not use up at once it has not */
	h->credit = min(h->credit, div_u64(h->conf->reader, 8 * 50));
	h->read_at = now;
	return h->credit;
}

/* @more: something is left for later. */
void host_did_read(struct host *h, u64 bytes, bool more)
{
	u64 now = h->w->q.now;

	if (h->conf->burst) {
		if (now >= h->read_at)
			h->read_at = now + h->conf->burst;
		ev_set(&h->w->q, &h->reader, h->read_at);
		return;
	}
	if (!h->conf->reader)
		return;
	h->credit -= min(h->credit, bytes);
	if (more)
		ev_set(&h->w->q, &h->reader, now + READ_EVERY);
}

static void look(struct ev *ev)
{
	struct host *h = container_of(ev, struct host, reader);

	end_work(end_of(h));
}

void host_init(struct world *w, unsigned int who)
{
	struct host *h = &w->host[who];
	int i;

	*h = (struct host){
		.w = w, .who = who, .conf = &w->sc->host[who],
		.give_up.fn = give_up, .run.fn = run, .go.fn = go,
		.reader.fn = look,
	};
	h->nic_conf = (struct link_conf){
		.rate = h->conf->nic, .mtu = U32_MAX / 2,
		.queue = { LIMIT_PACKETS, h->conf->nic_queue },
	};
	for (i = 0; h->conf->nic && i < LEGS_MAX; i++) {
		server_init(&h->nic[i], w, 0, NULL);
		server_configure(&h->nic[i], &h->nic_conf, 0, NULL);
	}
}

void host_free(struct host *h)
{
	int i;

	ev_cancel(&h->w->q, &h->give_up);
	ev_cancel(&h->w->q, &h->run);
	ev_cancel(&h->w->q, &h->go);
	ev_cancel(&h->w->q, &h->reader);
	pkt_purge(&h->gather);
	pkt_purge(&h->ready);
	pkt_purge(&h->leave);
	for (i = 0; h->conf->nic && i < LEGS_MAX; i++)
		server_free(&h->nic[i]);
}
