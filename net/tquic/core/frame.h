/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames: RFC 9000 section 19, RFC 9221 section 4, multipath-21 section 4,
 * ack-frequency-11 sections 4 and 5, and RECEIVE_TIME, which is our own
 * (Documentation/networking/tquic-wire.rst).
 *
 * A frame is decoded into struct tquic_frame and encoded from it, without any
 * effect on a connection.  One const table (frame_attr.c) says for each type
 * where it may appear, what it means for acknowledgment and loss, and how it
 * is laid out; the codec follows the table, so a further frame of plain
 * integers is one more line there.
 */
#ifndef _TQUIC_CORE_FRAME_H
#define _TQUIC_CORE_FRAME_H

#include "error.h"
#include "pkt.h"
#include "varint.h"

/*
 * Frame types as they are on the wire.  STREAM stands for eight types that
 * differ in the TQUIC_FRAME_STREAM_* bits.
 */
enum tquic_frame_type {
	TQUIC_FRAME_PADDING			= 0x00,
	TQUIC_FRAME_PING			= 0x01,
	TQUIC_FRAME_ACK				= 0x02,
	TQUIC_FRAME_ACK_ECN			= 0x03,
	TQUIC_FRAME_RESET_STREAM		= 0x04,
	TQUIC_FRAME_STOP_SENDING		= 0x05,
	TQUIC_FRAME_CRYPTO			= 0x06,
	TQUIC_FRAME_NEW_TOKEN			= 0x07,
	TQUIC_FRAME_STREAM			= 0x08,
	TQUIC_FRAME_STREAM_LAST			= 0x0f,
	TQUIC_FRAME_MAX_DATA			= 0x10,
	TQUIC_FRAME_MAX_STREAM_DATA		= 0x11,
	TQUIC_FRAME_MAX_STREAMS_BIDI		= 0x12,
	TQUIC_FRAME_MAX_STREAMS_UNI		= 0x13,
	TQUIC_FRAME_DATA_BLOCKED		= 0x14,
	TQUIC_FRAME_STREAM_DATA_BLOCKED		= 0x15,
	TQUIC_FRAME_STREAMS_BLOCKED_BIDI	= 0x16,
	TQUIC_FRAME_STREAMS_BLOCKED_UNI		= 0x17,
	TQUIC_FRAME_NEW_CONNECTION_ID		= 0x18,
	TQUIC_FRAME_RETIRE_CONNECTION_ID	= 0x19,
	TQUIC_FRAME_PATH_CHALLENGE		= 0x1a,
	TQUIC_FRAME_PATH_RESPONSE		= 0x1b,
	TQUIC_FRAME_CONNECTION_CLOSE		= 0x1c,
	TQUIC_FRAME_CONNECTION_CLOSE_APP	= 0x1d,
	TQUIC_FRAME_HANDSHAKE_DONE		= 0x1e,
	TQUIC_FRAME_IMMEDIATE_ACK		= 0x1f,
	TQUIC_FRAME_DATAGRAM			= 0x30,
	TQUIC_FRAME_DATAGRAM_LEN		= 0x31,
	TQUIC_FRAME_PATH_ACK			= 0x3e,
	TQUIC_FRAME_PATH_ACK_ECN		= 0x3f,
	TQUIC_FRAME_ACK_FREQUENCY		= 0xaf,
	TQUIC_FRAME_RECEIVE_TIME		= 0x2f9d,
	TQUIC_FRAME_PATH_ABANDON		= 0x3e75,
	TQUIC_FRAME_PATH_STATUS_BACKUP		= 0x3e76,
	TQUIC_FRAME_PATH_STATUS_AVAILABLE	= 0x3e77,
	TQUIC_FRAME_PATH_NEW_CONNECTION_ID	= 0x3e78,
	TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID	= 0x3e79,
	TQUIC_FRAME_MAX_PATH_ID			= 0x3e7a,
	TQUIC_FRAME_PATHS_BLOCKED		= 0x3e7b,
	TQUIC_FRAME_PATH_CIDS_BLOCKED		= 0x3e7c,
};

/* low bits of the STREAM types, RFC 9000 section 19.8 */
#define TQUIC_FRAME_STREAM_FIN	0x01
#define TQUIC_FRAME_STREAM_LEN	0x02
#define TQUIC_FRAME_STREAM_OFF	0x04

#define TQUIC_FRAME_PROBE_LEN	8	/* bytes of a path challenge */
#define TQUIC_FRAME_STREAMS_MAX	BIT_ULL(60)
#define TQUIC_FRAME_PATH_ID_MAX	U32_MAX
#define TQUIC_FRAME_TIME_BITS	30	/* of a RECEIVE_TIME, us */

