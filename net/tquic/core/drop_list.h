/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The list behind enum tquic_drop, and whatever else needs one entry for each
 * reason.  Included several times, so it has no guard.
 *
 * TQUIC_DROP_REASON(name, counter): TQUIC_DROP_<name>, counted by <counter>.
 * New reasons go to the end.
 */

/* the datagram ends within the packet's header */
TQUIC_DROP_REASON(SHORT, "TquicDropShort")
/* the Length field reaches beyond the datagram */
TQUIC_DROP_REASON(LENGTH, "TquicDropLength")
/* too short for a header protection sample */
TQUIC_DROP_REASON(SAMPLE, "TquicDropSample")
/* the first packet has a version that is not spoken here */
TQUIC_DROP_REASON(VERSION, "TquicDropVersion")
/* connection ID longer than the version allows */
TQUIC_DROP_REASON(CID_LEN, "TquicDropCidLen")
/* the fixed bit is clear although nobody offered to accept that */
TQUIC_DROP_REASON(FIXED_BIT, "TquicDropFixedBit")
/* coalesced packet for another destination connection ID */
TQUIC_DROP_REASON(DCID, "TquicDropDcid")
/* follows another packet but has to be alone in its datagram */
TQUIC_DROP_REASON(COALESCED, "TquicDropCoalesced")
/* Version Negotiation without versions or with a part of one */
TQUIC_DROP_REASON(VN_LIST, "TquicDropVnList")
/* Retry without a token */
TQUIC_DROP_REASON(RETRY_TOKEN, "TquicDropRetryToken")
/* Retry that does not change the connection ID */
TQUIC_DROP_REASON(RETRY_CID, "TquicDropRetryCid")
/* a client's Initial in a datagram of less than 1200 bytes */
TQUIC_DROP_REASON(INITIAL_SIZE, "TquicDropInitialSize")
/* a server's Initial with a token */
TQUIC_DROP_REASON(INITIAL_TOKEN, "TquicDropInitialToken")
/* packet type that the peer's role never sends */
TQUIC_DROP_REASON(ROLE, "TquicDropRole")
/* the connection is closing, draining or closed */
TQUIC_DROP_REASON(CLOSED, "TquicDropClosed")
/* packet number space that is not in use yet, or no more */
TQUIC_DROP_REASON(SPACE, "TquicDropSpace")
/* path that does not exist */
TQUIC_DROP_REASON(PATH, "TquicDropPath")
/* packet number that was received before, or may have been */
TQUIC_DROP_REASON(DUPLICATE, "TquicDropDuplicate")
/* source connection ID that changed during the handshake */
TQUIC_DROP_REASON(SCID, "TquicDropScid")
/* comes from an address where the peer is not known to be */
TQUIC_DROP_REASON(ADDRESS, "TquicDropAddress")
/* no memory to process it; the peer sends it again */
TQUIC_DROP_REASON(MEMORY, "TquicDropMemory")
/* breaks the protocol: the connection is closed for it */
TQUIC_DROP_REASON(PROTOCOL, "TquicDropProtocol")
/* Retry after another packet of the server */
TQUIC_DROP_REASON(RETRY_LATE, "TquicDropRetryLate")
/* Version Negotiation after another packet of the server */
TQUIC_DROP_REASON(VN_LATE, "TquicDropVnLate")
/* Version Negotiation that lists the version which was tried */
TQUIC_DROP_REASON(VN_TRIED, "TquicDropVnTried")
/* keys that may not be used yet, or no more */
TQUIC_DROP_REASON(KEYS, "TquicDropKeys")
