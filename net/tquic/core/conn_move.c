// SPDX-License-Identifier: GPL-2.0
/*
 * Paths that move to other addresses, and their connection IDs: RFC 9000
 * section 9.
 *
 *   client: tquic_conn_migrate() --validated--> there, and says so by a PING
 *   server, the client's address changed: there at once, validated meanwhile
 *   server, its own address changed: there once that was validated
 *
 * The path keeps its ID and its packet numbers.  Each address has a connection
 * ID of its own, so that an observer of both cannot tell that they belong
 * together.
 */
#include "conn_priv.h"

/**
 * tquic_move_dcid - a destination for packets to another address
 * @conn: connection
 * @path: path
 * @rx: packet that came from there
 * @dcid: filled
 *
 * Return: false when nothing may be sent there: no connection ID is left, and
 * the peer has taken another one itself.  Otherwise the same one may go on to
 * be used, as a NAT may be all that has changed (RFC 9000 section 9.5).
 */
bool tquic_move_dcid(struct tquic_conn *conn, struct tquic_path *path,
		     const struct tquic_rx *rx, struct tquic_path_dcid *dcid)
{
	struct tquic_cid_peer *cid = tquic_cid_peer_take(&conn->cids,
							 path->id);

	*dcid = (struct tquic_path_dcid){};
	if (cid) {
		dcid->own = true;
		dcid->cid = cid->cid;
		dcid->seq = cid->seq;
		return true;
	}
	tquic_conn_cids_blocked(conn, path->id);
	return rx->via && rx->via->seq == path->via_seq;
}

/* Nothing is sent with it any more. */
void tquic_move_retire(struct tquic_conn *conn, struct tquic_path *path,
		       struct tquic_path_dcid *dcid)
{
	/* a peer that does not acknowledge retirements gets none for now */
	if (dcid->own)
		tquic_cid_peer_retire(&conn->cids, path->id, dcid->seq);
	dcid->own = false;
}

/* The peer did not retire it. */
bool tquic_move_holds(const struct tquic_conn *conn,
		      const struct tquic_path *path,
		      const struct tquic_path_dcid *dcid)
{
	return !dcid->own ||
	       tquic_cid_peer_find(&conn->cids, path->id, dcid->seq);
}

/* What the path sends with. */
static struct tquic_path_dcid tquic_move_present(const struct tquic_path *path)
{
	return (struct tquic_path_dcid){
		.own = true,
		.cid = path->dcid,
		.seq = path->dcid_seq,
	};
}

static void tquic_move_use(struct tquic_path *path,
			   const struct tquic_path_dcid *dcid)
{
	path->dcid = dcid->cid;
	path->dcid_seq = dcid->seq;
}

/*
 * What is on its way to the address before says nothing of the new one, neither
 * of its window nor of its RTT (RFC 9000 section 9.4): it is sent again.
 */
static void tquic_move_leave(struct tquic_path *path,
			     const struct tquic_tuple *tuple)
{
	struct tquic_loss *loss = &path->space.loss;
	u64 pn;

	if (tquic_tuple_same_hosts(&path->tuple, tuple))
		return;
	while ((pn = tquic_sent_next_outstanding(&loss->sent, 0)) !=
	       TQUIC_SENT_NONE)
		tquic_loss_fail(loss, pn);
}

/**
 * tquic_move_settled - the path's address was validated
 * @conn: connection
 * @path: path
 *
 * Nobody returns to the one before.
 */
void tquic_move_settled(struct tquic_conn *conn, struct tquic_path *path)
{
	if (!path->migrating)
		tquic_move_retire(conn, path, &path->old_dcid);
}

/* A client's packets come from elsewhere. */
static void tquic_move_to_peer(struct tquic_conn *conn,
			       struct tquic_path *path,
			       const struct tquic_rx *rx)
{
	struct tquic_path_dcid old = tquic_move_present(path), dcid;
	struct tquic_path_aside *aside = &path->aside;
	bool validated = path->validated, respond = false;
	bool back = path->migrating &&
		    tquic_tuple_eq(&path->old_tuple, rx->tuple);

	if (back && tquic_move_holds(conn, path, &path->old_dcid)) {
		dcid = path->old_dcid;
		path->old_dcid.own = false;
	} else if (aside->known && tquic_tuple_eq(&aside->tuple, rx->tuple)) {
		dcid = aside->dcid;
		respond = aside->respond;
		memcpy(path->response, aside->data, TQUIC_PATH_PROBE_LEN);
		aside->dcid.own = false;
	} else if (!tquic_move_dcid(conn, path, rx, &dcid)) {
		return;
	}
	tquic_aside_drop(conn, path);
	tquic_move_leave(path, rx->tuple);
	tquic_path_migrate(path, rx->tuple, rx->now, rx->dgram_len);
	path->via_seq = rx->via ? rx->via->seq : 0;
	if (dcid.own) {
		tquic_move_use(path, &dcid);
		/* the address in between was never validated: it is over */
		if (!path->migrating || path->old_dcid.own || back)
			tquic_move_retire(conn, path, &old);
		else
			path->old_dcid = old;
	}
	aside->ask = validated;
	if (respond)
		path->pending |= TQUIC_PATH_P_RESPONSE;
	conn->events |= TQUIC_CONN_E_PATHS;
}