/**
 * enum tquic_frame_flag - what a frame means for the packet that carries it
 * @TQUIC_FRAME_F_ELICITS: makes the packet ack-eliciting
 * @TQUIC_FRAME_F_IN_FLIGHT: makes the packet count as in flight
 * @TQUIC_FRAME_F_PROBING: a packet of nothing but such frames is a probing
 *	packet (RFC 9000 section 9.1)
 * @TQUIC_FRAME_F_FLOW: the payload is flow controlled
 * @TQUIC_FRAME_F_SERVER: only a server sends it
 * @TQUIC_FRAME_F_BOUND: goes out on the path that it was made for or not at
 *	all
 * @TQUIC_FRAME_F_PATH_ID: names a path, in tquic_frame.path_id
 * @TQUIC_FRAME_F_MULTIPATH: belongs to the multipath extension
 * @TQUIC_FRAME_F_DATAGRAM: belongs to the datagram extension
 * @TQUIC_FRAME_F_ACK_FREQ: belongs to the extension for the frequency of
 *	acknowledgments
 * @TQUIC_FRAME_F_TIMES: belongs to the extension for times of receipt
 *
 * The first two hold for a packet if any of its frames has them.
 */
enum tquic_frame_flag {
	TQUIC_FRAME_F_ELICITS		= 0x001,
	TQUIC_FRAME_F_IN_FLIGHT		= 0x002,
	TQUIC_FRAME_F_PROBING		= 0x004,
	TQUIC_FRAME_F_FLOW		= 0x008,
	TQUIC_FRAME_F_SERVER		= 0x010,
	TQUIC_FRAME_F_BOUND		= 0x020,
	TQUIC_FRAME_F_PATH_ID		= 0x040,
	TQUIC_FRAME_F_MULTIPATH		= 0x080,
	TQUIC_FRAME_F_DATAGRAM		= 0x100,
	TQUIC_FRAME_F_ACK_FREQ		= 0x200,
	TQUIC_FRAME_F_TIMES		= 0x400,
};

/**
 * enum tquic_frame_repair - what is due when a packet with the frame is lost
 * @TQUIC_FRAME_REPAIR_NONE: nothing
 * @TQUIC_FRAME_REPAIR_AS_IS: the same content again, until acknowledged
 * @TQUIC_FRAME_REPAIR_NEEDED: the same content again, unless the stream has
 *	reached a state in which the peer no longer cares
 * @TQUIC_FRAME_REPAIR_LATEST: the current value, if no later frame of the same
 *	scope was sent
 * @TQUIC_FRAME_REPAIR_BLOCKED: the current limit, if no later frame of the same
 *	scope was sent and the sender is still blocked
 * @TQUIC_FRAME_REPAIR_TIMER: nothing on loss; a timer sends it with new content
 * @TQUIC_FRAME_REPAIR_STREAM: the lost bytes, unless the stream was reset
 * @TQUIC_FRAME_REPAIR_CRYPTO: the lost bytes, unless the keys were discarded
 *
 * RFC 9000 section 13.3 and multipath-21 section 4.
 */
enum tquic_frame_repair {
	TQUIC_FRAME_REPAIR_NONE,
	TQUIC_FRAME_REPAIR_AS_IS,
	TQUIC_FRAME_REPAIR_NEEDED,
	TQUIC_FRAME_REPAIR_LATEST,
	TQUIC_FRAME_REPAIR_BLOCKED,
	TQUIC_FRAME_REPAIR_TIMER,
	TQUIC_FRAME_REPAIR_STREAM,
	TQUIC_FRAME_REPAIR_CRYPTO,
};

/**
 * enum tquic_frame_body - what follows the integers of a frame
 * @TQUIC_FRAME_BODY_NONE: nothing
 * @TQUIC_FRAME_BODY_PADDING: a run of further PADDING frames
 * @TQUIC_FRAME_BODY_DATA: tquic_frame.len bytes of payload
 * @TQUIC_FRAME_BODY_REST: payload up to the end of the packet
 * @TQUIC_FRAME_BODY_ACK: ACK ranges and, in odd types, ECN counts
 * @TQUIC_FRAME_BODY_CID: connection ID and stateless reset token
 * @TQUIC_FRAME_BODY_PROBE: the eight bytes of a path challenge
 */
enum tquic_frame_body {
	TQUIC_FRAME_BODY_NONE,
	TQUIC_FRAME_BODY_PADDING,
	TQUIC_FRAME_BODY_DATA,
	TQUIC_FRAME_BODY_REST,
	TQUIC_FRAME_BODY_ACK,
	TQUIC_FRAME_BODY_CID,
	TQUIC_FRAME_BODY_PROBE,
};

