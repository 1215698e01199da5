// SPDX-License-Identifier: GPL-2.0
/*
 * The paths of a connection: multipath-21 section 3.
 */
#include "conn_priv.h"

/**
 * tquic_conn_path - find a path
 * @conn: connection
 * @id: path ID
 *
 * Return: the path, NULL when there is none with that ID.
 */
struct tquic_path *tquic_conn_path(const struct tquic_conn *conn, u32 id)
{
	struct tquic_path *path;

	/* at most TQUIC_CONN_PATHS_MAX, which is ours to choose */
	list_for_each_entry(path, &conn->paths, node)
		if (path->id == id)
			return path;
	return NULL;
}

/* For draws that need not be secret. */
u64 tquic_conn_random(struct tquic_conn *conn)
{
	conn->draws = conn->draws * 6364136223846793005ULL +
		      1442695040888963407ULL;
	return conn->draws;
}

/* Lowest leg that no path has. */
static u8 tquic_conn_free_leg(const struct tquic_conn *conn)
{
	const struct tquic_path *path;
	u32 taken = 0;

	BUILD_BUG_ON(TQUIC_DGRAM_LEGS != TQUIC_CONN_PATHS_MAX);
	list_for_each_entry(path, &conn->paths, node)
		taken |= BIT(path->leg);
	return __ffs(~taken);
}

/*
 * RFC 9000 section 17.4: off on one path in sixteen at least, and then it says
 * nothing.
 */
static void tquic_conn_init_spin(struct tquic_conn *conn,
				 struct tquic_path *path)
{
	u64 draw = tquic_conn_random(conn);

	path->spins = conn->config.spin && draw >> 60;
	path->spin = !path->spins && draw & BIT_ULL(59);
}

/* Makes a path and puts it in its place. */
struct tquic_path *tquic_conn_add_path(struct tquic_conn *conn, u32 id,
				       const struct tquic_tuple *tuple,
				       bool validated, tquic_time_t now,
				       gfp_t gfp)
{
	struct tquic_path_config config = {
		.conn = conn,
		.id = id,
		.tuple = tuple,
		.validated = validated,
		.claimed = conn->server,
		.mds = tquic_conn_mds(conn),
		.initial_rtt = conn->config.initial_rtt,
		.max_ack_delay = conn->ours.max_ack_delay * TQUIC_NS_PER_MS,
		.ack_exponent = conn->ours.ack_delay_exponent,
		.ecn = conn->config.ecn,
		.seed = tquic_conn_random(conn),
		.cc_ops = conn->config.cc_ops,
		.loss_ops = &tquic_conn_loss_ops,
	};
	struct tquic_path *path, *after;

	if (conn->npaths == TQUIC_CONN_PATHS_MAX ||
	    tquic_choice_grow(conn, conn->npaths + 1, gfp))
		return NULL;
	path = tquic_path_new(&config, now, gfp);
	if (!path)
		return NULL;
	path->leg = tquic_conn_free_leg(conn);
	tquic_conn_init_spin(conn, path);
	list_for_each_entry(after, &conn->paths, node)
		if (after->id > id)
			break;
	list_add_tail(&path->node, &after->node);
	conn->npaths++;
	conn->events |= TQUIC_CONN_E_PATHS;
	return path;
}

/*
 * A server may answer early data before the client has proved its address or
 * finished the handshake (RFC 9001 section 4.1), within the bound of RFC 9000
 * section 8.1.
 */
static bool tquic_conn_answers(const struct tquic_conn *conn,
			       const struct tquic_path *path)
{
	return conn->early_data == TQUIC_EARLY_ACCEPTED && conn->server &&
	       conn->state == TQUIC_CONN_HANDSHAKE && !path->id &&
	       tquic_path_allowance(path);
}

/*
 * May new data go out on the path.  A path in doubt carries none while there is
 * a good one; when all are in doubt, all are tried.
 */
bool tquic_conn_eligible(const struct tquic_conn *conn,
			 const struct tquic_path *path)
{
	const struct tquic_path *other;

	if (tquic_path_usable(path))
		return true;
	if (path->state != TQUIC_PATH_ACTIVE || !path->has_dcid || path->down)
		return false;
	if (!path->validated)
		return tquic_conn_answers(conn, path);
	list_for_each_entry(other, &conn->paths, node)
		if (tquic_path_usable(other))
			return false;
	return true;
}

