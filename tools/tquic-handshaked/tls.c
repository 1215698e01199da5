// SPDX-License-Identifier: GPL-2.0
/*
 * Driving GnuTLS through a handshake.
 */
#include <errno.h>
#include <gnutls/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "tls.h"

#define TH_TLS_TPARAMS		0x39	/* RFC 9001 section 8.2 */
#define TH_TLS_INTERNAL_ERROR	80
/* tickets that a server sends */
#define TH_TLS_TICKETS		1

bool th_tls_fail(struct th_tls *tls, int status, __u8 alert,
		 const char *format, ...)
{
	va_list args;

	/* what is known first is the reason */
	if (tls->failed)
		return false;
	tls->failed = true;
	tls->status = status;
	tls->alert = alert;
	va_start(args, format);
	vsnprintf(tls->text, sizeof(tls->text), format, args);
	va_end(args);
	return false;
}

/* The levels of GnuTLS are in the same order. */
static enum tquic_hs_level
th_tls_level(gnutls_record_encryption_level_t level)
{
	switch (level) {
	case GNUTLS_ENCRYPTION_LEVEL_INITIAL:
		return TQUIC_HS_INITIAL;
	case GNUTLS_ENCRYPTION_LEVEL_EARLY:
		return TQUIC_HS_EARLY;
	case GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE:
		return TQUIC_HS_HANDSHAKE;
	default:
		return TQUIC_HS_APPLICATION;
	}
}

static const gnutls_record_encryption_level_t th_tls_levels[] = {
	[TQUIC_HS_INITIAL] = GNUTLS_ENCRYPTION_LEVEL_INITIAL,
	[TQUIC_HS_EARLY] = GNUTLS_ENCRYPTION_LEVEL_EARLY,
	[TQUIC_HS_HANDSHAKE] = GNUTLS_ENCRYPTION_LEVEL_HANDSHAKE,
	[TQUIC_HS_APPLICATION] = GNUTLS_ENCRYPTION_LEVEL_APPLICATION,
};

/* TLS code point of a cipher: RFC 8446 appendix B.4; 0 for another one */
static __u16 th_tls_suite(gnutls_cipher_algorithm_t cipher)
{
	switch (cipher) {
	case GNUTLS_CIPHER_AES_128_GCM:
		return 0x1301;
	case GNUTLS_CIPHER_AES_256_GCM:
		return 0x1302;
	case GNUTLS_CIPHER_CHACHA20_POLY1305:
		return 0x1303;
	default:
		return 0;
	}
}

/*
 * What the peer's first message told, in the order that the kernel needs: early
 * data decides by which parameters the others are judged.
 */
static void th_tls_learn(struct th_tls *tls)
{
	__u8 accepted;

	if (!tls->tparams_due)
		return;
	tls->tparams_due = false;
	if (!tls->request.server) {
		accepted = !!(gnutls_session_get_flags(tls->session) &
			      GNUTLS_SFLAGS_EARLY_DATA);
		tls->early = accepted;
		tls->ops->emit(tls->arg, TQUIC_HS_EARLY_RESULT,
			       TQUIC_HS_INITIAL, &accepted, 1);
	}
	tls->ops->emit(tls->arg, TQUIC_HS_TPARAMS, TQUIC_HS_INITIAL,
		       tls->tparams, tls->tparams_len);
}

static void th_tls_emit_secret(struct th_tls *tls, enum tquic_hs_level level,
			       __u16 suite, enum tquic_hs_dir dir,
			       const void *data, size_t len)
{
	struct tquic_hs_secret secret = {
		.suite = suite,
		.dir = dir,
		.len = len,
	};

	if (!data)
		return;
	memcpy(secret.secret, data, len);
	tls->ops->emit(tls->arg, TQUIC_HS_SECRET, level, &secret,
		       sizeof(secret));
	explicit_bzero(&secret, sizeof(secret));
}

