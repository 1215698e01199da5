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

	target = max(target, p->noise);
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
	p->noise -= min(p->noise / 2, tquic_poise_packets(cc, 1));
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
 * With a queue, delay changes as the congestion window does.
 */
void tquic_poise_compare(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 foretold;

	if (p->prev_rtt) {
		foretold = tquic_poise_scale(p->prev_rtt, cc->cwnd,
					     p->prev_cwnd);
		tquic_poise_swing(&p->per_window, p->win.rtt - foretold,
				  TQUIC_POISE_NOISE_WINDOWS);
		tquic_poise_noise(cc);
	}
	p->prev_rtt = p->win.rtt;
	p->prev_cwnd = cc->cwnd;
}

/*
 * Nothing came for long, then something does.  When that is half of what was
 * in flight at once, the link stood still and what it held says nothing of a
 * queue; otherwise the path has become slow.
 *
 * Returns whether that is not known yet.
 */
static bool tquic_poise_gap(struct tquic_poise *p,
			    const struct tquic_cc_sample *sample)
{
	u64 gap = p->last_ack ? sample->now - p->last_ack : 0;

	if (gap > max(TQUIC_POISE_GAP_MIN, p->base / 2) && p->ack_gap &&
	    gap > 4 * p->ack_gap && !p->gap_until) {
		p->gap_until = sample->now +
			       max(TQUIC_POISE_BURST_MIN, p->base / 4);
		p->gap_want = sample->prior_in_flight / 2;
		p->gap_got = 0;
	}
	p->last_ack = sample->now;
	p->ack_gap = p->ack_gap ? (7 * p->ack_gap + gap) / 8 : gap;
	if (!p->gap_until)
		return false;
	p->gap_got += sample->acked_bytes;
	if (p->gap_got >= p->gap_want) {
		p->thawed = sample->now;
		p->gap_until = 0;
		tquic_poise_window_reset(p);
		p->recent_count = 0;
		return false;
	}
	if (sample->now < p->gap_until)
		return true;
	p->gap_until = 0;
	return false;
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
	u64 limit = max(tquic_poise_full_target(cc),
			tquic_poise_packets(cc, 2)) / 4;
	u64 shift = min3(mean - p->win.least, p->noise * 3 / 2, p->base / 2);

	if (!p->noisy && p->noise > limit) {
		p->noisy = true;
		p->base += shift;
	} else if (p->noisy && p->noise < limit / 2) {
		p->noisy = false;
		p->base -= shift;
	}
	p->win.rtt = p->noisy ? mean : p->win.least;
}

/* A few samples that no noise explains need not wait for others. */
static bool tquic_poise_sudden(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt = tquic_poise_recent(p, TQUIC_POISE_FEW);
	u64 target = tquic_poise_target(cc);

	if (p->state != TQUIC_POISE_HOLD || rtt == U64_MAX ||
	    rtt < p->base + target + max(target, 3 * p->noise))
		return false;
	p->win.rtt = rtt;
	return true;
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
	u64 rtt = min(sample->rtt, TQUIC_POISE_MAX_RTT);
	struct tquic_poise_window *win = &p->win;

	if (tquic_poise_gap(p, sample) || !rtt ||
	    sample->largest_acked_sent < p->thawed)
		return false;
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
	if (!win->count)
		win->from = sample->now;
	else
		win->acked += sample->acked_bytes;
	win->least = min(win->least, rtt);
	win->sum += rtt;
	win->count++;
	if (tquic_poise_sudden(cc))
		return true;
	if (win->count < tquic_poise_samples(p) ||
	    sample->now - win->from < (p->base >> (p->noisy ? 1 : 2)))
		return false;
	tquic_poise_settle(cc);
	return true;
}
