// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <gnutls/crypto.h>
#include <stdlib.h>

#include "buf.h"
#include "end.h"
#include "link.h"
#include "log.h"
#include "stop.h"
#include "token.h"

/* datagrams taken from a socket before connections have their turn */
#define TN_END_BATCH	64
/* packets of a server without a connection */
#define TN_STATELESS_MAX	512

void tn_end_init(struct tn_end *end, const struct tn_end_config *config,
		 const struct tn_app_config *app,
		 const struct tn_tls_config *tls)
{
	*end = (struct tn_end){ .config = *config, .app = *app };
	INIT_LIST_HEAD(&end->links);
	tn_demux_init(&end->demux, config->secret);
	tn_tls_ctx_init(&end->tls, tls);
	if (config->session)
		tn_session_load(&end->session, config->session);
	if (end->session.ticket_len)
		tn_tls_ctx_resume(&end->tls, end->session.ticket,
				  end->session.ticket_len);
}

void tn_end_exit(struct tn_end *end)
{
	struct tn_link *link, *next;
	unsigned int i;

	list_for_each_entry_safe(link, next, &end->links, node)
		tn_link_free(link);
	if (end->config.session)
		tn_session_save(&end->session, end->config.session);
	for (i = 0; i < end->nudp; i++)
		tn_udp_close(&end->udp[i]);
	tn_tls_ctx_exit(&end->tls);
	tn_text_free();
}

struct tn_udp *tn_end_bind(struct tn_end *end, const struct tn_addr *local)
{
	struct tn_udp *udp = &end->udp[end->nudp];

	if (end->nudp == TN_UDP_SOCKETS)
		tn_die("more than %d sockets", TN_UDP_SOCKETS);
	tn_udp_open(udp, local);
	end->nudp++;
	return udp;
}

void tn_end_tuple(const struct tn_udp *udp, const struct tn_addr *remote,
		  struct tquic_tuple *tuple)
{
	*tuple = (struct tquic_tuple){
		.local_port = udp->bound.port,
		.remote_port = remote->port,
	};
	memcpy(tuple->local, udp->bound.ip, sizeof(tuple->local));
	memcpy(tuple->remote, remote->ip, sizeof(tuple->remote));
}

/* The socket that a path uses. */
struct tn_udp *tn_end_socket(struct tn_end *end,
			     const struct tquic_tuple *tuple)
{
	unsigned int i;

	for (i = 0; i < end->nudp; i++)
		if (end->udp[i].bound.port == tuple->local_port &&
		    !memcmp(end->udp[i].bound.ip, tuple->local,
			    sizeof(tuple->local)))
			return &end->udp[i];
	tn_die("no socket for a path");
}

bool tn_end_send(struct tn_end *end, const struct tquic_tuple *tuple,
		 enum tquic_ecn_mark ecn, const u8 *data, u32 len)
{
	struct tn_addr to = { .port = tuple->remote_port };

	memcpy(to.ip, tuple->remote, sizeof(to.ip));
	return tn_udp_send(tn_end_socket(end, tuple), &to, ecn, data, len);
}

void tn_end_connect(struct tn_end *end, const struct tn_addr *to)
{
	struct tquic_tuple tuple;

	tn_end_tuple(&end->udp[0], to, &tuple);
	tn_link_client(end, end->config.version, false, &tuple, tn_now());
}

/* Stateless answers of a server. */
static void tn_end_answer(struct tn_end *end, const struct tn_arrival *arrival,
			  const u8 *data, u32 len)
{
	tn_end_send(end, &arrival->tuple, TQUIC_ECN_NOT_ECT, data, len);
}

static void tn_end_versions(struct tn_end *end, const struct tquic_pkt *pkt,
			    const struct tn_arrival *arrival)
{
	u8 out[TN_STATELESS_MAX];
	struct tquic_wr wr = tquic_wr_init(out, sizeof(out));

	tn_note("version %08x is not spoken here", pkt->version);
	if (tquic_vn_build(&wr, pkt, end->config.versions,
			   end->config.nversions, *pkt->dcid))
		tn_end_answer(end, arrival, out, wr.ptr - out);
}

