// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#define RTO_MIN		(200 * MS)
#define RTO_FIRST	SEC
#define DELACK		(40 * MS)
#define REORDER_SEGS	3
#define PATIENCE_MAX	16

static struct tcp_seg *seg_of(struct tcp *t, u64 seq)
{
	return &t->seg[seq % TCP_RING];
}

static struct tcp_tx *tx_of(struct tcp *t, u64 tx)
{
	return &t->tx[tx % TCP_RING];
}

u64 tcp_now(const struct tcp *t)
{
	return t->w->q.now;
}

/* Whole segments in the window. */
u64 tcp_segments(const struct tcp *t)
{
	return max(t->cwnd / TCP_ONE, 1ULL);
}

static u64 rto(const struct tcp *t)
{
	u64 value = t->srtt ? t->srtt + max(4 * t->var, RTO_MIN) : RTO_FIRST;

	return value << min(t->backoff, 6U);
}

static void transmit(struct tcp *t, u64 seq)
{
	struct tcp_seg *seg = seg_of(t, seq);
	struct tcp_tx *tx = tx_of(t, t->txs);
	u64 now = tcp_now(t);

	if (!t->flight) {
		t->first_at = now;
		t->delivered_at = now;
	}
	*tx = (struct tcp_tx){
		.at = now, .seq = seq, .delivered = t->delivered,
		.delivered_at = t->delivered_at, .first_at = t->first_at,
		.limited = t->next >= t->limit,
	};
	seg->tx = t->txs++;
	t->flight++;
	t->ops->data(t, seg->tx);
}

/* The next that is to be sent; false when there is nothing. */
static bool choose(struct tcp *t, u64 *seq)
{
	struct tcp_seg *seg;

	while (t->lost_head != t->lost_tail) {
		*seq = t->lost[t->lost_head++ % TCP_RING];
		seg = seg_of(t, *seq);
		if (!seg->lost)
			continue;
		seg->lost = false;
		seg->again = true;
		t->resent++;
		return true;
	}
	if (t->next >= t->limit || t->next - t->una >= TCP_WINDOW ||
	    t->txs - t->checked >= TCP_RING / 2)
		return false;
	*seq = t->next++;
	*seg_of(t, *seq) = (struct tcp_seg){};
	return true;
}

static void arm(struct tcp *t, u64 rack_at)
{
	u64 at = t->flight || t->lost_head != t->lost_tail ?
		 tcp_now(t) + rto(t) : NEVER;

	ev_set(&t->w->q, &t->timer, min(at, rack_at));
}

static void push(struct tcp *t)
{
	u64 now = tcp_now(t), seq;
	bool idle = !t->flight;

	while (t->running && t->flight < tcp_segments(t)) {
		if (t->pace && t->pace_at > now) {
			ev_set(&t->w->q, &t->pacer, t->pace_at);
			break;
		}
		if (!choose(t, &seq))
			break;
		if (t->pace)
			t->pace_at = max(t->pace_at, now - min(now, MS)) +
				     t->pace;
		transmit(t, seq);
	}
	if (idle && t->flight)
		arm(t, NEVER);
}

static void enter_recovery(struct tcp *t)
{
	t->recovering = true;
	t->recover = t->next;
	t->undo_cwnd = t->cwnd;
	t->undo_ssthresh = t->ssthresh;
	t->undo_left = 0;
}

static void lose(struct tcp *t, u64 seq)
{
	struct tcp_seg *seg = seg_of(t, seq);

	seg->lost = true;
	t->flight--;
	t->lost[t->lost_tail++ % TCP_RING] = seq;
	t->undo_left++;
}

/* How long a segment may be late: RFC 8985. */
static u64 patience(const struct tcp *t)
{
	if (!t->reordered)
		return 0;
	return min(t->min_rtt / 4 * t->patience, t->srtt);
}

/* Declares losses; answers when to look again. */
static u64 detect(struct tcp *t)
{
	u64 now = tcp_now(t), wait = t->srtt + patience(t);
	bool any = false;

	for (; t->checked < t->highest; t->checked++) {
		const struct tcp_tx *tx = tx_of(t, t->checked);
		const struct tcp_seg *seg = seg_of(t, tx->seq);

		if (tx->seq < t->una || seg->acked || seg->lost ||
		    seg->tx != t->checked)
			continue;
		if (t->reordered ? tx->at + wait > now :
		    t->highest - 1 - t->checked < REORDER_SEGS) {
			if (any && !t->recovering)
				break;
			return t->reordered ? tx->at + wait : NEVER;
		}
		if (!t->recovering) {
			enter_recovery(t);
			t->cc->loss(t);
		}
		any = true;
		lose(t, tx->seq);
	}
	return NEVER;
}

static void measure(struct tcp *t, u64 rtt)
{
	u64 diff;

	t->min_rtt = t->min_rtt ? min(t->min_rtt, rtt) : rtt;
	if (!t->srtt) {
		t->srtt = rtt;
		t->var = rtt / 2;
		return;
	}
	diff = rtt > t->srtt ? rtt - t->srtt : t->srtt - rtt;
	t->var = (3 * t->var + diff) / 4;
	t->srtt = (7 * t->srtt + rtt) / 8;
}

/* One segment turns out to have arrived, by that transmission. */
static void one_acked(struct tcp *t, u64 k, struct tcp_rate *rate)
{
	const struct tcp_tx *tx = tx_of(t, k);
	struct tcp_seg *seg = seg_of(t, tx->seq);
	u64 now = tcp_now(t);

	if (seg->lost)
		seg->lost = false;
	else
		t->flight--;
	seg->acked = true;
	if (k + 1 < t->highest && !seg->again)
		t->reordered = true;
	t->delivered++;
	t->delivered_at = now;
	rate->acked++;
	if (k + 1 < t->highest)
		return;
	t->highest = k + 1;
	t->first_at = tx->at;
	rate->rtt = now - tx->at;
	rate->prior = tx->delivered;
	rate->limited = tx->limited;
	rate->span = max(now - tx->delivered_at, tx->at - tx->first_at);
	measure(t, rate->rtt);
}

