// SPDX-License-Identifier: GPL-2.0
/*
 * What round-trip times tell: a base without queue, the noise around it, and
 * the queue above it.
 *
 * Noise only ever adds to an RTT, so the smallest of a few samples is looked
 * at.  Where jitter keeps the order of packets, that smallest one rises with
 * the rate at which they are sent, so that the base is not the smallest RTT
 * ever seen but what is measured while sending less (DRAIN) or what stays when
 * more is sent (PROBE).
 */
#include "poise.h"

/* noise beyond is no jitter */
#define TQUIC_POISE_NOISE_MAX	(25 * TQUIC_NS_PER_MS)
#define TQUIC_POISE_NOISE_SHIFT	4
#define TQUIC_POISE_NOISE_WINDOWS	3
/* a silence of less tells nothing */
#define TQUIC_POISE_GAP_MIN	(20 * TQUIC_NS_PER_MS)
#define TQUIC_POISE_BURST_MIN	(10 * TQUIC_NS_PER_MS)
/* a peer that told nothing for as long and some RTTs has ceased to */
#define TQUIC_POISE_TOLD	TQUIC_NS_PER_SEC
/* clocks drift by 1 ms in that time at most */
#define TQUIC_POISE_OFFSET_HALF	(5 * TQUIC_NS_PER_SEC)
/* the base is looked for once in so long, and in so many RTTs */
#define TQUIC_POISE_BASE_WAIT	(10 * TQUIC_NS_PER_SEC)
#define TQUIC_POISE_BASE_ROUNDS	40

void tquic_poise_delay_init(struct tquic_poise *p)
{
	p->base = U64_MAX;
	p->last_rtt = 0;
	p->recent_count = 0;
	tquic_poise_window_reset(p);
}

void tquic_poise_window_reset(struct tquic_poise *p)
{
	p->win = (struct tquic_poise_window){ .least = U64_MAX };
}

/* An RTT near the base was seen; paths look for theirs at different times. */
void tquic_poise_base_seen(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->base_at = now;
	p->base_wait = max(TQUIC_POISE_BASE_WAIT,
			   TQUIC_POISE_BASE_ROUNDS * p->base);
	p->base_wait += tquic_poise_scale(p->base_wait / 2,
					  tquic_cc_rand(cc) & U16_MAX,
					  U16_MAX);
}

/* the time that a link takes for so many packets */
static u64 tquic_poise_packets(const struct tquic_cc *cc, u32 count)
{
	const struct tquic_poise *p = (const struct tquic_poise *)cc->priv;

	if (!p->bw_high)
		return 0;
	return div64_u64((u64)count * cc->mds * TQUIC_NS_PER_SEC, p->bw_high);
}

/* the queue to aim for where none is bounded by losses or marks */
u64 tquic_poise_full_target(const struct tquic_cc *cc)
{
	const struct tquic_poise *p = (const struct tquic_poise *)cc->priv;
	u64 target = div_u64(p->base, TQUIC_POISE_TARGET_DIV);

	target = max(target, 2 * p->noise);
	return clamp(target, TQUIC_POISE_TARGET_MIN, TQUIC_POISE_TARGET_MAX);
}

/**
 * tquic_poise_target - delay of the queue to aim for
 * @cc: controller
 *
 * Enough for the link not to run dry between two looks at it: a share of the
 * RTT, two packets, and what noise would otherwise be mistaken for.
 *
 * Return: ns.
 */
u64 tquic_poise_target(const struct tquic_cc *cc)
{
	const struct tquic_poise *p = (const struct tquic_poise *)cc->priv;
	u64 target = tquic_poise_full_target(cc);

	target = max(target, tquic_poise_packets(cc, 2));
	return min(target, p->target_cap);
}

/* so many samples' smallest is near that of all */
u32 tquic_poise_samples(const struct tquic_poise *p)
{
	return p->noisy ? TQUIC_POISE_MANY : TQUIC_POISE_FEW;
}

/* the smallest of the newest @n samples, U64_MAX without so many */
u64 tquic_poise_recent(const struct tquic_poise *p, u32 n)
{
	u64 least = U64_MAX;
	u32 i;

	if (p->recent_count < n)
		return U64_MAX;
	for (i = 1; i <= n; i++)
		least = min(least, p->recent[(p->recent_count - i) %
					     TQUIC_POISE_RECENT]);
	return least;
}

