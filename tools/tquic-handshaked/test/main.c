// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's TLS with itself: what a connection is told, and how each kind of
 * failure ends.  Prints TAP.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs.h"
#include "join.h"
#include "replay.h"

static struct join join;
static struct th_conf *conf;
static unsigned int done, failures;
static char dir[64];

__printf(2, 3)
static void check(bool ok, const char *format, ...)
{
	va_list args;
	char what[256];

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	failures += !ok;
	printf("%sok %u - %s\n", ok ? "" : "not ", ++done, what);
	if (ok)
		return;
	printf("# client: alert %u status %d: %s\n", join.client.tls.alert,
	       join.client.tls.status, join.client.tls.text);
	printf("# server: alert %u status %d: %s\n", join.server.tls.alert,
	       join.server.tls.status, join.server.tls.text);
}

static void write_file(const char *name, mode_t mode, const char *format, ...)
{
	FILE *file = fopen(name, "w");
	va_list args;

	if (!file) {
		perror(name);
		exit(1);
	}
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fchmod(fileno(file), mode);
	fclose(file);
}

/* The same configuration for both ends: profiles make the difference. */
static void configure(void)
{
	static const char psk[] = "000102030405060708090a0b0c0d0e0f";

	mkdir("state", 0700);
	write_file("psk", 0600, "# keys\ngateway:%s\nother:ff%s\n", psk,
		   psk + 2);
	write_file("psk-wrong", 0600, "gateway:%s\n",
		   "ff0102030405060708090a0b0c0d0e0f");
	write_file("psk-client", 0600, "gateway:%s\nstranger:%s\n", psk, psk);
	write_file("conf", 0644,
		   "[agent]\nstate-directory = %s/state\nworkers = 2\n"
		   "[default]\npsk = %s/psk\nca = %s/ca.pem\n"
		   "[psk-client]\npsk = %s/psk-client\nearly-data = yes\n"
		   "[psk-wrong]\npsk = %s/psk-wrong\n"
		   "[server]\ncertificate = %s/server.pem\n"
		   "private-key = %s/server.key\nca = %s/ca.pem\n"
		   "early-data = yes\n"
		   "[mutual]\ncertificate = %s/server.pem\n"
		   "private-key = %s/server.key\nca = %s/ca.pem\n"
		   "client-certificates = require\n"
		   "[client]\ncertificate = %s/client.pem\n"
		   "private-key = %s/client.key\nca = %s/ca.pem\n"
		   "early-data = yes\n"
		   "[expired]\ncertificate = %s/expired.pem\n"
		   "private-key = %s/expired.key\n"
		   "[distrust]\nca = %s/other-ca.pem\n"
		   "[raw]\npublic-key = %s/server.pub\n"
		   "private-key = %s/server.key\ntrusted-keys = %s/client.pub\n"
		   "[raw-client]\npublic-key = %s/client.pub\n"
		   "private-key = %s/client.key\ntrusted-keys = %s/server.pub\n"
		   "client-certificates = require\n"
		   "[local]\npsk = %s/psk\nusers = root\n"
		   "[both]\npsk = %s/psk\ncertificate = %s/server.pem\n"
		   "private-key = %s/server.key\n"
		   "[shared]\npsk = %s/psk\nother-namespaces = yes\n"
		   "early-data = yes\n",
		   dir, dir, dir, dir, dir, dir, dir, dir, dir, dir, dir, dir,
		   dir, dir, dir, dir, dir, dir, dir, dir, dir, dir, dir, dir,
		   dir, dir, dir, dir);
	conf = th_conf_load("conf", true);
	if (!conf)
		exit(1);
}

static struct th_request request(bool server, const char *profile)
{
	static const __u8 loopback[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };
	struct th_request r = {
		.server = server,
		.version = 1,
		.remote_port = 4433,
		.alpn_len = 5,
		.alpn = "\4test",
	};

	memcpy(r.remote, loopback, sizeof(loopback));
	strcpy(r.profile, profile);
	return r;
}

