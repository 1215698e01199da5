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
#include "token.h"

#define TN_LINK_WINDOW_MAX	(64 << 20)

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
	tn_link_tparams(link, &tp);
	c->server = config->server;
	c->tparams = &tp;
	c->scid = &tn_link_first_cid(link, &tp)->local;
	c->buf_ops = &tn_buf_ops;
	c->cc_ops = config->bbr ? &tquic_bbr_ops : &tquic_cubic_ops;
	c->sched_ops = &tquic_minrtt_ops;
	c->initial_rtt = 333 * TQUIC_NS_PER_MS;
	c->mds = TQUIC_DGRAM_MIN;
	c->mds_max = config->mtu;
	c->window_max = TN_LINK_WINDOW_MAX;
	c->stream_window_max = TN_LINK_WINDOW_MAX;
	c->ecn = config->ecn;
	gnutls_rnd(GNUTLS_RND_NONCE, &c->seed, sizeof(c->seed));
	link->core = tquic_conn_new(c, now, GFP_KERNEL);
	if (!link->core)
		tn_die("out of memory");
	tn_link_entropy(link);
	tn_tls_init(&link->tls, &end->tls, &tn_link_tls_ops, link);
	tn_link_initial(link);
	tn_app_init(&link->app, link, &end->app);
	list_add_tail(&link->node, &end->links);
	return link;
}

/* Data may go out at once, if this server was met before. */
static void tn_link_early(struct tn_link *link)
{
	const struct tn_session *s = &link->end->session;
	struct tquic_tparams tp;
	struct tquic_close close;

	if (s->ticket_len && s->version == link->core->version &&
	    !tquic_tparam_parse(&tp, s->tparams, s->tparams_len, true, &close))
		tquic_conn_early_start(link->core, &tp);
}

/**
 * tn_link_client - connect
 * @end: endpoint
 * @version: of the first packet
 * @reacted: the server asked for it
 * @tuple: addresses
 * @now: present time
 *
 * Return: the connection, of which the first packet can be sent.
 */
struct tn_link *tn_link_client(struct tn_end *end, u32 version, bool reacted,
			       const struct tquic_tuple *tuple,
			       tquic_time_t now)
{
	struct tquic_cid odcid = { .len = TN_CID_LEN };
	struct tquic_conn_config c = {
		.version = version,
		.vn_reacted = reacted,
		.odcid = &odcid,
		.token = end->session.token,
		.token_len = end->session.token_len,
		.tuple = tuple,
	};
	struct tn_link *link;

	gnutls_rnd(GNUTLS_RND_RANDOM, odcid.id, odcid.len);
	link = tn_link_new(end, &c, now);
	/* used once: RFC 9000 section 8.1.3 */
	end->session.token_len = 0;
	if (end->tls.config.early && !reacted)
		tn_link_early(link);
	tn_tls_start(&link->tls);
	return link;
}

/**
 * tn_link_server - be connected to
 * @end: endpoint
 * @pkt: an Initial packet for nobody so far
 * @token: what its token says, NULL when that proves nothing
 * @tuple: addresses
 * @now: present time
 *
 * Return: the connection, which is to receive the packet.
 */
struct tn_link *tn_link_server(struct tn_end *end, const struct tquic_pkt *pkt,
			       const struct tquic_token *token,
			       const struct tquic_tuple *tuple,
			       tquic_time_t now)
{
	struct tquic_cid alias = { .len = pkt->dcid_len };
	struct tquic_cid dcid = { .len = pkt->scid_len };
	struct tquic_conn_config c = {
		.version = pkt->version,
		.odcid = &alias,
		.dcid = &dcid,
		.tuple = tuple,
		.validated = token,
	};
	struct tn_link *link;

	memcpy(alias.id, pkt->dcid, alias.len);
	memcpy(dcid.id, pkt->scid, dcid.len);
	if (token && token->kind == TQUIC_TOKEN_RETRY) {
		c.odcid = &token->odcid;
		c.retry_scid = &token->rscid;
	}
	link = tn_link_new(end, &c, now);
	link->alias = tn_demux_alias(&end->demux, link, &alias);
	return link;
}