#define TQUIC_FRAME_FIELDS_MAX	5

/**
 * struct tquic_frame_attr - what is known of a frame type
 * @name: as in the specification
 * @flags: enum tquic_frame_flag
 * @pkts: where the frame may appear: bit set of enum tquic_pkt_type
 * @repair: enum tquic_frame_repair
 * @body: enum tquic_frame_body
 * @field: offsets in struct tquic_frame of the integers that follow the type,
 *	in wire order, ended by a 0
 */
struct tquic_frame_attr {
	const char *name;
	u16 flags;
	u8 pkts;
	u8 repair;
	u8 body;
	u8 field[TQUIC_FRAME_FIELDS_MAX + 1];
};

/**
 * struct tquic_frame_ack - ACK and PATH_ACK (RFC 9000 section 19.3)
 * @largest: largest packet number acknowledged
 * @delay: as on the wire, see tquic_frame_ack_delay_decode()
 * @first_range: how many packets just below @largest are acknowledged too;
 *	at most @largest
 * @range_count: number of (gap, length) pairs in @ranges
 * @ranges: the pairs as on the wire, valid as long as the packet
 * @ranges_len: bytes in @ranges
 * @ect0: packets received with ECT(0); the counts are there in odd types only
 * @ect1: packets received with ECT(1)
 * @ce: packets received with ECN-CE
 *
 * The ranges stay in wire form, since their number is the peer's choice; they
 * are read through struct tquic_frame_ack_iter and written by
 * tquic_frame_ack_put_range().
 */
struct tquic_frame_ack {
	u64 largest;
	u64 delay;
	u64 first_range;
	u64 range_count;
	const u8 *ranges;
	size_t ranges_len;
	u64 ect0;
	u64 ect1;
	u64 ce;
};

/**
 * struct tquic_frame_cid - NEW_CONNECTION_ID and PATH_NEW_CONNECTION_ID
 * @seq: sequence number
 * @retire_prior_to: at most @seq
 * @cid: @cid_len bytes of connection ID
 * @token: TQUIC_RESET_TOKEN_LEN bytes of stateless reset token
 * @cid_len: 1 to TQUIC_PKT_CID_MAX
 *
 * RFC 9000 section 19.15.
 */
struct tquic_frame_cid {
	u64 seq;
	u64 retire_prior_to;
	const u8 *cid;
	const u8 *token;
	u8 cid_len;
};

/**
 * struct tquic_frame - one frame
 * @data: payload of STREAM, CRYPTO, DATAGRAM, NEW_TOKEN and CONNECTION_CLOSE
 *	(the reason phrase); points into the packet after decoding
 * @path_id: path that the frame is about, 0 when the type has no such field:
 *	that is the path which RFC 9000's own ACK, NEW_CONNECTION_ID and
 *	RETIRE_CONNECTION_ID stand for.  In MAX_PATH_ID and PATHS_BLOCKED it is
 *	the limit.  At most TQUIC_FRAME_PATH_ID_MAX.
 * @len: bytes of @data, or of a run of PADDING
 * @type: enum tquic_frame_type, including the bits that the type carries
 * @len_size: encoding only: bytes of the Length field that announces @len; 0
 *	for the shortest encoding
 * @ack: RFC 9000 section 19.3, and multipath-21 section 4.1
 * @reset_stream: RFC 9000 section 19.4
 * @stop_sending: RFC 9000 section 19.5
 * @crypto: RFC 9000 section 19.6
 * @stream: RFC 9000 section 19.8; the offset is 0 unless the type has
 *	TQUIC_FRAME_STREAM_OFF
 * @max_data: RFC 9000 section 19.9
 * @max_stream_data: RFC 9000 section 19.10
 * @max_streams: RFC 9000 section 19.11, at most TQUIC_FRAME_STREAMS_MAX
 * @data_blocked: RFC 9000 section 19.12
 * @stream_data_blocked: RFC 9000 section 19.13
 * @streams_blocked: RFC 9000 section 19.14, at most TQUIC_FRAME_STREAMS_MAX
 * @new_cid: RFC 9000 section 19.15
 * @retire_cid: RFC 9000 section 19.16, and multipath-21 section 4.5
 * @probe: the data of PATH_CHALLENGE and PATH_RESPONSE
 * @close: RFC 9000 section 19.19; @close.frame_type is in type 0x1c only
 * @path_abandon: multipath-21 section 4.2
 * @path_status: multipath-21 section 4.3
 * @path_cids_blocked: multipath-21 section 4.7
 * @ack_frequency: ack-frequency-11 section 4; the delay is in us
 * @receive_time: clock of the receiver, us, modulo 2^TQUIC_FRAME_TIME_BITS
 */