/* A destination for our packets on the path, if the peer issued one. */
void tquic_conn_take_dcid(struct tquic_conn *conn, struct tquic_path *path)
{
	struct tquic_cid_peer *cid = tquic_cid_peer_take(&conn->cids,
							 path->id);

	path->has_dcid = cid;
	if (!cid)
		return;
	path->dcid = cid->cid;
	path->dcid_seq = cid->seq;
}

/*
 * RFC 9000 section 18.2, multipath-21 section 2.1: the address that the
 * handshake was with wants to hear from no other address of ours.
 */
bool tquic_conn_forbidden(const struct tquic_conn *conn,
			  const struct tquic_tuple *tuple)
{
	return tquic_tparam_has(&conn->theirs,
				TQUIC_TPARAM_DISABLE_ACTIVE_MIGRATION) &&
	       !memcmp(conn->first_remote, tuple->remote,
		       sizeof(tuple->remote));
}

/*
 * Path IDs are used up for good, and each path is state on both sides: who
 * opens and abandons in a loop is slowed down.
 */
static bool tquic_conn_opens_too_often(const struct tquic_conn *conn,
				       tquic_time_t now)
{
	return conn->opens_until > now + (TQUIC_CONN_OPENS - 1) *
					 TQUIC_CONN_OPEN_INTERVAL;
}

/* Says why no path ID is there to open a path with: section 4.7. */
static void tquic_conn_open_blocked(struct tquic_conn *conn)
{
	u64 id = tquic_cid_path_unused(&conn->cids);

	if (id <= conn->cids.peer_max_path)
		tquic_conn_cids_blocked(conn, id);
	else
		conn->control |= TQUIC_CONN_C_PATHS_BLOCKED;
}

/**
 * tquic_conn_cids_blocked - a connection ID of the peer's is missing
 * @conn: connection
 * @path_id: path ID
 *
 * Told once for each number that is missing: if the peer does not react, it has
 * its reasons (multipath-21 section 4.7).
 */
void tquic_conn_cids_blocked(struct tquic_conn *conn, u64 path_id)
{
	struct tquic_conn_blocked *blocked = &conn->blocked;
	struct tquic_frame f;

	if (!conn->multipath ||
	    !tquic_cid_peer_blocked(&conn->cids, path_id, &f) ||
	    (blocked->told && blocked->path_id == path_id &&
	     blocked->seq == f.path_cids_blocked.next_seq))
		return;
	blocked->told = true;
	blocked->path_id = path_id;
	blocked->seq = f.path_cids_blocked.next_seq;
	conn->control |= TQUIC_CONN_C_CIDS_BLOCKED;
}

/**
 * tquic_conn_open_path - open a path
 * @conn: connection of a client
 * @tuple: addresses
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: the path ID; -EOPNOTSUPP when multipath was not negotiated, or this
 * is the server; -EPERM when the server does not want it; -ENOTCONN before the
 * handshake is confirmed; -EAGAIN while connection IDs for another path are
 * missing, of which the peer is told; -EBUSY
 * after too many were opened in a short time: one more may be
 * TQUIC_CONN_OPEN_INTERVAL later; -ENOSPC with as many paths as there may be;
 * -ENOMEM.
 */
int tquic_conn_open_path(struct tquic_conn *conn,
			 const struct tquic_tuple *tuple, tquic_time_t now,
			 gfp_t gfp)
{
	struct tquic_path *path;
	u64 id;

	if (conn->state != TQUIC_CONN_ESTABLISHED || !conn->confirmed)
		return -ENOTCONN;
	if (!conn->multipath || conn->server)
		return -EOPNOTSUPP;
	if (tquic_conn_forbidden(conn, tuple))
		return -EPERM;
	if (conn->npaths == TQUIC_CONN_PATHS_MAX)
		return -ENOSPC;
	if (tquic_conn_opens_too_often(conn, now))
		return -EBUSY;
	if (!tquic_cid_path_ready(&conn->cids, &id)) {
		tquic_conn_open_blocked(conn);
		return -EAGAIN;
	}
	path = tquic_conn_add_path(conn, id, tuple, false, now, gfp);
	if (!path)
		return -ENOMEM;
	conn->opens_until = max(conn->opens_until, now) +
			    TQUIC_CONN_OPEN_INTERVAL;
	tquic_conn_take_dcid(conn, path);
	tquic_path_check_start(path, now);
	return path->id;
}

