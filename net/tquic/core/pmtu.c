// SPDX-License-Identifier: GPL-2.0
/*
 * Search for the largest datagram that a path carries.
 */
#include "pmtu.h"

/**
 * tquic_pmtu_init - begin a path
 * @pmtu: its search
 * @size: that is known to pass, TQUIC_PMTU_BASE or more
 */
void tquic_pmtu_init(struct tquic_pmtu *pmtu, u32 size)
{
	*pmtu = (struct tquic_pmtu){
		.size = size,
		.raise_at = TQUIC_TIME_NEVER,
	};
}

/**
 * tquic_pmtu_start - search, or search again
 * @pmtu: search of a path
 * @limit: largest size that link and peer allow
 *
 * What is larger than the limit is given up at once.
 */
void tquic_pmtu_start(struct tquic_pmtu *pmtu, u32 limit)
{
	limit = clamp_t(u32, limit, TQUIC_PMTU_BASE, TQUIC_PMTU_MAX);
	pmtu->limit = limit;
	pmtu->high = limit;
	pmtu->want = limit;
	pmtu->size = min(pmtu->size, limit);
	pmtu->probe = 0;
	pmtu->lost = 0;
	pmtu->raise_at = TQUIC_TIME_NEVER;
}

/**
 * tquic_pmtu_due - is a probe to be sent
 * @pmtu: search of a path
 * @now: present time
 *
 * Return: its size; 0 for none.
 */
u32 tquic_pmtu_due(struct tquic_pmtu *pmtu, tquic_time_t now)
{
	if (pmtu->raise_at <= now)
		tquic_pmtu_start(pmtu, pmtu->limit);
	if (pmtu->probe || pmtu->size >= pmtu->limit)
		return 0;
	if (pmtu->size >= pmtu->high) {
		if (pmtu->raise_at == TQUIC_TIME_NEVER)
			pmtu->raise_at = now + TQUIC_PMTU_RAISE;
		return 0;
	}
	if (pmtu->want > pmtu->size && pmtu->want <= pmtu->high)
		return pmtu->want;
	return pmtu->size + (pmtu->high - pmtu->size + 1) / 2;
}

/* Is there anything left to be won? */
static void tquic_pmtu_settle(struct tquic_pmtu *pmtu)
{
	pmtu->probe = 0;
	pmtu->lost = 0;
	pmtu->want = 0;
	if (pmtu->high - pmtu->size < TQUIC_PMTU_STEP)
		pmtu->high = pmtu->size;
}

/**
 * tquic_pmtu_acked - a packet was acknowledged
 * @pmtu: search of its path
 * @size: of the packet
 * @probe: it was a probe
 *
 * Return: whether @pmtu->size changed.
 */
bool tquic_pmtu_acked(struct tquic_pmtu *pmtu, u32 size, bool probe)
{
	if (size > TQUIC_PMTU_BASE)
		pmtu->black = 0;
	/* of a search that was given up meanwhile */
	if (!probe || size <= pmtu->size || size > pmtu->high)
		return false;
	pmtu->size = size;
	tquic_pmtu_settle(pmtu);
	return true;
}

/* Back to what every path carries; what was good before is tried first. */
static bool tquic_pmtu_collapse(struct tquic_pmtu *pmtu)
{
	u32 old = pmtu->size;

	pmtu->black = 0;
	if (old <= TQUIC_PMTU_BASE || !pmtu->limit)
		return false;
	pmtu->size = TQUIC_PMTU_BASE;
	pmtu->high = old;
	pmtu->want = old;
	pmtu->probe = 0;
	pmtu->lost = 0;
	pmtu->raise_at = TQUIC_TIME_NEVER;
	return true;
}

/**
 * tquic_pmtu_lost - a packet was declared lost
 * @pmtu: search of its path
 * @size: of the packet
 * @probe: it was a probe
 *
 * Return: whether @pmtu->size changed.
 */
bool tquic_pmtu_lost(struct tquic_pmtu *pmtu, u32 size, bool probe)
{
	if (!probe)
		return size > TQUIC_PMTU_BASE &&
		       ++pmtu->black >= TQUIC_PMTU_BLACK &&
		       tquic_pmtu_collapse(pmtu);
	if (size != pmtu->probe)
		return false;
	pmtu->probe = 0;
	if (++pmtu->lost < TQUIC_PMTU_PROBES) {
		pmtu->want = size;
		return false;
	}
	pmtu->high = size - 1;
	tquic_pmtu_settle(pmtu);
	return false;
}

/**
 * tquic_pmtu_told - a router says what passes, by ICMP
 * @pmtu: search of a path
 * @size: what is said to pass
 *
 * RFC 9000 section 14.2.1: less than what every path carries is a lie.  It
 * lowers the bounds of the search, never raises them, and what it says has to
 * be shown by a probe.
 *
 * Return: whether @pmtu->size changed.
 */
bool tquic_pmtu_told(struct tquic_pmtu *pmtu, u32 size)
{
	bool changed = false;

	if (size < TQUIC_PMTU_BASE || !pmtu->limit || size >= pmtu->high)
		return false;
	if (size < pmtu->size)
		changed = tquic_pmtu_collapse(pmtu);
	pmtu->high = size;
	pmtu->want = size;
	pmtu->probe = 0;
	pmtu->lost = 0;
	return changed;
}
