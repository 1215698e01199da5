/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transport parameters: RFC 9000 section 18, RFC 9221 section 3, RFC 9287
 * section 3, RFC 9368 section 3, multipath-21 section 2.1, ack-frequency-11
 * section 3, and receive_times, which is our own
 * (Documentation/networking/tquic-wire.rst).
 *
 * One const table (tparam.c) holds identifier, layout, default, limits and
 * rules of each; a further parameter that is an integer or a flag is a line
 * there, an index and perhaps a member here.
 */
#ifndef _TQUIC_CORE_TPARAM_H
#define _TQUIC_CORE_TPARAM_H

#include "cid.h"
#include "error.h"
#include "pkt.h"
#include "varint.h"
#include "version.h"

/*
 * The parameters that this implementation knows: positions in
 * tquic_tparams.present, not identifiers on the wire.
 */
enum tquic_tparam_index {
	TQUIC_TPARAM_ORIGINAL_DCID,
	TQUIC_TPARAM_MAX_IDLE_TIMEOUT,
	TQUIC_TPARAM_STATELESS_RESET_TOKEN,
	TQUIC_TPARAM_MAX_UDP_PAYLOAD_SIZE,
	TQUIC_TPARAM_INITIAL_MAX_DATA,
	TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_LOCAL,
	TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_REMOTE,
	TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_UNI,
	TQUIC_TPARAM_INITIAL_MAX_STREAMS_BIDI,
	TQUIC_TPARAM_INITIAL_MAX_STREAMS_UNI,
	TQUIC_TPARAM_ACK_DELAY_EXPONENT,
	TQUIC_TPARAM_MAX_ACK_DELAY,
	TQUIC_TPARAM_DISABLE_ACTIVE_MIGRATION,
	TQUIC_TPARAM_PREFERRED_ADDRESS,
	TQUIC_TPARAM_ACTIVE_CID_LIMIT,
	TQUIC_TPARAM_INITIAL_SCID,
	TQUIC_TPARAM_RETRY_SCID,
	TQUIC_TPARAM_VERSION_INFORMATION,
	TQUIC_TPARAM_MAX_DATAGRAM_FRAME_SIZE,
	TQUIC_TPARAM_INITIAL_MAX_PATH_ID,
	TQUIC_TPARAM_GREASE_QUIC_BIT,
	TQUIC_TPARAM_MIN_ACK_DELAY,
	TQUIC_TPARAM_RECEIVE_TIMES,
	TQUIC_TPARAM_COUNT,
};

#define TQUIC_TPARAM_VERSIONS_MAX	16
#define TQUIC_TPARAM_GREASE_MAX		16

/**
 * struct tquic_tparam_addr - preferred_address (RFC 9000 section 18.2)
 * @ipv4: network byte order; address and port all zero for none
 * @ipv6: network byte order; likewise
 * @ipv4_port: host byte order
 * @ipv6_port: host byte order
 * @cid: connection ID with sequence number 1, never empty
 * @token: its stateless reset token
 */
struct tquic_tparam_addr {
	u8 ipv4[4];
	u8 ipv6[16];
	u16 ipv4_port;
	u16 ipv6_port;
	struct tquic_cid cid;
	u8 token[TQUIC_RESET_TOKEN_LEN];
};

/**
 * struct tquic_tparam_versions - version_information (RFC 9368 section 3)
 * @chosen: version that the sender has chosen, never 0
 * @available: versions that the sender lists, never 0; a client's are in order
 *	of preference and include @chosen
 * @count: entries of @available
 *
 * Of a longer list the parser keeps the beginning, and @chosen if it is in the
 * list; versions that are reserved for greasing it never keeps.
 */
struct tquic_tparam_versions {
	u32 chosen;
	u32 available[TQUIC_TPARAM_VERSIONS_MAX];
	u8 count;
};

/**
 * struct tquic_tparams - transport parameters of one endpoint
 * @present: bit set of enum tquic_tparam_index; a parameter that is not in it
 *	has its default value
 * @max_idle_timeout: ms, 0 for none; any varint, so beware of overflow
 * @max_udp_payload_size: bytes, at least 1200; any larger varint
 * @initial_max_data: bytes
 * @initial_max_stream_data_bidi_local: bytes, for streams that the sender of
 *	the parameter opens
 * @initial_max_stream_data_bidi_remote: bytes, for streams that its receiver
 *	opens
 * @initial_max_stream_data_uni: bytes
 * @initial_max_streams_bidi: at most 2^60
 * @initial_max_streams_uni: at most 2^60
 * @ack_delay_exponent: at most 20
 * @max_ack_delay: ms, below 2^14
 * @active_cid_limit: connection IDs, per path with multipath; at least 2
 * @max_datagram_frame_size: bytes, 0 for no datagrams
 * @initial_max_path_id: at most 2^32 - 1; the extension is offered if the
 *	parameter is present, whatever the value
 * @min_ack_delay: us, at most @max_ack_delay; the extension is offered if the
 *	parameter is present
 * @original_dcid: server only
 * @initial_scid: RFC 9000 section 7.3
 * @retry_scid: server only, after a Retry
 * @stateless_reset_token: server only
 * @preferred_address: server only
 * @versions: RFC 9368
 * @grease: a parameter that means nothing, building only; no bit in @present
 * @grease.id: from tquic_tparam_grease_id(), or 0 for none
 * @grease.len: bytes of @grease.data
 * @grease.data: any
 *
 * disable_active_migration, grease_quic_bit and receive_times are no more than
 * their bits in @present.
 */