/* To the other address, which was validated. */
static void tquic_move_go(struct tquic_conn *conn, struct tquic_path *path,
			  tquic_time_t now)
{
	struct tquic_path_dcid old = tquic_move_present(path);
	struct tquic_path_aside *aside = &path->aside;
	bool full = aside->check.full;

	tquic_move_leave(path, &aside->tuple);
	tquic_move_retire(conn, path, &path->old_dcid);
	tquic_path_move(path, &aside->tuple, now);
	if (aside->dcid.own) {
		tquic_move_retire(conn, path, &old);
		tquic_move_use(path, &aside->dcid);
		aside->dcid.own = false;
	}
	tquic_aside_drop(conn, path);
	/* the peer follows what is no probe; a PING is enough */
	if (!conn->server)
		path->pending |= TQUIC_PATH_P_PROBE;
	/* it has to carry full datagrams: RFC 9000 section 8.2.1 */
	if (!full)
		tquic_path_check_start(path, now);
	conn->events |= TQUIC_CONN_E_PATHS;
}

/**
 * tquic_move_seen - the newest packet of the peer's came from elsewhere
 * @conn: connection of a server
 * @path: its path
 * @rx: the packet, which is no probe
 *
 * To another address of the server's it goes only when that was validated (RFC
 * 9000 section 9.6.2); where the client is now, the client knows best.
 */
void tquic_move_seen(struct tquic_conn *conn, struct tquic_path *path,
		     const struct tquic_rx *rx)
{
	if (tquic_tuple_same_local(&path->tuple, rx->tuple)) {
		tquic_move_to_peer(conn, path, rx);
		return;
	}
	if (!tquic_aside_at(conn, path, rx))
		return;
	path->aside.moves = true;
	if (path->aside.proven) {
		path->via_seq = rx->via ? rx->via->seq : 0;
		tquic_move_go(conn, path, rx->now);
	} else {
		tquic_aside_check(path, rx->now);
	}
}

/**
 * tquic_move_answer - a PATH_RESPONSE came that may be about another address
 * @conn: connection
 * @path: path whose other address it may be about
 * @data: its eight bytes
 * @now: present time
 *
 * Return: whether it was.
 */
bool tquic_move_answer(struct tquic_conn *conn, struct tquic_path *path,
		       const u8 *data, tquic_time_t now)
{
	struct tquic_path_aside *aside = &path->aside;

	if (!tquic_check_answer(&aside->check, data))
		return false;
	aside->proven = true;
	if (aside->moves && path->state != TQUIC_PATH_CLOSING)
		tquic_move_go(conn, path, now);
	return true;
}

/**
 * tquic_move_timeout - time has passed
 * @conn: connection
 * @path: path
 * @now: present time
 *
 * An address that does not answer is given up: the path stays where it is.
 */
void tquic_move_timeout(struct tquic_conn *conn, struct tquic_path *path,
			tquic_time_t now)
{
	if (!tquic_check_timeout(&path->aside.check, now,
				 tquic_rtt_pto(&path->rtt, 0)))
		return;
	tquic_aside_drop(conn, path);
	conn->events |= TQUIC_CONN_E_PATHS;
}

/**
 * tquic_move_revert - the path's address could not be validated
 * @conn: connection
 * @path: path
 *
 * Return: whether it is back at the one before.
 */
bool tquic_move_revert(struct tquic_conn *conn, struct tquic_path *path)
{
	struct tquic_path_dcid failed = tquic_move_present(path);

	if (!tquic_path_revert(path))
		return false;
	if (!path->old_dcid.own)
		return true;
	tquic_move_use(path, &path->old_dcid);
	path->old_dcid.own = false;
	tquic_move_retire(conn, path, &failed);
	/* retired by the peer meanwhile */
	if (!tquic_cid_peer_find(&conn->cids, path->id, path->dcid_seq))
		tquic_conn_take_dcid(conn, path);
	return true;
}

