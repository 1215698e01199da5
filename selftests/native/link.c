// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a connection.
 */
#include <gnutls/crypto.h>
#include <stdlib.h>

#include "cc/algos.h"
#include "end.h"
#include "link.h"
#include "log.h"
#include "sched/minrtt.h"

#define TN_LINK_STREAMS		100
#define TN_LINK_WINDOW_MAX	(64 << 20)

static void tn_link_on_secret(void *arg, enum tquic_pkt_type type,
			      gnutls_cipher_algorithm_t cipher, const u8 *rx,
			      const u8 *tx, size_t len)
{
	struct tn_link *link = arg;
	u32 version = link->core->version;

	if (rx)
		tn_key_set(&link->rx[type], version, cipher, rx, len);
	if (rx && type == TQUIC_PKT_1RTT)
		tn_key_set(link->rx_gens.key, version, cipher, rx, len);
	if (!tx)
		return;
	tn_key_set(&link->tx[type], version, cipher, tx, len);
	if (type == TQUIC_PKT_1RTT)
		tn_key_set(link->tx_gens.key, version, cipher, tx, len);
	/* RFC 9001 section 6.6 */
	if (cipher == GNUTLS_CIPHER_CHACHA20_POLY1305)
		tquic_conn_aead_limits(link->core, U64_MAX, BIT_ULL(36));
	tquic_conn_keys(link->core, type);
}

static void tn_link_on_crypto(void *arg, enum tquic_pkt_type type,
			      const u8 *data, size_t len)
{
	struct tn_buf *buf = tn_buf_new(data, len);
	struct tn_link *link = arg;

	tquic_conn_crypto_write(link->core, type, buf, 0, len, GFP_KERNEL);
	tn_buf_put(buf);
}

static bool tn_link_on_tparams(void *arg, const u8 *data, size_t len)
{
	struct tn_link *link = arg;

	link->tparams_len = 0;
	if (len <= sizeof(link->tparams_rx)) {
		memcpy(link->tparams_rx, data, len);
		link->tparams_len = len;
	}
	return !tquic_conn_peer_tparams(link->core, data, len, tn_now(),
					GFP_KERNEL);
}

static void tn_link_on_ticket(void *arg, const gnutls_datum_t *session)
{
	(void)arg;
	tn_note("ticket of %u bytes", session->size);
}

static const struct tn_tls_ops tn_link_tls_ops = {
	.secret = tn_link_on_secret,
	.crypto = tn_link_on_crypto,
	.tparams = tn_link_on_tparams,
	.ticket = tn_link_on_ticket,
};

static void tn_link_tparams(const struct tn_end_config *config,
			    struct tquic_tparams *tp)
{
	static const enum tquic_tparam_index present[] = {
		TQUIC_TPARAM_MAX_IDLE_TIMEOUT,
		TQUIC_TPARAM_INITIAL_MAX_DATA,
		TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_LOCAL,
		TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_REMOTE,
		TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_UNI,
		TQUIC_TPARAM_INITIAL_MAX_STREAMS_BIDI,
		TQUIC_TPARAM_INITIAL_MAX_STREAMS_UNI,
		TQUIC_TPARAM_ACTIVE_CID_LIMIT,
	};
	unsigned int i;
	u8 random[8];

	tquic_tparam_init(tp);
	tp->max_idle_timeout = config->idle;
	tp->initial_max_data = config->window;
	tp->initial_max_stream_data_bidi_local = config->window;
	tp->initial_max_stream_data_bidi_remote = config->window;
	tp->initial_max_stream_data_uni = config->window;
	tp->initial_max_streams_bidi = TN_LINK_STREAMS;
	tp->initial_max_streams_uni = TN_LINK_STREAMS;
	tp->active_cid_limit = 4;
	for (i = 0; i < ARRAY_SIZE(present); i++)
		tquic_tparam_set(tp, present[i]);
	if (config->paths != U64_MAX) {
		tp->initial_max_path_id = config->paths;
		tquic_tparam_set(tp, TQUIC_TPARAM_INITIAL_MAX_PATH_ID);
	}
	gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof(random));
	tp->grease.id = tquic_tparam_grease_id(get_unaligned_be64(random));
	tp->grease.len = random[0] % TQUIC_TPARAM_GREASE_MAX;
}

