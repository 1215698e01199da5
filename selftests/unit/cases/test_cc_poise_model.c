// SPDX-License-Identifier: GPL-2.0
/*
 * poise against a model of it: the rules of
 * Documentation/networking/tquic-cc.rst in floating point, told the same
 * events.  After each, all of the state and the outputs agree; then the model
 * takes over the whole numbers, so that roundings do not add up.  Where a
 * comparison was between equals but for rounding, and led elsewhere, it takes
 * over everything, which has to be rare.
 *
 * The curve of RIVAL is that of CUBIC, which test_cc_cubic.c compares with its
 * own model.
 */
#include <linux/array_size.h>
#include <stddef.h>

#include "cc/poise.h"
#include "lib_cc.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC
#define NONE	U64_MAX

/* the model's memory, its outputs, and what it acts upon */
static struct tquic_poise m;
static u64 m_cwnd, m_pace, m_ssthresh;
static const struct tquic_poise *real;
static struct tquic_cc *real_cc;
static bool tie;
static u64 ties, events;
static u64 seen[TQUIC_POISE_RIVAL + 1];

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

static double between(double val, double low, double high)
{
	return smaller(larger(val, low), high);
}

/* of what was rounded */
static bool below(double a, double b)
{
	double d = a > b ? a - b : b - a;

	if (d <= 8 + b / 1e9)
		tie = true;
	return a < b;
}

static u64 whole(double val)
{
	if (val >= 18e18)
		return NONE;
	return val > 0 ? (u64)val : 0;
}

static double bytes(double rate, double time)
{
	return rate * time / 1e9;
}

static double packets_time(double count)
{
	return m.bw_high ? count * CCSIM_MDS * 1e9 / m.bw_high : 0;
}

static double full_target(void)
{
	return between(larger(m.base / 10.0, 2.0 * m.noise), 5e6, 20e6);
}

static double target_of(void)
{
	return smaller(larger(full_target(), packets_time(2)), m.target_cap);
}

static double foretold(double rtt, double from, double to)
{
	return larger(rtt + (rtt + m.back) * (to - from) / from, 0);
}

static void set_cwnd(double cwnd)
{
	m_cwnd = whole(between(cwnd, 2 * CCSIM_MDS, 1ULL << 40));
}

static void forget_window(void)
{
	m.win = (struct tquic_poise_window){ .least = NONE };
}

static void look_from(u64 now)
{
	m.since = now;
	m.growing = false;
	forget_window();
}

/* random: taken over, in range */
static void base_seen(u64 now)
{
	double wait = larger(10e9, 40.0 * m.base);

	m.base_at = now;
	m.base_wait = real->base_wait;
	TQ_EXPECT(!below(m.base_wait, wait - 8) &&
		  !below(wait * 1.5 + 8, m.base_wait));
}

static void probe_later(u64 now)
{
	double wait = m.probe_rounds * ((double)m.base + m.queue);

	m.probe_at = real->probe_at;
	TQ_EXPECT(!below(m.probe_at, now + wait - 999) &&
		  !below(now + wait * 1.5 + 999, m.probe_at));
}

static void hold(u64 now, double cwnd)
{
	m.state = TQUIC_POISE_HOLD;
	m.idle = 0;
	m.high_windows = 0;
	m.press_cwnd = 0;
	m.level = 0;
	m.prev_rtt = 0;
	if (m.first)
		m_ssthresh = whole(cwnd);
	m.first = false;
	set_cwnd(cwnd);
	look_from(now);
}

static void ramp(u32 gain)
{
	m.state = TQUIC_POISE_RAMP;
	m.probe_rounds = 12;
	m.gain = gain;
	m.round_end = m.delivered + m_cwnd;
	m.bw_peak = 0;
	m.bw_round = 0;
	m.bw_before = 0;
	m.ramp_rtt = 0;
}

static void test_window(enum tquic_poise_state state, u64 now, double rtt,
			double cwnd)
{
	m.state = state;
	m.saved_cwnd = m_cwnd;
	m.saved_rtt = whole(rtt);
	m.saved_bw = max(m.bw, m.bw_high - m.bw_high / 8);
	m.sum_rtt = 0;
	m.sum_count = 0;
	m.sum_acked = 0;
	m.sum_time = 0;
	set_cwnd(cwnd);
	look_from(now);
}

static void drain(u64 now, double rtt, double cwnd)
{
	m.bw_peak = m.bw_latest;
	test_window(TQUIC_POISE_DRAIN, now, rtt, smaller(cwnd, m_cwnd));
}

static double recent_least(u32 n)
{
	double least = 1e300;
	u32 i;

	if (m.recent_count < n)
		return 1e300;
	for (i = 1; i <= n; i++)
		least = smaller(least, m.recent[(m.recent_count - i) % 16]);
	return least;
}

static bool surprising(void)
{
	double rtt = recent_least(4), target = target_of();

	return rtt < 1e300 &&
	       below(m.base + target + larger(target, 3.0 * m.noise), rtt);
}

/* --- a link that stands still --- */

