// SPDX-License-Identifier: GPL-2.0
/*
 * What losses and marks tell.
 *
 * A share of losses that does not depend on what is sent belongs to the path,
 * as on radio links; only what goes with sending more is congestion.  So losses
 * are pooled, and answered in proportion: what was lost above the tolerance is
 * not sent any more.  When that makes no difference, the cut is taken back and
 * tolerance raised.
 */
#include "poise.h"

/* packets that are judged; fewer when so many of them were lost */
#define TQUIC_POISE_POOL	100
#define TQUIC_POISE_POOL_MIN	20
#define TQUIC_POISE_POOL_LOST	4
#define TQUIC_POISE_SHARE	1024
#define TQUIC_POISE_OWN		65536
/* 5 % in general, a quarter at most */
#define TQUIC_POISE_TOLERANCE		51
#define TQUIC_POISE_TOLERANCE_MAX	256
/* all of a flight may be lost: an eighth of the window is left */
#define TQUIC_POISE_CUT_MAX	(TQUIC_POISE_SHARE / 8 * 7)
/* what is not surprising before anything is known */
#define TQUIC_POISE_PRIOR		20U
#define TQUIC_POISE_HOLD_MIN	(TQUIC_NS_PER_SEC / 2)
#define TQUIC_POISE_HOLD_MAX	(8 * TQUIC_NS_PER_SEC)
/* above the ceiling first, 1/1024 */
#define TQUIC_POISE_STEP	64
/* cuts in a row that did not help until losses are accepted */
#define TQUIC_POISE_VAIN	3
#define TQUIC_POISE_CAP_MIN	TQUIC_NS_PER_MS
#define TQUIC_POISE_CAP_TIME	(5 * TQUIC_NS_PER_SEC)

void tquic_poise_loss_init(struct tquic_poise *p)
{
	p->acked = 0;
	p->lost = 0;
	p->tolerance = TQUIC_POISE_TOLERANCE;
	p->ceiling = U64_MAX;
	p->ceiling_hold = TQUIC_POISE_HOLD_MIN;
	p->target_cap = U64_MAX;
}

/* The queue is no deeper than it was just now: aim for less. */
void tquic_poise_loss_learn(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (p->queue > 2 * p->noise && p->queue < 2 * TQUIC_POISE_TARGET_MAX) {
		p->target_cap = max(min(p->target_cap, p->queue * 5 / 8),
				    TQUIC_POISE_CAP_MIN);
		p->cap_at = now;
	}
}

/* What was learnt is tried again now and then. */
static void tquic_poise_loss_forget(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (p->target_cap != U64_MAX &&
	    now - p->cap_at > TQUIC_POISE_CAP_TIME) {
		p->target_cap += p->target_cap / 8;
		p->cap_at = now;
		if (p->target_cap > TQUIC_POISE_TARGET_MAX)
			p->target_cap = U64_MAX;
	}
	if (p->ceiling == U64_MAX || now < p->ceiling_until)
		return;
	p->ceiling = max(p->ceiling, cc->cwnd);
	p->ceiling += tquic_poise_scale(p->ceiling, p->ceiling_step,
					TQUIC_POISE_SHARE);
	p->ceiling_step *= 2;
	p->ceiling_until = now + 4 * (p->base + p->queue);
	if (p->ceiling > p->loss_cwnd + p->loss_cwnd / 4) {
		p->ceiling = U64_MAX;
		p->ceiling_hold = TQUIC_POISE_HOLD_MIN;
		p->tolerance = TQUIC_POISE_TOLERANCE;
	}
}