static bool run(const struct th_request *client,
		const struct th_request *server)
{
	return join_run(&join, conf, client, conf, server);
}

static bool secret_agrees(const struct tquic_hs_secret *a,
			  const struct tquic_hs_secret *b)
{
	return a->len && a->len == b->len && a->suite == b->suite &&
	       !memcmp(a->secret, b->secret, a->len);
}

/* Both ends have the same secrets, the right way round. */
static bool secrets_agree(unsigned int level)
{
	const struct tquic_hs_secret *c = join.client.secret[level];
	const struct tquic_hs_secret *s = join.server.secret[level];

	return secret_agrees(&c[TQUIC_HS_RX], &s[TQUIC_HS_TX]) &&
	       secret_agrees(&c[TQUIC_HS_TX], &s[TQUIC_HS_RX]);
}

static void check_told(const char *what)
{
	const struct join_end *s = &join.server, *c = &join.client;

	check(secrets_agree(TQUIC_HS_HANDSHAKE) &&
	      secrets_agree(TQUIC_HS_APPLICATION), "%s: secrets", what);
	check(!strcmp(c->tparams, "parameters of the server") &&
	      !strcmp(s->tparams, "parameters of the client"),
	      "%s: transport parameters", what);
	check(!strcmp(c->alpn, "test") && !strcmp(s->alpn, "test"), "%s: ALPN",
	      what);
	/* the order that the kernel counts on */
	check(join_event(c, TQUIC_HS_EARLY_RESULT) <
	      join_event(c, TQUIC_HS_TPARAMS) &&
	      join_event(c, TQUIC_HS_TPARAMS) <
	      join_event(c, TQUIC_HS_ALPN) &&
	      join_event(c, TQUIC_HS_IDENTITY) <
	      join_event(c, TQUIC_HS_FINISHED) &&
	      !join_event(s, TQUIC_HS_TPARAMS), "%s: order", what);
}

static void test_psk(void)
{
	struct th_request c = request(false, "psk-client");
	struct th_request s = request(true, "");
	bool ok;

	strcpy(c.identity, "gateway");
	ok = run(&c, &s);
	check(ok, "PSK");
	check_told("PSK");
	check(!strcmp(join.server.identity, "gateway"), "PSK: identity");
	join_exit(&join);

	join.chunk = 7;
	ok = run(&c, &s);
	check(ok, "PSK: messages cut into pieces of 7 bytes");
	join_exit(&join);
	join.chunk = 0;

	c.cipher = 0x1303;
	ok = run(&c, &s);
	check(ok && join.server.secret[TQUIC_HS_APPLICATION][0].suite == 0x1303,
	      "PSK: ChaCha20-Poly1305 where it is asked for");
	join_exit(&join);
	c.cipher = 0;

	strcpy(c.profile, "psk-wrong");
	ok = run(&c, &s);
	check(!ok && join.server.tls.failed &&
	      join.server.tls.alert == GNUTLS_A_DECRYPT_ERROR,
	      "PSK: a wrong key is decrypt_error");
	join_exit(&join);

	strcpy(c.profile, "psk-client");
	strcpy(c.identity, "stranger");
	ok = run(&c, &s);
	check(!ok && join.server.tls.failed &&
	      join.server.tls.alert == GNUTLS_A_DECRYPT_ERROR,
	      "PSK: an identity that nobody knows looks like a wrong key");
	join_exit(&join);

	strcpy(c.identity, "gateway");
	strcpy(s.identity, "other");
	ok = run(&c, &s);
	check(!ok && join.server.tls.failed,
	      "PSK: a listener for one identity refuses another");
	join_exit(&join);

	strcpy(c.identity, "nobody");
	ok = run(&c, &s);
	check(!ok && join.client.tls.status == ENOKEY,
	      "PSK: a client without the key is ENOKEY");
	join_exit(&join);
}

