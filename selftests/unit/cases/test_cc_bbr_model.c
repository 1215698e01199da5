// SPDX-License-Identifier: GPL-2.0
/*
 * BBR against a model of its draft: draft-ietf-ccwg-bbr section 5 in floating
 * point, with windows as lists instead of filters and marks on packets instead
 * of spans, is told the same events; after each, state and outputs agree.
 */
#include <linux/array_size.h>

#include "cc/bbr.h"
#include "lib_cc.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS
#define SEC TQUIC_NS_PER_SEC
#define MDS ((double)CCSIM_MDS)
#define INF (__builtin_inf())
#define TINY 0.000001
#define HISTORY 1000000
#define NONE TQUIC_BBR_STATES

/* the draft's variables by their names; ns, bytes, bytes per second */
static struct model {
	double max_bw, bw, bw_shortterm, bw_latest;
	double inflight_latest, inflight_shortterm, inflight_longterm;
	double min_rtt, probe_rtt_min_delay;
	u64 min_rtt_stamp, probe_rtt_min_stamp, probe_rtt_done_stamp;
	double cycle_bw[100000];
	unsigned int cycle_count;
	u64 delivered, next_round_delivered, loss_round_delivered;
	u64 round_count, rounds_since_probe_up, drain_start_round;
	double full_bw;
	unsigned int full_bw_count;
	double extra_acked_by_round[HISTORY];
	u64 extra_acked_start;
	double extra_acked_delivered, extra_acked;
	u64 cycle_stamp;
	double bw_probe_wait;
	double probe_up_acked, probe_up_acked_per_inc;
	unsigned int probe_up_rounds;
	double cwnd, prior_cwnd, pacing_rate, quantum;
	double undo_bw_shortterm, undo_inflight_shortterm;
	double undo_inflight_longterm;
	int state, undo_state, ack_phase;
	bool round_start, loss_round_start, is_loss_in_round, is_ecn_in_round;
	bool undo_barred, is_bw_probe_sample, full_bw_now, full_bw_reached;
	bool prev_probe_too_high, prev_probe_precautionary;
	bool probe_rtt_expired, probe_rtt_round_done, idle_restart, seen_rtt;
	bool in_recovery;
	u64 recovery_sent;
	u64 loss_ranges;
	u64 marked_limited;
	bool limited_pkt[HISTORY];
	u64 pkts;
	u64 used_round, used_before;
	bool limited;
} m;

static const struct tquic_bbr *real;

static double maxf(double a, double b)
{
	return a > b ? a : b;
}

static double minf(double a, double b)
{
	return a < b ? a : b;
}

static double whole(double val)
{
	return (u64)val;
}

/* what passes at a rate in a time; the product is exact */
static double passes(double rate, double ns)
{
	return (u64)((long double)rate * ns / 1e9L);
}

static double pacing_gain(void)
{
	static const double gain[] = { 2.77, 0.5, 0.9, 1, 1, 1.25, 1 };

	return gain[m.state];
}

static double cwnd_gain(void)
{
	static const double gain[] = { 2, 2, 2, 2, 2, 2.25, 0.5 };

	return gain[m.state];
}

static bool in_probe_bw(void)
{
	return m.state == TQUIC_BBR_DOWN || m.state == TQUIC_BBR_CRUISE ||
	       m.state == TQUIC_BBR_REFILL || m.state == TQUIC_BBR_UP;
}

/* to whole bytes, for windows that are equal to stay so */
static double bdp(double bw, double gain)
{
	if (m.min_rtt == INF)
		return 10 * MDS;
	return whole(passes(bw, m.min_rtt) * gain + TINY);
}

static double quantized(double inflight)
{
	inflight = maxf(maxf(inflight, m.quantum), 4 * MDS);
	return m.state == TQUIC_BBR_UP ? inflight + 2 * MDS : inflight;
}

static double target_inflight(void)
{
	return minf(bdp(m.bw, 1), m.cwnd);
}

static double with_headroom(void)
{
	if (m.inflight_longterm == INF)
		return INF;
	return maxf(m.inflight_longterm -
		    maxf(MDS, 0.15 * m.inflight_longterm), 4 * MDS);
}