static void tquic_poise_loss_cut(struct tquic_cc *cc, tquic_time_t now,
				 u32 share, u32 own)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 cwnd;

	p->undo_cwnd = cc->cwnd;
	p->undo_ceiling = p->ceiling;
	if (!p->vain_cuts)
		p->loss_cwnd = cc->cwnd;
	p->last_share = share;
	tquic_poise_loss_learn(cc, now);
	share -= min(share, own);
	share = min_t(u32, share + TQUIC_POISE_SHARE / 64,
		      TQUIC_POISE_CUT_MAX);
	cwnd = tquic_poise_scale(cc->cwnd, TQUIC_POISE_SHARE - share,
				 TQUIC_POISE_SHARE);
	if (p->state == TQUIC_POISE_RAMP)
		cwnd = min(cwnd, tquic_poise_bytes(p->bw_latest, p->base));
	tquic_poise_hold(cc, now, cwnd);
	p->judge_from = now;
	p->ceiling = cc->cwnd;
	p->ceiling_until = now + p->ceiling_hold;
	p->ceiling_step = TQUIC_POISE_STEP;
	p->ceiling_hold = min(2 * p->ceiling_hold, TQUIC_POISE_HOLD_MAX);
}

/* Whether so many packets can hardly have lost that share by chance. */
static bool tquic_poise_loss_excess(const struct tquic_poise *p, u32 share,
				    u64 packets)
{
	u32 own = max(p->own_share / (TQUIC_POISE_OWN / TQUIC_POISE_SHARE),
		      TQUIC_POISE_PRIOR);
	u64 over = share > own ? share - own : 0;

	if (share > TQUIC_POISE_TOLERANCE_MAX)
		return true;
	return share > p->tolerance &&
	       over * over * min(packets, 1ULL << 32) >
	       9ULL * own * TQUIC_POISE_SHARE;
}

/* The cut did not help: losses do not depend on what is sent. */
static void tquic_poise_loss_accept(struct tquic_cc *cc, u32 share)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->tolerance = min(share * 3 / 2, (u32)TQUIC_POISE_TOLERANCE_MAX);
	p->own_share = share * (TQUIC_POISE_OWN / TQUIC_POISE_SHARE);
	p->vain_cuts = 0;
	p->ceiling = U64_MAX;
	tquic_poise_set_cwnd(cc, max(cc->cwnd, p->loss_cwnd));
}

static void tquic_poise_loss_own(struct tquic_poise *p, u32 share, u32 shift)
{
	u32 now = min_t(u32, share, TQUIC_POISE_TOLERANCE_MAX) *
		  (TQUIC_POISE_OWN / TQUIC_POISE_SHARE);

	p->own_share += (now >> shift) - (p->own_share >> shift);
}

/* The first that is known of losses since a cut. */
static void tquic_poise_loss_after(struct tquic_cc *cc, u32 share)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	bool helped = share <= p->last_share - p->last_share / 3;

	if (share < p->last_share / 3)
		p->vain_cuts = 0;
	p->last_share = 0;
	if (helped)
		tquic_poise_loss_own(p, share, 0);
	else if (share < TQUIC_POISE_TOLERANCE_MAX &&
		 ++p->vain_cuts >= TQUIC_POISE_VAIN)
		tquic_poise_loss_accept(cc, share);
}

/**
 * tquic_poise_loss_judge - look at the losses of late
 * @cc: controller
 * @now: present time
 *
 * Return: whether the window was cut.
 */
bool tquic_poise_loss_judge(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 total = p->acked + p->lost, packets = div_u64(total, cc->mds);
	u32 share;

	tquic_poise_loss_forget(cc, now);
	if (now < p->judge_at ||
	    (packets < TQUIC_POISE_POOL &&
	     (packets < TQUIC_POISE_POOL_MIN ||
	      p->lost < (u64)TQUIC_POISE_POOL_LOST * cc->mds)))
		return false;
	share = tquic_poise_scale(TQUIC_POISE_SHARE, p->lost, total);
	p->acked = 0;
	p->lost = 0;
	p->judge_at = now + 2 * (p->base + p->queue);
	if (p->last_share)
		tquic_poise_loss_after(cc, share);
	if (tquic_poise_loss_excess(p, share, packets)) {
		tquic_poise_loss_cut(cc, now, share, p->own_share /
				     (TQUIC_POISE_OWN / TQUIC_POISE_SHARE));
		return true;
	}
	if (p->ceiling == U64_MAX)
		tquic_poise_loss_own(p, share, 3);
	return false;
}