static void m_gap(const struct tquic_cc_sample *s)
{
	u64 gap = m.last_ack ? s->now - m.last_ack : 0;
	u64 sent = s->largest_acked_sent, pause = 0;
	double time = larger(10e6, m.base / 4.0);

	if (sent > m.last_acked_sent) {
		pause = sent - m.last_acked_sent;
		m.last_acked_sent = sent;
	}
	if (m.base != NONE && m.ack_gap && !m.gap_until &&
	    below(pause + larger(20e6, m.base / 2.0), gap) &&
	    gap > 4 * m.ack_gap) {
		m.gap_until = whole(s->now + time);
		m.gap_want = whole(smaller(s->prior_in_flight / 2.0,
					   bytes(m.bw / 2.0, time)));
		m.gap_got = 0;
	}
	m.last_ack = s->now;
	m.ack_gap = m.ack_gap ? (7 * m.ack_gap + gap) / 8 : gap;
	if (!m.gap_until)
		return;
	m.gap_got += s->acked_bytes;
	if (!below(m.gap_got, m.gap_want)) {
		m.thawed = s->now;
		m.gap_until = 0;
		forget_window();
		m.recent_count = 0;
	} else if (s->now >= m.gap_until) {
		m.gap_until = 0;
	}
}

static bool standing_still(const struct tquic_cc_sample *s)
{
	return m.gap_until || s->largest_acked_sent < m.thawed;
}

static void m_rate(const struct tquic_cc_sample *s)
{
	if (!s->rate)
		return;
	m.bw_latest = s->rate;
	m.bw_peak = max(m.bw_peak, s->rate);
	m.bw_round = max(m.bw_round, s->rate);
	if (s->app_limited)
		m.bw = max(m.bw, s->rate);
	else if (!m.bw || m.state == TQUIC_POISE_RAMP)
		m.bw = s->rate;
	else
		m.bw = whole(m.bw + ((double)s->rate - m.bw) / 16);
	m.bw_high = max(m.bw, m.bw_high);
}

/* --- delay --- */

static void swing(struct tquic_poise_swing *sw, double diff, u32 shift)
{
	double weight = 1.0 / (1 << shift);
	double rise = between(diff, 0, 25e6), fall = between(-diff, 0, 25e6);

	sw->rises = whole(sw->rises + (rise - sw->rises) * weight);
	sw->falls = whole(sw->falls + (fall - sw->falls) * weight);
}

static void m_noise(void)
{
	double noise = 2 * larger(smaller(m.per_sample.rises,
					  m.per_sample.falls),
				  smaller(m.per_window.rises,
					  m.per_window.falls));

	m.noise = whole(noise - smaller(noise / 4, packets_time(1) / 2));
}

static void noise_of_sample(double rtt)
{
	u32 shift = 1, n;

	m.rtts++;
	for (n = m.rtts; n > 1 && shift < 4; n /= 2)
		shift++;
	if (m.last_rtt)
		swing(&m.per_sample, rtt - m.last_rtt, shift);
	m.last_rtt = whole(rtt);
	m_noise();
}

/* what the way back takes longer than at best in the last 5 to 10 s */
static double way_back(const struct tquic_cc_sample *s)
{
	s64 offset = s->rtt - s->owd;

	if (!m.told_at) {
		m.offset[0] = offset;
		m.offset[1] = offset;
		m.offset_at = s->now;
	} else if (s->now - m.offset_at > 5 * SEC) {
		m.offset[1] = m.offset[0];
		m.offset[0] = offset;
		m.offset_at = s->now;
	}
	m.told_at = s->now;
	m.offset[0] = min(m.offset[0], offset);
	return between(offset - smaller(m.offset[0], m.offset[1]), 0,
		       s->rtt - (double)(s->rtt / 8));
}

static void settle(void)
{
	double mean = (double)m.win.sum / m.win.count;
	double limit = larger(full_target(), packets_time(2)) / 3;
	double shift = smaller(smaller(mean - m.win.least, m.noise * 1.5),
			       m.base / 2.0);

	if (!m.noisy && below(limit, m.noise)) {
		m.noisy = true;
		m.base = whole(m.base + shift);
	} else if (m.noisy && below(m.noise, limit / 2)) {
		m.noisy = false;
		m.base = whole(m.base - whole(shift));
	}
	m.win.rtt = m.noisy ? whole(mean) : m.win.least;
	m.back = m.win.back / m.win.count;
}

static void take_sample(const struct tquic_cc_sample *s, double rtt,
			double back)
{
	m.recent[m.recent_count++ % 16] = whole(rtt);
	if (!m.win.count) {
		m.win.from = s->now;
		m.win.back_from = whole(back);
	} else {
		m.win.acked += s->acked_bytes;
	}
	m.win.back_to = whole(back);
	m.win.back += whole(back);
	m.win.least = min(m.win.least, whole(rtt));
	m.win.sum += whole(rtt);
	m.win.count++;
}

/* whether a window is complete */
static bool m_delay(const struct tquic_cc_sample *s)
{
	double rtt = smaller(s->rtt, 1ULL << 37), back = 0;

	if (rtt < 1 || standing_still(s) ||
	    (!s->owd && m.told_at && s->now - m.told_at < SEC + 4 * s->srtt))
		return false;
	if (s->owd)
		back = smaller(way_back(s), rtt - 1);
	rtt -= back;
	if (m.base == NONE || (m.first && rtt < m.base)) {
		m.base = whole(rtt);
		base_seen(s->now);
	}
	noise_of_sample(rtt);
	if (s->app_limited || s->largest_acked_sent < m.since) {
		forget_window();
		m.recent_count = 0;
		return false;
	}
	take_sample(s, rtt, back);
	if (m.state == TQUIC_POISE_HOLD && surprising()) {
		m.win.rtt = whole(recent_least(4));
		return true;
	}
	if (m.win.count < (m.noisy ? 16 : 4) ||
	    below(s->now - m.win.from, m.base / (m.noisy ? 2 : 4)))
		return false;
	settle();
	return true;
}

