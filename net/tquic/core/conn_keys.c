// SPDX-License-Identifier: GPL-2.0
/*
 * Life of the keys: RFC 9001 sections 4.9 and 6.
 *
 * The keys themselves are the caller's.  Those of 1-RTT packets are counted in
 * generations, over all paths: each packet in a plan says which generation
 * seals it, each received packet says which one opened it.
 */
#include "conn_priv.h"

/**
 * tquic_conn_keys - packets of a type can be sealed from now on
 * @conn: connection
 * @type: which
 */
void tquic_conn_keys(struct tquic_conn *conn, enum tquic_pkt_type type)
{
	if (type == TQUIC_PKT_1RTT)
		tquic_early_end(conn);
	conn->tx_keys |= BIT(type);
}

/* Initial or Handshake keys have served: RFC 9001 section 4.9. */
void tquic_conn_drop_keys(struct tquic_conn *conn, enum tquic_pkt_type type)
{
	unsigned int i = tquic_conn_early(type);

	if (!conn->early[i].live)
		return;
	conn->early[i].path->pto_count = 0;
	tquic_space_free(&conn->early[i]);
	tquic_sendq_free(&conn->crypto[i].tx);
	tquic_reasm_free(&conn->crypto[i].rx);
	conn->tx_keys &= ~BIT(type);
	conn->dropped_keys |= BIT(type);
	conn->events |= TQUIC_CONN_E_KEYS;
}

void tquic_keys_init(struct tquic_keys *keys)
{
	*keys = (struct tquic_keys){
		.answered = true,
		.forget_at = TQUIC_TIME_NEVER,
		.seal_max = TQUIC_KEYS_SEAL_MAX,
		.open_max = TQUIC_KEYS_OPEN_MAX,
	};
}

/**
 * tquic_conn_aead_limits - what the negotiated AEAD bears
 * @conn: connection
 * @seal_max: packets that one set of keys may seal, more than
 *	TQUIC_KEYS_RESERVE
 * @open_max: packets that may fail to open in the life of the connection
 *
 * Without a call those of AES-GCM hold.
 */
void tquic_conn_aead_limits(struct tquic_conn *conn, u64 seal_max,
			    u64 open_max)
{
	conn->keys.seal_max = seal_max;
	conn->keys.open_max = open_max;
}

static void tquic_keys_advance(struct tquic_conn *conn)
{
	struct tquic_keys *keys = &conn->keys;

	keys->tx++;
	keys->acked = false;
	keys->answered = false;
	keys->sealed = 0;
	conn->events |= TQUIC_CONN_E_PHASE;
}

/* RFC 9001 sections 6.1 and 6.5; multipath-21 section 2.4 counts all paths */
static bool tquic_keys_may_update(const struct tquic_conn *conn,
				  tquic_time_t now)
{
	const struct tquic_keys *keys = &conn->keys;

	return conn->confirmed && keys->acked && now >= keys->again_at &&
	       keys->tx == keys->rx && keys->oldest == keys->rx;
}

/**
 * tquic_conn_key_update - use the next keys: RFC 9001 section 6.1
 * @conn: connection
 * @now: present time
 *
 * Return: 0; -EAGAIN before the handshake is confirmed, or too early after the
 * last update.
 */
int tquic_conn_key_update(struct tquic_conn *conn, tquic_time_t now)
{
	if (conn->state > TQUIC_CONN_ESTABLISHED ||
	    !tquic_keys_may_update(conn, now))
		return -EAGAIN;
	tquic_keys_advance(conn);
	return 0;
}

/*
 * A key is replaced when half of what it may seal is used up, so that there is
 * time for a peer that does not answer.
 */
void tquic_keys_watch(struct tquic_conn *conn, tquic_time_t now)
{
	const struct tquic_keys *keys = &conn->keys;
	struct tquic_close close;

	if (keys->sealed < keys->seal_max / 2 ||
	    !tquic_conn_key_update(conn, now) ||
	    keys->sealed + TQUIC_KEYS_RESERVE < keys->seal_max)
		return;
	tquic_close_set(&close, TQUIC_AEAD_LIMIT_REACHED, 0,
			"too many packets for one key");
	tquic_conn_fail(conn, now, &close);
}

/* A 1-RTT packet gets the present generation. */
void tquic_keys_seal(struct tquic_conn *conn, struct tquic_path *path, u64 pn)
{
	if (path->keys.tx_gen != conn->keys.tx ||
	    path->keys.tx_first == TQUIC_PN_NONE) {
		path->keys.tx_gen = conn->keys.tx;
		path->keys.tx_first = pn;
	}
	conn->keys.sealed++;
}

/* One of our 1-RTT packets was acknowledged. */
void tquic_keys_acked(struct tquic_conn *conn, const struct tquic_path *path,
		      u64 pn, tquic_time_t now)
{
	struct tquic_keys *keys = &conn->keys;

	if (keys->acked || path->keys.tx_gen != keys->tx ||
	    pn < path->keys.tx_first)
		return;
	keys->acked = true;
	if (keys->tx)
		keys->again_at = now + 3 * tquic_conn_max_pto(conn);
	/* the server took it: RFC 9001 section 4.1.2 */
	if (!conn->server)
		tquic_conn_confirm(conn);
}

