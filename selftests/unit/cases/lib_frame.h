/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames for tests, made at random and written byte by byte without help from
 * the code under test.
 */
#ifndef _LIB_FRAME_H
#define _LIB_FRAME_H

#include "core/frame.h"
#include "tap.h"

#define LF_COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define LF_PAYLOAD_MAX	600
#define LF_RANGES_MAX	40

/**
 * struct lf_type - one frame type, transcribed from the specifications
 * @type: on the wire
 * @pkts: "IH01" with '_' for the types of packets that must not have it
 * @spec: of "NCPF" those that hold
 */
struct lf_type {
	u16 type;
	const char *pkts;
	const char *spec;
};

extern const struct lf_type lf_types[];
extern const unsigned int lf_ntypes;

/**
 * struct lf_frame - a frame and the bytes that it should become
 * @f: the frame; points into @payload
 * @payload: payload, connection ID and token, or ACK ranges
 * @bytes: @f on the wire
 * @len: bytes in @bytes
 * @hdr_len: bytes that come before a payload
 */
struct lf_frame {
	struct tquic_frame f;
	u8 payload[LF_PAYLOAD_MAX];
	u8 bytes[LF_PAYLOAD_MAX + 64];
	size_t len;
	size_t hdr_len;
};

/* a number below 2^62, with all lengths and their edges equally likely */
u64 lf_num(void);
/* the same, at most @max */
u64 lf_num_max(u64 max);
/* appends a number in the given or, for 0, the shortest length */
size_t lf_put(u8 *p, u64 val, unsigned int len);
/* a frame of this type */
void lf_make(struct lf_frame *lf, u16 type);
/* writes any frame of a known type; sets *hdr_len unless NULL */
size_t lf_write(const struct tquic_frame *f, u8 *p, size_t *hdr_len);
/* whether the payload has no length of its own */
bool lf_open_ended(u16 type);
/* a receiver that accepts the type */
struct tquic_frame_ctx lf_ctx(u16 type);

/*
 * Decodes a copy of exactly @len bytes, so that no read beyond goes unseen.
 * *used is what was consumed; what @f points to stays valid until the next
 * call.
 */
int lf_decode(const void *bytes, size_t len, const struct tquic_frame_ctx *ctx,
	      struct tquic_frame *f, struct tquic_close *close, size_t *used);

/* expects that a receiver of @hex refuses it with @code */
void lf_refused(const char *file, int line, const char *hex,
		struct tquic_frame_ctx ctx, u64 code, u64 type);
/* expects that a receiver of @hex accepts it */
void lf_accepted(const char *file, int line, const char *hex,
		 struct tquic_frame_ctx ctx);

#define LF_REFUSED(hex, ctx, code, type)				\
	lf_refused(__FILE__, __LINE__, hex, ctx, code, type)
#define LF_ACCEPTED(hex, ctx)						\
	lf_accepted(__FILE__, __LINE__, hex, ctx)

#endif /* _LIB_FRAME_H */