/* --- losses --- */

static void learn_cap(u64 now)
{
	if (m.queue > 2 * m.noise && m.queue < 40 * MS) {
		m.target_cap = whole(larger(smaller(m.target_cap,
						    m.queue * 0.625), 1e6));
		m.cap_at = now;
	}
}

static void forget_losses(u64 now)
{
	if (m.target_cap != NONE && now - m.cap_at > 5 * SEC) {
		m.target_cap += m.target_cap / 8;
		m.cap_at = now;
		if (m.target_cap > 20 * MS)
			m.target_cap = NONE;
	}
	if (m.ceiling == NONE || now < m.ceiling_until)
		return;
	m.ceiling = max(m.ceiling, m_cwnd);
	m.ceiling = whole(m.ceiling * (1 + m.ceiling_step / 1024.0));
	m.ceiling_step *= 2;
	m.ceiling_until = now + 4 * (m.base + m.queue);
	if (below(m.loss_cwnd * 1.25, m.ceiling)) {
		m.ceiling = NONE;
		m.ceiling_hold = SEC / 2;
		m.tolerance = 51;
	}
}

static void cut_for_losses(u64 now, double share, double own)
{
	double cwnd;

	m.undo_cwnd = m_cwnd;
	m.undo_ceiling = m.ceiling;
	if (!m.vain_cuts)
		m.loss_cwnd = m_cwnd;
	m.last_share = share;
	learn_cap(now);
	cwnd = m_cwnd * larger(1008 - larger(share - own, 0), 128) / 1024;
	if (m.state == TQUIC_POISE_RAMP)
		cwnd = smaller(cwnd, bytes(m.bw_latest, m.base));
	hold(now, cwnd);
	m.judge_from = now;
	m.ceiling = m_cwnd;
	m.ceiling_until = now + m.ceiling_hold;
	m.ceiling_step = 64;
	m.ceiling_hold = min(2 * m.ceiling_hold, 8 * SEC);
}

static void usual_losses(u32 share, u32 shift)
{
	double now = min(share, 256U) * 64.0;

	m.own_share += ((u32)now >> shift) - (m.own_share >> shift);
}

static void after_a_cut(u32 share)
{
	u32 last = m.last_share;

	if (share < last / 3)
		m.vain_cuts = 0;
	m.last_share = 0;
	if (share <= last - last / 3) {
		usual_losses(share, 0);
	} else if (share < 256 && ++m.vain_cuts >= 3) {
		m.tolerance = min(share * 3 / 2, 256U);
		m.own_share = share * 64;
		m.vain_cuts = 0;
		m.ceiling = NONE;
		set_cwnd(larger(m_cwnd, m.loss_cwnd));
	}
}

/* more than so many packets lose by chance: three standard deviations */
static bool too_many(double share, double packets)
{
	double own = larger(m.own_share / 64, 20);
	double over = larger(share - own, 0);

	return share > 256 ||
	       (share > m.tolerance && over * over * packets > 9 * own * 1024);
}

static bool m_judge(u64 now)
{
	u64 total = m.acked + m.lost, count = total / CCSIM_MDS;
	u32 share;

	forget_losses(now);
	if (now < m.judge_at ||
	    (count < 100 && (count < 20 || m.lost < 4 * CCSIM_MDS)))
		return false;
	share = 1024.0 * m.lost / total;
	m.acked = 0;
	m.lost = 0;
	m.judge_at = now + 2 * (m.base + m.queue);
	if (m.last_share)
		after_a_cut(share);
	if (too_many(share, count)) {
		cut_for_losses(now, share, m.own_share / 64);
		return true;
	}
	if (m.ceiling == NONE)
		usual_losses(share, 3);
	return false;
}

/* --- RIVAL --- */

static void enter_rival(u64 now)
{
	m.state = TQUIC_POISE_RIVAL;
	m.base = m.low;
	m.foreign = 0;
	m.ceiling = NONE;
	m.curve = (struct tquic_cubic_curve){
		.epoch = TQUIC_TIME_NEVER, .last_ack = now,
	};
	m.check_cwnd = 0;
	m.check_wait = 4 * SEC;
	m.check_at = now + m.check_wait;
	set_cwnd(max(m_cwnd, m.press_cwnd));
}

/* a queue was not ours: the second time it is somebody else's */
static bool foreign(u64 now, double rtt)
{
	double target;

	if (m.base <= m.low || now - m.low_at > 30 * SEC) {
		m.low = m.base;
		m.low_at = now;
	}
	target = between(m.low / 10.0, 5e6, 20e6);
	if (m.foreign && now - m.foreign_at > larger(5e9, 40 * rtt))
		m.foreign = 0;
	m.foreign_at = now;
	if (below(rtt, m.low + larger(4 * target, 3.0 * m.noise)) ||
	    ++m.foreign < 2)
		return false;
	enter_rival(now);
	return true;
}

static void leave_rival(u64 now)
{
	m.foreign = 1;
	m.foreign_at = now;
	base_seen(now);
	hold(now, smaller(m_cwnd, bytes(m.bw, m.base + target_of() + m.back)));
}

/* a controller for the curve to act upon */
static void on_curve(const struct tquic_cc_sample *s, u64 now)
{
	struct tquic_cc cc = *real_cc;

	cc.cwnd = m_cwnd;
	if (s)
		tquic_cubic_curve_grow(&cc, &m.curve, s);
	else
		tquic_cubic_curve_reduce(&cc, &m.curve, now);
	m_cwnd = cc.cwnd;
}