struct tquic_tparams {
	u32 present;
	u64 max_idle_timeout;
	u64 max_udp_payload_size;
	u64 initial_max_data;
	u64 initial_max_stream_data_bidi_local;
	u64 initial_max_stream_data_bidi_remote;
	u64 initial_max_stream_data_uni;
	u64 initial_max_streams_bidi;
	u64 initial_max_streams_uni;
	u64 ack_delay_exponent;
	u64 max_ack_delay;
	u64 active_cid_limit;
	u64 max_datagram_frame_size;
	u64 initial_max_path_id;
	u64 min_ack_delay;
	struct tquic_cid original_dcid;
	struct tquic_cid initial_scid;
	struct tquic_cid retry_scid;
	u8 stateless_reset_token[TQUIC_RESET_TOKEN_LEN];
	struct tquic_tparam_addr preferred_address;
	struct tquic_tparam_versions versions;
	struct {
		u64 id;
		u8 len;
		u8 data[TQUIC_TPARAM_GREASE_MAX];
	} grease;
};

/**
 * struct tquic_tparam_seen - connection IDs that were on the wire
 * @original_dcid: Destination Connection ID of the client's very first Initial
 *	packet; looked at by a client only
 * @initial_scid: Source Connection ID of the peer's first Initial packet
 * @retry_scid: Source Connection ID of the Retry packet, NULL without one;
 *	looked at by a client only
 */
struct tquic_tparam_seen {
	const struct tquic_cid *original_dcid;
	const struct tquic_cid *initial_scid;
	const struct tquic_cid *retry_scid;
};

/**
 * struct tquic_tparam_vn - how a client came to its version
 * @preferred: all versions that the client speaks, best first
 * @count: entries of @preferred
 * @attempted: version of the client's current first flight
 * @negotiated: version in the long headers that the server sends
 * @reacted: @attempted was picked from a Version Negotiation packet
 */
struct tquic_tparam_vn {
	const u32 *preferred;
	unsigned int count;
	u32 attempted;
	u32 negotiated;
	bool reacted;
};

static inline bool tquic_tparam_has(const struct tquic_tparams *tp,
				    enum tquic_tparam_index index)
{
	return tp->present & BIT(index);
}

static inline void tquic_tparam_set(struct tquic_tparams *tp,
				    enum tquic_tparam_index index)
{
	tp->present |= BIT(index);
}

/**
 * tquic_tparam_grease_id - identifier of a parameter to be ignored
 * @random: any bits, of which the low 56 count
 *
 * Return: an identifier of the form 31 * N + 27 (RFC 9000 section 18.1).
 */
static inline u64 tquic_tparam_grease_id(u64 random)
{
	return 31 * (random & (BIT_ULL(56) - 1)) + 27;
}

void tquic_tparam_init(struct tquic_tparams *tp);
int tquic_tparam_parse(struct tquic_tparams *tp, const void *buf, size_t len,
		       bool from_server, struct tquic_close *close);
int tquic_tparam_len(const struct tquic_tparams *tp, bool from_server);
int tquic_tparam_build(struct tquic_wr *wr, const struct tquic_tparams *tp,
		       bool from_server);
void tquic_tparam_remember(struct tquic_tparams *dst,
			   const struct tquic_tparams *src);
int tquic_tparam_check_0rtt(const struct tquic_tparams *remembered,
			    const struct tquic_tparams *tp,
			    struct tquic_close *close);

int tquic_tparam_check_cids(const struct tquic_tparams *tp,
			    const struct tquic_tparam_seen *seen,
			    bool from_server, struct tquic_close *close);
int tquic_tparam_check_multipath(const struct tquic_tparams *tp,
				 size_t dcid_len, size_t scid_len,
				 struct tquic_close *close);
int tquic_tparam_check_ack_delay(const struct tquic_tparams *tp,
				 struct tquic_close *close);
bool tquic_tparam_lists_version(const struct tquic_tparam_versions *v,
				u32 version);
int tquic_tparam_check_version_client(const struct tquic_tparams *own,
				      const struct tquic_tparams *tp,
				      const struct tquic_tparam_vn *vn,
				      struct tquic_close *close);
int tquic_tparam_check_version_server(const struct tquic_tparams *tp,
				      u32 version, struct tquic_close *close);

#endif /* _TQUIC_CORE_TPARAM_H */
