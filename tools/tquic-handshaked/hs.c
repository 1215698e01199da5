// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "genl.h"
#include "hs.h"
#include "log.h"

#define TH_HS_READ_MAX	16384
#define TH_HS_OUT_MAX	(1024 * 1024)

static time_t th_hs_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* What was emitted, to the kernel. */
static void th_hs_flush(struct th_hs *hs)
{
	size_t done = 0;
	ssize_t n;

	while (!hs->broken && done < hs->out_len) {
		n = write(hs->fd, hs->out + done, hs->out_len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			th_debug("%u: the kernel takes no more: %s",
				 hs->tls.request.token, strerror(errno));
			hs->broken = true;
		} else {
			done += n;
		}
	}
	/* there were secrets among it */
	if (hs->out_len)
		explicit_bzero(hs->out, hs->out_len);
	hs->out_len = 0;
}

static bool th_hs_room(struct th_hs *hs, size_t more)
{
	size_t room = hs->out_room ?: 4096;
	unsigned char *out;

	while (room - hs->out_len < more)
		room *= 2;
	if (room == hs->out_room)
		return true;
	if (room > TH_HS_OUT_MAX)
		return false;
	out = malloc(room);
	if (!out)
		return false;
	if (hs->out_len) {
		memcpy(out, hs->out, hs->out_len);
		explicit_bzero(hs->out, hs->out_len);
	}
	free(hs->out);
	hs->out = out;
	hs->out_room = room;
	return true;
}

static void th_hs_emit(void *arg, enum tquic_hs_type type,
		       enum tquic_hs_level level, const void *data, size_t len)
{
	struct tquic_hs_msg msg = { .type = type, .level = level, .len = len };
	struct th_hs *hs = arg;

	if (hs->broken)
		return;
	if (len > TQUIC_HS_MSG_MAX - sizeof(msg) ||
	    !th_hs_room(hs, sizeof(msg) + len)) {
		hs->broken = true;
		return;
	}
	memcpy(hs->out + hs->out_len, &msg, sizeof(msg));
	if (len)
		memcpy(hs->out + hs->out_len + sizeof(msg), data, len);
	hs->out_len += sizeof(msg) + len;
}

static int th_hs_announce(void *arg, void *buf, size_t room)
{
	struct tquic_hs_tparams tp = {
		.buf = (__u64)(unsigned long)buf,
		.len = room,
	};
	struct th_hs *hs = arg;

	th_hs_flush(hs);
	if (ioctl(hs->fd, TQUIC_HS_GET_TPARAMS, &tp))
		return -errno;
	return tp.len;
}

static const struct th_tls_ops th_hs_ops = {
	.emit = th_hs_emit,
	.announce = th_hs_announce,
};

struct th_hs *th_hs_new(struct th_conf *conf, const struct th_request *request,
			struct th_genl *genl)
{
	struct th_hs *hs = calloc(1, sizeof(*hs));

	if (!hs) {
		close(request->fd);
		return NULL;
	}
	hs->fd = request->fd;
	hs->genl = genl;
	/* what is wrong is told by th_hs_start() */
	th_tls_init(&hs->tls, conf, request, &th_hs_ops, hs);
	return hs;
}

void th_hs_free(struct th_hs *hs)
{
	th_tls_exit(&hs->tls);
	close(hs->fd);
	if (hs->out)
		explicit_bzero(hs->out, hs->out_room);
	free(hs->out);
	free(hs);
}

static void th_hs_failed(struct th_hs *hs)
{
	struct th_tls *tls = &hs->tls;
	char text[sizeof(tls->text) + 1];

	th_info("handshake %u with %s port %u failed: %s", tls->request.token,
		*tls->request.peername ? tls->request.peername : tls->address,
		tls->request.remote_port, tls->text);
	th_hs_flush(hs);
	if (tls->status) {
		th_genl_done(hs->genl, tls->request.token, tls->status,
			     tls->alert, tls->text, NULL);
		return;
	}
	/* the kernel has the table that tells the user what an alert means */
	text[0] = tls->alert;
	memcpy(text + 1, tls->text, sizeof(tls->text));
	th_hs_emit(hs, TQUIC_HS_ALERT, TQUIC_HS_INITIAL, text,
		   1 + strlen(tls->text));
	th_hs_flush(hs);
}

static void th_hs_succeeded(struct th_hs *hs)
{
	struct th_tls *tls = &hs->tls;
	bool wait;
	int err;

	hs->told = true;
	err = th_genl_done(hs->genl, tls->request.token, 0, 0, NULL, NULL);
	/* -ENOENT: it was closed meanwhile */
	if (err && err != -ENOENT)
		th_error("handshake %u: HS_DONE: %s", tls->request.token,
			 strerror(-err));
	th_debug("handshake %u: %s is %s%s", tls->request.token, tls->address,
		 *tls->identity ? tls->identity : "anonymous",
		 tls->resumed ? ", resumed" : "");
	/* a client waits for tickets, a server has sent its own */
	wait = !tls->request.server && tls->ticketing && tls->conf->linger;
	hs->until = th_hs_now() + (wait ? tls->conf->linger : 0);
}

/* After a step of TLS; false when there is nothing more to be done. */
static bool th_hs_step(struct th_hs *hs)
{
	if (hs->tls.failed) {
		th_hs_failed(hs);
		return false;
	}
	th_hs_flush(hs);
	if (hs->tls.done && !hs->told)
		th_hs_succeeded(hs);
	if (hs->broken)
		return false;
	return !hs->told || (!hs->tls.tickets && hs->until > th_hs_now());
}

bool th_hs_start(struct th_hs *hs)
{
	if (!hs->tls.failed && !hs->tls.request.server)
		th_tls_start(&hs->tls);
	return th_hs_step(hs);
}

bool th_hs_readable(struct th_hs *hs)
{
	unsigned char buf[TH_HS_READ_MAX];
	struct tquic_hs_msg msg;
	ssize_t n;

	for (;;) {
		n = read(hs->fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < (ssize_t)sizeof(msg))
			return false;
		memcpy(&msg, buf, sizeof(msg));
		if (msg.type != TQUIC_HS_CRYPTO ||
		    msg.len != n - sizeof(msg) ||
		    msg.level > TQUIC_HS_APPLICATION)
			continue;
		th_tls_hear(&hs->tls, msg.level, buf + sizeof(msg), msg.len);
		if (!th_hs_step(hs))
			return false;
	}
}