static double probe_rtt_cwnd(void)
{
	return maxf(bdp(m.bw, 0.5), 4 * MDS);
}

static bool cwnd_limited(void)
{
	return m.used_round || m.used_before;
}

static void save_cwnd(void)
{
	if (m.in_recovery || m.state == TQUIC_BBR_PROBE_RTT)
		m.prior_cwnd = maxf(m.prior_cwnd, m.cwnd);
	else
		m.prior_cwnd = m.cwnd;
}

static void save_state(void)
{
	save_cwnd();
	m.undo_state = NONE;
	m.undo_bw_shortterm = m.bw_shortterm;
	m.undo_inflight_shortterm = m.inflight_shortterm;
	m.undo_inflight_longterm = m.inflight_longterm;
	m.undo_barred = m.is_ecn_in_round;
}

static void reset_full_bw(double bw)
{
	m.full_bw = bw;
	m.full_bw_count = 0;
	m.full_bw_now = false;
}

static void start_round(void)
{
	m.next_round_delivered = m.delivered;
}

static void start_down(u64 now)
{
	m.is_loss_in_round = false;
	m.bw_latest = 0;
	m.inflight_latest = 0;
	/* random: taken over, in range */
	m.rounds_since_probe_up = real->rounds_since_probe_up;
	m.bw_probe_wait = real->bw_probe_wait;
	TQ_EXPECT(m.rounds_since_probe_up <= 1);
	TQ_EXPECT(m.bw_probe_wait >= 2 * SEC && m.bw_probe_wait < 3 * SEC);
	m.cycle_stamp = now;
	m.ack_phase = TQUIC_BBR_ACKS_STOPPING;
	start_round();
	m.state = TQUIC_BBR_DOWN;
}

static void start_refill(void)
{
	m.bw_shortterm = INF;
	m.inflight_shortterm = INF;
	m.probe_up_rounds = 0;
	m.probe_up_acked = 0;
	m.prev_probe_precautionary = false;
	m.ack_phase = TQUIC_BBR_ACKS_REFILLING;
	start_round();
	m.state = TQUIC_BBR_REFILL;
}

static void raise_slope(void)
{
	m.probe_up_acked_per_inc =
		maxf(whole(m.cwnd / (1ULL << m.probe_up_rounds)), MDS);
	if (m.probe_up_rounds < 30)
		m.probe_up_rounds++;
}

static void too_high(u64 now, double tx_in_flight, bool limited)
{
	m.prev_probe_too_high = true;
	m.is_bw_probe_sample = false;
	if (!limited)
		m.inflight_longterm =
			maxf(tx_in_flight,
			     whole(target_inflight() * 0.7 + TINY));
	if (m.state == TQUIC_BBR_UP) {
		m.undo_state = TQUIC_BBR_UP;
		start_down(now);
	}
}

static void note_loss(void)
{
	if (!m.is_loss_in_round) {
		m.loss_round_delivered = m.delivered;
		save_state();
	}
	m.is_loss_in_round = true;
}

static void m_loss(const struct tquic_cc_loss *loss)
{
	double prev, prefix;

	m.delivered = loss->delivered;
	if (!m.in_recovery)
		save_state();
	m.in_recovery = true;
	m.recovery_sent = loss->now;
	note_loss();
	m.loss_ranges += loss->ranges;
	if (!m.is_bw_probe_sample ||
	    loss->lost_since_tx <= 0.02 * loss->tx_in_flight)
		return;
	prev = (double)loss->tx_in_flight - loss->bytes;
	prefix = (0.02 * prev - ((double)loss->lost_since_tx - loss->bytes)) /
		 0.98;
	prefix = whole(maxf(prefix, 0) + TINY);
	too_high(loss->now, prev < 0 ? 0 : prev + prefix, loss->app_limited);
}