static void tquic_poise_swing(struct tquic_poise_swing *swing, s64 diff,
			      u32 shift)
{
	s64 limit = TQUIC_POISE_NOISE_MAX;
	u64 rise, fall;

	diff = clamp(diff, -limit, limit);
	rise = diff > 0 ? diff : 0;
	fall = diff < 0 ? -diff : 0;
	swing->rises += (rise >> shift) - (swing->rises >> shift);
	swing->falls += (fall >> shift) - (swing->falls >> shift);
}

/* One packet more or less in the queue is no noise. */
static void tquic_poise_noise(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 samples = min(p->per_sample.rises, p->per_sample.falls);
	u64 windows = min(p->per_window.rises, p->per_window.falls);

	p->noise = 2 * max(samples, windows);
	p->noise -= min(p->noise / 4, tquic_poise_packets(cc, 1) / 2);
}

static void tquic_poise_noise_sample(struct tquic_cc *cc, u64 rtt)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u32 shift = min(ilog2(++p->rtts) + 1, TQUIC_POISE_NOISE_SHIFT);

	if (p->last_rtt)
		tquic_poise_swing(&p->per_sample, rtt - p->last_rtt, shift);
	p->last_rtt = rtt;
	tquic_poise_noise(cc);
}

/**
 * tquic_poise_compare - how far a window is from what the one before foretold
 * @cc: controller
 *
 * With a queue, delay changes as the congestion window does, sooner or later;
 * anything between that and no change is no surprise.
 */
void tquic_poise_compare(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 low, high;
	s64 diff = 0;

	if (p->prev_rtt) {
		high = tquic_poise_foretell(p, p->prev_rtt, p->prev_cwnd,
					    cc->cwnd);
		low = min(p->prev_rtt, high);
		high = max(p->prev_rtt, high);
		if (p->win.rtt < low)
			diff = p->win.rtt - low;
		else if (p->win.rtt > high)
			diff = p->win.rtt - high;
		tquic_poise_swing(&p->per_window, diff,
				  TQUIC_POISE_NOISE_WINDOWS);
		tquic_poise_noise(cc);
	}
	p->prev_rtt = p->win.rtt;
	p->prev_cwnd = cc->cwnd;
}

/* What has to come within @time for the link to have stood still. */
static u64 tquic_poise_gap_want(const struct tquic_poise *p, u64 in_flight,
				u64 time)
{
	return min(in_flight / 2, tquic_poise_bytes(p->bw / 2, time));
}

/**
 * tquic_poise_gap - watch for links that stand still
 * @p: state
 * @sample: acknowledgment
 *
 * Nothing came for long, then something does.  When it comes as fast as before
 * or at once, the link stood still, and delay and rate of what it held say
 * nothing of a queue; otherwise the path has become slow.
 */
void tquic_poise_gap(struct tquic_poise *p,
		     const struct tquic_cc_sample *sample)
{
	u64 gap = p->last_ack ? sample->now - p->last_ack : 0;
	u64 time = max(TQUIC_POISE_BURST_MIN, p->base / 4);
	/* as long as nothing was sent, nothing could come */
	u64 pause = sample->largest_acked_sent > p->last_acked_sent ?
		    sample->largest_acked_sent - p->last_acked_sent : 0;

	p->last_acked_sent = max(p->last_acked_sent,
				 sample->largest_acked_sent);
	if (p->base != U64_MAX && p->ack_gap && !p->gap_until &&
	    gap > pause + max(TQUIC_POISE_GAP_MIN, p->base / 2) &&
	    gap > 4 * p->ack_gap) {
		p->gap_until = sample->now + time;
		p->gap_want = tquic_poise_gap_want(p, sample->prior_in_flight,
						   time);
		p->gap_got = 0;
	}
	p->last_ack = sample->now;
	p->ack_gap = p->ack_gap ? (7 * p->ack_gap + gap) / 8 : gap;
	if (!p->gap_until)
		return;
	p->gap_got += sample->acked_bytes;
	if (p->gap_got >= p->gap_want) {
		p->thawed = sample->now;
		p->gap_until = 0;
		tquic_poise_window_reset(p);
		p->recent_count = 0;
	} else if (sample->now >= p->gap_until) {
		p->gap_until = 0;
	}
}

/**
 * tquic_poise_frozen - whether an acknowledgment tells of a link that stood
 *	still, as far as is known
 * @p: state
 * @sample: acknowledgment
 */
bool tquic_poise_frozen(const struct tquic_poise *p,
			const struct tquic_cc_sample *sample)
{
	return p->gap_until || sample->largest_acked_sent < p->thawed;
}

