// SPDX-License-Identifier: GPL-2.0
/*
 * The size of datagrams on the paths of a connection.
 */
#include "conn_build.h"

/* What the peer takes, and of our own what the caller can handle. */
static u32 tquic_mtu_limit(const struct tquic_conn *conn, u32 link)
{
	return min_t(u64, min(conn->config.mds_max, link),
		     conn->theirs.max_udp_payload_size);
}

/**
 * tquic_conn_mtu_start - search on a path that was just validated
 * @conn: connection
 * @path: path
 */
void tquic_conn_mtu_start(struct tquic_conn *conn, struct tquic_path *path)
{
	if (!conn->config.mds_max || path->pmtu.limit)
		return;
	tquic_pmtu_start(&path->pmtu, tquic_mtu_limit(conn, U32_MAX));
	if (path->mds != path->pmtu.size)
		tquic_path_resize(path);
}

/**
 * tquic_conn_path_mtu - what the link below a path carries
 * @conn: connection
 * @id: path ID
 * @mtu: bytes of an IP packet
 *
 * Return: 0; -ENOENT.
 */
int tquic_conn_path_mtu(struct tquic_conn *conn, u32 id, u32 mtu)
{
	struct tquic_path *path = tquic_conn_path(conn, id);
	u32 link;

	if (!path || path->state == TQUIC_PATH_CLOSING)
		return -ENOENT;
	if (!conn->config.mds_max)
		return 0;
	link = tquic_pmtu_payload(mtu, tquic_tuple_is_ipv4(&path->tuple));
	tquic_pmtu_start(&path->pmtu, tquic_mtu_limit(conn, link));
	if (path->mds != path->pmtu.size)
		tquic_path_resize(path);
	return 0;
}

/**
 * tquic_conn_path_ptb - a router says that a packet was too big
 * @conn: connection
 * @id: path ID, by addresses and connection ID of the packet that it quotes:
 *	the caller has made sure that it is one of ours (RFC 9000 section
 *	14.2.1)
 * @mtu: bytes of an IP packet that it would pass
 *
 * Return: 0; -ENOENT.
 */
int tquic_conn_path_ptb(struct tquic_conn *conn, u32 id, u32 mtu)
{
	struct tquic_path *path = tquic_conn_path(conn, id);

	if (!path || path->state == TQUIC_PATH_CLOSING)
		return -ENOENT;
	mtu = tquic_pmtu_payload(mtu, tquic_tuple_is_ipv4(&path->tuple));
	if (tquic_pmtu_told(&path->pmtu, mtu))
		tquic_path_resize(path);
	return 0;
}

/* A packet has arrived. */
void tquic_conn_mtu_acked(struct tquic_path *path,
			  const struct tquic_sent_pkt *pkt)
{
	if (tquic_pmtu_acked(&path->pmtu, pkt->size,
			     pkt->flags & TQUIC_SENT_MTU_PROBE))
		tquic_path_resize(path);
}

/* A packet is taken for lost. */
void tquic_conn_mtu_lost(struct tquic_path *path,
			 const struct tquic_sent_pkt *pkt)
{
	if (tquic_pmtu_lost(&path->pmtu, pkt->size,
			    pkt->flags & TQUIC_SENT_MTU_PROBE))
		tquic_path_resize(path);
}

static bool tquic_mtu_probe(struct tquic_build *b, u32 size)
{
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };

	if (!tquic_build_begin(b, TQUIC_PKT_1RTT, size, false))
		return false;
	tquic_build_frame(b, &ping, NULL);
	tquic_build_pad(b, b->room);
	b->flags |= TQUIC_SENT_MTU_PROBE;
	return tquic_build_end(b);
}

/**
 * tquic_mtu_plan - a probe, if one is due on some path
 * @conn: connection
 * @now: present time
 * @plan: filled: one packet
 * @gfp: allocation flags
 *
 * It has to fit the congestion window: RFC 8899 section 3, item 7.
 *
 * Return: whether there is one.
 */
bool tquic_mtu_plan(struct tquic_conn *conn, tquic_time_t now,
		    struct tquic_plan *plan, gfp_t gfp)
{
	struct tquic_path *path;
	struct tquic_build b;
	u32 size;

	if (!conn->confirmed)
		return false;
	list_for_each_entry(path, &conn->paths, node) {
		if (!tquic_path_usable(path))
			continue;
		size = tquic_pmtu_due(&path->pmtu, now);
		if (!size || tquic_path_window(path) < size)
			continue;
		tquic_plan_reset(plan, path);
		tquic_plan_builder(&b, conn, path, &path->space, plan, now,
				   gfp);
		if (!tquic_mtu_probe(&b, size))
			continue;
		path->pmtu.probe = size;
		tquic_pacer_sent(&path->pacer, now, plan->bytes);
		return true;
	}
	return false;
}
