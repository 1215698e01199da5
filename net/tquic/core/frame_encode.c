// SPDX-License-Identifier: GPL-2.0
/*
 * Encoding of frames, and their exact lengths.
 */
#include "frame.h"

#define TQUIC_FRAME_AT_LEN	offsetof(struct tquic_frame, len)

static bool tquic_frame_has_payload(const struct tquic_frame_attr *attr)
{
	return attr->body == TQUIC_FRAME_BODY_DATA ||
	       attr->body == TQUIC_FRAME_BODY_REST;
}

static u64 tquic_frame_field(const struct tquic_frame *f, u8 at)
{
	return *(const u64 *)((const u8 *)f + at);
}

/* bytes of one integer; 0 when it cannot be encoded as asked */
static unsigned int tquic_frame_field_len(const struct tquic_frame *f, u8 at)
{
	unsigned int need = tquic_varint_len(tquic_frame_field(f, at));
	u8 size = f->len_size;

	if (at != TQUIC_FRAME_AT_LEN || !size)
		return need;
	if (size < need || size > TQUIC_VARINT_LEN_MAX || size & (size - 1))
		return 0;
	return size;
}

/* bytes of the ECN counts; 0 when one of them cannot be encoded */
static u64 tquic_frame_ecn_len(const struct tquic_frame_ack *ack)
{
	unsigned int ect0 = tquic_varint_len(ack->ect0);
	unsigned int ect1 = tquic_varint_len(ack->ect1);
	unsigned int ce = tquic_varint_len(ack->ce);

	return ect0 && ect1 && ce ? ect0 + ect1 + ce : 0;
}

/* whether the values are sound, and those that the type leaves out are 0 */
static bool tquic_frame_is_sound(const struct tquic_frame *f)
{
	const char *why;

	if (tquic_frame_judge(f, &why) || f->len > TQUIC_VARINT_MAX)
		return false;
	if (tquic_frame_is_stream(f->type) && f->stream.offset)
		return f->type & TQUIC_FRAME_STREAM_OFF;
	if (f->type == TQUIC_FRAME_ACK_ECN ||
	    f->type == TQUIC_FRAME_PATH_ACK_ECN)
		return tquic_frame_ecn_len(&f->ack);
	return true;
}

static u64 tquic_frame_body_len(const struct tquic_frame *f,
				const struct tquic_frame_attr *attr)
{
	switch (attr->body) {
	case TQUIC_FRAME_BODY_ACK:
		return f->ack.ranges_len + (tquic_frame_ack_has_ecn(f) ?
					    tquic_frame_ecn_len(&f->ack) : 0);
	case TQUIC_FRAME_BODY_CID:
		return 1 + f->new_cid.cid_len + TQUIC_RESET_TOKEN_LEN;
	case TQUIC_FRAME_BODY_PROBE:
		return TQUIC_FRAME_PROBE_LEN;
	default:
		return 0;
	}
}

/**
 * tquic_frame_hdr_len - bytes of a frame that come before its payload
 * @f: frame
 *
 * Frames other than STREAM, CRYPTO, DATAGRAM, NEW_TOKEN and CONNECTION_CLOSE
 * have no payload: all of them is header.
 *
 * Return: exact length, or 0 when @f cannot be encoded: the type is unknown or
 * a value is out of its range.
 */
u64 tquic_frame_hdr_len(const struct tquic_frame *f)
{
	const struct tquic_frame_attr *attr = tquic_frame_attr(f->type);
	unsigned int size;
	const u8 *at;
	u64 len;

	if (!attr || !tquic_frame_is_sound(f))
		return 0;
	if (attr->body == TQUIC_FRAME_BODY_PADDING)
		return f->len;
	len = tquic_varint_len(f->type);
	for (at = attr->field; *at; at++) {
		size = tquic_frame_field_len(f, *at);
		if (!size)
			return 0;
		len += size;
	}
	return len + tquic_frame_body_len(f, attr);
}

/**
 * tquic_frame_len - bytes of a whole frame
 * @f: frame
 *
 * Return: exact length, or 0 as from tquic_frame_hdr_len().
 */
u64 tquic_frame_len(const struct tquic_frame *f)
{
	u64 len = tquic_frame_hdr_len(f);

	if (len && tquic_frame_has_payload(tquic_frame_attr(f->type)))
		len += f->len;
	return len;
}

static void tquic_frame_write_body(struct tquic_wr *wr,
				   const struct tquic_frame *f,
				   const struct tquic_frame_attr *attr)
{
	switch (attr->body) {
	case TQUIC_FRAME_BODY_ACK:
		tquic_wr_bytes(wr, f->ack.ranges, f->ack.ranges_len);
		if (!tquic_frame_ack_has_ecn(f))
			break;
		tquic_wr_varint(wr, f->ack.ect0);
		tquic_wr_varint(wr, f->ack.ect1);
		tquic_wr_varint(wr, f->ack.ce);
		break;
	case TQUIC_FRAME_BODY_CID:
		tquic_wr_u8(wr, f->new_cid.cid_len);
		tquic_wr_bytes(wr, f->new_cid.cid, f->new_cid.cid_len);
		tquic_wr_bytes(wr, f->new_cid.token, TQUIC_RESET_TOKEN_LEN);
		break;
	case TQUIC_FRAME_BODY_PROBE:
		tquic_wr_bytes(wr, f->probe, TQUIC_FRAME_PROBE_LEN);
		break;
	}
}