static void update_max_bw(const struct tquic_cc_sample *rs)
{
	double rate = rs->rate;

	m.round_start = rs->prior_delivered >= m.next_round_delivered;
	if (m.round_start) {
		start_round();
		m.round_count++;
		m.rounds_since_probe_up++;
		m.used_before = m.used_round;
		m.used_round = 0;
	}
	if (rate > 0 && (rate >= m.max_bw || !m.limited)) {
		m.cycle_bw[m.cycle_count] = maxf(m.cycle_bw[m.cycle_count],
						 rate);
		m.max_bw = m.cycle_bw[m.cycle_count];
		if (m.cycle_count)
			m.max_bw = maxf(m.max_bw,
					m.cycle_bw[m.cycle_count - 1]);
	}
}

static void adapt_lower_bounds(void)
{
	if (m.state == TQUIC_BBR_STARTUP || m.state == TQUIC_BBR_REFILL ||
	    m.state == TQUIC_BBR_UP || !m.is_loss_in_round)
		return;
	if (m.bw_shortterm == INF)
		m.bw_shortterm = m.max_bw;
	if (m.inflight_shortterm == INF)
		m.inflight_shortterm = m.cwnd;
	m.bw_shortterm = maxf(m.bw_latest,
			      whole(0.7 * m.bw_shortterm + TINY));
	m.inflight_shortterm =
		maxf(m.inflight_latest,
		     whole(0.7 * m.inflight_shortterm + TINY));
}

static void update_aggregation(const struct tquic_cc_sample *rs)
{
	double expected = passes(m.bw, rs->now - m.extra_acked_start);
	unsigned int i, len = m.full_bw_reached ? 10 : 1;

	if (m.extra_acked_delivered <= expected) {
		m.extra_acked_delivered = 0;
		m.extra_acked_start = rs->now;
		expected = 0;
	}
	m.extra_acked_delivered += rs->acked_bytes;
	m.extra_acked_by_round[m.round_count] =
		maxf(m.extra_acked_by_round[m.round_count],
		     minf(m.extra_acked_delivered - expected, m.cwnd));
	m.extra_acked = 0;
	for (i = 0; i < len && i <= m.round_count; i++)
		m.extra_acked = maxf(m.extra_acked,
				     m.extra_acked_by_round[m.round_count - i]);
}

static void check_full_bw(const struct tquic_cc_sample *rs)
{
	if (m.full_bw_now || !m.round_start || m.limited || !rs->rate)
		return;
	if (rs->rate >= m.full_bw * 1.25) {
		reset_full_bw(rs->rate);
		return;
	}
	if (++m.full_bw_count == 3) {
		m.full_bw_now = true;
		m.full_bw_reached = true;
	}
}

static void check_startup_drain(const struct tquic_cc_sample *rs)
{
	bool high = m.loss_ranges >= 6 &&
		    rs->lost_since_tx > 0.02 * rs->tx_in_flight;

	if (m.state == TQUIC_BBR_STARTUP && !m.full_bw_reached &&
	    m.loss_round_start && (high || m.is_ecn_in_round)) {
		m.undo_state = TQUIC_BBR_STARTUP;
		m.full_bw_now = true;
		m.full_bw_reached = true;
		m.inflight_longterm = maxf(bdp(m.max_bw, 1),
					   m.inflight_latest);
	}
	if (m.state == TQUIC_BBR_STARTUP && m.full_bw_reached) {
		m.state = TQUIC_BBR_DRAIN;
		m.drain_start_round = m.round_count;
	}
	if (m.state == TQUIC_BBR_DRAIN &&
	    (rs->in_flight <= quantized(bdp(m.bw, 1)) ||
	     m.round_count > m.drain_start_round + 3))
		start_down(rs->now);
}