static int th_tls_on_secret(gnutls_session_t session,
			    gnutls_record_encryption_level_t from,
			    const void *rx, const void *tx, size_t len)
{
	struct th_tls *tls = gnutls_session_get_ptr(session);
	enum tquic_hs_level level = th_tls_level(from);
	__u16 suite;

	/* no KeyUpdate in QUIC: RFC 9001 section 6 */
	if (tls->done)
		return GNUTLS_E_UNEXPECTED_PACKET;
	suite = th_tls_suite(level == TQUIC_HS_EARLY ?
			     gnutls_early_cipher_get(session) :
			     gnutls_cipher_get(session));
	if (!suite || len > TQUIC_HS_SECRET_MAX)
		return GNUTLS_E_INTERNAL_ERROR;
	if (level == TQUIC_HS_EARLY && tls->ticket)
		tls->ops->emit(tls->arg, TQUIC_HS_REMEMBERED, TQUIC_HS_INITIAL,
			       tls->ticket->data, tls->ticket->tparams_len);
	if (level == TQUIC_HS_EARLY && tls->request.server)
		tls->early = true;
	if (level != TQUIC_HS_EARLY)
		th_tls_learn(tls);
	th_tls_emit_secret(tls, level, suite, TQUIC_HS_RX, rx, len);
	th_tls_emit_secret(tls, level, suite, TQUIC_HS_TX, tx, len);
	return 0;
}

static int th_tls_on_crypto(gnutls_session_t session,
			    gnutls_record_encryption_level_t level,
			    gnutls_handshake_description_t what,
			    const void *data, size_t len)
{
	struct th_tls *tls = gnutls_session_get_ptr(session);

	/* no record layer, nothing for middleboxes: RFC 9001 section 8.4 */
	if (what != GNUTLS_HANDSHAKE_CHANGE_CIPHER_SPEC)
		tls->ops->emit(tls->arg, TQUIC_HS_CRYPTO, th_tls_level(level),
			       data, len);
	return 0;
}

/* An alert that GnuTLS would send by itself. */
static int th_tls_on_alert(gnutls_session_t session,
			   gnutls_record_encryption_level_t level,
			   gnutls_alert_level_t severity,
			   gnutls_alert_description_t alert)
{
	struct th_tls *tls = gnutls_session_get_ptr(session);

	(void)level;
	(void)severity;
	if (!tls->failed)
		tls->alert = alert;
	return 0;
}

static int th_tls_send_tparams(gnutls_session_t session, gnutls_buffer_t out)
{
	struct th_tls *tls = gnutls_session_get_ptr(session);
	__u8 data[TH_TICKET_TPARAMS_MAX];
	int len = tls->ops->announce(tls->arg, data, sizeof(data));

	if (len < 0) {
		th_tls_fail(tls, -len, TH_TLS_INTERNAL_ERROR,
			    "the kernel has no transport parameters: %s",
			    strerror(-len));
		return GNUTLS_E_INTERNAL_ERROR;
	}
	return gnutls_buffer_append_data(out, data, len);
}

static int th_tls_recv_tparams(gnutls_session_t session,
			       const unsigned char *data, size_t len)
{
	struct th_tls *tls = gnutls_session_get_ptr(session);

	if (len > sizeof(tls->tparams))
		return GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
	memcpy(tls->tparams, data, len);
	tls->tparams_len = len;
	tls->tparams_due = true;
	/* what a server answers hangs on them: the version, for one */
	if (tls->request.server)
		th_tls_learn(tls);
	return 0;
}

static int th_tls_on_ticket(gnutls_session_t session, unsigned int what,
			    unsigned int when, unsigned int incoming,
			    const gnutls_datum_t *msg)
{
	(void)when;
	(void)msg;
	if (what == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET && incoming)
		th_tls_ticket_came(gnutls_session_get_ptr(session));
	return 0;
}

static bool th_tls_hooks(struct th_tls *tls)
{
	int err;

	gnutls_session_set_ptr(tls->session, tls);
	gnutls_handshake_set_timeout(tls->session, GNUTLS_INDEFINITE_TIMEOUT);
	gnutls_handshake_set_secret_function(tls->session, th_tls_on_secret);
	gnutls_handshake_set_read_function(tls->session, th_tls_on_crypto);
	gnutls_alert_set_read_function(tls->session, th_tls_on_alert);
	gnutls_handshake_set_hook_function(tls->session, GNUTLS_HANDSHAKE_ANY,
					   GNUTLS_HOOK_POST, th_tls_on_ticket);
	err = gnutls_session_ext_register(tls->session, "transport parameters",
					  TH_TLS_TPARAMS, GNUTLS_EXT_TLS,
					  th_tls_recv_tparams,
					  th_tls_send_tparams, NULL, NULL,
					  NULL, GNUTLS_EXT_FLAG_TLS |
					  GNUTLS_EXT_FLAG_CLIENT_HELLO |
					  GNUTLS_EXT_FLAG_EE);
	return err >= 0 ||
	       th_tls_fail(tls, ENOMEM, 0, "transport parameters: %s",
			   gnutls_strerror(err));
}

