/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The list behind enum tquic_mib_item, and whatever else needs one entry for
 * each counter.  Included several times, so it has no guard.
 *
 * TQUIC_MIB_COUNTER(name, text): TQUIC_MIB_<name>, which users see as <text>.
 */

TQUIC_MIB_COUNTER(ACTIVE_OPENS, "TquicActiveOpens")
TQUIC_MIB_COUNTER(PASSIVE_OPENS, "TquicPassiveOpens")
TQUIC_MIB_COUNTER(ESTABLISHED, "TquicEstablished")
TQUIC_MIB_COUNTER(CLOSED, "TquicClosed")
TQUIC_MIB_COUNTER(HANDSHAKE_FAILED, "TquicHandshakeFailed")
TQUIC_MIB_COUNTER(NO_AGENT, "TquicNoAgent")
TQUIC_MIB_COUNTER(HS_WAITING_FULL, "TquicHandshakeWaitingFull")
TQUIC_MIB_COUNTER(HS_TIMEOUT, "TquicHandshakeTimeout")
TQUIC_MIB_COUNTER(HS_GONE, "TquicHandshakeAgentGone")
TQUIC_MIB_COUNTER(IN_DATAGRAMS, "TquicInDatagrams")
TQUIC_MIB_COUNTER(IN_BYTES, "TquicInBytes")
TQUIC_MIB_COUNTER(IN_PACKETS, "TquicInPackets")
TQUIC_MIB_COUNTER(IN_BAD, "TquicInNotAuthentic")
TQUIC_MIB_COUNTER(IN_EARLY, "TquicInBeforeKeys")
TQUIC_MIB_COUNTER(IN_NO_CONN, "TquicInNoConnection")
TQUIC_MIB_COUNTER(IN_QUEUE_FULL, "TquicInQueueFull")
TQUIC_MIB_COUNTER(IN_NO_MEM, "TquicInNoMemory")
TQUIC_MIB_COUNTER(IN_CHECKSUM, "TquicInBadChecksum")
TQUIC_MIB_COUNTER(OUT_DATAGRAMS, "TquicOutDatagrams")
TQUIC_MIB_COUNTER(OUT_BYTES, "TquicOutBytes")
TQUIC_MIB_COUNTER(OUT_PACKETS, "TquicOutPackets")
TQUIC_MIB_COUNTER(OUT_FAILED, "TquicOutFailed")
TQUIC_MIB_COUNTER(OUT_NO_ROUTE, "TquicOutNoRoute")
TQUIC_MIB_COUNTER(OUT_QUEUE_LIMIT, "TquicOutLocalQueueFull")
TQUIC_MIB_COUNTER(OUT_QUEUE_DROP, "TquicOutLocalQueueDrop")
TQUIC_MIB_COUNTER(OUT_TOO_BIG, "TquicOutTooBig")
TQUIC_MIB_COUNTER(RETRY_SENT, "TquicRetrySent")
TQUIC_MIB_COUNTER(VERSION_SENT, "TquicVersionNegotiationSent")
TQUIC_MIB_COUNTER(RESET_SENT, "TquicStatelessResetSent")
TQUIC_MIB_COUNTER(RESET_RECEIVED, "TquicStatelessResetReceived")
TQUIC_MIB_COUNTER(HALF_OPEN_FULL, "TquicHalfOpenFull")
TQUIC_MIB_COUNTER(BACKLOG_FULL, "TquicBacklogFull")
TQUIC_MIB_COUNTER(CONNS_FULL, "TquicConnectionsFull")
TQUIC_MIB_COUNTER(ICMP_IN, "TquicInIcmp")
TQUIC_MIB_COUNTER(ASYNC_CRYPTO, "TquicAsyncCrypto")
TQUIC_MIB_COUNTER(COPIED, "TquicOpenedIntoCopies")