static void test_x509(void)
{
	struct th_request c = request(false, "");
	struct th_request s = request(true, "server");
	bool ok;

	strcpy(c.peername, "server.example");
	ok = run(&c, &s);
	check(ok, "X.509");
	check_told("X.509");
	check(!strcmp(join.client.identity, "server.example"),
	      "X.509: the server is who was asked for");
	join_exit(&join);

	strcpy(c.peername, "another.example");
	ok = run(&c, &s);
	check(!ok && join.client.tls.alert == GNUTLS_A_BAD_CERTIFICATE,
	      "X.509: another name is bad_certificate");
	join_exit(&join);

	*c.peername = 0;
	ok = run(&c, &s);
	check(ok, "X.509: without a name, the address has to be named");
	join_exit(&join);
	c.remote[15] = 2;
	ok = run(&c, &s);
	check(!ok && join.client.tls.alert == GNUTLS_A_BAD_CERTIFICATE,
	      "X.509: another address is bad_certificate");
	join_exit(&join);

	strcpy(c.peername, "server.example");
	strcpy(s.profile, "expired");
	ok = run(&c, &s);
	check(!ok && join.client.tls.alert == GNUTLS_A_CERTIFICATE_EXPIRED,
	      "X.509: an old certificate is certificate_expired");
	join_exit(&join);

	strcpy(s.profile, "server");
	strcpy(c.profile, "distrust");
	ok = run(&c, &s);
	check(!ok && join.client.tls.alert == GNUTLS_A_UNKNOWN_CA,
	      "X.509: an unknown signer is unknown_ca");
	join_exit(&join);

	c.auth = TQUIC_AUTH_NONE;
	ok = run(&c, &s);
	check(ok, "X.509: who does not authenticate takes any");
	join_exit(&join);
}

static void test_mutual(void)
{
	struct th_request c = request(false, "client");
	struct th_request s = request(true, "mutual");
	bool ok;

	strcpy(c.peername, "server.example");
	ok = run(&c, &s);
	check(ok && !strcmp(join.server.identity, "CN=client"),
	      "client certificate: '%s'", join.server.identity);
	join_exit(&join);

	strcpy(c.profile, "");
	ok = run(&c, &s);
	check(!ok && join.server.tls.failed &&
	      join.server.tls.alert == GNUTLS_A_CERTIFICATE_REQUIRED,
	      "client certificate: none is certificate_required");
	join_exit(&join);

	strcpy(c.profile, "raw-client");
	strcpy(s.profile, "raw");
	c.auth = TQUIC_AUTH_RAW_KEY;
	ok = run(&c, &s);
	check(ok && !strncmp(join.client.identity, "sha256:", 7),
	      "raw public keys");
	join_exit(&join);

	strcpy(s.profile, "raw-client");
	ok = run(&c, &s);
	check(!ok && join.client.tls.alert == GNUTLS_A_UNKNOWN_CA,
	      "raw public keys: one that is not trusted is unknown_ca");
	join_exit(&join);
}

static void test_mixed(void)
{
	struct th_request c = request(false, "");
	struct th_request s = request(true, "both");
	bool ok;

	strcpy(c.peername, "server.example");
	ok = run(&c, &s);
	check(ok, "a server with both: certificate");
	join_exit(&join);
	strcpy(c.identity, "gateway");
	ok = run(&c, &s);
	check(ok && !strcmp(join.server.identity, "gateway"),
	      "a server with both: PSK");
	join_exit(&join);

	strcpy(s.profile, "server");
	ok = run(&c, &s);
	check(!ok, "a client with a PSK takes no certificate instead");
	join_exit(&join);

	memcpy(c.alpn, "\4else", 5);
	strcpy(s.profile, "both");
	ok = run(&c, &s);
	check(!ok &&
	      join.server.tls.alert == GNUTLS_A_NO_APPLICATION_PROTOCOL,
	      "no common ALPN is no_application_protocol");
	join_exit(&join);

	c.alpn_len = 3;
	ok = run(&c, &s);
	check(!ok && join.client.tls.status == EINVAL,
	      "a malformed list of ALPN is EINVAL");
	join_exit(&join);
}

