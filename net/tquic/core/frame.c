// SPDX-License-Identifier: GPL-2.0
/*
 * Decoding of frames.
 */
#include "frame.h"

static int tquic_frame_refuse(struct tquic_close *close, u64 type,
			      const char *why)
{
	return tquic_close_set(close, TQUIC_FRAME_ENCODING_ERROR, type, why);
}

static int tquic_frame_forbid(struct tquic_close *close, u64 type,
			      const char *why)
{
	return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, type, why);
}

/**
 * tquic_frame_check_payload - check that a packet has frames at all
 * @payload: cursor at the start of a decrypted payload
 * @close: filled on error
 *
 * Return: 0, or -EPROTO for an empty payload (RFC 9000 section 12.4).
 */
int tquic_frame_check_payload(const struct tquic_rd *payload,
			      struct tquic_close *close)
{
	if (tquic_rd_left(payload))
		return 0;
	return tquic_frame_forbid(close, 0, "packet without frames");
}

/* whether a frame of this type may arrive here at all */
static int tquic_frame_admit(u64 type, const struct tquic_frame_attr *attr,
			     const struct tquic_frame_ctx *ctx,
			     struct tquic_close *close)
{
	if (!(attr->pkts & BIT(ctx->pkt)))
		return tquic_frame_forbid(close, type,
					  "frame in a wrong type of packet");
	if (attr->flags & TQUIC_FRAME_F_SERVER && ctx->server)
		return tquic_frame_forbid(close, type,
					  "frame that only a server may send");
	if (attr->flags & TQUIC_FRAME_F_DATAGRAM && !ctx->max_datagram)
		return tquic_frame_forbid(close, type,
					  "datagrams were not negotiated");
	/* nothing but the type's number is known of a frame not agreed on */
	if (attr->flags & TQUIC_FRAME_F_MULTIPATH && !ctx->multipath)
		return tquic_frame_refuse(close, type,
					  "multipath was not negotiated");
	if (attr->flags & TQUIC_FRAME_F_ACK_FREQ && !ctx->ack_frequency)
		return tquic_frame_refuse(close, type,
					  "min_ack_delay was not announced");
	if (attr->flags & TQUIC_FRAME_F_TIMES && !ctx->receive_times)
		return tquic_frame_refuse(close, type,
					  "receive_times was not negotiated");
	return 0;
}

static void tquic_frame_read_padding(struct tquic_rd *rd,
				     struct tquic_frame *f)
{
	const u8 *end = memchr_inv(rd->ptr, 0, tquic_rd_left(rd));

	if (!end)
		end = rd->end;
	f->len = 1 + (end - rd->ptr);
	rd->ptr = end;
}

/* false when a range reaches below packet number 0 */
static bool tquic_frame_read_ack(struct tquic_rd *rd, struct tquic_frame *f)
{
	struct tquic_frame_ack_iter it;
	u64 smallest, largest;

	f->ack.ranges = rd->ptr;
	f->ack.ranges_len = tquic_rd_left(rd);
	tquic_frame_ack_first(&it, &f->ack);
	/* ends with the packet, however many ranges are announced */
	while (tquic_frame_ack_next(&it, &smallest, &largest))
		;
	f->ack.ranges_len = it.rd.ptr - rd->ptr;
	rd->ptr = it.rd.ptr;
	rd->err |= it.rd.err;
	if (tquic_frame_ack_has_ecn(f)) {
		f->ack.ect0 = tquic_rd_varint(rd);
		f->ack.ect1 = tquic_rd_varint(rd);
		f->ack.ce = tquic_rd_varint(rd);
	}
	return !it.err;
}

static void tquic_frame_read_cid(struct tquic_rd *rd, struct tquic_frame *f)
{
	f->new_cid.cid_len = tquic_rd_u8(rd);
	f->new_cid.cid = tquic_rd_bytes(rd, f->new_cid.cid_len);
	f->new_cid.token = tquic_rd_bytes(rd, TQUIC_RESET_TOKEN_LEN);
}

/* false for a negative packet number; anything else shows in @rd */
static bool tquic_frame_read(struct tquic_rd *rd, struct tquic_frame *f,
			     const struct tquic_frame_attr *attr)
{
	const u8 *at;

	for (at = attr->field; *at; at++)
		*(u64 *)((u8 *)f + *at) = tquic_rd_varint(rd);
	switch (attr->body) {
	case TQUIC_FRAME_BODY_PADDING:
		tquic_frame_read_padding(rd, f);
		break;
	case TQUIC_FRAME_BODY_REST:
		f->len = tquic_rd_left(rd);
		fallthrough;
	case TQUIC_FRAME_BODY_DATA:
		f->data = tquic_rd_bytes(rd, f->len);
		break;
	case TQUIC_FRAME_BODY_ACK:
		return tquic_frame_read_ack(rd, f);
	case TQUIC_FRAME_BODY_CID:
		tquic_frame_read_cid(rd, f);
		break;
	case TQUIC_FRAME_BODY_PROBE:
		tquic_rd_copy(rd, f->probe, TQUIC_FRAME_PROBE_LEN);
		break;
	}
	return true;
}

