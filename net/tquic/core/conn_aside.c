// SPDX-License-Identifier: GPL-2.0
/*
 * Single packets to an address that is not the one of their path.
 *
 * A client that probes another address before it moves there is answered there
 * (RFC 9000 section 8.2.2), an address to move to is asked whether it works
 * (sections 9.2 and 9.6.2), and so is the one that a path seems to have moved
 * away from (section 9.3.3): if the move was an attacker's doing, its owner
 * answers from there, and the path moves back.
 */
#include "conn_build.h"

/* More than the address is owed for as many datagrams is not counted. */
#define TQUIC_ASIDE_ROOM	(TQUIC_PATH_AMPLIFY * 8 * TQUIC_DGRAM_MIN)

/**
 * tquic_aside_drop - forget the other address
 * @conn: connection
 * @path: path
 */
void tquic_aside_drop(struct tquic_conn *conn, struct tquic_path *path)
{
	bool ask = path->aside.ask;

	tquic_move_retire(conn, path, &path->aside.dcid);
	path->aside = (struct tquic_path_aside){ .ask = ask };
}

/**
 * tquic_aside_at - a packet came from another address
 * @conn: connection of a server
 * @path: path
 * @rx: the packet
 *
 * Return: whether packets may be sent there.
 */
bool tquic_aside_at(struct tquic_conn *conn, struct tquic_path *path,
		    const struct tquic_rx *rx)
{
	struct tquic_path_aside *aside = &path->aside;
	struct tquic_path_dcid dcid;

	if (!aside->known || !tquic_tuple_eq(&aside->tuple, rx->tuple)) {
		/* a client knows where it wants to go */
		if (!conn->server || !tquic_move_dcid(conn, path, rx, &dcid))
			return false;
		tquic_aside_drop(conn, path);
		aside->known = true;
		aside->tuple = *rx->tuple;
		aside->dcid = dcid;
	}
	if (conn->server)
		aside->room = min(aside->room + TQUIC_PATH_AMPLIFY *
				  max(rx->dgram_len, rx->len),
				  (u32)TQUIC_ASIDE_ROOM);
	return true;
}

/**
 * tquic_aside_respond - a PATH_CHALLENGE came from another address
 * @conn: connection
 * @path: path
 * @rx: its packet
 * @data: what to repeat
 *
 * At another address of its own a server asks back (RFC 9000 section 9.6.2).
 */
void tquic_aside_respond(struct tquic_conn *conn, struct tquic_path *path,
			 const struct tquic_rx *rx, const u8 *data)
{
	struct tquic_path_aside *aside = &path->aside;

	if (!tquic_aside_at(conn, path, rx))
		return;
	aside->respond = true;
	memcpy(aside->data, data, TQUIC_PATH_PROBE_LEN);
	if (conn->server && !tquic_tuple_same_local(&path->tuple, rx->tuple))
		tquic_aside_check(path, rx->now);
}

/* Asks whether the other address works, unless that is known or under way. */
void tquic_aside_check(struct tquic_path *path, tquic_time_t now)
{
	struct tquic_path_aside *aside = &path->aside;

	if (!aside->proven && !aside->check.open && !aside->check.due)
		tquic_check_start(&aside->check, now);
}

static bool tquic_aside_challenge(struct tquic_build *b,
				  struct tquic_path_check *check)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_PATH_CHALLENGE };

	if (b->room < 1 + TQUIC_PATH_PROBE_LEN ||
	    !tquic_conn_draw(b->conn, f.probe, TQUIC_PATH_PROBE_LEN))
		return false;
	if (!tquic_build_frame(b, &f, NULL) || !check)
		return false;
	memcpy(check->data, f.probe, TQUIC_PATH_PROBE_LEN);
	tquic_check_sent(check, b->now, tquic_rtt_pto(&b->path->rtt, 0));
	return true;
}

/* Fills the packet up, and keeps the account of the path's own address. */
static bool tquic_aside_end(struct tquic_build *b, u64 tx_bytes)
{
	bool sent;

	if (b->payload)
		tquic_build_pad(b, b->room);
	sent = tquic_build_end(b);
	b->path->tx_bytes = tx_bytes;
	return sent;
}

/* To the other address: 1200 bytes, or what it is owed. */
static bool tquic_aside_there(struct tquic_build *b)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_PATH_RESPONSE };
	struct tquic_path_aside *aside = &b->path->aside;
	u64 tx_bytes = b->path->tx_bytes;
	u32 size = min_t(u32, aside->room, TQUIC_DGRAM_MIN);

	if (!aside->respond && !aside->check.due)
		return false;
	if (!tquic_move_holds(b->conn, b->path, &aside->dcid)) {
		tquic_aside_drop(b->conn, b->path);
		return false;
	}
	b->plan->tuple = aside->tuple;
	if (aside->dcid.own)
		b->dcid = &aside->dcid.cid;
	memcpy(f.probe, aside->data, TQUIC_PATH_PROBE_LEN);
	if (!tquic_build_begin(b, TQUIC_PKT_1RTT, size, false)) {
		aside->respond = false;
		return false;
	}
	/* once for each challenge: who did not get it asks again */
	if (aside->respond)
		tquic_build_frame(b, &f, NULL);
	aside->respond = false;
	if (aside->check.due && tquic_aside_challenge(b, &aside->check))
		aside->check.full = size == TQUIC_DGRAM_MIN;
	if (!tquic_aside_end(b, tx_bytes))
		return false;
	if (b->conn->server)
		aside->room -= min_t(u32, aside->room, b->pkt->size);
	return true;
}

/* To the address that the path left, once. */
static bool tquic_aside_back(struct tquic_build *b)
{
	u64 tx_bytes = b->path->tx_bytes;
	struct tquic_path *path = b->path;

	if (!path->aside.ask)
		return false;
	path->aside.ask = false;
	if (!path->migrating ||
	    !tquic_move_holds(b->conn, path, &path->old_dcid))
		return false;
	b->plan->tuple = path->old_tuple;
	if (path->old_dcid.own)
		b->dcid = &path->old_dcid.cid;
	if (!tquic_build_begin(b, TQUIC_PKT_1RTT, TQUIC_DGRAM_MIN, false))
		return false;
	tquic_aside_challenge(b, NULL);
	return tquic_aside_end(b, tx_bytes);
}

/**
 * tquic_aside_plan - a packet to another address, if one is due
 * @conn: connection
 * @now: present time
 * @plan: filled: one packet
 * @gfp: allocation flags
 *
 * Return: whether there is one.
 */
bool tquic_aside_plan(struct tquic_conn *conn, tquic_time_t now,
		      struct tquic_plan *plan, gfp_t gfp)
{
	struct tquic_path *path;
	struct tquic_build b;

	list_for_each_entry(path, &conn->paths, node) {
		if (!path->aside.respond && !path->aside.ask &&
		    !path->aside.check.due)
			continue;
		if (!path->has_dcid || path->down) {
			path->aside.respond = false;
			path->aside.ask = false;
			continue;
		}
		tquic_plan_reset(plan, path);
		tquic_plan_builder(&b, conn, path, &path->space, plan, now,
				   gfp);
		if (tquic_aside_there(&b))
			return true;
		tquic_plan_reset(plan, path);
		tquic_plan_builder(&b, conn, path, &path->space, plan, now,
				   gfp);
		if (tquic_aside_back(&b))
			return true;
	}
	return false;
}