/**
 * tquic_conn_migrate - move a path to other addresses
 * @conn: connection of a client
 * @id: path ID
 * @tuple: addresses to move to, own or the server's (tquic_conn_preferred())
 * @now: present time
 *
 * They are validated first; TQUIC_CONN_E_PATHS tells when the path is there,
 * or stays where it is because they do not answer.
 *
 * Return: 0; -ENOTCONN before the handshake is confirmed; -EOPNOTSUPP on a
 * server; -EPERM when the server does not want it; -ENOENT; -EALREADY when it
 * is there; -EAGAIN while the server has left no connection ID for it.
 */
int tquic_conn_migrate(struct tquic_conn *conn, u32 id,
		       const struct tquic_tuple *tuple, tquic_time_t now)
{
	struct tquic_path *path = tquic_conn_path(conn, id);
	struct tquic_cid_peer *cid;

	if (conn->state != TQUIC_CONN_ESTABLISHED || !conn->confirmed)
		return -ENOTCONN;
	if (conn->server)
		return -EOPNOTSUPP;
	if (tquic_conn_forbidden(conn, tuple))
		return -EPERM;
	if (!path || path->state != TQUIC_PATH_ACTIVE)
		return -ENOENT;
	if (tquic_tuple_eq(&path->tuple, tuple))
		return -EALREADY;
	cid = tquic_cid_peer_take(&conn->cids, id);
	if (!cid) {
		tquic_conn_cids_blocked(conn, id);
		return -EAGAIN;
	}
	tquic_aside_drop(conn, path);
	path->aside = (struct tquic_path_aside){
		.known = true,
		.tuple = *tuple,
		.dcid = { .own = true, .cid = cid->cid, .seq = cid->seq },
		.room = U32_MAX,
		.moves = true,
	};
	tquic_check_start(&path->aside.check, now);
	return 0;
}

/**
 * tquic_conn_preferred - addresses with the server's preferred one
 * @conn: connection of a client
 * @tuple: addresses; the server's is replaced by the preferred one of the same
 *	family (RFC 9000 section 9.6)
 *
 * Whoever then calls tquic_conn_migrate(), once the handshake is confirmed,
 * does what the server asks for.  With a new address of its own, too, a client
 * tries the preferred one first (section 9.6.3).
 *
 * Return: whether the server has announced one.
 */
bool tquic_conn_preferred(const struct tquic_conn *conn,
			  struct tquic_tuple *tuple)
{
	const struct tquic_tparam_addr *addr = &conn->theirs.preferred_address;

	if (conn->server || !conn->have_theirs ||
	    !tquic_tparam_has(&conn->theirs, TQUIC_TPARAM_PREFERRED_ADDRESS))
		return false;
	if (tquic_tuple_is_ipv4(tuple)) {
		if (!addr->ipv4_port)
			return false;
		memcpy(tuple->remote + 12, addr->ipv4, sizeof(addr->ipv4));
		tuple->remote_port = addr->ipv4_port;
		return true;
	}
	if (!addr->ipv6_port)
		return false;
	memcpy(tuple->remote, addr->ipv6, sizeof(addr->ipv6));
	tuple->remote_port = addr->ipv6_port;
	return true;
}

/**
 * tquic_move_tparams - take the connection ID that comes with the address
 * @conn: connection of a client
 * @tp: the server's parameters
 * @gfp: allocation flags
 * @close: filled on a protocol error
 *
 * Return: 0 or -EPROTO.
 */
int tquic_move_tparams(struct tquic_conn *conn, const struct tquic_tparams *tp,
		       gfp_t gfp, struct tquic_close *close)
{
	const struct tquic_tparam_addr *addr = &tp->preferred_address;
	const struct tquic_frame f = {
		.type = TQUIC_FRAME_NEW_CONNECTION_ID,
		.new_cid = {
			.seq = 1,
			.cid = addr->cid.id,
			.cid_len = addr->cid.len,
			.token = addr->token,
		},
	};

	if (conn->server ||
	    !tquic_tparam_has(tp, TQUIC_TPARAM_PREFERRED_ADDRESS))
		return 0;
	/* RFC 9000 section 18.2 */
	if (!conn->peer_scid.len)
		return tquic_close_set(close, TQUIC_TRANSPORT_PARAMETER_ERROR,
				       0, "preferred_address without ID");
	/* without memory there is one connection ID less, and that is all */
	return tquic_cid_peer_recv(&conn->cids, &f, gfp, close) == -EPROTO ?
	       -EPROTO : 0;
}
