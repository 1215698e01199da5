/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Search for the largest datagram that a path carries: RFC 8899 with the rules
 * of RFC 9000 section 14.3.
 *
 * Sizes are bytes of UDP payload.  A probe is a PING padded to the size in
 * question; its loss is no sign of congestion.  Links mostly carry what they
 * claim, so the claim is tried first; if it is wrong, the range is halved.
 */
#ifndef _TQUIC_CORE_PMTU_H
#define _TQUIC_CORE_PMTU_H

#include "core.h"

/* RFC 9000 section 14: what every path has to carry */
#define TQUIC_PMTU_BASE		1200
/* largest that is searched for: jumbo frames */
#define TQUIC_PMTU_MAX		9152
/* probes of a size that are lost before it is taken for too large */
#define TQUIC_PMTU_PROBES	3
/* the search ends when so few bytes are left to be won */
#define TQUIC_PMTU_STEP		20
/* RFC 8899 section 5.1.1: when to look whether the path has improved */
#define TQUIC_PMTU_RAISE	(600 * TQUIC_NS_PER_SEC)
/* large packets lost in a row that make a black hole: RFC 8899 section 4.3 */
#define TQUIC_PMTU_BLACK	6

/**
 * struct tquic_pmtu - search on one path
 * @size: largest size known to pass
 * @high: largest size that may pass; 0 for no search
 * @limit: what is announced by link and peer
 * @probe: size that a probe is under way with, 0 for none
 * @want: size to try first, 0 for the middle
 * @lost: probes of the present size that were lost
 * @black: packets above the base lost in a row
 * @raise_at: when to search again after the search was completed
 */
struct tquic_pmtu {
	u32 size;
	u32 high;
	u32 limit;
	u32 probe;
	u32 want;
	u8 lost;
	u8 black;
	tquic_time_t raise_at;
};

void tquic_pmtu_init(struct tquic_pmtu *pmtu, u32 size);
void tquic_pmtu_start(struct tquic_pmtu *pmtu, u32 limit);
u32 tquic_pmtu_due(struct tquic_pmtu *pmtu, tquic_time_t now);
bool tquic_pmtu_acked(struct tquic_pmtu *pmtu, u32 size, bool probe);
bool tquic_pmtu_lost(struct tquic_pmtu *pmtu, u32 size, bool probe);
bool tquic_pmtu_told(struct tquic_pmtu *pmtu, u32 size);

/* bytes of UDP payload in a packet of an IP link */
static inline u32 tquic_pmtu_payload(u32 mtu, bool ipv4)
{
	u32 headers = ipv4 ? 20 + 8 : 40 + 8;

	return mtu > headers ? mtu - headers : 0;
}

#endif /* _TQUIC_CORE_PMTU_H */