static void rival_ack(const struct tquic_cc_sample *s)
{
	if (s->app_limited || s->prior_in_flight < m_cwnd / 2 || m.check_cwnd)
		tquic_cubic_curve_pause(&m.curve, s->now);
	else if (s->largest_acked_sent >= m.curve.recovery_until)
		on_curve(s, s->now);
	m.curve.last_ack = s->now;
}

/* does less take from what is delivered, or from delay only? */
/* from the first packet of the window to the last, where they arrived */
static double window_time(u64 now)
{
	double time = now - m.win.from;

	return larger(time - ((double)m.win.back_to - m.win.back_from),
		      time / 2);
}

static void rival_answer(u64 now)
{
	double rate;

	m.sum_acked += m.win.acked;
	m.sum_time += whole(window_time(now));
	if (m.sum_time < m.win.rtt)
		return;
	rate = m.sum_acked * 1e9 / m.sum_time;
	if (below(m.win.rtt, m.check_rtt * 0.8) &&
	    below(m.check_bw * 15.0 / 16, rate)) {
		leave_rival(now);
		return;
	}
	set_cwnd(m.check_cwnd);
	m.check_cwnd = 0;
	m.check_at = now + m.check_wait;
	m.check_wait = min(2 * m.check_wait, 16 * SEC);
}

static void rival_window(u64 now)
{
	m.base = min(m.base, m.win.rtt);
	m.queue = m.win.rtt - m.base;
	if (!below(target_of(), m.queue)) {
		leave_rival(now);
	} else if (m.check_cwnd) {
		rival_answer(now);
	} else if (now >= m.check_at) {
		m.check_cwnd = m_cwnd;
		m.check_rtt = m.win.rtt;
		m.check_bw = m.bw;
		set_cwnd(m_cwnd / 10 * 7);
		m.since = now;
		m.sum_acked = 0;
		m.sum_time = 0;
	}
}

static void rival_loss(u64 now, u64 sent)
{
	if (sent < m.curve.recovery_until)
		return;
	if (m.check_cwnd)
		m_cwnd = m.check_cwnd;
	m.check_cwnd = 0;
	on_curve(NULL, now);
}

/* --- RAMP --- */

static double pipe_of(double rtt)
{
	return bytes(m.bw_peak, rtt + m.back) + m.ack_bytes / 2;
}

static double fit(double rtt)
{
	return (double)m_cwnd * (rtt + m.back) / (m.win.rtt + m.back);
}

static void ramp_end(u64 now, double rtt)
{
	m.judge_from = now;
	m.acked = 0;
	m.lost = 0;
	if (m.first)
		drain(now, rtt, bytes(m.bw_latest, m.base + m.back) * 3 / 4);
	else
		hold(now, smaller(m_cwnd, pipe_of(m.base + target_of())));
	probe_later(now);
}

static void m_ramp(const struct tquic_cc_sample *s)
{
	double rtt = recent_least(m.noisy ? 16 : 4);
	double rise = larger(between(m.base / 8.0, 4e6, 20e6), m.noise * 1.5);

	if (rtt < 1e300 && below(m.base + rise, rtt)) {
		m.ramp_rtt = whole(rtt);
		if (!m.noisy || (!m.first && surprising())) {
			ramp_end(s->now, rtt);
			return;
		}
	}
	if (s->delivered >= m.round_end) {
		if (m.ramp_rtt && m.bw_round < m.bw_before +
					       m.bw_before / 64 * m.gain) {
			ramp_end(s->now, m.ramp_rtt);
			return;
		}
		m.ramp_rtt = 0;
		m.bw_before = m.bw_round;
		m.bw_round = 0;
		m.gain = min(2 * m.gain, 16U);
		m.round_end = s->delivered + m_cwnd;
	}
	if (!s->app_limited && s->prior_in_flight >= m_cwnd / 2)
		set_cwnd(smaller(m_cwnd + s->acked_bytes * m.gain / 16,
				 max(m_cwnd, m.ceiling)));
}

/* --- DRAIN, PROBE --- */

static void m_drain(u64 now)
{
	double old = m.base, rtt, target;
	bool same;

	m.sum_rtt += m.win.rtt;
	m.sum_count++;
	rtt = m.sum_rtt / m.sum_count;
	if (!m.first && below(old + target_of(), rtt) &&
	    below(rtt, (foretold(m.saved_rtt, m.saved_cwnd, m_cwnd) +
			m.saved_rtt) / 2)) {
		/* ours, and there is more of it */
		set_cwnd(fit(old) * 3 / 4);
		m.sum_rtt = 0;
		m.sum_count = 0;
		look_from(now);
		return;
	}
	same = below(old + whole((m.saved_rtt - old) / 2), rtt);
	if (!m.first && m.press_cwnd && same && foreign(now, rtt))
		return;
	m.base = whole(rtt);
	m.queue = 0;
	base_seen(now);
	probe_later(now);
	target = target_of();
	if (m.first && same) {
		/* what ended the ramp was no queue */
		set_cwnd(m.saved_cwnd);
		ramp(8);
	} else if (m.first) {
		hold(now, pipe_of(rtt + target / 2));
	} else {
		if (m.press_cwnd && same)
			m.saved_cwnd = max(m.saved_cwnd, m.press_cwnd);
		else if (below(rtt + target, m.saved_rtt))
			m.saved_cwnd = whole(m.saved_cwnd *
					     (rtt + target + m.back) /
					     ((double)m.saved_rtt + m.back));
		hold(now, max(m_cwnd, m.saved_cwnd));
	}
}