static bool adapt_long_term(const struct tquic_cc_sample *rs)
{
	if (m.ack_phase == TQUIC_BBR_ACKS_STARTING && m.round_start)
		m.ack_phase = TQUIC_BBR_ACKS_FEEDBACK;
	if (m.ack_phase == TQUIC_BBR_ACKS_STOPPING && m.round_start) {
		m.is_bw_probe_sample = false;
		m.ack_phase = TQUIC_BBR_ACKS_INIT;
		if (in_probe_bw() && !m.limited &&
		    m.cycle_bw[m.cycle_count] > 0) {
			m.max_bw = m.cycle_bw[m.cycle_count];
			m.cycle_count++;
		}
		if (in_probe_bw() && m.prev_probe_precautionary &&
		    !m.prev_probe_too_high) {
			start_refill();
			return true;
		}
	}
	if (rs->lost_since_tx > 0.02 * rs->tx_in_flight || rs->ce_marks ||
	    m.inflight_longterm == INF)
		return false;
	m.inflight_longterm = maxf(m.inflight_longterm, rs->tx_in_flight);
	if (m.state != TQUIC_BBR_UP || !cwnd_limited() ||
	    m.cwnd < m.inflight_longterm)
		return false;
	m.probe_up_acked += rs->acked_bytes;
	if (m.probe_up_acked >= m.probe_up_acked_per_inc) {
		double delta = whole(m.probe_up_acked /
				     m.probe_up_acked_per_inc);

		m.probe_up_acked -= delta * m.probe_up_acked_per_inc;
		m.inflight_longterm += delta * MDS;
	}
	if (m.round_start)
		raise_slope();
	return false;
}

static bool time_to_probe(u64 now)
{
	return now > m.cycle_stamp + m.bw_probe_wait ||
	       m.rounds_since_probe_up >=
	       minf(whole(target_inflight() / MDS), 63);
}

static bool time_to_go_down(const struct tquic_cc_sample *rs)
{
	if (m.prev_probe_too_high && rs->in_flight >= m.inflight_longterm) {
		m.prev_probe_precautionary = true;
		return true;
	}
	if (cwnd_limited() && m.cwnd >= m.inflight_longterm) {
		reset_full_bw(rs->rate);
		return false;
	}
	return m.full_bw_now;
}

static void update_cycle(const struct tquic_cc_sample *rs)
{
	if (!m.full_bw_reached || adapt_long_term(rs))
		return;
	if (m.state == TQUIC_BBR_DOWN || m.state == TQUIC_BBR_CRUISE) {
		if (time_to_probe(rs->now))
			start_refill();
		else if (m.state == TQUIC_BBR_DOWN &&
			 rs->in_flight <= with_headroom() &&
			 rs->in_flight <= quantized(bdp(m.max_bw, 1)))
			m.state = TQUIC_BBR_CRUISE;
	} else if (m.state == TQUIC_BBR_REFILL && m.round_start) {
		m.is_bw_probe_sample = true;
		m.ack_phase = TQUIC_BBR_ACKS_STARTING;
		start_round();
		reset_full_bw(rs->rate);
		m.state = TQUIC_BBR_UP;
		raise_slope();
	} else if (m.state == TQUIC_BBR_UP && time_to_go_down(rs)) {
		m.prev_probe_too_high = false;
		start_down(rs->now);
	}
}

static void update_min_rtt(const struct tquic_cc_sample *rs)
{
	double rtt = rs->rtt;

	m.probe_rtt_expired = rs->now > m.probe_rtt_min_stamp + 5 * SEC;
	if (rs->rtt && (rtt < m.probe_rtt_min_delay || m.probe_rtt_expired)) {
		m.probe_rtt_min_delay = rtt;
		m.probe_rtt_min_stamp = rs->now;
	}
	if (m.probe_rtt_min_delay < m.min_rtt ||
	    rs->now > m.min_rtt_stamp + 10 * SEC) {
		m.min_rtt = m.probe_rtt_min_delay;
		m.min_rtt_stamp = m.probe_rtt_min_stamp;
	}
}

static void probe_rtt_done(u64 now)
{
	if (!m.probe_rtt_done_stamp || now <= m.probe_rtt_done_stamp)
		return;
	m.probe_rtt_min_stamp = now;
	m.cwnd = maxf(m.cwnd, m.prior_cwnd);
	m.bw_shortterm = INF;
	m.inflight_shortterm = INF;
	if (m.full_bw_reached) {
		start_down(now);
		m.state = TQUIC_BBR_CRUISE;
	} else {
		m.state = TQUIC_BBR_STARTUP;
	}
}

