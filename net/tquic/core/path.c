// SPDX-License-Identifier: GPL-2.0
/*
 * One path ID of a connection.
 */
#include "path.h"

/**
 * tquic_space_init - begin a packet number space
 * @space: space
 * @conn: connection
 * @path: path whose measurements it feeds
 * @type: packet type
 * @max_ack_delay: ours, ns; 0 in the Initial and Handshake spaces
 * @ack_exponent: ours
 * @ops: what becomes of sent packets; the owner is @space
 */
void tquic_space_init(struct tquic_space *space, struct tquic_conn *conn,
		      struct tquic_path *path, enum tquic_pkt_type type,
		      u64 max_ack_delay, u8 ack_exponent,
		      const struct tquic_loss_ops *ops)
{
	space->conn = conn;
	space->path = path;
	space->type = type;
	space->live = true;
	space->probes = 0;
	tquic_ackq_init(&space->ackq, TQUIC_ACKQ_RANGES, max_ack_delay,
			ack_exponent);
	tquic_loss_init(&space->loss, ops, space);
}

/**
 * tquic_space_free - end a packet number space
 * @space: space; what its packets carried was dealt with before
 */
void tquic_space_free(struct tquic_space *space)
{
	if (!space->live)
		return;
	space->path->in_flight -= tquic_loss_discard(&space->loss);
	tquic_ackq_free(&space->ackq);
	space->live = false;
}

/**
 * tquic_path_new - make a path
 * @config: see struct tquic_path_config
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: the path, NULL without memory.
 */
struct tquic_path *tquic_path_new(const struct tquic_path_config *config,
				  tquic_time_t now, gfp_t gfp)
{
	struct tquic_cc_config cc = {
		.mds = config->mds,
		.initial_rtt = config->initial_rtt,
		.seed = config->seed,
		.group = config->group,
	};
	struct tquic_path *path = kzalloc_obj(*path, gfp);

	if (!path)
		return NULL;
	path->cc = tquic_cc_new(config->cc_ops, &cc, now, gfp);
	if (!path->cc) {
		kfree(path);
		return NULL;
	}
	INIT_LIST_HEAD(&path->node);
	path->id = config->id;
	path->acks.via = config->id;
	path->acks.freq.round_at = now;
	path->state = config->validated ? TQUIC_PATH_ACTIVE :
					  TQUIC_PATH_OPENING;
	path->validated = config->validated;
	path->claimed = config->claimed;
	path->tuple = *config->tuple;
	path->mds = config->mds;
	tquic_pmtu_init(&path->pmtu, config->mds);
	path->keys.tx_first = TQUIC_PN_NONE;
	path->keys.rx_first = TQUIC_PN_NONE;
	path->last_rx = now;
	tquic_probe_init(&path->probe, now);
	path->last_tx = now;
	path->delete_at = TQUIC_TIME_NEVER;
	path->check.next = TQUIC_TIME_NEVER;
	tquic_rtt_init(&path->rtt, config->initial_rtt);
	tquic_rate_init(&path->rate, now);
	tquic_owd_init(&path->owd);
	tquic_pacer_init(&path->pacer, now);
	tquic_ecn_init(&path->ecn, config->ecn);
	tquic_space_init(&path->space, config->conn, path, TQUIC_PKT_1RTT,
			 config->max_ack_delay, config->ack_exponent,
			 config->loss_ops);
	return path;
}

/**
 * tquic_path_free - end a path
 * @path: path, in no list
 */
void tquic_path_free(struct tquic_path *path)
{
	tquic_space_free(&path->space);
	tquic_cc_free(path->cc);
	kfree(path);
}

/**
 * tquic_path_allowance - bytes that may be sent to an address that is not
 *	validated: RFC 9000 section 8.1
 * @path: path
 *
 * Return: bytes; U64_MAX once it is validated, and for one of our choice.
 */
u64 tquic_path_allowance(const struct tquic_path *path)
{
	u64 allowed = TQUIC_PATH_AMPLIFY * path->rx_bytes;
	u64 least = path->migrating ? TQUIC_PATH_LEAST_SHORT :
				      TQUIC_PATH_LEAST;

	if (path->validated || !path->claimed)
		return U64_MAX;
	/* what no packet fits into would be asked for again and again */
	return allowed >= path->tx_bytes + least ? allowed - path->tx_bytes :
						   0;
}

/*
 * A datagram for the path was received from the tuple, whatever its packets are
 * worth: RFC 9000 section 8.1.
 */