static void m_probe(u64 now)
{
	double more = m_cwnd - m.saved_cwnd, half, rtt, rate;

	if (m.growing) {
		if (now > m.probe_at + 4 * (m.base + m.queue)) {
			probe_later(now);
			hold(now, m.saved_cwnd);
		}
		return;
	}
	m.sum_rtt += m.win.rtt;
	m.sum_acked += m.win.acked;
	m.sum_time += whole(window_time(now));
	if (++m.sum_count < 2)
		return;
	half = whole(more / 2);
	rtt = m.sum_rtt / m.sum_count;
	rate = m.sum_acked * 1e9 / larger(m.sum_time, 1);
	if (below(rtt, foretold(m.saved_rtt, m.saved_cwnd,
				m.saved_cwnd + half)) &&
	    below(m.saved_bw * (1 + half / m.saved_cwnd), rate)) {
		m.base = max(m.base, min(m.saved_rtt, m.win.rtt));
		m.queue = 0;
		base_seen(now);
		ramp(4);
		return;
	}
	m.probe_rounds = min(2 * m.probe_rounds, 96U);
	probe_later(now);
	hold(now, m.saved_cwnd);
}

/* --- HOLD --- */

static void compare(void)
{
	double same = m.prev_rtt, moved, low, high, diff = 0;

	if (m.prev_rtt) {
		moved = foretold(m.prev_rtt, m.prev_cwnd, m_cwnd);
		low = smaller(same, moved);
		high = larger(same, moved);
		diff = m.win.rtt - between(m.win.rtt, low, high);
		swing(&m.per_window, diff, 3);
		m_noise();
	}
	m.prev_rtt = m.win.rtt;
	m.prev_cwnd = m_cwnd;
}

static void base_falls(u64 now)
{
	double rtt = m.win.rtt;

	if (below(rtt + larger(m.noise, 0.5e6), m.base))
		m.base = whole(m.noisy ? (3.0 * m.base + rtt) / 4 : rtt);
	else if (rtt < m.base)
		m.base = whole(m.base - whole((m.base - rtt) / 16));
	m.queue = whole(rtt - m.base);
	if (below(m.queue, whole(target_of() / 4)))
		base_seen(now);
}

static bool cuts_are_in_vain(void)
{
	double moved;

	if (!m.press_cwnd || m_cwnd > m.press_cwnd - m.press_cwnd / 4)
		return false;
	moved = foretold(m.press_rtt, m.press_cwnd, m_cwnd);
	if (below((moved + m.press_rtt) / 2, m.win.rtt))
		return true;
	m.press_cwnd = m_cwnd;
	m.press_rtt = m.win.rtt;
	return false;
}

/* a drain or a probe is due */
static bool doubts(u64 now)
{
	double more;

	if (m.high_windows > 3 || cuts_are_in_vain() ||
	    now - m.base_at > m.base_wait) {
		drain(now, m.win.rtt, fit(m.base) * 3 / 4);
		return true;
	}
	if (!m.noisy || now <= m.probe_at || !m.limited)
		return false;
	more = between(m_cwnd * 3.0 * m.noise / m.level, m_cwnd / 8,
		       m_cwnd / 4);
	test_window(TQUIC_POISE_PROBE, now, m.level,
		    m_cwnd + larger(whole(more), 2 * CCSIM_MDS));
	m.growing = true;
	return true;
}

/* no queue at all */
static void spread(void)
{
	if (!m.idle)
		m.idle_bw = max(m.bw_latest, whole(m.bw_high * 7 / 8.0));
	if (m.idle >= 2 && m.ceiling == NONE &&
	    m.bw_latest > m.idle_bw + m.idle_bw / 8) {
		ramp(4);
		return;
	}
	set_cwnd(smaller(m_cwnd + m_cwnd / (m.idle ? 8 : 16),
			 max(m_cwnd, m.ceiling)));
	m.idle++;
	m.growing = true;
}

static void too_long(u64 now, double target)
{
	double cwnd = fit(m.base + target), rate;

	if (!m.noisy) {
		rate = whole(m.win.acked * 1e9 /
			     larger(whole(window_time(now)), 1));
		cwnd = smaller(cwnd, bytes(rate, m.base + target + m.back));
	}
	set_cwnd(larger(cwnd, m_cwnd / 8));
	look_from(now);
}

static void m_hold(u64 now)
{
	double rtt = m.win.rtt, target, half_way;
	bool over;

	compare();
	base_falls(now);
	target = whole(target_of());
	m.level = m.level ? (7 * m.level + m.win.rtt) / 8 : m.win.rtt;
	over = below(target, m.queue);
	if (!below(target - whole(target / 4), m.queue)) {
		m.press_cwnd = 0;
	} else if (over && !m.press_cwnd) {
		m.press_cwnd = m_cwnd;
		m.press_rtt = rtt;
	}
	m.high_windows = below(target + whole(target / 2), m.queue) ?
			 m.high_windows + 1 : 0;
	if (doubts(now))
		return;
	half_way = (whole(fit(m.base + target)) + m_cwnd) / 2;
	if (m.high_windows) {
		m.idle = 0;
		too_long(now, target);
	} else if (over) {
		m.idle = 0;
		set_cwnd(half_way);
		look_from(now);
	} else if (m.limited && !m.growing && m.queue <= whole(target / 4)) {
		spread();
	} else if (m.limited && !m.growing) {
		m.idle = 0;
		set_cwnd(smaller(half_way, max(m_cwnd, m.ceiling)));
		m.growing = true;
	}
}

/* --- events --- */