/* A connection that we know nothing of any more: RFC 9000 section 10.3. */
static void tn_end_reset(struct tn_end *end, const struct tquic_pkt *pkt,
			 const struct tn_arrival *arrival)
{
	u8 out[TQUIC_RESET_MAX], token[TQUIC_RESET_TOKEN_LEN];
	struct tquic_wr wr = tquic_wr_init(out, sizeof(out));
	u8 random[TQUIC_RESET_RANDOM];
	u32 len;

	gnutls_rnd(GNUTLS_RND_RANDOM, random, sizeof(random));
	tn_demux_token(&end->demux, pkt->dcid, pkt->dcid_len, token);
	len = tquic_reset_build(&wr, arrival->bytes, random, token);
	if (!len)
		return;
	tn_note("reset of an unknown connection");
	tn_end_answer(end, arrival, out, len);
}

/* Somebody wants to connect. */
static struct tn_link *tn_end_accept(struct tn_end *end,
				     const struct tquic_pkt *pkt,
				     const struct tn_arrival *arrival)
{
	enum tquic_token_verdict verdict;
	struct tquic_token token;
	u8 out[TN_STATELESS_MAX];

	verdict = tn_token_judge(&end->demux, pkt, &arrival->tuple, &token);
	if (verdict == TQUIC_TOKEN_REFUSE)
		return NULL;
	if (end->config.retry && verdict == TQUIC_TOKEN_IGNORE) {
		tn_note("Retry");
		tn_end_answer(end, arrival, out,
			      tn_token_retry(&end->demux, pkt, &arrival->tuple,
					     out, sizeof(out)));
		return NULL;
	}
	tn_note("a new connection, version %08x", pkt->version);
	return tn_link_server(end, pkt, verdict == TQUIC_TOKEN_VALID ? &token :
			      NULL, &arrival->tuple, arrival->now);
}

/* A reset goes by a connection ID of nobody. */
static bool tn_end_is_reset(struct tn_end *end, const struct tn_buf *buf,
			    tquic_time_t now)
{
	const u8 *token = tquic_reset_token(buf->data, buf->len);
	struct tn_link *link;

	list_for_each_entry(link, &end->links, node) {
		if (!token || !tquic_conn_recv_reset(link->core, token, now))
			continue;
		tn_note("stateless reset");
		return true;
	}
	return false;
}

/* A datagram that belongs to no connection. */
static struct tn_link *tn_end_stranger(struct tn_end *end,
				       const struct tn_buf *buf,
				       const struct tquic_pkt *pkt,
				       enum tquic_drop drop,
				       const struct tn_arrival *arrival)
{
	end->noise++;
	if (tn_end_is_reset(end, buf, arrival->now) || !end->config.server ||
	    !pkt->dcid)
		return NULL;
	if (!pkt->scid) {
		tn_end_reset(end, pkt, arrival);
		return NULL;
	}
	if (tquic_vn_due(pkt, arrival->bytes, end->config.versions,
			 end->config.nversions)) {
		tn_end_versions(end, pkt, arrival);
		return NULL;
	}
	if (drop || pkt->type != TQUIC_PKT_INITIAL || pkt->dcid_len < 8 ||
	    tquic_pkt_check_role(pkt, arrival->bytes, true))
		return NULL;
	return tn_end_accept(end, pkt, arrival);
}

static void tn_end_receive(struct tn_end *end, struct tn_udp *udp,
			   const struct tn_dgram *dgram, tquic_time_t now)
{
	struct tn_arrival arrival = {
		.now = now, .ecn = dgram->ecn, .bytes = dgram->len,
	};
	struct tn_link *link = NULL;
	enum tquic_drop drop;
	struct tquic_pkt pkt;
	struct tn_cid *cid;
	struct tn_buf *buf;

	tn_end_tuple(udp, &dgram->from, &arrival.tuple);
	buf = tn_buf_new(dgram->data, dgram->len);
	drop = tquic_pkt_parse(buf->data, buf->len, TN_CID_LEN, false, &pkt);
	cid = pkt.dcid ? tn_demux_find(&end->demux, pkt.dcid, pkt.dcid_len) :
			 NULL;
	if (cid)
		link = cid->link;
	else
		link = tn_end_stranger(end, buf, &pkt, drop, &arrival);
	if (link)
		tn_link_receive(link, buf, &arrival);
	tn_buf_put(buf);
}