static const char *tquic_frame_judge_cid(const struct tquic_frame_cid *cid)
{
	if (!cid->cid_len || cid->cid_len > TQUIC_PKT_CID_MAX)
		return "bad length of a connection ID";
	if (cid->retire_prior_to > cid->seq)
		return "retires more than it issues";
	return NULL;
}

/* what RFC 9000 section 19 demands of values, by type */
static const char *tquic_frame_judge_value(const struct tquic_frame *f)
{
	switch (f->type) {
	case TQUIC_FRAME_ACK:
	case TQUIC_FRAME_ACK_ECN:
	case TQUIC_FRAME_PATH_ACK:
	case TQUIC_FRAME_PATH_ACK_ECN:
		return f->ack.first_range > f->ack.largest ?
		       "negative packet number" : NULL;
	case TQUIC_FRAME_CRYPTO:
		return f->len > TQUIC_VARINT_MAX - f->crypto.offset ?
		       "handshake data beyond the largest offset" : NULL;
	case TQUIC_FRAME_STREAM ... TQUIC_FRAME_STREAM_LAST:
		return f->len > TQUIC_VARINT_MAX - f->stream.offset ?
		       "stream data beyond the largest offset" : NULL;
	case TQUIC_FRAME_NEW_TOKEN:
		return f->len ? NULL : "empty token";
	case TQUIC_FRAME_MAX_STREAMS_BIDI:
	case TQUIC_FRAME_MAX_STREAMS_UNI:
		return f->max_streams.max > TQUIC_FRAME_STREAMS_MAX ?
		       "stream limit beyond the largest stream" : NULL;
	case TQUIC_FRAME_STREAMS_BLOCKED_BIDI:
	case TQUIC_FRAME_STREAMS_BLOCKED_UNI:
		return f->streams_blocked.limit > TQUIC_FRAME_STREAMS_MAX ?
		       "blocked beyond the largest stream" : NULL;
	case TQUIC_FRAME_RECEIVE_TIME:
		return f->receive_time.time >> TQUIC_FRAME_TIME_BITS ?
		       "time beyond its range" : NULL;
	case TQUIC_FRAME_NEW_CONNECTION_ID:
	case TQUIC_FRAME_PATH_NEW_CONNECTION_ID:
		return tquic_frame_judge_cid(&f->new_cid);
	default:
		return NULL;
	}
}

/**
 * tquic_frame_judge - check the values in a frame
 * @f: frame of a known type
 * @why: constant text, set when a value is refused
 *
 * Checks what a frame shows by itself, whichever endpoint made it; limits that
 * a connection keeps are the connection's to check.  The ranges of an ACK are
 * judged while they are read.
 *
 * Return: 0, or the error code that the specification asks for.
 */
u64 tquic_frame_judge(const struct tquic_frame *f, const char **why)
{
	/* never above a limit that this endpoint announced */
	if (f->path_id > TQUIC_FRAME_PATH_ID_MAX) {
		*why = "path ID beyond the largest";
		return TQUIC_PROTOCOL_VIOLATION;
	}
	*why = tquic_frame_judge_value(f);
	return *why ? TQUIC_FRAME_ENCODING_ERROR : 0;
}

/**
 * tquic_frame_decode - take one frame out of a payload
 * @rd: cursor within a decrypted payload that is not at its end; afterwards
 *	behind the frame, or anywhere on error
 * @f: result; points into the payload
 * @ctx: packet and connection that the frame came with
 * @close: filled on error
 *
 * A run of PADDING frames is one frame.
 *
 * Return: 0, or -EPROTO.
 */
int tquic_frame_decode(struct tquic_rd *rd, struct tquic_frame *f,
		       const struct tquic_frame_ctx *ctx,
		       struct tquic_close *close)
{
	const struct tquic_frame_attr *attr;
	const u8 *start = rd->ptr;
	const char *why;
	bool minimal;
	u64 type = tquic_rd_varint_min(rd, &minimal);
	u64 code;

	if (rd->err)
		return tquic_frame_refuse(close, 0, "frame type is cut short");
	if (!minimal)
		return tquic_frame_forbid(close, type,
					  "frame type not in shortest form");
	attr = tquic_frame_attr(type);
	if (!attr)
		return tquic_frame_refuse(close, type, "unknown frame type");
	if (tquic_frame_admit(type, attr, ctx, close))
		return -EPROTO;
	*f = (struct tquic_frame){ .type = type };
	if (!tquic_frame_read(rd, f, attr))
		return tquic_frame_refuse(close, type,
					  "negative packet number");
	if (rd->err)
		return tquic_frame_refuse(close, type, "frame is cut short");
	code = tquic_frame_judge(f, &why);
	if (code)
		return tquic_close_set(close, code, type, why);
	if (attr->flags & TQUIC_FRAME_F_DATAGRAM &&
	    rd->ptr - start > ctx->max_datagram)
		return tquic_frame_forbid(close, type, "datagram too large");
	return 0;
}