static void check_probe_rtt(const struct tquic_cc_sample *rs)
{
	if (m.state != TQUIC_BBR_PROBE_RTT && m.probe_rtt_expired &&
	    !m.idle_restart) {
		m.state = TQUIC_BBR_PROBE_RTT;
		save_cwnd();
		m.probe_rtt_done_stamp = 0;
		m.ack_phase = TQUIC_BBR_ACKS_STOPPING;
		start_round();
	}
	if (m.state == TQUIC_BBR_PROBE_RTT) {
		m.marked_limited = m.delivered + rs->in_flight;
		if (!m.probe_rtt_done_stamp &&
		    rs->in_flight <= probe_rtt_cwnd()) {
			m.probe_rtt_done_stamp = rs->now + 200 * MS;
			m.probe_rtt_round_done = false;
			start_round();
		} else if (m.probe_rtt_done_stamp) {
			m.probe_rtt_round_done |= m.round_start;
			if (m.probe_rtt_round_done)
				probe_rtt_done(rs->now);
		}
	}
	if (rs->delivered > rs->prior_delivered)
		m.idle_restart = false;
}

static void set_pacing_rate(double gain)
{
	double rate = gain * m.bw * 0.99;

	if (m.full_bw_reached || rate > m.pacing_rate)
		m.pacing_rate = rate;
}

static void set_quantum(void)
{
	m.quantum = maxf(minf(m.pacing_rate / 1000, 65536), 2 * MDS);
}

static void set_cwnd(const struct tquic_cc_sample *rs)
{
	double max_inflight = quantized(bdp(m.bw, cwnd_gain()) +
					m.extra_acked);
	double cap = INF;

	if (m.full_bw_reached)
		m.cwnd = minf(m.cwnd + rs->acked_bytes, max_inflight);
	else if (m.cwnd < max_inflight || rs->delivered < 10 * MDS)
		m.cwnd += rs->acked_bytes;
	m.cwnd = maxf(m.cwnd, 4 * MDS);
	if (m.state == TQUIC_BBR_PROBE_RTT)
		m.cwnd = minf(m.cwnd, probe_rtt_cwnd());
	if (m.state == TQUIC_BBR_CRUISE || m.state == TQUIC_BBR_PROBE_RTT)
		cap = with_headroom();
	else if (in_probe_bw())
		cap = m.inflight_longterm;
	cap = maxf(minf(cap, m.inflight_shortterm), 4 * MDS);
	m.cwnd = minf(m.cwnd, cap);
}

static void m_ack(const struct tquic_cc_sample *rs)
{
	double volume = rs->delivered - rs->prior_delivered;

	m.delivered = rs->delivered;
	m.limited = rs->app_limited || m.limited_pkt[rs->largest_acked];
	if (m.marked_limited && m.delivered > m.marked_limited)
		m.marked_limited = 0;
	if (rs->rtt && !m.seen_rtt) {
		m.seen_rtt = true;
		m.pacing_rate = 2.77 * 10 * MDS / (rs->srtt / 1e9);
	}
	if (rs->ce_marks && m.is_bw_probe_sample)
		too_high(rs->now, rs->tx_in_flight, rs->app_limited);
	m.bw_latest = maxf(m.bw_latest, rs->rate);
	m.inflight_latest = maxf(m.inflight_latest, volume);
	m.loss_round_start = rs->prior_delivered >= m.loss_round_delivered;
	if (m.loss_round_start)
		m.loss_round_delivered = m.delivered;
	update_max_bw(rs);
	if (m.loss_round_start) {
		adapt_lower_bounds();
		m.is_loss_in_round = false;
	}
	update_aggregation(rs);
	check_full_bw(rs);
	check_startup_drain(rs);
	update_cycle(rs);
	update_min_rtt(rs);
	check_probe_rtt(rs);
	if (m.loss_round_start) {
		m.bw_latest = rs->rate;
		m.inflight_latest = volume;
		m.loss_ranges = 0;
		m.is_ecn_in_round = false;
	}
	m.bw = minf(m.max_bw, m.bw_shortterm);
	if (m.in_recovery && rs->largest_acked_sent > m.recovery_sent) {
		m.in_recovery = false;
		m.cwnd = maxf(m.cwnd, m.prior_cwnd);
	}
	set_pacing_rate(pacing_gain());
	set_quantum();
	set_cwnd(rs);
}