/**
 * tquic_frame_encode_hdr - write a frame up to its payload
 * @wr: output; left alone on failure
 * @f: frame; the ranges of an ACK are those of a decoded frame or come from
 *	tquic_frame_ack_put_range()
 *
 * The caller places tquic_frame.len bytes of payload behind it.
 *
 * Return: 0, -EINVAL when the frame cannot be encoded, or -ENOSPC.
 */
int tquic_frame_encode_hdr(struct tquic_wr *wr, const struct tquic_frame *f)
{
	const struct tquic_frame_attr *attr = tquic_frame_attr(f->type);
	u64 len = tquic_frame_hdr_len(f);
	const u8 *at;

	if (!len)
		return -EINVAL;
	if (len > tquic_wr_room(wr))
		return -ENOSPC;
	if (attr->body == TQUIC_FRAME_BODY_PADDING) {
		memset(tquic_wr_reserve(wr, len), 0, len);
		return 0;
	}
	tquic_wr_varint(wr, f->type);
	for (at = attr->field; *at; at++)
		tquic_wr_varint_len(wr, tquic_frame_field(f, *at),
				    tquic_frame_field_len(f, *at));
	tquic_frame_write_body(wr, f, attr);
	return 0;
}

/**
 * tquic_frame_encode - write a whole frame
 * @wr: output; left alone on failure
 * @f: frame, as for tquic_frame_encode_hdr()
 *
 * Return: 0, -EINVAL when the frame cannot be encoded, or -ENOSPC.
 */
int tquic_frame_encode(struct tquic_wr *wr, const struct tquic_frame *f)
{
	u64 len = tquic_frame_len(f);

	if (!len)
		return -EINVAL;
	if (len > tquic_wr_room(wr))
		return -ENOSPC;
	tquic_frame_encode_hdr(wr, f);
	if (tquic_frame_has_payload(tquic_frame_attr(f->type)))
		tquic_wr_bytes(wr, f->data, f->len);
	return 0;
}

/* shares @room, of which there is too little, among Length field and payload */
static bool tquic_frame_cut(struct tquic_frame *f, u64 room)
{
	unsigned int size;

	for (size = 1; room > size; size *= 2) {
		if (tquic_varint_len(room - size) > size)
			continue;
		f->len = room - size;
		f->len_size = size;
		return true;
	}
	return false;
}

/**
 * tquic_frame_fit - shorten the payload of a frame to the room there is
 * @f: frame whose tquic_frame.len says how much there is to send; left alone on
 *	failure
 * @room: bytes for the whole frame
 *
 * A frame that has to be shortened fills @room to the byte, if need be by a
 * longer Length field, and loses its FIN bit.  What is cut off a datagram, a
 * token or a reason phrase cannot follow in another frame: where that matters
 * the caller compares tquic_frame.len.
 *
 * Return: false when not a byte of the payload fits, or a frame without payload
 * does not fit.
 */
bool tquic_frame_fit(struct tquic_frame *f, size_t room)
{
	const struct tquic_frame_attr *attr = tquic_frame_attr(f->type);
	struct tquic_frame cut = *f;
	u64 fixed;

	cut.len_size = 0;
	fixed = tquic_frame_hdr_len(&cut);
	if (!fixed)
		return false;
	if (tquic_frame_len(&cut) <= room) {
		f->len_size = 0;
		return true;
	}
	if (attr->body == TQUIC_FRAME_BODY_DATA)
		fixed -= tquic_varint_len(f->len);
	if (room <= fixed)
		return false;
	if (attr->body == TQUIC_FRAME_BODY_REST)
		cut.len = room - fixed;
	else if (!tquic_frame_cut(&cut, room - fixed))
		return false;
	if (tquic_frame_is_stream(cut.type))
		cut.type &= ~TQUIC_FRAME_STREAM_FIN;
	*f = cut;
	return true;
}

/**
 * tquic_frame_set_stream - make a STREAM frame without payload bytes
 * @f: result
 * @id: stream ID
 * @offset: of the payload in the stream
 * @len: bytes of payload
 * @fin: the payload ends the stream
 * @with_len: whether anything may follow in the packet
 */
void tquic_frame_set_stream(struct tquic_frame *f, u64 id, u64 offset, u64 len,
			    bool fin, bool with_len)
{
	*f = (struct tquic_frame){
		.type = TQUIC_FRAME_STREAM,
		.len = len,
		.stream = { .id = id, .offset = offset },
	};
	if (offset)
		f->type |= TQUIC_FRAME_STREAM_OFF;
	if (with_len)
		f->type |= TQUIC_FRAME_STREAM_LEN;
	if (fin)
		f->type |= TQUIC_FRAME_STREAM_FIN;
}
