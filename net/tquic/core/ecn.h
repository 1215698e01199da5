/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ECN validation of a path: RFC 9000 section 13.4.2 and appendix A.4.
 */
#ifndef _TQUIC_CORE_ECN_H
#define _TQUIC_CORE_ECN_H

#include "core.h"

/* RFC 3168 code points, as in the IP header */
enum tquic_ecn_mark {
	TQUIC_ECN_NOT_ECT	= 0,
	TQUIC_ECN_ECT1		= 1,
	TQUIC_ECN_ECT0		= 2,
	TQUIC_ECN_CE		= 3,
};

/**
 * enum tquic_ecn_state - what is known of a path
 * @TQUIC_ECN_OFF: never marked
 * @TQUIC_ECN_TESTING: the first packets are marked
 * @TQUIC_ECN_UNKNOWN: enough were marked, none has been judged yet
 * @TQUIC_ECN_CAPABLE: marks come back; all packets are marked
 * @TQUIC_ECN_FAILED: marks are lost or forged on the way; none is sent again
 */
enum tquic_ecn_state {
	TQUIC_ECN_OFF,
	TQUIC_ECN_TESTING,
	TQUIC_ECN_UNKNOWN,
	TQUIC_ECN_CAPABLE,
	TQUIC_ECN_FAILED,
};

#define TQUIC_ECN_TEST_PACKETS	10

/**
 * struct tquic_ecn_counts - totals of one packet number space
 * @ect0: packets received with ECT(0)
 * @ect1: packets received with ECT(1)
 * @ce: packets received with CE
 */
struct tquic_ecn_counts {
	u64 ect0;
	u64 ect1;
	u64 ce;
};

/**
 * struct tquic_ecn - ECN of a path, sending side
 * @state: see the enum
 * @test_lost: marked packets declared lost while none was acknowledged
 * @sent: marked packets sent
 * @acked: marked packets acknowledged
 * @seen: newest counts of the peer
 */
struct tquic_ecn {
	enum tquic_ecn_state state;
	u32 test_lost;
	u64 sent;
	u64 acked;
	struct tquic_ecn_counts seen;
};

void tquic_ecn_init(struct tquic_ecn *ecn, bool enable);
enum tquic_ecn_mark tquic_ecn_mark(const struct tquic_ecn *ecn);
void tquic_ecn_sent(struct tquic_ecn *ecn);
u64 tquic_ecn_ack(struct tquic_ecn *ecn, u64 newly_acked,
		  const struct tquic_ecn_counts *counts);
void tquic_ecn_lost(struct tquic_ecn *ecn, u64 packets);

#endif /* _TQUIC_CORE_ECN_H */