/* The first ID of ours, and with it the reset token of a server. */
static struct tn_cid *tn_link_first_cid(struct tn_link *link,
					struct tquic_tparams *tp)
{
	struct tn_cid *cid = tn_demux_issue(&link->end->demux, link);

	if (!link->end->config.server)
		return cid;
	memcpy(tp->stateless_reset_token, cid->local.token,
	       TQUIC_RESET_TOKEN_LEN);
	tquic_tparam_set(tp, TQUIC_TPARAM_STATELESS_RESET_TOKEN);
	return cid;
}

static void tn_link_entropy(struct tn_link *link)
{
	u8 bytes[TQUIC_CONN_ENTROPY];

	gnutls_rnd(GNUTLS_RND_RANDOM, bytes, sizeof(bytes));
	tquic_conn_add_entropy(link->core, bytes, sizeof(bytes));
}

static void tn_link_tls(struct tn_link *link)
{
	struct tquic_wr wr = tquic_wr_init(link->tls.tparams,
					   sizeof(link->tls.tparams));

	if (tquic_tparam_build(&wr, &link->core->ours, link->core->server))
		tn_die("transport parameters do not fit");
	link->tls.tparams_len = wr.ptr - link->tls.tparams;
}

static struct tn_link *tn_link_new(struct tn_end *end,
				   struct tquic_conn_config *c,
				   tquic_time_t now)
{
	const struct tn_end_config *config = &end->config;
	struct tn_link *link = calloc(1, sizeof(*link));
	struct tquic_tparams tp;

	if (!link)
		tn_die("out of memory");
	link->end = end;
	tn_link_tparams(config, &tp);
	c->server = config->server;
	c->tparams = &tp;
	c->scid = &tn_link_first_cid(link, &tp)->local;
	c->buf_ops = &tn_buf_ops;
	c->cc_ops = config->bbr ? &tquic_bbr_ops : &tquic_cubic_ops;
	c->sched_ops = &tquic_minrtt_ops;
	c->initial_rtt = 333 * TQUIC_NS_PER_MS;
	c->mds = config->mds;
	c->window_max = TN_LINK_WINDOW_MAX;
	c->stream_window_max = TN_LINK_WINDOW_MAX;
	c->ecn = config->ecn;
	gnutls_rnd(GNUTLS_RND_NONCE, &c->seed, sizeof(c->seed));
	link->core = tquic_conn_new(c, now, GFP_KERNEL);
	if (!link->core)
		tn_die("out of memory");
	tn_link_entropy(link);
	tn_tls_init(&link->tls, &end->tls, &tn_link_tls_ops, link);
	tn_link_tls(link);
	tn_app_init(&link->app, link, &end->app);
	list_add_tail(&link->node, &end->links);
	return link;
}

/**
 * tn_link_client - connect
 * @end: endpoint
 * @tuple: addresses
 * @now: present time
 *
 * Return: the connection, of which the first packet can be sent.
 */
struct tn_link *tn_link_client(struct tn_end *end,
			       const struct tquic_tuple *tuple,
			       tquic_time_t now)
{
	struct tquic_cid odcid = { .len = TN_CID_LEN };
	struct tquic_conn_config c = {
		.version = end->config.version,
		.odcid = &odcid,
		.tuple = tuple,
	};
	struct tn_link *link;

	gnutls_rnd(GNUTLS_RND_RANDOM, odcid.id, odcid.len);
	link = tn_link_new(end, &c, now);
	tn_key_initial(&link->tx[TQUIC_PKT_INITIAL],
		       &link->rx[TQUIC_PKT_INITIAL], c.version, odcid.id,
		       odcid.len);
	tn_tls_start(&link->tls);
	return link;
}

