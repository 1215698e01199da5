// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "lib_cc.h"
#include "tap.h"

struct tquic_cc *ccsim_new(const struct tquic_cc_ops *ops, u64 now)
{
	struct tquic_cc_config config = {
		.mds = CCSIM_MDS,
		.initial_rtt = 333 * TQUIC_NS_PER_MS,
		.seed = 1 + tq_rand(),
	};
	struct tquic_cc *cc = tquic_cc_new(ops, &config, now, GFP_KERNEL);

	TQ_ASSERT(cc);
	return cc;
}

struct ccsim_flow *ccsim_add(struct ccsim *sim, const struct tquic_cc_ops *ops,
			     u64 start)
{
	struct ccsim_flow *flow = &sim->flows[sim->n++];

	TQ_ASSERT(sim->n <= CCSIM_FLOWS);
	flow->cc = ccsim_new(ops, start);
	flow->start = start;
	flow->min_rtt = U64_MAX;
	flow->largest_acked = U64_MAX;
	flow->pkts = calloc(CCSIM_PKTS, sizeof(*flow->pkts));
	TQ_ASSERT(flow->pkts);
	return flow;
}

void ccsim_free(struct ccsim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->n; i++) {
		tquic_cc_free(sim->flows[i].cc);
		free(sim->flows[i].pkts);
	}
}

static struct ccsim_pkt *pkt_of(struct ccsim_flow *flow, u64 pn)
{
	return &flow->pkts[pn % CCSIM_PKTS];
}

/* when the application has a datagram to send */
static u64 app_time(const struct ccsim_flow *flow, u64 now)
{
	u64 at = max(now, flow->start);

	if (flow->app_rate)
		at = max_t(u64, at, flow->start +
			   (double)(flow->sent + CCSIM_MDS) *
			   TQUIC_NS_PER_SEC / flow->app_rate);
	if (at >= flow->pause_from && at < flow->pause_to)
		at = flow->pause_to;
	return at;
}

static u64 send_time(const struct ccsim *sim, struct ccsim_flow *flow)
{
	u64 at;

	if (flow->in_flight + CCSIM_MDS > flow->cc->cwnd)
		return TQUIC_TIME_NEVER;
	at = app_time(flow, sim->now);
	if (at > sim->now && at > flow->start)
		flow->app_limited = max_t(u64, flow->delivered +
					  flow->in_flight, 1);
	return max(at, flow->next_send);
}

static u64 ack_time(struct ccsim_flow *flow)
{
	u64 at = TQUIC_TIME_NEVER;

	while (flow->next_ack < flow->next_pn && at == TQUIC_TIME_NEVER) {
		at = pkt_of(flow, flow->next_ack)->ack_at;
		if (at == TQUIC_TIME_NEVER)
			flow->next_ack++;
	}
	if (at == TQUIC_TIME_NEVER && flow->in_flight)
		at = flow->last_sent + max_t(u64, 3 * flow->srtt,
					     10 * TQUIC_NS_PER_MS);
	return at;
}

/* The end of a freeze for what would leave the link in its midst. */
static u64 thaw(struct ccsim *sim, u64 at)
{
	if (!sim->freeze_every)
		return at;
	while (at >= sim->freeze_to) {
		sim->freeze_from = sim->freeze_to + sim->freeze_every / 2 +
				   tq_rand_below(sim->freeze_every);
		sim->freeze_to = sim->freeze_from + sim->freeze_min +
				 tq_rand_below(sim->freeze_max -
					       sim->freeze_min + 1);
	}
	return at < sim->freeze_from ? at : sim->freeze_to;
}

static bool police(struct ccsim *sim)
{
	sim->tokens += (double)(sim->now - sim->tokens_at) * sim->rate /
		       TQUIC_NS_PER_SEC;
	sim->tokens = min(sim->tokens, sim->bucket);
	sim->tokens_at = sim->now;
	if (sim->tokens < CCSIM_MDS)
		return false;
	sim->tokens -= CCSIM_MDS;
	sim->free_at = sim->now;
	return true;
}

