// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "tls.h"

#define TN_TLS_TPARAMS	0x39	/* RFC 9001 section 8.2 */
#define TN_TLS_TPARAMS_MAX	1024
#define TN_TLS_SEEN_MAX	256
#define TN_TLS_EARLY	0xffffffffU	/* RFC 9001 section 4.6.1 */

#define TN_TLS_CIPHERS	"+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"

/* Early data that was accepted, so that it is accepted once. */
struct tn_tls_seen {
	unsigned int count;
	struct {
		u8 key[64];
		unsigned int len;
	} entry[TN_TLS_SEEN_MAX];
};

static void tn_must(int err, const char *what)
{
	if (err < 0)
		tn_die("%s: %s", what, gnutls_strerror(err));
}

static enum tquic_pkt_type tn_tls_type(gnutls_record_encryption_level_t level)
{
	switch (level) {
	case GNUTLS_ENCRYPTION_LEVEL_INITIAL:
		return TQUIC_PKT_INITIAL;
	case GNUTLS_ENCRYPTION_LEVEL_EARLY:
		return TQUIC_PKT_0RTT;
	case GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE:
		return TQUIC_PKT_HANDSHAKE;
	default:
		return TQUIC_PKT_1RTT;
	}
}

static gnutls_record_encryption_level_t tn_tls_level(enum tquic_pkt_type type)
{
	switch (type) {
	case TQUIC_PKT_INITIAL:
		return GNUTLS_ENCRYPTION_LEVEL_INITIAL;
	case TQUIC_PKT_0RTT:
		return GNUTLS_ENCRYPTION_LEVEL_EARLY;
	case TQUIC_PKT_HANDSHAKE:
		return GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE;
	default:
		return GNUTLS_ENCRYPTION_LEVEL_APPLICATION;
	}
}

static int tn_tls_on_secret(gnutls_session_t session,
			    gnutls_record_encryption_level_t level,
			    const void *rx, const void *tx, size_t len)
{
	struct tn_tls *tls = gnutls_session_get_ptr(session);
	gnutls_cipher_algorithm_t cipher;

	cipher = level == GNUTLS_ENCRYPTION_LEVEL_EARLY ?
		 gnutls_early_cipher_get(session) :
		 gnutls_cipher_get(session);
	tls->ops->secret(tls->arg, tn_tls_type(level), cipher, rx, tx, len);
	return 0;
}

static int tn_tls_on_crypto(gnutls_session_t session,
			    gnutls_record_encryption_level_t level,
			    gnutls_handshake_description_t what,
			    const void *data, size_t len)
{
	struct tn_tls *tls = gnutls_session_get_ptr(session);

	/* no record layer, nothing for middleboxes: RFC 9001 section 8.4 */
	if (what != GNUTLS_HANDSHAKE_CHANGE_CIPHER_SPEC)
		tls->ops->crypto(tls->arg, tn_tls_type(level), data, len);
	return 0;
}

static int tn_tls_on_alert(gnutls_session_t session,
			   gnutls_record_encryption_level_t level,
			   gnutls_alert_level_t severity,
			   gnutls_alert_description_t alert)
{
	struct tn_tls *tls = gnutls_session_get_ptr(session);

	(void)level;
	(void)severity;
	tls->alert = alert;
	return 0;
}

static int tn_tls_send_tparams(gnutls_session_t session, gnutls_buffer_t out)
{
	struct tn_tls *tls = gnutls_session_get_ptr(session);
	u8 data[TN_TLS_TPARAMS_MAX];
	size_t len = tls->ops->announce(tls->arg, data, sizeof(data));

	return gnutls_buffer_append_data(out, data, len);
}

static int tn_tls_recv_tparams(gnutls_session_t session, const u8 *data,
			       size_t len)
{
	struct tn_tls *tls = gnutls_session_get_ptr(session);

	return tls->ops->tparams(tls->arg, data, len) ? 0 :
	       GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
}

static int tn_tls_on_ticket(gnutls_session_t session, unsigned int what,
			    unsigned int when, unsigned int incoming,
			    const gnutls_datum_t *msg)
{
	struct tn_tls *tls = gnutls_session_get_ptr(session);
	gnutls_datum_t data;

	(void)when;
	(void)msg;
	if (what != GNUTLS_HANDSHAKE_NEW_SESSION_TICKET || !incoming)
		return 0;
	if (gnutls_session_get_data2(session, &data) < 0)
		return 0;
	tls->ops->ticket(tls->arg, &data);
	gnutls_free(data.data);
	return 0;
}