static void m_spurious(void)
{
	int undo_state = m.undo_state;

	if (m.undo_barred)
		return;
	m.cwnd = maxf(m.cwnd, m.prior_cwnd);
	m.is_loss_in_round = false;
	reset_full_bw(0);
	m.bw_shortterm = maxf(m.bw_shortterm, m.undo_bw_shortterm);
	m.inflight_shortterm = maxf(m.inflight_shortterm,
				    m.undo_inflight_shortterm);
	m.inflight_longterm = maxf(m.inflight_longterm,
				   m.undo_inflight_longterm);
	m.undo_state = NONE;
	if (undo_state == TQUIC_BBR_STARTUP && m.state != TQUIC_BBR_STARTUP) {
		m.full_bw_reached = false;
		if (m.state != TQUIC_BBR_PROBE_RTT)
			m.state = TQUIC_BBR_STARTUP;
	} else if (undo_state == TQUIC_BBR_UP && m.state != TQUIC_BBR_UP &&
		   m.state != TQUIC_BBR_PROBE_RTT) {
		start_refill();
	}
}

static void m_init(u64 now)
{
	memset(&m, 0, sizeof(m));
	m.min_rtt = INF;
	m.min_rtt_stamp = now;
	m.probe_rtt_min_delay = INF;
	m.probe_rtt_min_stamp = now;
	m.bw_shortterm = INF;
	m.inflight_shortterm = INF;
	m.inflight_longterm = INF;
	m.extra_acked_start = now;
	m.undo_state = NONE;
	m.cwnd = 10 * MDS;
	m.pacing_rate = 2.77 * 10 * MDS / 0.001;
	set_quantum();
}

static void near(const char *what, u64 is, double want)
{
	double off = is > want ? is - want : want - is;

	if (want == INF ? is != TQUIC_BBR_INF : off > 3 + want * 0.0005)
		tq_fail(__FILE__, __LINE__, "%s is %llu, want %f", what,
			(unsigned long long)is, want);
}

static const char *last_event;

static void agree(struct tquic_cc *cc)
{
	tq_note("after %s, round %llu", last_event,
		(unsigned long long)m.round_count);
	TQ_ASSERT_EQ(real->state, m.state);
	TQ_ASSERT_EQ(real->ack_phase, m.ack_phase);
	TQ_ASSERT_EQ(real->round_count, m.round_count);
	TQ_ASSERT_EQ(real->round_start, m.round_start);
	TQ_EXPECT_EQ(real->full_bw_reached, m.full_bw_reached);
	TQ_EXPECT_EQ(real->full_bw_now, m.full_bw_now);
	TQ_EXPECT_EQ(real->full_bw_count, m.full_bw_count);
	TQ_EXPECT_EQ(real->idle_restart, m.idle_restart);
	TQ_EXPECT_EQ(real->is_loss_in_round, m.is_loss_in_round);
	TQ_EXPECT_EQ(real->prev_probe_too_high, m.prev_probe_too_high);
	TQ_EXPECT_EQ(real->prev_probe_precautionary,
		     m.prev_probe_precautionary);
	near("max_bw", real->max_bw, m.max_bw);
	near("bw", real->bw, m.bw);
	near("inflight_longterm", real->inflight_longterm,
	     m.inflight_longterm);
	near("inflight_shortterm", real->inflight_shortterm,
	     m.inflight_shortterm);
	near("extra_acked", real->extra_acked, m.extra_acked);
	near("cwnd", cc->cwnd, m.cwnd);
	near("pacing rate", cc->pacing_rate, m.pacing_rate);
	near("quantum", cc->quantum, m.quantum);
	TQ_EXPECT_EQ(cc->ssthresh, U64_MAX);
	TQ_EXPECT(real->state == TQUIC_BBR_STARTUP ||
		  cc->cwnd >= 2 * CCSIM_MDS);
}