static bool tail_drop(struct ccsim *sim, struct ccsim_pkt *pkt)
{
	u64 start = max(sim->now, sim->free_at);
	u64 queued = (double)(start - sim->now) * sim->rate / TQUIC_NS_PER_SEC;

	if (queued + CCSIM_MDS > sim->queue)
		return false;
	sim->max_queue = max(sim->max_queue, queued + CCSIM_MDS);
	sim->free_at = start + CCSIM_MDS * TQUIC_NS_PER_SEC / sim->rate;
	pkt->ce = sim->ce_queue && queued >= sim->ce_queue;
	return true;
}

/*
 * The receiver gathers packets for an acknowledgment.  Those before that did
 * not fill one up in time were told of when the delay was over.
 */
static void gather(struct ccsim *sim, struct ccsim_flow *flow,
		   struct ccsim_pkt *pkt, u64 at)
{
	unsigned int every = max(sim->ack_every, 1U);
	u64 pn = flow->next_pn - 1, due;

	if (!flow->ack_count || at > flow->ack_first_at + sim->ack_delay) {
		flow->ack_count = 0;
		flow->ack_first = pn;
		flow->ack_first_at = at;
		flow->ack_floor = flow->ack_last;
		flow->ack_draw = sim->ack_jitter ?
				 tq_rand_below(2 * sim->ack_jitter + 1) : 0;
	}
	due = flow->ack_first_at + sim->ack_delay;
	if (++flow->ack_count >= every) {
		flow->ack_count = 0;
		due = at;
	}
	flow->ack_last = max(due + flow->ack_draw, flow->ack_floor);
	for (pn = flow->ack_first; pn < flow->next_pn; pn++) {
		struct ccsim_pkt *p = pkt_of(flow, pn);

		if (p != pkt && p->ack_at == TQUIC_TIME_NEVER)
			continue;
		p->ack_at = flow->ack_last;
		p->held = due - at;
	}
}

static void enqueue(struct ccsim *sim, struct ccsim_flow *flow,
		    struct ccsim_pkt *pkt)
{
	u64 at;

	pkt->ack_at = TQUIC_TIME_NEVER;
	if (!(sim->bucket ? police(sim) : tail_drop(sim, pkt))) {
		sim->drops++;
		return;
	}
	if (sim->loss_ppm && tq_rand_below(1000000) < sim->loss_ppm)
		return;
	at = sim->free_at;
	if (sim->slot)
		at += sim->slot - at % sim->slot;
	at = thaw(sim, at) + sim->rtt;
	if (sim->jitter)
		at += tq_rand_below(2 * sim->jitter + 1);
	at = max(at, sim->last_exit);
	sim->last_exit = at;
	if (sim->ack_slot)
		at += sim->ack_slot - at % sim->ack_slot;
	gather(sim, flow, pkt, at);
}

static void send_one(struct ccsim *sim, struct ccsim_flow *flow)
{
	struct ccsim_pkt *pkt = pkt_of(flow, flow->next_pn);
	u64 rate = flow->cc->pacing_rate;

	TQ_ASSERT(flow->next_pn - flow->oldest < CCSIM_PKTS);
	if (!flow->in_flight) {
		if (flow->next_pn && flow->app_limited &&
		    flow->cc->ops->on_idle_restart)
			flow->cc->ops->on_idle_restart(flow->cc, sim->now,
						       sim->now -
						       flow->last_sent);
		flow->first_sent = sim->now;
		flow->delivered_at = sim->now;
	}
	flow->next_pn++;
	flow->in_flight += CCSIM_MDS;
	flow->sent += CCSIM_MDS;
	flow->last_sent = sim->now;
	*pkt = (struct ccsim_pkt){
		.sent = sim->now,
		.delivered = flow->delivered,
		.delivered_at = flow->delivered_at,
		.first_sent = flow->first_sent,
		.tx_in_flight = flow->in_flight,
		.lost = flow->lost,
		.app_limited = flow->app_limited,
	};
	enqueue(sim, flow, pkt);
	if (!rate)
		rate = 5 * flow->cc->cwnd * TQUIC_NS_PER_SEC /
		       (4 * flow->cc->srtt);
	flow->next_send = max(flow->next_send, sim->now) +
			  CCSIM_MDS * TQUIC_NS_PER_SEC / rate;
	if (flow->cc->ops->on_sent)
		flow->cc->ops->on_sent(flow->cc, sim->now, CCSIM_MDS,
				       flow->in_flight);
}