/*
 * What the window amounts to.  The smallest sample needs only a few to show a
 * queue, but among jitter it is an accident: there the mean tells more.  The
 * base is of the same kind, and moves along when the kind changes.
 */
static void tquic_poise_settle(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 mean = div_u64(p->win.sum, p->win.count);
	u64 limit = div_u64(max(tquic_poise_full_target(cc),
				tquic_poise_packets(cc, 2)), 3);
	u64 shift = min3(mean - p->win.least, p->noise * 3 / 2, p->base / 2);

	if (!p->noisy && p->noise > limit) {
		p->noisy = true;
		p->base += shift;
	} else if (p->noisy && p->noise < limit / 2) {
		p->noisy = false;
		p->base -= shift;
	}
	p->win.rtt = p->noisy ? mean : p->win.least;
	p->back = div_u64(p->win.back, p->win.count);
}

/*
 * What of the RTT was on the way back, above the least of late: the offset
 * between the clocks is found where the way back was quickest, and anew all the
 * time, since clocks drift.
 */
static u64 tquic_poise_way_back(struct tquic_poise *p,
				const struct tquic_cc_sample *sample)
{
	s64 offset = (s64)(sample->rtt - sample->owd);

	if (!p->told_at) {
		p->offset[0] = offset;
		p->offset[1] = offset;
		p->offset_at = sample->now;
	} else if (sample->now - p->offset_at > TQUIC_POISE_OFFSET_HALF) {
		p->offset[1] = p->offset[0];
		p->offset[0] = offset;
		p->offset_at = sample->now;
	}
	p->told_at = sample->now;
	p->offset[0] = min(p->offset[0], offset);
	offset -= min(p->offset[0], p->offset[1]);
	return min_t(u64, offset, sample->rtt - sample->rtt / 8);
}

/*
 * Whether a sample without time of arrival is of no use: samples with one were
 * taken of late, and are smaller.
 */
static bool tquic_poise_untold(const struct tquic_poise *p,
			       const struct tquic_cc_sample *sample)
{
	return !sample->owd && p->told_at &&
	       sample->now - p->told_at < TQUIC_POISE_TOLD + 4 * sample->srtt;
}

/* A few samples that no noise explains. */
bool tquic_poise_beyond(const struct tquic_cc *cc)
{
	const struct tquic_poise *p = (const struct tquic_poise *)cc->priv;
	u64 rtt = tquic_poise_recent(p, TQUIC_POISE_FEW);
	u64 target = tquic_poise_target(cc);

	return rtt != U64_MAX &&
	       rtt > p->base + target + max(target, 3 * p->noise);
}

/**
 * tquic_poise_delay_on_ack - take the RTT of an acknowledgment
 * @cc: controller
 * @sample: acknowledgment
 *
 * Return: whether the present window is complete.
 */
bool tquic_poise_delay_on_ack(struct tquic_cc *cc,
			      const struct tquic_cc_sample *sample)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt = min(sample->rtt, TQUIC_POISE_MAX_RTT), back = 0;
	struct tquic_poise_window *win = &p->win;

	if (!rtt || tquic_poise_frozen(p, sample) ||
	    tquic_poise_untold(p, sample))
		return false;
	if (sample->owd)
		back = min(tquic_poise_way_back(p, sample), rtt - 1);
	rtt -= back;
	if (p->base == U64_MAX || (p->first && rtt < p->base)) {
		p->base = rtt;
		tquic_poise_base_seen(cc, sample->now);
	}
	tquic_poise_noise_sample(cc, rtt);
	if (sample->app_limited || sample->largest_acked_sent < p->since) {
		tquic_poise_window_reset(p);
		p->recent_count = 0;
		return false;
	}
	p->recent[p->recent_count++ % TQUIC_POISE_RECENT] = rtt;
	if (!win->count) {
		win->from = sample->now;
		win->back_from = back;
	} else {
		win->acked += sample->acked_bytes;
	}
	win->back_to = back;
	win->back += back;
	win->least = min(win->least, rtt);
	win->sum += rtt;
	win->count++;
	if (p->state == TQUIC_POISE_HOLD && tquic_poise_beyond(cc)) {
		p->win.rtt = tquic_poise_recent(p, TQUIC_POISE_FEW);
		return true;
	}
	if (win->count < tquic_poise_samples(p) ||
	    sample->now - win->from < (p->base >> (p->noisy ? 1 : 2)))
		return false;
	tquic_poise_settle(cc);
	return true;
}