/* Nothing goes out on the path any more; what was on its way goes elsewhere. */
static int tquic_conn_wind_down(struct tquic_conn *conn,
				struct tquic_path *path, u64 code, gfp_t gfp)
{
	int err;

	if (path->state == TQUIC_PATH_CLOSING)
		return 0;
	err = tquic_cid_path_abandon(&conn->cids, path->id, gfp);
	if (err)
		return err;
	path->state = TQUIC_PATH_CLOSING;
	path->abandon_code = code;
	path->has_dcid = false;
	path->pending = TQUIC_PATH_P_ABANDON;
	path->check.next = TQUIC_TIME_NEVER;
	path->check.due = false;
	path->aside = (struct tquic_path_aside){};
	tquic_conn_offer(path);
	conn->events |= TQUIC_CONN_E_PATHS;
	return 0;
}

static bool tquic_conn_any_path(const struct tquic_conn *conn)
{
	const struct tquic_path *path;

	list_for_each_entry(path, &conn->paths, node)
		if (path->state != TQUIC_PATH_CLOSING)
			return true;
	return false;
}

/* A path is given up, by us or by the peer. */
void tquic_conn_path_dead(struct tquic_conn *conn, struct tquic_path *path,
			  u64 code, tquic_time_t now, gfp_t gfp)
{
	struct tquic_close close;

	/* without memory it is tried again at the next occasion */
	if (tquic_conn_wind_down(conn, path, code, gfp))
		return;
	if (tquic_conn_any_path(conn))
		return;
	tquic_close_set(&close, TQUIC_NO_VIABLE_PATH, 0, "last path abandoned");
	tquic_conn_fail(conn, now, &close);
}

/**
 * tquic_conn_abandon_path - give a path up
 * @conn: connection
 * @id: path ID
 * @code: why, TQUIC_APPLICATION_ABANDON_PATH and the like
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: 0; -ENOENT; -EOPNOTSUPP without multipath; -EBUSY for the last path,
 * which ends with the connection.
 */
int tquic_conn_abandon_path(struct tquic_conn *conn, u32 id, u64 code,
			    tquic_time_t now, gfp_t gfp)
{
	struct tquic_path *path = tquic_conn_path(conn, id), *other;

	if (!conn->multipath)
		return -EOPNOTSUPP;
	if (!path || path->state == TQUIC_PATH_CLOSING)
		return -ENOENT;
	list_for_each_entry(other, &conn->paths, node) {
		if (other == path || other->state == TQUIC_PATH_CLOSING)
			continue;
		tquic_conn_path_dead(conn, path, code, now, gfp);
		return path->state == TQUIC_PATH_CLOSING ? 0 : -ENOMEM;
	}
	return -EBUSY;
}

/**
 * tquic_conn_set_metered - say whether each byte on a path costs
 * @conn: connection
 * @id: path ID
 * @metered: whether it does; nothing speculative is sent there then
 *
 * Return: 0; -ENOENT.
 */
int tquic_conn_set_metered(struct tquic_conn *conn, u32 id, bool metered)
{
	struct tquic_path *path = tquic_conn_path(conn, id);

	if (!path || path->state == TQUIC_PATH_CLOSING)
		return -ENOENT;
	path->metered = metered;
	return 0;
}

/* Both sides gave the path up long enough ago: forget it. */
void tquic_conn_retire_path(struct tquic_conn *conn, struct tquic_path *path)
{
	u64 max = conn->cids.local_max_path;

	tquic_cid_path_delete(&conn->cids, path->id);
	/* IDs are never used twice: the peer gets another instead */
	if (max < TQUIC_FRAME_PATH_ID_MAX) {
		tquic_cid_raise_max_path(&conn->cids, max + 1);
		conn->control |= TQUIC_CONN_C_MAX_PATH_ID;
	}
	list_del(&path->node);
	conn->npaths--;
	tquic_conn_add_totals(&conn->gone, path);
	tquic_path_free(path);
	conn->events |= TQUIC_CONN_E_PATHS | TQUIC_CONN_E_CIDS;
}