static void m_window(u64 now)
{
	if (m.state == TQUIC_POISE_HOLD)
		m_hold(now);
	else if (m.state == TQUIC_POISE_DRAIN)
		m_drain(now);
	else if (m.state == TQUIC_POISE_PROBE)
		m_probe(now);
	else
		rival_window(now);
	m.limited = false;
	forget_window();
}

static void pace(void)
{
	double rtt = m.base == NONE ? (double)real_cc->srtt :
				      (double)m.base + m.queue + m.back;
	double gain = 1.12;

	if (m.state == TQUIC_POISE_RAMP)
		gain = (112 + 88 * m.gain / 16) / 100.0;
	else if (m.state == TQUIC_POISE_PROBE)
		gain = 1.37;
	else if (m.state == TQUIC_POISE_DRAIN)
		gain = 1;
	else if (m.state == TQUIC_POISE_RIVAL)
		gain = 1.25;
	m_pace = whole(whole(m_cwnd * gain + 1 / 1e6) * 1e9 /
		       larger(rtt, 1000));
	if (m.state == TQUIC_POISE_HOLD && m.bw_high)
		m_pace = min(m_pace, whole(m.bw_high * 1.2));
	if (m.ceiling != NONE && m.bw)
		m_pace = min(m_pace, m.bw + m.bw / 1024 * m.ceiling_step);
	m_pace = larger(m_pace, whole(2.0 * real_cc->mds * 1e9 /
				      larger(rtt, 1000)));
}

static void m_ack(const struct tquic_cc_sample *s)
{
	bool complete;

	m.started = true;
	m.delivered = s->delivered;
	if (s->largest_acked_sent >= m.judge_from)
		m.acked += s->acked_bytes;
	m.ack_bytes = max(s->acked_bytes, m.ack_bytes - m.ack_bytes / 64);
	m_gap(s);
	if (!standing_still(s))
		m_rate(s);
	if (s->prior_in_flight + 3 * CCSIM_MDS >= m_cwnd ||
	    s->prior_in_flight >= m_cwnd / 8 * 7) {
		m.limited = true;
		if (m.growing)
			look_from(s->now);
	}
	complete = m_delay(s);
	if (m.base == NONE)
		return;
	if (complete)
		m.bw_high -= m.bw_high / 64;
	if (m.state == TQUIC_POISE_RIVAL)
		rival_ack(s);
	else if (m_judge(s->now))
		complete = false;
	if (m.state == TQUIC_POISE_RAMP)
		m_ramp(s);
	else if (complete)
		m_window(s->now);
	pace();
}

static void m_restart(void)
{
	m.base = NONE;
	m.last_rtt = 0;
	m.recent_count = 0;
	forget_window();
	m.acked = 0;
	m.lost = 0;
	m.tolerance = 51;
	m.ceiling = NONE;
	m.ceiling_hold = SEC / 2;
	m.target_cap = NONE;
	m.bw = 0;
	m.bw_high = 0;
	m.queue = 0;
	m.noise = 0;
	m.back = 0;
	m.first = true;
	m.low = NONE;
	m.foreign = 0;
	m_ssthresh = NONE;
	ramp(16);
}

/* --- agreement --- */

#define WIDE(name) { #name, offsetof(struct tquic_poise, name) }

static const struct {
	const char *name;
	size_t at;
} wide[] = {
	WIDE(base), WIDE(base_at), WIDE(base_wait), WIDE(noise),
	WIDE(per_sample.rises), WIDE(per_sample.falls),
	WIDE(per_window.rises), WIDE(per_window.falls), WIDE(last_rtt),
	WIDE(win.least), WIDE(win.sum), WIDE(win.back), WIDE(win.acked),
	WIDE(win.from), WIDE(win.back_from), WIDE(win.back_to),
	WIDE(queue), WIDE(level), WIDE(prev_rtt),
	WIDE(prev_cwnd), WIDE(told_at), WIDE(offset[0]), WIDE(offset[1]),
	WIDE(offset_at), WIDE(back), WIDE(last_ack), WIDE(last_acked_sent),
	WIDE(ack_gap), WIDE(gap_until), WIDE(gap_want), WIDE(gap_got),
	WIDE(thawed), WIDE(ack_bytes), WIDE(bw), WIDE(bw_high), WIDE(bw_peak),
	WIDE(bw_latest), WIDE(bw_round), WIDE(bw_before), WIDE(ramp_rtt),
	WIDE(since), WIDE(idle_bw), WIDE(press_cwnd), WIDE(press_rtt),
	WIDE(probe_at), WIDE(round_end), WIDE(delivered), WIDE(saved_cwnd),
	WIDE(saved_rtt), WIDE(saved_bw), WIDE(sum_rtt), WIDE(sum_acked),
	WIDE(sum_time), WIDE(acked), WIDE(lost), WIDE(judge_from),
	WIDE(judge_at), WIDE(loss_cwnd), WIDE(ceiling), WIDE(ceiling_until),
	WIDE(ceiling_hold), WIDE(target_cap), WIDE(cap_at),
	WIDE(recovery_until), WIDE(undo_cwnd), WIDE(undo_ceiling), WIDE(low),
	WIDE(low_at), WIDE(foreign_at), WIDE(check_at), WIDE(check_wait),
	WIDE(check_cwnd), WIDE(check_rtt), WIDE(check_bw), WIDE(curve.epoch),
	WIDE(curve.w_max), WIDE(curve.w_est), WIDE(curve.k),
};