void tquic_path_credit(struct tquic_path *path, u64 bytes)
{
	path->recv_bytes += bytes;
	if (!path->validated)
		path->rx_bytes += bytes;
}

/* A packet is sent to the tuple. */
void tquic_path_sent(struct tquic_path *path, tquic_time_t now, u64 bytes)
{
	path->last_tx = now;
	path->sent_bytes += bytes;
	path->sent_packets++;
	if (!path->validated)
		path->tx_bytes += bytes;
}

/**
 * tquic_check_start - have the peer prove that it receives somewhere
 * @check: proof of the address
 * @now: present time
 */
void tquic_check_start(struct tquic_path_check *check, tquic_time_t now)
{
	*check = (struct tquic_path_check){ .due = true, .next = now };
}

/**
 * tquic_check_sent - a PATH_CHALLENGE went out
 * @check: proof of the address
 * @now: present time
 * @pto: probe timeout: one in that time (RFC 9000 section 8.2.1)
 */
void tquic_check_sent(struct tquic_path_check *check, tquic_time_t now,
		      u64 pto)
{
	check->due = false;
	check->open = true;
	check->next = now + pto;
}

/**
 * tquic_check_answer - a PATH_RESPONSE was received
 * @check: proof of an address
 * @data: its eight bytes
 *
 * Return: whether it answers the newest challenge and so proves the address.
 */
bool tquic_check_answer(struct tquic_path_check *check, const u8 *data)
{
	if (!check->open || memcmp(check->data, data, TQUIC_PATH_PROBE_LEN))
		return false;
	check->open = false;
	check->next = TQUIC_TIME_NEVER;
	return true;
}

/**
 * tquic_check_timeout - a challenge was not answered in time
 * @check: proof of the address
 * @now: present time
 * @pto: probe timeout
 *
 * Return: whether to give the address up; if not, another challenge is due.
 */
bool tquic_check_timeout(struct tquic_path_check *check, tquic_time_t now,
			 u64 pto)
{
	if (!check->open || now < check->next)
		return false;
	if (check->tries + 1 >= TQUIC_PATH_TRIES) {
		check->open = false;
		check->next = TQUIC_TIME_NEVER;
		return true;
	}
	/* counted whether or not amplification limits let it out */
	check->due = true;
	check->tries++;
	check->next = now + pto;
	return false;
}

/* The path's own address is to be proven. */
void tquic_path_check_start(struct tquic_path *path, tquic_time_t now)
{
	tquic_check_start(&path->check, now);
}

/* A PATH_CHALLENGE went out to it. */
void tquic_path_check_sent(struct tquic_path *path, tquic_time_t now)
{
	tquic_check_sent(&path->check, now, tquic_rtt_pto(&path->rtt, 0));
}

/**
 * tquic_path_check_answer - a PATH_RESPONSE was received
 * @path: path on which the challenge was sent; the response may come back on
 *	another (RFC 9000 section 8.2.3)
 * @data: its eight bytes
 *
 * An answer to a challenge in a small datagram proves the address, but not that
 * the path carries datagrams of 1200 bytes: another challenge has to.
 *
 * Return: whether it answers the newest challenge and so proves the address.
 */
bool tquic_path_check_answer(struct tquic_path *path, const u8 *data)
{
	if (!tquic_check_answer(&path->check, data))
		return false;
	path->check.due = !path->check.full;
	path->validated = true;
	path->migrating = false;
	if (path->state == TQUIC_PATH_OPENING)
		path->state = TQUIC_PATH_ACTIVE;
	return true;
}

/* Whether a challenge to it was not answered, and it is to be given up. */
bool tquic_path_check_timeout(struct tquic_path *path, tquic_time_t now)
{
	return tquic_check_timeout(&path->check, now,
				   tquic_rtt_pto(&path->rtt, 0));
}

/* What was measured begins anew, unless only a port changed. */
static void tquic_path_readdress(struct tquic_path *path,
				 const struct tquic_tuple *tuple,
				 tquic_time_t now)
{
	bool same = tquic_tuple_same_hosts(&path->tuple, tuple);

	path->tuple = *tuple;
	if (same)
		return;
	tquic_rtt_init(&path->rtt, path->cc->initial_rtt);
	tquic_rate_init(&path->rate, now);
	tquic_pacer_init(&path->pacer, now);
	tquic_cc_restart(path->cc, now);
	tquic_owd_init(&path->owd);
	if (path->pmtu.limit) {
		tquic_pmtu_init(&path->pmtu, TQUIC_PMTU_BASE);
		tquic_path_resize(path);
	}
	tquic_ecn_init(&path->ecn, path->ecn.state != TQUIC_ECN_OFF);
}