/**
 * tn_link_server - be connected to
 * @end: endpoint
 * @pkt: an Initial packet for nobody so far
 * @tuple: addresses
 * @now: present time
 *
 * Return: the connection, which is to receive the packet.
 */
struct tn_link *tn_link_server(struct tn_end *end, const struct tquic_pkt *pkt,
			       const struct tquic_tuple *tuple,
			       tquic_time_t now)
{
	struct tquic_cid odcid = { .len = pkt->dcid_len };
	struct tquic_cid dcid = { .len = pkt->scid_len };
	struct tquic_conn_config c = {
		.version = pkt->version,
		.odcid = &odcid,
		.dcid = &dcid,
		.tuple = tuple,
	};
	struct tn_link *link;

	memcpy(odcid.id, pkt->dcid, odcid.len);
	memcpy(dcid.id, pkt->scid, dcid.len);
	link = tn_link_new(end, &c, now);
	link->alias = tn_demux_alias(&end->demux, link, &odcid);
	tn_key_initial(&link->rx[TQUIC_PKT_INITIAL],
		       &link->tx[TQUIC_PKT_INITIAL], c.version, odcid.id,
		       odcid.len);
	return link;
}

static void tn_link_reap(struct tn_link *link, tquic_time_t now)
{
	struct tquic_cid_local *cid;

	while ((cid = tquic_cid_local_reap(&link->core->cids, now)))
		tn_demux_drop(&link->end->demux,
			      container_of(cid, struct tn_cid, local));
}

void tn_link_free(struct tn_link *link)
{
	unsigned int i;

	list_del(&link->node);
	tquic_conn_end(link->core);
	tn_link_reap(link, TQUIC_TIME_NEVER);
	tquic_conn_free(link->core);
	if (link->alias)
		tn_demux_drop(&link->end->demux, link->alias);
	for (i = 0; i < TN_LINK_LEVELS; i++) {
		tn_key_drop(&link->rx[i]);
		tn_key_drop(&link->tx[i]);
	}
	tn_gens_drop(&link->rx_gens);
	tn_gens_drop(&link->tx_gens);
	for (i = 0; i < TN_LINK_EARLY; i++)
		if (link->early[i].buf)
			tn_buf_put(link->early[i].buf);
	tn_tls_exit(&link->tls);
	tn_app_exit(&link->app);
	free(link);
}

/* Handshake bytes of a level that came, for TLS; true when there were any. */
static bool tn_link_hear(struct tn_link *link, enum tquic_pkt_type type)
{
	struct tquic_reasm *in = tquic_conn_crypto_in(link->core, type);
	const struct tquic_reasm_seg *seg;
	bool any = false;
	u32 len;

	while (tquic_reasm_readable(in) && (seg = tquic_reasm_peek(in))) {
		len = seg->len;
		tn_tls_hear(&link->tls, type,
			    ((struct tn_buf *)seg->handle)->data + seg->pos,
			    len);
		tquic_reasm_consume(in, len);
		any = true;
	}
	return any;
}

static void tn_link_handshake(struct tn_link *link, tquic_time_t now)
{
	static const enum tquic_pkt_type types[] = {
		TQUIC_PKT_INITIAL, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_1RTT,
	};
	bool any = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		any |= tn_link_hear(link, types[i]);
	link->core->events &= ~TQUIC_CONN_E_CRYPTO;
	if (link->tls.failed)
		tquic_conn_close(link->core,
				 TQUIC_CRYPTO_ERROR + link->tls.alert, false,
				 "TLS", now);
	if (link->tls.done)
		tquic_conn_tls_done(link->core, now);
	if (!any)
		return;
	for (i = 0; i < TN_LINK_LEVELS; i++)
		if (tn_key_there(&link->rx[i]))
			tn_link_release_early(link, i);
}