static bool close_to(u64 a, u64 b)
{
	u64 d = a > b ? a - b : b - a;

	return d <= 16 + max(a, b) / 100000000;
}

/* a byte more or less of a window of a few packets */
/* below a ceiling, one of 1024 parts of the rate may count or not */
static bool rates_close(u64 a, u64 b)
{
	u64 d = a > b ? a - b : b - a;

	if (m.ceiling != NONE)
		d -= min_t(u64, d, m.ceiling_step);
	return d <= 16 + max(a, b) / 1000;
}

/* the name of what differs, NULL for nothing */
static const char *differs(const struct tquic_cc *cc)
{
	const u8 *a = (const u8 *)real, *b = (const u8 *)&m;
	unsigned int i;

	if (real->state != m.state)
		return "state";
	for (i = 0; i < ARRAY_SIZE(wide); i++)
		if (!close_to(*(const u64 *)(a + wide[i].at),
			      *(const u64 *)(b + wide[i].at)))
			return wide[i].name;
	if (real->noisy != m.noisy || real->first != m.first ||
	    real->growing != m.growing || real->limited != m.limited ||
	    real->started != m.started)
		return "flags";
	if (real->rtts != m.rtts || real->recent_count != m.recent_count ||
	    real->win.count != m.win.count || real->idle != m.idle ||
	    real->high_windows != m.high_windows ||
	    real->sum_count != m.sum_count || real->foreign != m.foreign ||
	    real->vain_cuts != m.vain_cuts)
		return "counts";
	if (real->gain != m.gain || real->probe_rounds != m.probe_rounds ||
	    real->tolerance != m.tolerance ||
	    real->own_share != m.own_share ||
	    real->last_share != m.last_share ||
	    real->ceiling_step != m.ceiling_step)
		return "shares";
	if (!close_to(cc->cwnd, m_cwnd))
		return "cwnd";
	if (!rates_close(cc->pacing_rate, m_pace))
		return "pacing rate";
	return close_to(cc->ssthresh, m_ssthresh) ? NULL : "ssthresh";
}

static void take_over(const struct tquic_cc *cc)
{
	m = *real;
	m_cwnd = cc->cwnd;
	m_pace = cc->pacing_rate;
	m_ssthresh = cc->ssthresh;
}

static void agree(const struct tquic_cc *cc, const char *event)
{
	const char *what = differs(cc);

	events++;
	seen[real->state]++;
	if (what && !tie) {
		tq_note("%s: %s; state %u, model %u; window %llu, model %llu",
			event, what, real->state, m.state,
			(unsigned long long)cc->cwnd,
			(unsigned long long)m_cwnd);
		TQ_EXPECT(!"agrees with the model");
	}
	ties += what && tie;
	tie = false;
	take_over(cc);
}

static int both_init(struct tquic_cc *cc, tquic_time_t now)
{
	int ret = tquic_poise_ops.init(cc, now);

	real = tquic_poise_priv(cc);
	real_cc = cc;
	m = (struct tquic_poise){};
	m_cwnd = tquic_cc_initial_window(CCSIM_MDS);
	m_restart();
	m_pace = whole(m_cwnd * 2e9 / cc->initial_rtt);
	agree(cc, "init");
	return ret;
}

static void both_ack(struct tquic_cc *cc, const struct tquic_cc_sample *sample)
{
	tquic_poise_ops.on_ack(cc, sample);
	m_ack(sample);
	agree(cc, "ack");
}

static void both_loss(struct tquic_cc *cc, const struct tquic_cc_loss *loss)
{
	tquic_poise_ops.on_loss(cc, loss);
	m.started = true;
	if (m.state == TQUIC_POISE_RIVAL)
		rival_loss(loss->now, loss->largest_sent);
	else if (loss->largest_sent >= m.judge_from)
		m.lost += loss->bytes;
	agree(cc, "loss");
}

static void both_ecn(struct tquic_cc *cc, tquic_time_t now,
		     tquic_time_t largest_sent)
{
	tquic_poise_ops.on_ecn(cc, now, largest_sent);
	m.started = true;
	m.undo_cwnd = 0;
	if (largest_sent >= m.recovery_until) {
		m.recovery_until = now + 1;
		if (m.state == TQUIC_POISE_RIVAL) {
			rival_loss(now, largest_sent);
		} else {
			learn_cap(now);
			hold(now, m_cwnd * 7.0 / 8);
			pace();
		}
	}
	agree(cc, "mark");
}

static void both_persistent(struct tquic_cc *cc, tquic_time_t now)
{
	tquic_poise_ops.on_persistent(cc, now);
	set_cwnd(0);
	m_restart();
	pace();
	agree(cc, "persistent congestion");
}

static void both_spurious(struct tquic_cc *cc, tquic_time_t now)
{
	tquic_poise_ops.on_spurious(cc, now);
	if (m.undo_cwnd > m_cwnd) {
		m_cwnd = m.undo_cwnd;
		m.ceiling = m.undo_ceiling;
		pace();
	}
	m.undo_cwnd = 0;
	m.lost = 0;
	agree(cc, "undo");
}

static const struct tquic_cc_ops both_ops = {
	.name = "both",
	.priv_size = sizeof(struct tquic_poise),
	.init = both_init,
	.on_ack = both_ack,
	.on_loss = both_loss,
	.on_ecn = both_ecn,
	.on_persistent = both_persistent,
	.on_spurious = both_spurious,
};