/* Duplicates: what was sent again had arrived.  All of it: take it back. */
static void take_duplicates(struct tcp *t, u64 dups)
{
	u64 fresh = dups - t->seen_dup;

	t->seen_dup = dups;
	t->patience = min_t(u64, t->patience + fresh, PATIENCE_MAX);
	t->reordered = true;
	if (!t->undo_left)
		return;
	t->undo_left -= min(t->undo_left, fresh);
	if (t->undo_left || !t->undo_cwnd)
		return;
	t->cwnd = max(t->cwnd, t->undo_cwnd);
	t->ssthresh = t->undo_ssthresh;
	t->undo_cwnd = 0;
	t->recovering = false;
	if (t->cc->undo)
		t->cc->undo(t);
}

/* @word: how many arrived, and how many of them again. */
void tcp_take_ack(struct tcp *t, u64 word)
{
	u64 got = word & 0xffffffffff, dups = word >> 40, at;
	struct tcp_rate rate = {};

	if (got <= t->seen && dups <= t->seen_dup)
		return;
	while (t->seen < got)
		one_acked(t, t->order[t->seen++ % TCP_RING], &rate);
	while (t->una < t->next && seg_of(t, t->una)->acked)
		t->una++;
	if (t->recovering && t->una >= t->recover)
		t->recovering = false;
	if (dups > t->seen_dup)
		take_duplicates(t, dups);
	at = detect(t);
	if (rate.acked) {
		t->backoff = 0;
		rate.delivered = t->delivered - rate.prior;
		t->cc->acked(t, &rate);
		arm(t, at);
	}
	push(t);
}

static void timeout(struct tcp *t)
{
	u64 seq;

	t->backoff++;
	enter_recovery(t);
	t->cc->timeout(t);
	for (seq = t->una; seq < t->next; seq++)
		if (!seg_of(t, seq)->acked && !seg_of(t, seq)->lost)
			lose(t, seq);
	CHECK(!t->flight);
	t->checked = t->txs;
	push(t);
	arm(t, NEVER);
}

static void timer(struct ev *ev)
{
	struct tcp *t = container_of(ev, struct tcp, timer);
	u64 newest = t->txs ? tx_of(t, t->txs - 1)->at : 0;
	u64 at = detect(t);

	if (t->delivered_at + rto(t) <= tcp_now(t) &&
	    newest + rto(t) <= tcp_now(t)) {
		timeout(t);
		return;
	}
	push(t);
	arm(t, at);
}

static void paced(struct ev *ev)
{
	push(container_of(ev, struct tcp, pacer));
}

static void acknowledge(struct tcp *t)
{
	t->unacked = 0;
	ev_cancel(&t->w->q, &t->delack);
	t->ops->ack(t, t->got | t->got_dup << 40);
}

static void delayed(struct ev *ev)
{
	acknowledge(container_of(ev, struct tcp, delack));
}

/* At the receiver: every second segment, and disorder, is acknowledged. */
void tcp_take_data(struct tcp *t, u64 k)
{
	u64 seq = tx_of(t, k)->seq, before = t->rx_next;
	struct tcp_seg *seg = seg_of(t, seq);

	if (seq < t->rx_next || seg->got) {
		t->got_dup++;
		acknowledge(t);
		return;
	}
	seg->got = true;
	t->order[t->got++ % TCP_RING] = k;
	while (t->rx_next < t->next && seg_of(t, t->rx_next)->got)
		t->rx_next++;
	if (t->rx_next > before)
		t->ops->in_order(t, t->rx_next - before);
	t->unacked++;
	if (t->unacked >= 2 || t->rx_next != before + 1)
		acknowledge(t);
	else if (!t->delack.slot)
		ev_set(&t->w->q, &t->delack, tcp_now(t) + DELACK);
}

void tcp_init(struct tcp *t, struct world *w, const struct tcp_ops *ops,
	      enum tcp_kind kind)
{
	static const struct tcp_cc *const ccs[] = {
		[TCP_RENO] = &tcp_reno, [TCP_CUBIC] = &tcp_cubic,
		[TCP_BBR] = &tcp_bbr,
	};

	*t = (struct tcp){
		.w = w, .ops = ops, .cc = ccs[kind], .limit = U64_MAX,
		.cwnd = 10 * TCP_ONE, .ssthresh = U64_MAX, .patience = 1,
		.timer.fn = timer, .pacer.fn = paced, .delack.fn = delayed,
		.seg = xalloc(TCP_RING * sizeof(struct tcp_seg)),
		.tx = xalloc(TCP_RING * sizeof(struct tcp_tx)),
		.order = xalloc(TCP_RING * sizeof(u64)),
		.lost = xalloc(TCP_RING * sizeof(u64)),
	};
	t->cc->init(t);
}

void tcp_start(struct tcp *t)
{
	t->running = true;
	push(t);
}

void tcp_stop(struct tcp *t)
{
	t->running = false;
}

void tcp_free(struct tcp *t)
{
	ev_cancel(&t->w->q, &t->timer);
	ev_cancel(&t->w->q, &t->pacer);
	ev_cancel(&t->w->q, &t->delack);
	free(t->seg);
	free(t->tx);
	free(t->order);
	free(t->lost);
}
