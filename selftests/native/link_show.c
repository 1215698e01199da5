// SPDX-License-Identifier: GPL-2.0
/*
 * What packets have, for people.
 */
#include <stdio.h>

#include "link.h"
#include "log.h"

static int tn_show_frame(const struct tquic_frame *f, char *text, size_t room)
{
	if (f->type >= TQUIC_FRAME_STREAM &&
	    f->type <= TQUIC_FRAME_STREAM_LAST)
		return snprintf(text, room, " %02x(%llu,%llu+%llu)", f->type,
				f->stream.id, f->stream.offset, f->len);
	if (f->type == TQUIC_FRAME_ACK || f->type == TQUIC_FRAME_ACK_ECN)
		return snprintf(text, room, " %02x(%llu)", f->type,
				f->ack.largest);
	return snprintf(text, room, " %02x", f->type);
}

/**
 * tn_link_show - a line about a packet, with --verbose
 * @link: connection
 * @way: '<' or '>'
 * @type: packet type
 * @path_id: path
 * @pn: packet number
 * @payload: frames
 * @len: bytes of them
 */
void tn_link_show(const struct tn_link *link, char way,
		  enum tquic_pkt_type type, u32 path_id, u64 pn,
		  const u8 *payload, u32 len)
{
	struct tquic_frame_ctx ctx = {
		.pkt = type,
		.server = (way == '<') == link->core->server,
		.multipath = link->core->multipath,
	};
	struct tquic_rd rd = tquic_rd_init(payload, len);
	struct tquic_close close;
	struct tquic_frame f;
	char text[512] = "";
	size_t n = 0;

	if (!tn_verbose)
		return;
	while (tquic_rd_left(&rd) && n < sizeof(text) - 64) {
		if (tquic_frame_decode(&rd, &f, &ctx, &close))
			break;
		n += tn_show_frame(&f, text + n, sizeof(text) - n);
	}
	tn_note("%c type %u path %u pn %llu, %u bytes of frames:%s", way, type,
		path_id, pn, len, text);
}
