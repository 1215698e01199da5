// SPDX-License-Identifier: GPL-2.0
/*
 * What a TLS alert means to somebody who knows errno only.  The table is in
 * Documentation/networking/tquic-handshake.rst, for users.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "hs.h"

/**
 * struct tquic_hs_alert - one alert
 * @alert: AlertDescription: RFC 8446 section 6, RFC 7301 section 3.2
 * @err: errno
 */
struct tquic_hs_alert {
	u8 alert;
	u8 err;
};

static const struct tquic_hs_alert tquic_hs_alerts[] = {
	{ 0, ECONNRESET },	/* close_notify */
	{ 42, EKEYREJECTED },	/* bad_certificate */
	{ 43, EKEYREJECTED },	/* unsupported_certificate */
	{ 44, EKEYREVOKED },	/* certificate_revoked */
	{ 45, EKEYEXPIRED },	/* certificate_expired */
	{ 46, EKEYREJECTED },	/* certificate_unknown */
	{ 48, EKEYREJECTED },	/* unknown_ca */
	{ 49, EACCES },		/* access_denied */
	{ 51, EACCES },		/* decrypt_error: wrong PSK, or signature */
	{ 90, ECANCELED },	/* user_canceled */
	{ 112, EACCES },	/* unrecognized_name */
	{ 113, EKEYREJECTED },	/* bad_certificate_status_response */
	{ 115, EACCES },	/* unknown_psk_identity */
	{ 116, EACCES },	/* certificate_required */
	{ 120, EPROTONOSUPPORT }, /* no_application_protocol */
};

/**
 * tquic_hs_errno - what ends a handshake, for the user
 * @alert: TLS alert that was sent, or received as CRYPTO_ERROR (RFC 9001
 *	section 4.8)
 *
 * Return: -errno, -EPROTO for what only a fault in a program can cause.
 */
int tquic_hs_errno(u8 alert)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tquic_hs_alerts); i++)
		if (tquic_hs_alerts[i].alert == alert)
			return -tquic_hs_alerts[i].err;
	return -EPROTO;
}
