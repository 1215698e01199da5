// SPDX-License-Identifier: GPL-2.0
/*
 * ECN validation of a path: RFC 9000 section 13.4.2 and appendix A.4.
 */
#include "ecn.h"

void tquic_ecn_init(struct tquic_ecn *ecn, bool enable)
{
	*ecn = (struct tquic_ecn){
		.state = enable ? TQUIC_ECN_TESTING : TQUIC_ECN_OFF,
	};
}

/**
 * tquic_ecn_mark - mark of the next packet
 * @ecn: path's ECN state
 *
 * Return: what goes into the IP header.
 */
enum tquic_ecn_mark tquic_ecn_mark(const struct tquic_ecn *ecn)
{
	return ecn->state == TQUIC_ECN_TESTING ||
	       ecn->state == TQUIC_ECN_CAPABLE ?
	       TQUIC_ECN_ECT0 : TQUIC_ECN_NOT_ECT;
}

/**
 * tquic_ecn_sent - a packet was sent with ECT(0)
 * @ecn: path's ECN state
 */
void tquic_ecn_sent(struct tquic_ecn *ecn)
{
	ecn->sent++;
	if (ecn->state == TQUIC_ECN_TESTING &&
	    ecn->sent >= TQUIC_ECN_TEST_PACKETS)
		ecn->state = TQUIC_ECN_UNKNOWN;
}

static bool tquic_ecn_counts_valid(const struct tquic_ecn *ecn,
				   u64 newly_acked,
				   const struct tquic_ecn_counts *counts)
{
	u64 ect0, ce;

	if (counts->ect0 < ecn->seen.ect0 || counts->ce < ecn->seen.ce)
		return false;
	/* only ECT(0) is ever sent: an ECT(1) was made on the way */
	if (counts->ect1)
		return false;
	ect0 = counts->ect0 - ecn->seen.ect0;
	ce = counts->ce - ecn->seen.ce;
	return ect0 + ce >= newly_acked &&
	       counts->ect0 <= ecn->sent && counts->ce <= ecn->sent &&
	       counts->ect0 + counts->ce <= ecn->sent;
}

/**
 * tquic_ecn_ack - judge the counts of an acknowledgment
 * @ecn: path's ECN state
 * @newly_acked: marked packets that it newly acknowledges
 * @counts: its ECN counts, NULL when it carries none
 *
 * To be called only for acknowledgments that raise the largest acknowledged
 * packet: reordered ones carry older counts (RFC 9000 section 13.4.2.1).
 *
 * Return: newly reported CE marks; they count as a congestion event.
 */
u64 tquic_ecn_ack(struct tquic_ecn *ecn, u64 newly_acked,
		  const struct tquic_ecn_counts *counts)
{
	u64 ce;

	if (ecn->state == TQUIC_ECN_OFF || ecn->state == TQUIC_ECN_FAILED)
		return 0;
	ecn->acked += newly_acked;
	if (!counts) {
		if (newly_acked)
			ecn->state = TQUIC_ECN_FAILED;
		return 0;
	}
	if (!tquic_ecn_counts_valid(ecn, newly_acked, counts)) {
		ecn->state = TQUIC_ECN_FAILED;
		return 0;
	}
	ce = counts->ce - ecn->seen.ce;
	ecn->seen = *counts;
	if (newly_acked)
		ecn->state = TQUIC_ECN_CAPABLE;
	return ce;
}

/**
 * tquic_ecn_lost - marked packets were declared lost
 * @ecn: path's ECN state
 * @packets: how many
 *
 * A path that loses all of the first marked packets is taken for one that
 * drops marked packets.
 */
void tquic_ecn_lost(struct tquic_ecn *ecn, u64 packets)
{
	if (ecn->state != TQUIC_ECN_TESTING && ecn->state != TQUIC_ECN_UNKNOWN)
		return;
	ecn->test_lost += packets;
	if (!ecn->acked && ecn->test_lost >= TQUIC_ECN_TEST_PACKETS)
		ecn->state = TQUIC_ECN_FAILED;
}