static void tn_link_drop_initial(struct tn_link *link)
{
	unsigned int i;

	for (i = 0; i < TN_VERSIONS; i++) {
		tn_key_drop(&link->initial_rx[i]);
		tn_key_drop(&link->initial_tx[i]);
	}
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
	tn_link_drop_initial(link);
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
	tn_link_learn(link);
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

	if (link->core->dropped_keys & BIT(TQUIC_PKT_INITIAL))
		tn_link_drop_initial(link);
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

/* What a later connection needs has come, if somebody wants it. */
static bool tn_link_remembered(const struct tn_link *link)
{
	return !link->end->config.session || link->end->session.tparams_len;
}

/* A token for the client's next connection. */
static void tn_link_give_token(struct tn_link *link)
{
	struct tquic_path *path = tquic_conn_path(link->core, 0);
	struct tquic_token token = {
		.kind = TQUIC_TOKEN_NEW,
		.version = link->core->version,
	};
	u8 out[TN_TOKEN_MAX];
	u32 len;

	if (link->gave_token || !path)
		return;
	link->gave_token = true;
	memcpy(token.addr, path->tuple.remote, sizeof(token.addr));
	len = tn_token_seal(&link->end->demux, &token, out);
	tquic_conn_send_token(link->core, out, len, GFP_KERNEL);
}

static void tn_link_take_token(struct tn_link *link)
{
	struct tn_session *s = &link->end->session;
	u32 len;

	len = tquic_conn_take_token(link->core, s->token);
	if (!len)
		return;
	s->token_len = len;
	tn_note("token of %u bytes", len);
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
	if (link->core->events & TQUIC_CONN_E_INITIAL)
		tn_link_initial(link);
	if (link->core->events & TQUIC_CONN_E_KEYS)
		tn_link_drop_keys(link);
	if (link->core->events & TQUIC_CONN_E_ENTROPY)
		tn_link_entropy(link);
	tn_link_cids(link, now);
	if (link->core->server && link->core->confirmed)
		tn_link_give_token(link);
	if (link->core->events & TQUIC_CONN_E_TOKEN)
		tn_link_take_token(link);
	tn_app_serve(&link->app, now);
	tn_act_serve(link, now);
	if (!link->core->server && tn_app_idle(&link->app) &&
	    tn_act_idle(link) && tn_link_remembered(link))
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
		tn_say("closed by=%s", core->why == TQUIC_CONN_WHY_RESET ?
		       "reset" : "time");
}

/* What there is to say about it in the end. */
void tn_link_report(const struct tn_link *link)
{
	const struct tquic_conn *core = link->core;
	const struct tquic_path *path;
	unsigned int i;

	tn_link_report_end(core);
	tn_say("tls version=%08x cipher=%s resumed=%d early=%d,%llu retry=%d",
	       core->version, core->tls_done ? tn_tls_suite(&link->tls) : "-",
	       tn_tls_resumed(&link->tls),
	       core->early_data == TQUIC_EARLY_ACCEPTED, link->stats.zero_rtt,
	       core->retried || core->config.retry_scid);
	tn_say("packets sent=%llu received=%llu unopened=%llu generation=%u,%u",
	       link->stats.sent, link->stats.received, link->stats.unopened,
	       core->keys.tx, core->keys.rx);
	list_for_each_entry(path, &core->paths, node)
		tn_say("path %u sent=%llu got=%llu lost=%llu mtu=%u rtt=%lluus",
		       path->id, path->sent_bytes, path->recv_bytes,
		       path->lost_packets, path->mds,
		       path->rtt.smoothed / TQUIC_NS_PER_US);
	for (i = 1; i < TQUIC_DROP_MAX; i++)
		if (link->stats.drops[i])
			tn_note("dropped for reason %u: %llu", i,
				link->stats.drops[i]);
	tn_say("text received=%llu datagrams=%llu jobs=%u failed=%u",
	       link->app.received, link->app.dgrams, link->app.done,
	       link->app.failed);
}