static void tn_link_drop_keys(struct tn_link *link)
{
	unsigned int i;

	for (i = 0; i < TN_LINK_LEVELS; i++) {
		if (!(link->core->dropped_keys & BIT(i)))
			continue;
		tn_key_drop(&link->rx[i]);
		tn_key_drop(&link->tx[i]);
	}
	link->core->events &= ~TQUIC_CONN_E_KEYS;
}

static void tn_link_cids(struct tn_link *link, tquic_time_t now)
{
	struct tn_cid *cid;
	u64 path_id;

	while (link->core->confirmed &&
	       tquic_cid_local_wanted(&link->core->cids, &path_id)) {
		cid = tn_demux_issue(&link->end->demux, link);
		if (tquic_cid_local_issue(&link->core->cids, path_id,
					  &cid->local, false, GFP_KERNEL))
			tn_die("out of memory");
	}
	tn_link_reap(link, now);
	link->core->events &= ~TQUIC_CONN_E_CIDS;
	if (link->core->confirmed && link->alias) {
		tn_demux_drop(&link->end->demux, link->alias);
		link->alias = NULL;
	}
}

/**
 * tn_link_serve - deal with what the core has to say
 * @link: connection
 * @now: present time
 */
void tn_link_serve(struct tn_link *link, tquic_time_t now)
{
	if (link->core->state > TQUIC_CONN_ESTABLISHED)
		return;
	tn_link_handshake(link, now);
	if (link->core->events & TQUIC_CONN_E_KEYS)
		tn_link_drop_keys(link);
	if (link->core->events & TQUIC_CONN_E_ENTROPY)
		tn_link_entropy(link);
	tn_link_cids(link, now);
	tn_app_serve(&link->app, now);
	tn_act_serve(link, now);
	if (!link->core->server && tn_app_idle(&link->app) &&
	    tn_act_idle(link))
		tquic_conn_close(link->core, link->app.config->ops->code, true,
				 "done", now);
}

static void tn_link_report_end(const struct tquic_conn *core)
{
	const struct tquic_close *close = &core->close;

	if (core->remote_close.reason)
		tn_say("closed by=peer app=%d code=%llu frame=%llx",
		       core->remote_app,
		       core->remote_close.code,
		       core->remote_close.frame_type);
	else if (close->reason)
		tn_say("closed by=us app=%d code=%llu frame=%llx: %s",
		       core->close_app, close->code,
		       close->frame_type, close->reason);
	else
		tn_say("closed by=time");
}

/* What there is to say about it in the end. */
void tn_link_report(const struct tn_link *link)
{
	const struct tquic_conn *core = link->core;
	const struct tquic_path *path;
	unsigned int i;

	tn_link_report_end(core);
	tn_say("session version=%08x cipher=%s resumed=%d early=%d paths=%d",
	       core->version, core->tls_done ? tn_tls_suite(&link->tls) : "-",
	       tn_tls_resumed(&link->tls), tn_tls_early(&link->tls),
	       core->multipath);
	tn_say("packets sent=%llu received=%llu unopened=%llu generation=%u,%u",
	       link->stats.sent, link->stats.received, link->stats.unopened,
	       core->keys.tx, core->keys.rx);
	list_for_each_entry(path, &core->paths, node)
		tn_say("path %u sent=%llu received=%llu lost=%llu srtt=%lluus",
		       path->id, path->sent_bytes, path->recv_bytes,
		       path->lost_packets,
		       path->rtt.smoothed / TQUIC_NS_PER_US);
	for (i = 1; i < TQUIC_DROP_MAX; i++)
		if (link->stats.drops[i])
			tn_note("dropped for reason %u: %llu", i,
				link->stats.drops[i]);
	tn_say("text received=%llu jobs=%u failed=%u", link->app.received,
	       link->app.done, link->app.failed);
}