/**
 * tquic_path_migrate - the peer sends from elsewhere: RFC 9000 section 9.3
 * @path: path; keeps its packet number space and its ID
 * @tuple: where from
 * @now: present time
 * @bytes: size of the datagram that told
 *
 * What was measured is kept when only the port changed, as behind a NAT that
 * forgot (section 9.4); otherwise all begins anew, and nothing may be
 * outstanding.  The address left is the one to return to when the new
 * one does not prove right, unless it was not proven itself.
 */
void tquic_path_migrate(struct tquic_path *path,
			const struct tquic_tuple *tuple, tquic_time_t now,
			u64 bytes)
{
	if (path->validated) {
		path->old_tuple = path->tuple;
		path->migrating = true;
		path->left = false;
	}
	tquic_path_readdress(path, tuple, now);
	path->validated = false;
	path->claimed = true;
	path->rx_bytes = bytes;
	path->tx_bytes = 0;
	tquic_path_check_start(path, now);
}

/**
 * tquic_path_move - go to addresses that were proven
 * @path: path
 * @tuple: the addresses
 * @now: present time
 *
 * As tquic_path_migrate(), but for good.
 */
void tquic_path_move(struct tquic_path *path, const struct tquic_tuple *tuple,
		     tquic_time_t now)
{
	path->old_tuple = path->tuple;
	path->left = true;
	tquic_path_readdress(path, tuple, now);
	path->validated = true;
	path->migrating = false;
	path->check = (struct tquic_path_check){ .next = TQUIC_TIME_NEVER };
}

/* What the search for larger datagrams found holds from now on. */
void tquic_path_resize(struct tquic_path *path)
{
	path->mds = path->pmtu.size;
	path->cc->mds = path->mds;
	if (path->cc->ops->on_mds)
		path->cc->ops->on_mds(path->cc);
}

/**
 * tquic_path_revert - go back to the address before a migration
 * @path: path
 *
 * Return: whether there was one.
 */
bool tquic_path_revert(struct tquic_path *path)
{
	if (!path->migrating)
		return false;
	path->tuple = path->old_tuple;
	path->migrating = false;
	path->validated = true;
	path->check.next = TQUIC_TIME_NEVER;
	return true;
}

/**
 * tquic_path_recv_status - PATH_STATUS_BACKUP or _AVAILABLE was received
 * @path: path
 * @backup: which
 * @seq: its sequence number; older news than seen is ignored
 *
 * Return: whether something changed.
 */
bool tquic_path_recv_status(struct tquic_path *path, bool backup, u64 seq)
{
	if (path->peer_status_seq > seq)
		return false;
	path->peer_status_seq = seq + 1;
	path->peer_spare |= backup;
	if (path->peer_backup == backup)
		return false;
	path->peer_backup = backup;
	return true;
}

/**
 * tquic_path_window - bytes that congestion control allows to be sent
 * @path: path
 *
 * Return: bytes.
 */
u64 tquic_path_window(const struct tquic_path *path)
{
	return path->cc->cwnd > path->in_flight ?
	       path->cc->cwnd - path->in_flight : 0;
}

/**
 * tquic_path_urgent - bytes of real time that a full window does not hold back
 * @path: path
 * @now: present time
 *
 * After the window was cut, nothing may be sent for half a round trip or so,
 * because of bulk.  An eighth of a window per round trip is left to real time,
 * which is less than what congestion control is wrong by at any time; and two
 * datagrams, so that another fits after a few small ones.
 *
 * Return: bytes.
 */
u64 tquic_path_urgent(const struct tquic_path *path, tquic_time_t now)
{
	u64 allowed = max_t(u64, path->cc->cwnd / 8, 2ULL * path->mds);
	u64 spent = path->urgent;

	if (now - path->urgent_at >= path->rtt.smoothed)
		spent = 0;
	return allowed > spent ? allowed - spent : 0;
}

/* Real time was sent. */
void tquic_path_urge(struct tquic_path *path, tquic_time_t now, u64 bytes)
{
	if (now - path->urgent_at >= path->rtt.smoothed) {
		path->urgent_at = now;
		path->urgent = 0;
	}
	path->urgent += bytes;
}