/* now and then a loss proves spurious, or all of a flight was lost */
static void disturb(struct ccsim_flow *flow,
		    const struct tquic_cc_sample *sample)
{
	u64 draw = tq_rand_below(6000);

	if (draw < 6)
		flow->cc->ops->on_spurious(flow->cc, sample->now);
	else if (draw == 6)
		flow->cc->ops->on_persistent(flow->cc, sample->now);
}

static const struct ccsim paths[] = {
	{ .rate = 1250000, .rtt = 40 * MS, .queue = 50000 },
	{ .rate = 1250000, .rtt = 40 * MS, .queue = 500000,
	  .loss_ppm = 20000 },
	{ .rate = 2500000, .rtt = 30 * MS, .queue = 200000,
	  .ack_slot = 10 * MS },
	{ .rate = 2500000, .rtt = 50 * MS, .queue = 600000, .jitter = 9 * MS },
	{ .rate = 6250000, .rtt = 5 * MS, .queue = 400000,
	  .ce_queue = 15000 },
	{ .rate = 12500, .rtt = 20 * MS, .queue = 12000 },
	{ .rate = 2500000, .rtt = 80 * MS, .queue = 8000, .slot = 5 * MS,
	  .jitter = 3 * MS },
	{ .rate = 1250000, .rtt = 20 * MS, .queue = 300000,
	  .loss_ppm = 90000 },
	{ .rate = 1250000, .rtt = 50 * MS, .queue = 900000,
	  .freeze_every = 4 * SEC, .freeze_min = 200 * MS,
	  .freeze_max = 800 * MS },
	{ .rate = 1250000, .rtt = 20 * MS, .bucket = 30000 },
};

static void run_path(struct ccsim sim, unsigned int mode)
{
	struct ccsim_flow *flow = ccsim_add(&sim, &both_ops, SEC);

	if (mode & 1)
		flow->on_ack = disturb;
	if (mode & 2) {
		flow->app_rate = sim.rate * 2 / 3;
		flow->pause_from = 4 * SEC;
		flow->pause_to = 7 * SEC;
	}
	if (mode & 4)
		ccsim_add(&sim, &tquic_cubic_ops, 3 * SEC);
	ccsim_run(&sim, 12 * SEC);
	sim.rate /= 3;
	flow->app_rate = 0;
	ccsim_run(&sim, 20 * SEC);
	sim.rate *= 5;
	sim.rtt += 15 * MS;
	ccsim_run(&sim, 30 * SEC);
	/* a longer route, and then the neighbour is gone */
	if (mode & 4)
		sim.flows[1].start = 3600 * SEC;
	ccsim_run(&sim, 60 * SEC);
	ccsim_free(&sim);
}

TQ_TEST(poise_agrees_with_the_model)
{
	unsigned int i, mode;

	ties = 0;
	events = 0;
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		for (mode = 0; mode < 8; mode++) {
			tq_note("path %u, mode %u", i, mode);
			run_path(paths[i], mode);
		}
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		TQ_EXPECT(seen[i] > 100);
	TQ_EXPECT(ties * 2000 < events);
}

/* no path behaves like this: every branch, and orders that nothing expects */
static void junk(struct tquic_cc *cc, unsigned int count)
{
	u64 now = SEC, delivered = 0, base = (5 + tq_rand_below(100)) * MS;
	unsigned int gap = 1 + tq_rand_below(40);

	while (count--) {
		struct tquic_cc_sample sample = { };

		now += tq_rand_below((u64)gap * MS) / (1 + tq_rand_below(8));
		if (!tq_rand_below(400))
			now += SEC;
		if (!tq_rand_below(12)) {
			struct tquic_cc_loss loss = {
				.now = now,
				.bytes = (1 + tq_rand_below(9)) * CCSIM_MDS,
				.largest_sent = now - tq_rand_below(base),
			};

			cc->ops->on_loss(cc, &loss);
		}
		/* all of a flight, and more than one */
		if (!tq_rand_below(500)) {
			struct tquic_cc_loss loss = {
				.now = now,
				.bytes = 200 * CCSIM_MDS,
				.largest_sent = now,
			};

			cc->ops->on_loss(cc, &loss);
		}
		if (!tq_rand_below(300))
			cc->ops->on_ecn(cc, now, now - tq_rand_below(base));
		if (!tq_rand_below(300))
			cc->ops->on_spurious(cc, now);
		if (!tq_rand_below(3000))
			cc->ops->on_persistent(cc, now);
		if (!tq_rand_below(500))
			base = (5 + tq_rand_below(100)) * MS;
		sample.now = now;
		sample.acked_bytes = (1 + tq_rand_below(8)) * 700;
		sample.prior_in_flight = tq_rand_below(3) * cc->cwnd / 2;
		sample.largest_acked_sent = now - min(now, base);
		sample.rtt = tq_rand_below(9) ?
			     base + tq_rand_below(base / 4) : 0;
		sample.owd = tq_rand_below(3) ? sample.rtt / 2 : 0;
		sample.srtt = base;
		delivered += sample.acked_bytes;
		sample.delivered = delivered;
		sample.rate = tq_rand_below(5) ?
			      400000 + tq_rand_below(900000) : 0;
		sample.app_limited = !tq_rand_below(20);
		cc->srtt = base;
		cc->ops->on_ack(cc, &sample);
	}
}

TQ_TEST(poise_agrees_with_the_model_on_junk)
{
	unsigned int run;

	ties = 0;
	events = 0;
	for (run = 0; run < 60; run++) {
		struct tquic_cc *cc = ccsim_new(&both_ops, SEC);

		junk(cc, 4000);
		tquic_cc_free(cc);
	}
	TQ_EXPECT(ties * 2000 < events);
}