static void update_rtt(struct ccsim_flow *flow, u64 rtt)
{
	u64 diff = rtt > flow->srtt ? rtt - flow->srtt : flow->srtt - rtt;

	flow->rtt = rtt;
	flow->min_rtt = min(flow->min_rtt, rtt);
	if (!flow->srtt) {
		flow->srtt = rtt;
		flow->rttvar = rtt / 2;
	} else {
		flow->rttvar = (3 * flow->rttvar + diff) / 4;
		flow->srtt = (7 * flow->srtt + rtt) / 8;
	}
	flow->cc->srtt = flow->srtt;
	flow->cc->min_rtt = flow->min_rtt;
}

static void detect_losses(struct ccsim *sim, struct ccsim_flow *flow)
{
	u64 late = max(flow->srtt, flow->rtt) * 9 / 8;
	struct tquic_cc_loss loss = { .now = sim->now };
	const struct ccsim_pkt *newest = NULL;
	u64 pn, last = U64_MAX;

	for (pn = flow->oldest; pn < flow->largest_acked; pn++) {
		struct ccsim_pkt *pkt = pkt_of(flow, pn);

		if (pkt->done)
			continue;
		if (pn + 3 > flow->largest_acked &&
		    pkt->sent + late > sim->now)
			continue;
		pkt->done = true;
		flow->in_flight -= CCSIM_MDS;
		flow->lost += CCSIM_MDS;
		loss.bytes += CCSIM_MDS;
		loss.ranges += last == U64_MAX || pn != last + 1;
		last = pn;
		newest = pkt;
	}
	if (!newest)
		return;
	loss.largest_sent = newest->sent;
	loss.in_flight = flow->in_flight;
	loss.tx_in_flight = newest->tx_in_flight;
	loss.lost_since_tx = flow->lost - newest->lost;
	loss.delivered = flow->delivered;
	loss.app_limited = newest->app_limited;
	flow->cc->ops->on_loss(flow->cc, &loss);
}

static void fill_rate(struct ccsim_flow *flow, struct tquic_cc_sample *sample,
		      const struct ccsim_pkt *newest)
{
	sample->interval = max(newest->sent - newest->first_sent,
			       sample->now - newest->delivered_at);
	if (sample->interval < flow->min_rtt)
		sample->interval = 0;
	if (sample->interval)
		sample->rate = (double)(flow->delivered - newest->delivered) *
			       TQUIC_NS_PER_SEC / sample->interval;
}

static void ack(struct ccsim *sim, struct ccsim_flow *flow)
{
	struct tquic_cc_sample sample = {
		.now = sim->now, .prior_in_flight = flow->in_flight,
	};
	const struct ccsim_pkt *newest = NULL;
	u64 lost = flow->lost;

	for (; flow->next_ack < flow->next_pn; flow->next_ack++) {
		struct ccsim_pkt *pkt = pkt_of(flow, flow->next_ack);

		if (pkt->ack_at == TQUIC_TIME_NEVER)
			continue;
		if (pkt->ack_at > sim->now)
			break;
		if (pkt->done)
			continue;
		pkt->done = true;
		flow->in_flight -= CCSIM_MDS;
		sample.acked_bytes += CCSIM_MDS;
		sample.ce_marks += pkt->ce;
		flow->largest_acked = flow->next_ack;
		newest = pkt;
	}
	if (!newest)
		return;
	flow->delivered += sample.acked_bytes;
	flow->delivered_at = sim->now;
	flow->first_sent = newest->sent;
	if (flow->delivered > flow->app_limited)
		flow->app_limited = 0;
	update_rtt(flow, sim->now - newest->sent - newest->held);
	fill_rate(flow, &sample, newest);
	detect_losses(sim, flow);
	while (flow->oldest < flow->next_pn && pkt_of(flow, flow->oldest)->done)
		flow->oldest++;
	sample.lost_bytes = flow->lost - lost;
	sample.in_flight = flow->in_flight;
	sample.largest_acked = flow->largest_acked;
	sample.largest_acked_sent = newest->sent;
	sample.rtt = flow->rtt;
	sample.srtt = flow->srtt;
	sample.rttvar = flow->rttvar;
	sample.min_rtt = flow->min_rtt;
	sample.delivered = flow->delivered;
	sample.prior_delivered = newest->delivered;
	sample.tx_in_flight = newest->tx_in_flight;
	sample.lost_since_tx = flow->lost - newest->lost;
	sample.app_limited = newest->app_limited;
	if (sample.ce_marks)
		flow->cc->ops->on_ecn(flow->cc, sim->now, newest->sent);
	flow->cc->ops->on_ack(flow->cc, &sample);
	if (flow->on_ack)
		flow->on_ack(flow, &sample);
}

