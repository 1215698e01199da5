// SPDX-License-Identifier: GPL-2.0
/*
 * Single packets to an address that is not the one of their path.
 *
 * A client that probes another address before it moves there is answered there
 * (RFC 9000 section 8.2.2), and the address that a path seems to have moved
 * away from is asked (section 9.3.3): if the move was an attacker's doing, its
 * owner answers from there, and the path moves back.
 */
#include "conn_build.h"

/**
 * tquic_aside_respond - a PATH_CHALLENGE came from another address
 * @path: path
 * @rx: its packet
 * @data: what to repeat
 */
void tquic_aside_respond(struct tquic_path *path, const struct tquic_rx *rx,
			 const u8 *data)
{
	struct tquic_path_aside *aside = &path->aside;

	aside->tuple = *rx->tuple;
	aside->room = TQUIC_PATH_AMPLIFY * max(rx->dgram_len, rx->len);
	aside->respond = true;
	memcpy(aside->data, data, TQUIC_PATH_PROBE_LEN);
}

/**
 * tquic_aside_moved - the path moved
 * @path: path
 * @checked: the address that it left was validated
 *
 * The bytes that the new address is owed are counted once.
 */
void tquic_aside_moved(struct tquic_path *path, bool checked)
{
	struct tquic_path_aside *aside = &path->aside;

	aside->ask = checked;
	if (!aside->respond || !tquic_tuple_eq(&aside->tuple, &path->tuple))
		return;
	aside->respond = false;
	memcpy(path->response, aside->data, TQUIC_PATH_PROBE_LEN);
	path->pending |= TQUIC_PATH_P_RESPONSE;
}

/* One frame in a packet of 1200 bytes, or what the address is owed. */
static bool tquic_aside_pkt(struct tquic_build *b, const struct tquic_frame *f,
			    u32 room)
{
	u64 tx_bytes = b->path->tx_bytes;
	bool sent;

	if (!tquic_build_begin(b, TQUIC_PKT_1RTT,
			       min(room, (u32)TQUIC_DGRAM_MIN), false))
		return false;
	if (tquic_build_frame(b, f, NULL))
		tquic_build_pad(b, b->room);
	sent = tquic_build_end(b);
	/* it did not go to the address of the path */
	b->path->tx_bytes = tx_bytes;
	return sent;
}

static bool tquic_aside_path(struct tquic_build *b)
{
	struct tquic_path_aside *aside = &b->path->aside;
	struct tquic_frame f = { .type = TQUIC_FRAME_PATH_RESPONSE };

	if (aside->respond) {
		aside->respond = false;
		b->plan->tuple = aside->tuple;
		memcpy(f.probe, aside->data, TQUIC_PATH_PROBE_LEN);
		return tquic_aside_pkt(b, &f, aside->room);
	}
	aside->ask = false;
	f.type = TQUIC_FRAME_PATH_CHALLENGE;
	if (!b->path->migrating ||
	    !tquic_conn_draw(b->conn, f.probe, TQUIC_PATH_PROBE_LEN))
		return false;
	b->plan->tuple = b->path->old_tuple;
	return tquic_aside_pkt(b, &f, TQUIC_DGRAM_MIN);
}

/**
 * tquic_aside_plan - a packet to another address, if one is due
 * @conn: connection
 * @now: present time
 * @plan: filled: one packet
 * @gfp: allocation flags
 *
 * Each is sent once: who did not get it asks again.
 *
 * Return: whether there is one.
 */
bool tquic_aside_plan(struct tquic_conn *conn, tquic_time_t now,
		      struct tquic_plan *plan, gfp_t gfp)
{
	struct tquic_path *path;
	struct tquic_build b;

	list_for_each_entry(path, &conn->paths, node) {
		while (path->aside.respond || path->aside.ask) {
			if (!path->has_dcid || path->down) {
				path->aside.respond = false;
				path->aside.ask = false;
				break;
			}
			tquic_plan_reset(plan, path);
			tquic_plan_builder(&b, conn, path, &path->space, plan,
					   now, gfp);
			if (tquic_aside_path(&b))
				return true;
		}
	}
	return false;
}