struct tquic_frame {
	const u8 *data;
	u64 path_id;
	u64 len;
	u16 type;
	u8 len_size;
	union {
		struct tquic_frame_ack ack;
		struct {
			u64 id;
			u64 code;
			u64 final_size;
		} reset_stream;
		struct {
			u64 id;
			u64 code;
		} stop_sending;
		struct {
			u64 offset;
		} crypto;
		struct {
			u64 id;
			u64 offset;
		} stream;
		struct {
			u64 max;
		} max_data;
		struct {
			u64 id;
			u64 max;
		} max_stream_data;
		struct {
			u64 max;
		} max_streams;
		struct {
			u64 limit;
		} data_blocked;
		struct {
			u64 id;
			u64 limit;
		} stream_data_blocked;
		struct {
			u64 limit;
		} streams_blocked;
		struct tquic_frame_cid new_cid;
		struct {
			u64 seq;
		} retire_cid;
		u8 probe[TQUIC_FRAME_PROBE_LEN];
		struct {
			u64 code;
			u64 frame_type;
		} close;
		struct {
			u64 code;
		} path_abandon;
		struct {
			u64 seq;
		} path_status;
		struct {
			u64 next_seq;
		} path_cids_blocked;
		struct {
			u64 seq;
			u64 threshold;
			u64 max_delay;
			u64 reorder;
		} ack_frequency;
		struct {
			u64 time;
		} receive_time;
	};
};

/**
 * struct tquic_frame_ctx - what a receiver's decoder has to know
 * @max_datagram: the max_datagram_frame_size that this endpoint announced, in
 *	bytes of a whole frame; 0 when it takes no datagrams
 * @pkt: type of the packet
 * @server: this endpoint is the server
 * @multipath: both endpoints announced initial_max_path_id
 * @ack_frequency: this endpoint announced min_ack_delay
 * @receive_times: both endpoints announced receive_times
 */
struct tquic_frame_ctx {
	u64 max_datagram;
	enum tquic_pkt_type pkt;
	bool server;
	bool multipath;
	bool ack_frequency;
	bool receive_times;
};

/**
 * struct tquic_frame_ack_iter - walk over the acknowledged ranges, downwards
 * @rd: the pairs not read yet
 * @left: how many pairs are not read yet
 * @smallest: lower end of the current range
 * @largest: upper end of the current range
 * @fresh: the current range was not answered yet
 * @err: a range reaches below packet number 0; together with @rd's own error
 *	the reason why a walk ended before its time
 */
struct tquic_frame_ack_iter {
	struct tquic_rd rd;
	u64 left;
	u64 smallest;
	u64 largest;
	bool fresh;
	bool err;
};

static inline bool tquic_frame_is_stream(u64 type)
{
	return type >= TQUIC_FRAME_STREAM && type <= TQUIC_FRAME_STREAM_LAST;
}

/* whether an ACK or PATH_ACK has the ECN counts */
static inline bool tquic_frame_ack_has_ecn(const struct tquic_frame *f)
{
	return f->type & 1;
}

const struct tquic_frame_attr *tquic_frame_attr(u64 type);

int tquic_frame_check_payload(const struct tquic_rd *payload,
			      struct tquic_close *close);
int tquic_frame_decode(struct tquic_rd *rd, struct tquic_frame *f,
		       const struct tquic_frame_ctx *ctx,
		       struct tquic_close *close);
u64 tquic_frame_judge(const struct tquic_frame *f, const char **why);

u64 tquic_frame_hdr_len(const struct tquic_frame *f);
u64 tquic_frame_len(const struct tquic_frame *f);
int tquic_frame_encode_hdr(struct tquic_wr *wr, const struct tquic_frame *f);
int tquic_frame_encode(struct tquic_wr *wr, const struct tquic_frame *f);
bool tquic_frame_fit(struct tquic_frame *f, size_t room);
void tquic_frame_set_stream(struct tquic_frame *f, u64 id, u64 offset, u64 len,
			    bool fin, bool with_len);

void tquic_frame_ack_first(struct tquic_frame_ack_iter *it,
			   const struct tquic_frame_ack *ack);
bool tquic_frame_ack_next(struct tquic_frame_ack_iter *it, u64 *smallest,
			  u64 *largest);
bool tquic_frame_ack_put_range(struct tquic_wr *wr, u64 prev_smallest,
			       u64 smallest, u64 largest);
tquic_time_t tquic_frame_ack_delay_decode(u64 delay, unsigned int exponent);
u64 tquic_frame_ack_delay_encode(tquic_time_t delay, unsigned int exponent);

#endif /* _TQUIC_CORE_FRAME_H */