/* The present queue, once per ms up to @until. */
static void sample_queue(struct ccsim *sim, u64 until)
{
	u64 left;

	for (; sim->sampled + TQUIC_NS_PER_MS <= until;
	     sim->sampled += TQUIC_NS_PER_MS) {
		left = sim->free_at > sim->sampled ?
		       sim->free_at - sim->sampled : 0;
		left = 4 * left / TQUIC_NS_PER_MS;
		sim->hist[min(left, CCSIM_HIST - 1ULL)]++;
	}
}

void ccsim_queue_reset(struct ccsim *sim)
{
	memset(sim->hist, 0, sizeof(sim->hist));
}

u64 ccsim_queue(const struct ccsim *sim, unsigned int permille)
{
	u64 sum = 0, want;
	unsigned int i;

	for (i = 0; i < CCSIM_HIST; i++)
		sum += sim->hist[i];
	want = sum * permille / 1000;
	for (i = 0, sum = 0; i < CCSIM_HIST - 1; i++) {
		sum += sim->hist[i];
		if (sum > want)
			break;
	}
	return i * 250;
}

static void step(struct ccsim *sim, u64 rate)
{
	if (sim->free_at > sim->now)
		sim->free_at = sim->now + (double)(sim->free_at - sim->now) *
			       sim->rate / rate;
	sim->rate = rate;
	sim->steps++;
}

void ccsim_run(struct ccsim *sim, u64 until)
{
	for (;;) {
		struct ccsim_flow *who = NULL;
		u64 at = until, when;
		bool is_ack = false;
		unsigned int i;

		for (i = 0; i < sim->n; i++) {
			struct ccsim_flow *flow = &sim->flows[i];

			when = ack_time(flow);
			if (when < at) {
				at = when;
				who = flow;
				is_ack = true;
			}
			when = send_time(sim, flow);
			if (when < at) {
				at = when;
				who = flow;
				is_ack = false;
			}
		}
		if (sim->steps && sim->steps->at <= at) {
			sim->now = max(sim->now, sim->steps->at);
			sample_queue(sim, sim->now);
			step(sim, sim->steps->rate);
			continue;
		}
		sim->now = max(sim->now, at);
		sample_queue(sim, sim->now);
		if (!who)
			return;
		/* a probe timeout sends regardless of the window */
		if (is_ack && who->next_ack < who->next_pn)
			ack(sim, who);
		else
			send_one(sim, who);
	}
}

u64 ccsim_delivered(const struct ccsim *sim)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < sim->n; i++)
		sum += sim->flows[i].delivered;
	return sum;
}

unsigned int ccsim_use(struct ccsim *sim, u64 time)
{
	u64 before = ccsim_delivered(sim);

	ccsim_run(sim, sim->now + time);
	return (double)(ccsim_delivered(sim) - before) * 1000 *
	       TQUIC_NS_PER_SEC / ((double)sim->rate * time);
}