/* the algorithm with the model told the same */
static int both_init(struct tquic_cc *cc, tquic_time_t now)
{
	int ret = tquic_bbr_ops.init(cc, now);

	real = tquic_bbr_priv(cc);
	m_init(now);
	last_event = "init";
	agree(cc);
	return ret;
}

static void both_sent(struct tquic_cc *cc, tquic_time_t now, u64 bytes,
		      u64 in_flight)
{
	TQ_ASSERT(m.pkts < HISTORY);
	m.limited_pkt[m.pkts++] = m.marked_limited;
	if (in_flight + MDS > m.cwnd)
		m.used_round++;
	tquic_bbr_ops.on_sent(cc, now, bytes, in_flight);
}

static void both_ack(struct tquic_cc *cc, const struct tquic_cc_sample *sample)
{
	last_event = "ack";
	tquic_bbr_ops.on_ack(cc, sample);
	m_ack(sample);
	agree(cc);
}

static void both_loss(struct tquic_cc *cc, const struct tquic_cc_loss *loss)
{
	last_event = "loss";
	tquic_bbr_ops.on_loss(cc, loss);
	m_loss(loss);
	agree(cc);
}

static void both_ecn(struct tquic_cc *cc, tquic_time_t now,
		     tquic_time_t largest_sent)
{
	last_event = "ecn";
	tquic_bbr_ops.on_ecn(cc, now, largest_sent);
	note_loss();
	m.is_ecn_in_round = true;
	m.undo_barred = true;
	agree(cc);
}

static void both_idle(struct tquic_cc *cc, tquic_time_t now, u64 idle)
{
	last_event = "idle";
	tquic_bbr_ops.on_idle_restart(cc, now, idle);
	m.idle_restart = true;
	m.extra_acked_start = now;
	if (in_probe_bw())
		set_pacing_rate(1);
	else if (m.state == TQUIC_BBR_PROBE_RTT)
		probe_rtt_done(now);
	agree(cc);
}

static void both_persistent(struct tquic_cc *cc, tquic_time_t now)
{
	last_event = "persistent";
	tquic_bbr_ops.on_persistent(cc, now);
	save_cwnd();
	m.in_recovery = true;
	m.recovery_sent = now;
	m.cwnd = 2 * MDS;
	agree(cc);
}

static void both_spurious(struct tquic_cc *cc, tquic_time_t now)
{
	last_event = "spurious";
	tquic_bbr_ops.on_spurious(cc, now);
	m_spurious();
	agree(cc);
}

static const struct tquic_cc_ops both_ops = {
	.name = "both",
	.priv_size = sizeof(struct tquic_bbr),
	.init = both_init,
	.on_sent = both_sent,
	.on_ack = both_ack,
	.on_loss = both_loss,
	.on_ecn = both_ecn,
	.on_persistent = both_persistent,
	.on_spurious = both_spurious,
	.on_idle_restart = both_idle,
};

/* now and then a loss proves spurious, or all of a flight was lost */
static void disturb(struct ccsim_flow *flow,
		    const struct tquic_cc_sample *sample)
{
	u64 draw = tq_rand_below(3000);

	if (draw < 6)
		flow->cc->ops->on_spurious(flow->cc, sample->now);
	else if (draw == 6)
		flow->cc->ops->on_persistent(flow->cc, sample->now);
}

static const struct ccsim paths[] = {
	{ .rate = 1250000, .rtt = 40 * MS, .queue = 50000 },
	{ .rate = 1250000, .rtt = 40 * MS, .queue = 12500, .loss_ppm = 3000 },
	{ .rate = 5000000, .rtt = 30 * MS, .queue = 90000,
	  .ack_slot = 10 * MS },
	{ .rate = 125000, .rtt = 300 * MS, .queue = 30000, .loss_ppm = 20000 },
	{ .rate = 12500000, .rtt = 5 * MS, .queue = 400000, .ce_queue = 40000 },
	{ .rate = 12500, .rtt = 20 * MS, .queue = 12000 },
	{ .rate = 2500000, .rtt = 80 * MS, .queue = 20000, .loss_ppm = 100,
	  .ack_slot = 3 * MS },
	{ .rate = 2500000, .rtt = 2 * MS, .queue = 100000, .loss_ppm = 50000 },
};