bool th_tls_init(struct th_tls *tls, struct th_conf *conf,
		 const struct th_request *request,
		 const struct th_tls_ops *ops, void *arg)
{
	*tls = (struct th_tls){
		.request = *request,
		.conf = th_conf_get(conf),
		.ops = ops,
		.arg = arg,
	};
	return th_tls_cred(tls) && th_tls_setup(tls) && th_tls_hooks(tls);
}

void th_tls_exit(struct th_tls *tls)
{
	if (tls->session)
		gnutls_deinit(tls->session);
	if (tls->priority)
		gnutls_priority_deinit(tls->priority);
	if (tls->psk_client)
		gnutls_psk_free_client_credentials(tls->psk_client);
	if (tls->psk_server)
		gnutls_psk_free_server_credentials(tls->psk_server);
	if (tls->own)
		gnutls_certificate_free_credentials(tls->own);
	th_ticket_free(tls->ticket);
	th_conf_put(tls->conf);
	explicit_bzero(tls, sizeof(*tls));
}

/* Fail by what GnuTLS says: the alert tells the user as well as the peer. */
static void th_tls_failed(struct th_tls *tls, int err)
{
	int level, alert = tls->alert;

	if (!alert)
		alert = gnutls_error_to_alert(err, &level);
	/* whoever does not know the key cannot make the binder, either */
	if (tls->methods == TH_TLS_PSK &&
	    (err == GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER ||
	     err == GNUTLS_E_INSUFFICIENT_CREDENTIALS ||
	     err == GNUTLS_E_NO_CIPHER_SUITES))
		th_tls_fail(tls, 0, GNUTLS_A_DECRYPT_ERROR,
			    "no common pre-shared key: %s",
			    gnutls_strerror(err));
	else
		th_tls_fail(tls, 0, alert > 0 ? alert : TH_TLS_INTERNAL_ERROR,
			    "TLS: %s", gnutls_strerror(err));
}

static void th_tls_emit_text(struct th_tls *tls, enum tquic_hs_type type,
			     const void *data, size_t len)
{
	tls->ops->emit(tls->arg, type, TQUIC_HS_APPLICATION, data, len);
}

static void th_tls_complete(struct th_tls *tls)
{
	gnutls_datum_t alpn;
	int err;

	tls->resumed = gnutls_session_is_resumed(tls->session);
	if (!th_tls_peer(tls))
		return;
	tls->done = true;
	if (gnutls_alpn_get_selected_protocol(tls->session, &alpn) >= 0)
		th_tls_emit_text(tls, TQUIC_HS_ALPN, alpn.data, alpn.size);
	th_tls_emit_text(tls, TQUIC_HS_IDENTITY, tls->identity,
			 strlen(tls->identity));
	if (tls->resumed)
		th_tls_emit_text(tls, TQUIC_HS_RESUMED, NULL, 0);
	th_tls_emit_text(tls, TQUIC_HS_FINISHED, NULL, 0);
	if (!tls->request.server || !tls->ticketing)
		return;
	err = gnutls_session_ticket_send(tls->session, TH_TLS_TICKETS, 0);
	if (err < 0)
		th_debug("%u: no ticket: %s", tls->request.token,
			 gnutls_strerror(err));
}

static void th_tls_drive(struct th_tls *tls)
{
	int err;

	/* warnings, such as of names that nobody asked for, change nothing */
	do
		err = gnutls_handshake(tls->session);
	while (err < 0 && err != GNUTLS_E_AGAIN &&
	       !gnutls_error_is_fatal(err));
	if (err == 0)
		th_tls_complete(tls);
	else if (err != GNUTLS_E_AGAIN)
		th_tls_failed(tls, err);
}

void th_tls_start(struct th_tls *tls)
{
	th_tls_drive(tls);
}

void th_tls_hear(struct th_tls *tls, enum tquic_hs_level level,
		 const void *data, size_t len)
{
	int err;

	if (tls->failed)
		return;
	err = gnutls_handshake_write(tls->session, th_tls_levels[level], data,
				     len);
	if (err < 0 && gnutls_error_is_fatal(err))
		th_tls_failed(tls, err);
	else if (!tls->done)
		th_tls_drive(tls);
}