/* Remembers early data; GnuTLS expects an error for what was seen before. */
static int tn_tls_replay_add(void *ptr, time_t expires,
			     const gnutls_datum_t *key,
			     const gnutls_datum_t *data)
{
	struct tn_tls_seen *db = ptr;
	unsigned int i;

	(void)expires;
	(void)data;
	if (key->size > sizeof(db->entry[0].key) ||
	    db->count == TN_TLS_SEEN_MAX)
		return GNUTLS_E_DB_ENTRY_EXISTS;
	for (i = 0; i < db->count; i++)
		if (db->entry[i].len == key->size &&
		    !memcmp(db->entry[i].key, key->data, key->size))
			return GNUTLS_E_DB_ENTRY_EXISTS;
	memcpy(db->entry[i].key, key->data, key->size);
	db->entry[i].len = key->size;
	db->count++;
	return 0;
}

static void tn_tls_ctx_server(struct tn_tls_ctx *ctx)
{
	tn_must(gnutls_certificate_set_x509_key_file(ctx->cred,
						     ctx->config.cert,
						     ctx->config.key,
						     GNUTLS_X509_FMT_PEM),
		ctx->config.cert);
	tn_must(gnutls_session_ticket_key_generate(&ctx->ticket_key),
		"ticket key");
	ctx->db = calloc(1, sizeof(*ctx->db));
	if (!ctx->db)
		tn_die("out of memory");
	tn_must(gnutls_anti_replay_init(&ctx->replay), "anti-replay");
	gnutls_anti_replay_set_add_function(ctx->replay, tn_tls_replay_add);
	gnutls_anti_replay_set_ptr(ctx->replay, ctx->db);
}

static void tn_tls_ctx_trust(struct tn_tls_ctx *ctx)
{
	int err;

	err = gnutls_certificate_set_x509_trust_file(ctx->cred,
						     ctx->config.cert,
						     GNUTLS_X509_FMT_PEM);
	tn_must(err, ctx->config.cert);
}

void tn_tls_ctx_init(struct tn_tls_ctx *ctx, const struct tn_tls_config *config)
{
	char priority[256];

	*ctx = (struct tn_tls_ctx){ .config = *config };
	snprintf(priority, sizeof(priority),
		 "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:%s:%%DISABLE_TLS13_COMPAT_MODE",
		 config->ciphers ?: TN_TLS_CIPHERS);
	tn_must(gnutls_priority_init(&ctx->priority, priority, NULL),
		priority);
	tn_must(gnutls_certificate_allocate_credentials(&ctx->cred),
		"credentials");
	if (config->server)
		tn_tls_ctx_server(ctx);
	else if (config->cert)
		tn_tls_ctx_trust(ctx);
}

/* What tn_tls_ops.ticket told earlier; it is copied. */
void tn_tls_ctx_resume(struct tn_tls_ctx *ctx, const u8 *data,
		       unsigned int len)
{
	ctx->resume.data = gnutls_malloc(len);
	if (!ctx->resume.data)
		tn_die("out of memory");
	memcpy(ctx->resume.data, data, len);
	ctx->resume.size = len;
}

void tn_tls_ctx_exit(struct tn_tls_ctx *ctx)
{
	if (ctx->replay)
		gnutls_anti_replay_deinit(ctx->replay);
	free(ctx->db);
	gnutls_free(ctx->ticket_key.data);
	gnutls_free(ctx->resume.data);
	gnutls_certificate_free_credentials(ctx->cred);
	gnutls_priority_deinit(ctx->priority);
}

static void tn_tls_init_server(struct tn_tls *tls)
{
	struct tn_tls_ctx *ctx = tls->ctx;

	tn_must(gnutls_session_ticket_enable_server(tls->session,
						    &ctx->ticket_key),
		"tickets");
	if (!ctx->config.early)
		return;
	gnutls_record_set_max_early_data_size(tls->session, TN_TLS_EARLY);
	gnutls_anti_replay_enable(tls->session, ctx->replay);
}

static void tn_tls_init_client(struct tn_tls *tls)
{
	const struct tn_tls_config *config = &tls->ctx->config;

	if (config->name)
		tn_must(gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS,
					       config->name,
					       strlen(config->name)),
			"server name");
	if (config->cert)
		gnutls_session_set_verify_cert(tls->session, config->name, 0);
	if (tls->ctx->resume.size)
		tn_must(gnutls_session_set_data(tls->session,
						tls->ctx->resume.data,
						tls->ctx->resume.size),
			"saved session");
}