static void tn_end_poll(struct tn_end *end, tquic_time_t deadline)
{
	struct pollfd fds[TN_UDP_SOCKETS];
	tquic_time_t now = tn_now();
	struct timespec wait = {};
	struct tn_dgram dgram;
	unsigned int i, n, count = end->nudp;

	for (i = 0; i < count; i++)
		fds[i] = (struct pollfd){ end->udp[i].fd, POLLIN, 0 };
	if (deadline > now) {
		wait.tv_sec = (deadline - now) / TQUIC_NS_PER_SEC;
		wait.tv_nsec = (deadline - now) % TQUIC_NS_PER_SEC;
	}
	if (tn_stop_poll(fds, count, deadline == TQUIC_TIME_NEVER ? NULL :
			 &wait) < 0)
		return;
	now = tn_now();
	for (i = 0; i < count; i++) {
		if (!fds[i].revents)
			continue;
		for (n = 0; n < TN_END_BATCH &&
		     tn_udp_recv(&end->udp[i], &dgram); n++)
			tn_end_receive(end, &end->udp[i], &dgram, now);
	}
}

/* A client's jobs were done, or a server was left by its client in peace. */
static bool tn_end_good(const struct tn_link *link)
{
	const struct tquic_conn *core = link->core;

	if (!core->server)
		return link->app.done == link->app.config->njobs &&
		       !link->app.failed;
	return core->remote_close.reason &&
	       (core->remote_app ? core->remote_close.code ==
				   link->app.config->ops->code :
				   !core->remote_close.code);
}

/* The server speaks another version. */
static void tn_end_again(struct tn_end *end, struct tn_link *link,
			 tquic_time_t now)
{
	struct tquic_tuple tuple = tquic_conn_path(link->core, 0)->tuple;
	u32 version = link->core->vn_version;

	tn_link_free(link);
	tn_link_client(end, version, true, &tuple, now);
}

/* One round of a connection; returns when it is to be looked at again. */
static tquic_time_t tn_end_turn(struct tn_end *end, struct tn_link *link,
				tquic_time_t now)
{
	if (tquic_conn_deadline(link->core, now) <= now)
		tquic_conn_timeout(link->core, now, GFP_KERNEL);
	tn_link_serve(link, now);
	tn_link_send(link, now);
	if (link->core->state != TQUIC_CONN_CLOSED)
		return tquic_conn_deadline(link->core, now);
	if (link->core->vn_version) {
		tn_end_again(end, link, now);
		return now;
	}
	tn_link_report(link);
	end->failed += !tn_end_good(link);
	end->ended++;
	tn_link_free(link);
	return TQUIC_TIME_NEVER;
}

static bool tn_end_over(const struct tn_end *end)
{
	if (tn_stop_asked())
		return true;
	if (!end->config.server)
		return list_empty(&end->links);
	return end->config.conns && end->ended >= end->config.conns;
}

/**
 * tn_end_run - until all is done
 * @end: endpoint
 *
 * Return: exit status.
 */
int tn_end_run(struct tn_end *end)
{
	struct tn_link *link, *next;
	tquic_time_t deadline, now;

	tn_stop_init();
	while (!tn_end_over(end)) {
		deadline = TQUIC_TIME_NEVER;
		now = tn_now();
		list_for_each_entry_safe(link, next, &end->links, node)
			deadline = min(deadline, tn_end_turn(end, link, now));
		if (!tn_end_over(end))
			tn_end_poll(end, deadline);
	}
	return end->failed ? 1 : 0;
}