static void test_profiles(void)
{
	struct th_request c = request(false, "absent");
	struct th_request s = request(true, "server");
	bool ok;

	ok = run(&c, &s);
	check(!ok && join.client.tls.status == ENOKEY,
	      "a profile that is not there is ENOKEY");
	join_exit(&join);

	strcpy(c.profile, "local");
	strcpy(c.identity, "gateway");
	strcpy(s.profile, "shared");
	c.uid = 65534;
	ok = run(&c, &s);
	check(!ok && join.client.tls.status == EACCES,
	      "a profile for other users is EACCES");
	join_exit(&join);
	c.uid = 0;
	s.foreign = true;
	ok = run(&c, &s);
	check(ok, "a profile for this user, and one for other namespaces");
	join_exit(&join);
	strcpy(s.profile, "local");
	ok = run(&c, &s);
	check(!ok && join.server.tls.status == EACCES,
	      "a profile that is not for other namespaces is EACCES");
	join_exit(&join);
}

static void test_resume(const char *what, struct th_request *c,
			struct th_request *s, struct th_conf *other)
{
	bool ok;

	ok = run(c, s);
	check(ok && !join.client.tls.resumed && join.client.tls.tickets == 1,
	      "%s: a ticket", what);
	join_exit(&join);

	ok = run(c, s);
	check(ok && join.client.tls.resumed && join.server.tls.resumed,
	      "%s: resumed", what);
	check(join.client.early == 1 &&
	      secret_agrees(&join.client.secret[TQUIC_HS_EARLY][TQUIC_HS_TX],
			    &join.server.secret[TQUIC_HS_EARLY][TQUIC_HS_RX]),
	      "%s: 0-RTT is accepted", what);
	check(!strcmp(join.client.remembered, "parameters of the server"),
	      "%s: the kernel is told of the parameters of then", what);
	join_exit(&join);

	join_replay(&join, conf, s);
	check(!join.server.secret[TQUIC_HS_EARLY][TQUIC_HS_RX].len &&
	      join.server.secret[TQUIC_HS_HANDSHAKE][TQUIC_HS_RX].len,
	      "%s: the same first flight again gets no 0-RTT", what);
	join_exit(&join);

	c->version = 0x6b3343cf;
	ok = run(c, s);
	check(ok && !join.client.tls.resumed,
	      "%s: not with another version of QUIC", what);
	join_exit(&join);

	/* what the last but one connection brought */
	c->version = 1;
	th_ticket_exit();
	th_ticket_init("state");
	ok = run(c, s);
	check(ok && join.client.tls.resumed, "%s: from a file", what);
	join_exit(&join);

	ok = join_run(&join, conf, c, other, s);
	check(ok && join.client.tls.resumed,
	      "%s: with a server that was restarted", what);
	join_exit(&join);

	s->early = false;
	ok = run(c, s);
	check(ok && join.client.tls.resumed && join.client.early == 0,
	      "%s: a server without 0-RTT refuses it", what);
	join_exit(&join);
	s->early = true;
	th_ticket_flush();
}

static void test_tickets(void)
{
	struct th_request c = request(false, "client");
	struct th_request s = request(true, "server");
	struct th_conf *other = th_conf_load("conf", true);

	c.early = true;
	s.early = true;
	strcpy(c.peername, "server.example");
	test_resume("X.509", &c, &s, other);

	c = request(false, "psk-client");
	s = request(true, "shared");
	c.early = true;
	s.early = true;
	strcpy(c.identity, "gateway");
	test_resume("PSK", &c, &s, other);
	th_conf_put(other);
}

int main(void)
{
	strcpy(dir, "/tmp/tquic-handshaked-test.XXXXXX");
	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	certs_make();
	configure();
	th_replay_init();
	th_ticket_init("state");
	test_psk();
	test_x509();
	test_mutual();
	test_mixed();
	test_profiles();
	test_tickets();
	printf("1..%u\n%u passed, %u failed, 0 skipped\n", done,
	       done - failures, failures);
	th_ticket_exit();
	th_replay_exit();
	th_conf_put(conf);
	return failures ? 1 : 0;
}