/**
 * tn_tls_init - make a session
 * @tls: to be filled
 * @ctx: what it shares with others
 * @ops: where to tell
 * @arg: for them
 */
void tn_tls_init(struct tn_tls *tls, struct tn_tls_ctx *ctx,
		 const struct tn_tls_ops *ops, void *arg)
{
	unsigned int flags = GNUTLS_NO_END_OF_EARLY_DATA |
			     GNUTLS_NO_AUTO_SEND_TICKET;
	gnutls_datum_t alpn = {
		(u8 *)ctx->config.alpn, strlen(ctx->config.alpn)
	};
	int err;

	*tls = (struct tn_tls){ .ctx = ctx, .ops = ops, .arg = arg };
	flags |= ctx->config.server ? GNUTLS_SERVER : GNUTLS_CLIENT;
	if (ctx->config.early)
		flags |= GNUTLS_ENABLE_EARLY_DATA;
	tn_must(gnutls_init(&tls->session, flags), "session");
	gnutls_session_set_ptr(tls->session, tls);
	tn_must(gnutls_priority_set(tls->session, ctx->priority), "ciphers");
	tn_must(gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE,
				       ctx->cred), "credentials");
	tn_must(gnutls_alpn_set_protocols(tls->session, &alpn, 1,
					  GNUTLS_ALPN_MANDATORY), "ALPN");
	gnutls_handshake_set_secret_function(tls->session, tn_tls_on_secret);
	gnutls_handshake_set_read_function(tls->session, tn_tls_on_crypto);
	gnutls_alert_set_read_function(tls->session, tn_tls_on_alert);
	gnutls_handshake_set_hook_function(tls->session, GNUTLS_HANDSHAKE_ANY,
					   GNUTLS_HOOK_POST, tn_tls_on_ticket);
	err = gnutls_session_ext_register(tls->session, "transport parameters",
					  TN_TLS_TPARAMS, GNUTLS_EXT_TLS,
					  tn_tls_recv_tparams,
					  tn_tls_send_tparams, NULL, NULL,
					  NULL, GNUTLS_EXT_FLAG_TLS |
					  GNUTLS_EXT_FLAG_CLIENT_HELLO |
					  GNUTLS_EXT_FLAG_EE);
	tn_must(err, "transport parameters");
	if (ctx->config.server)
		tn_tls_init_server(tls);
	else
		tn_tls_init_client(tls);
}

void tn_tls_exit(struct tn_tls *tls)
{
	gnutls_deinit(tls->session);
}

static void tn_tls_fail(struct tn_tls *tls, int err)
{
	tn_note("TLS: %s", gnutls_strerror(err));
	gnutls_alert_send_appropriate(tls->session, err);
	tls->failed = true;
}

/* A ticket for the next time, as soon as the client is known. */
static void tn_tls_complete(struct tn_tls *tls)
{
	tls->done = true;
	if (tls->ctx->config.server)
		tn_must(gnutls_session_ticket_send(tls->session, 1, 0),
			"ticket");
}

/* The first message of a client. */
void tn_tls_start(struct tn_tls *tls)
{
	int err = gnutls_handshake(tls->session);

	if (err < 0 && gnutls_error_is_fatal(err))
		tn_tls_fail(tls, err);
}

/**
 * tn_tls_hear - handshake bytes came
 * @tls: session
 * @type: packets that carried them
 * @data: in order, but messages may be cut anywhere
 * @len: how many
 */
void tn_tls_hear(struct tn_tls *tls, enum tquic_pkt_type type, const u8 *data,
		 size_t len)
{
	int err;

	if (tls->failed)
		return;
	err = gnutls_handshake_write(tls->session, tn_tls_level(type), data,
				     len);
	if (err >= 0 && !tls->done) {
		err = gnutls_handshake(tls->session);
		if (err == 0)
			tn_tls_complete(tls);
	}
	if (err < 0 && gnutls_error_is_fatal(err))
		tn_tls_fail(tls, err);
}

const char *tn_tls_suite(const struct tn_tls *tls)
{
	return gnutls_cipher_get_name(gnutls_cipher_get(tls->session));
}

bool tn_tls_resumed(const struct tn_tls *tls)
{
	return gnutls_session_is_resumed(tls->session);
}

/* Early data was accepted. */
bool tn_tls_early(const struct tn_tls *tls)
{
	return gnutls_session_get_flags(tls->session) &
	       GNUTLS_SFLAGS_EARLY_DATA;
}