/**
 * tquic_keys_ack_is_stale - does an acknowledgment come with keys too old
 * @conn: connection
 * @path: path that it is about
 * @rx: packet that it came in
 * @largest: its largest packet number
 *
 * Return: whether the peer acknowledges a packet that told it to update its
 * keys, without having done so (RFC 9001 section 6.2).
 */
bool tquic_keys_ack_is_stale(const struct tquic_conn *conn,
			     const struct tquic_path *path,
			     const struct tquic_rx *rx, u64 largest)
{
	return rx->gen < conn->keys.tx &&
	       path->keys.tx_gen == conn->keys.tx &&
	       largest >= path->keys.tx_first;
}

static int tquic_keys_error(struct tquic_close *close, const char *why)
{
	return tquic_close_set(close, TQUIC_KEY_UPDATE_ERROR, 0, why);
}

/* The generation of a packet against those of its path: RFC 9001 6.4. */
static int tquic_keys_on_path(struct tquic_path *path, u64 largest,
			      const struct tquic_rx *rx,
			      struct tquic_close *close)
{
	struct tquic_path_keys *keys = &path->keys;

	if (rx->gen < keys->rx_gen) {
		if (rx->pn > keys->rx_first)
			return tquic_keys_error(close, "old keys used again");
		keys->rx_old = max(keys->rx_old, rx->pn + 1);
		return 0;
	}
	if (rx->gen > keys->rx_gen) {
		keys->rx_gen = rx->gen;
		keys->rx_first = rx->pn;
		keys->rx_old = largest;
	}
	keys->rx_first = min(keys->rx_first, rx->pn);
	if (keys->rx_old > rx->pn && rx->gen)
		return tquic_keys_error(close, "old keys used after new ones");
	return 0;
}

/**
 * tquic_keys_recv - a 1-RTT packet was opened
 * @conn: connection
 * @path: path that it came on
 * @rx: packet
 * @close: filled on a protocol error
 *
 * Return: 0; -EPROTO; -ESTALE when it has to be dropped.
 */
int tquic_keys_recv(struct tquic_conn *conn, struct tquic_path *path,
		    const struct tquic_rx *rx, struct tquic_close *close)
{
	struct tquic_keys *keys = &conn->keys;

	if (rx->gen < keys->oldest || rx->gen > keys->rx + 1)
		return -ESTALE;
	if (tquic_keys_on_path(path, tquic_ackq_next(&path->space.ackq), rx,
			       close))
		return -EPROTO;
	if (rx->gen <= keys->rx)
		return 0;
	if (rx->gen > keys->tx) {
		if (!keys->answered)
			return tquic_keys_error(close, "updated twice");
		tquic_keys_advance(conn);
	}
	keys->rx = rx->gen;
	keys->forget_at = rx->now + 3 * tquic_conn_max_pto(conn);
	conn->events |= TQUIC_CONN_E_PHASE;
	return 0;
}

/* Old keys have waited long enough for late packets: RFC 9001 6.5. */
void tquic_keys_timeout(struct tquic_conn *conn, tquic_time_t now)
{
	struct tquic_keys *keys = &conn->keys;

	if (keys->forget_at > now)
		return;
	keys->forget_at = TQUIC_TIME_NEVER;
	keys->oldest = keys->rx;
	conn->events |= TQUIC_CONN_E_PHASE;
}

/**
 * tquic_conn_rx_gen - which keys to open a 1-RTT packet with
 * @conn: connection
 * @path_id: path of its destination connection ID
 * @pn: its packet number
 * @key_phase: its key phase bit
 *
 * Return: a generation, of which the caller has the keys: present, previous as
 * long as that is accepted, or next.
 */
u32 tquic_conn_rx_gen(const struct tquic_conn *conn, u32 path_id, u64 pn,
		      bool key_phase)
{
	const struct tquic_path *path = tquic_conn_path(conn, path_id);
	const struct tquic_keys *keys = &conn->keys;

	if (key_phase == (keys->rx & 1))
		return keys->rx;
	if (keys->oldest == keys->rx)
		return keys->rx + 1;
	/* on a path that has not seen the present ones it is not the next */
	if (!path || path->keys.rx_gen != keys->rx ||
	    pn < path->keys.rx_first)
		return keys->rx - 1;
	return keys->rx + 1;
}

/**
 * tquic_conn_unopened - a packet could not be opened
 * @conn: connection
 * @rx: packet; @now, @path_id, @tuple and @dgram_len are looked at
 * @forged: the AEAD refused it, so it counts against the integrity limit;
 *	false when there were no keys for it
 *
 * Its bytes count all the same: RFC 9000 section 8.1.
 */
void tquic_conn_unopened(struct tquic_conn *conn, const struct tquic_rx *rx,
			 bool forged)
{
	struct tquic_path *path = tquic_conn_path(conn, rx->path_id);
	struct tquic_close close;

	if (path && tquic_tuple_eq(&path->tuple, rx->tuple))
		tquic_path_credit(path, rx->dgram_len);
	if (!forged || ++conn->keys.unopened <= conn->keys.open_max)
		return;
	tquic_close_set(&close, TQUIC_AEAD_LIMIT_REACHED, 0,
			"too many forged packets");
	tquic_conn_fail(conn, rx->now, &close);
}