TQ_TEST(bbr_draft_5_agrees_with_the_model)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		unsigned int mode;

		for (mode = 0; mode < 4; mode++) {
			struct ccsim sim = paths[i];
			struct ccsim_flow *flow;

			flow = ccsim_add(&sim, &both_ops, SEC);
			if (mode & 1)
				flow->on_ack = disturb;
			if (mode & 2) {
				flow->app_rate = sim.rate * 2 / 3;
				flow->pause_from = 4 * SEC;
				flow->pause_to = 11 * SEC;
			}
			ccsim_run(&sim, 9 * SEC);
			sim.rate /= 2;
			flow->app_rate = 0;
			ccsim_run(&sim, 18 * SEC);
			sim.rate *= 4;
			ccsim_run(&sim, 26 * SEC);
			ccsim_free(&sim);
		}
	}
}

/* no path behaves like this: every branch, and orders that nothing expects */
static void junk(struct tquic_cc *cc, unsigned int events)
{
	static u64 sent_delivered[HISTORY], sent_at[HISTORY];
	u64 now = SEC, delivered = 0, pn = 0, acked = 0, in_flight = 0;
	unsigned int scale = 1 + tq_rand_below(30);
	struct tquic_cc_sample sample;
	struct tquic_cc_loss loss;

	while (events--) {
		now += tq_rand_below(1000 * (scale << tq_rand_below(16)));
		while (!acked || acked == pn || tq_rand_below(3)) {
			sent_delivered[pn] = delivered;
			sent_at[pn++] = now;
			acked += !acked;
			in_flight = tq_rand_below(40) * CCSIM_MDS;
			cc->ops->on_sent(cc, now, CCSIM_MDS, in_flight);
		}
		if (!tq_rand_below(25)) {
			loss = (struct tquic_cc_loss){
				.now = now,
				.bytes = (1 + tq_rand_below(3)) * CCSIM_MDS,
				.tx_in_flight = tq_rand_below(50) * CCSIM_MDS,
				.delivered = delivered,
				.ranges = 1 + tq_rand_below(4),
				.app_limited = !tq_rand_below(4),
			};
			loss.lost_since_tx = loss.bytes +
					     tq_rand_below(3) * 300;
			cc->ops->on_loss(cc, &loss);
		}
		if (!tq_rand_below(300))
			cc->ops->on_ecn(cc, now, now);
		if (!tq_rand_below(300))
			cc->ops->on_spurious(cc, now);
		if (!tq_rand_below(900))
			cc->ops->on_persistent(cc, now);
		if (!tq_rand_below(400))
			cc->ops->on_idle_restart(cc, now, 1);
		acked += 1 + tq_rand_below(pn - acked);
		acked = min(acked, pn - 1);
		sample = (struct tquic_cc_sample){
			.now = now,
			.acked_bytes = (1 + tq_rand_below(8)) * 700,
			.in_flight = tq_rand_below(60) * CCSIM_MDS / 2,
			.largest_acked = acked,
			.largest_acked_sent = sent_at[acked],
			.prior_delivered = sent_delivered[acked],
			.rtt = tq_rand_below(9) ?
			       (9 + tq_rand_below(99)) * MS / 4 : 0,
			.srtt = (9 + tq_rand_below(99)) * MS / 4,
			.tx_in_flight = tq_rand_below(60) * CCSIM_MDS,
			.lost_since_tx = tq_rand_below(3) ? 0 :
					 tq_rand_below(2000),
			.ce_marks = !tq_rand_below(60),
			.app_limited = !tq_rand_below(8),
		};
		delivered += sample.acked_bytes;
		sample.delivered = delivered;
		if (tq_rand_below(12))
			sample.rate = 500000 + tq_rand_below(700000);
		cc->ops->on_ack(cc, &sample);
	}
}

TQ_TEST(bbr_draft_5_agrees_with_the_model_on_junk)
{
	unsigned int run;

	for (run = 0; run < 60; run++) {
		struct tquic_cc *cc = ccsim_new(&both_ops, SEC);

		junk(cc, 4000);
		tquic_cc_free(cc);
	}
}
