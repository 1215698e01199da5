// SPDX-License-Identifier: GPL-2.0
/* getsockopt(): options as they are, and what there is to be known. */
#include <linux/ip.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/uaccess.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "core/conn.h"
#include "sess_info.h"
#include "sock.h"

/**
 * struct tquic_opt_get - the answer to getsockopt()
 * @len: bytes of it
 * @cut: a caller with less room gets what fits
 * @number: room for it, by kind
 * @path: likewise
 * @stream: likewise
 * @close: likewise
 * @info: likewise
 * @text: likewise
 */
struct tquic_opt_get {
	u32 len;
	bool cut;
	union {
		u32 number;
		struct tquic_path_info path;
		struct tquic_stream_info stream;
		struct tquic_close_code close;
		struct tquic_info info;
		u8 text[256];
	};
};

static int tquic_get_number(struct tquic_opt_get *out, u32 number)
{
	out->number = number;
	out->len = sizeof(out->number);
	return 0;
}

static int tquic_get_text(struct tquic_opt_get *out, const char *text)
{
	strscpy(out->text, text, sizeof(out->text));
	out->len = strlen(out->text) + 1;
	return 0;
}

static int tquic_get_cred(const struct tquic_cred *cred, int name,
			  struct tquic_opt_get *out)
{
	static const struct tquic_cred none = {
		.alpn = "\5" TQUIC_ALPN_DEFAULT,
		.alpn_len = sizeof(TQUIC_ALPN_DEFAULT),
	};

	if (!cred)
		cred = &none;
	switch (name) {
	case TQUIC_ALPN:
		memcpy(out->text, cred->alpn, cred->alpn_len);
		out->len = cred->alpn_len;
		return 0;
	case TQUIC_PEERNAME:
		return tquic_get_text(out, cred->peername);
	case TQUIC_PSK_IDENTITY:
		return tquic_get_text(out, cred->identity);
	case TQUIC_PROFILE:
		return tquic_get_text(out, cred->profile);
	case TQUIC_PSK_KEY:
		return tquic_get_number(out, cred->psk_key);
	case TQUIC_CERTIFICATE:
		return tquic_get_number(out, cred->certificate);
	case TQUIC_PRIVATE_KEY:
		return tquic_get_number(out, cred->private_key);
	case TQUIC_AUTH:
		return tquic_get_number(out, cred->auth);
	case TQUIC_CIPHER:
		return tquic_get_number(out, cred->cipher);
	case TQUIC_EARLY_DATA:
		return tquic_get_number(out, cred->early);
	default:
		return -ENOPROTOOPT;
	}
}

static int tquic_get_stream(const struct tquic_sock *tq,
			    struct tquic_opt_get *out)
{
	const struct tquic_sess *sess = tq->conn->sess;
	const struct tquic_stream *s = tq->stream;
	struct tquic_stream_info *info = &out->stream;

	if (!s)
		return -ENOTCONN;
	*info = (struct tquic_stream_info){ .id = s->id };
	if (s->id & TQUIC_STREAM_UNI)
		info->flags |= TQUIC_STREAM_I_UNI;
	if (tquic_streams_is_ours(&sess->core->streams, s->id))
		info->flags |= TQUIC_STREAM_I_LOCAL;
	if (s->recv == TQUIC_STREAM_R_RESET_RECVD ||
	    s->recv == TQUIC_STREAM_R_RESET_READ) {
		info->flags |= TQUIC_STREAM_I_RESET;
		info->reset_code = s->peer_code;
	}
	if (tq->flags & TQUIC_SOCK_F_STOPPED) {
		info->flags |= TQUIC_STREAM_I_STOPPED;
		info->stop_code = s->reset_code;
	}
	out->len = sizeof(*info);
	out->cut = true;
	return 0;
}

/* What the peer said comes from the network, and need not be text. */
static void tquic_get_reason(const struct tquic_conn *core, char *to, u32 room)
{
	u32 i, len = min_t(u32, core->remote_reason_len, room - 1);

	for (i = 0; i < len; i++)
		to[i] = core->remote_reason[i] >= ' ' &&
			core->remote_reason[i] <= '~' ?
			core->remote_reason[i] : '?';
	to[len] = 0;
}

static int tquic_get_close(struct tquic_sock *tq, struct tquic_opt_get *out)
{
	const struct tquic_conn *core = tq->conn->sess->core;
	struct tquic_close_code *close = &out->close;

	*close = tq->conn->close;
	if (core->why == TQUIC_CONN_WHY_REMOTE) {
		close->code = core->remote_close.code;
		close->app = core->remote_app;
		close->remote = 1;
		tquic_get_reason(core, close->reason, sizeof(close->reason));
	} else if (core->state >= TQUIC_CONN_CLOSING) {
		close->code = core->close.code;
		close->app = core->close_app;
		strscpy(close->reason, core->close.reason ?: "",
			sizeof(close->reason));
	}
	out->len = sizeof(*close);
	out->cut = true;
	return 0;
}

/* What a connection knows, also one that has failed. */
static int tquic_get_live(struct tquic_sock *tq, int name,
			  struct tquic_opt_get *out)
{
	struct tquic_sess *sess;
	int err = 0;

	if (!tq->conn)
		return -ENOTCONN;
	sess = tq->conn->sess;
	tquic_sess_lock(sess);
	switch (name) {
	case TQUIC_INFO:
		tquic_sess_fill_info(sess, &out->info);
		out->len = sizeof(out->info);
		out->cut = true;
		break;
	case TQUIC_PATH_INFO:
		err = tquic_sess_fill_path(sess, out->path.id, &out->path);
		out->len = sizeof(out->path);
		out->cut = true;
		break;
	case TQUIC_STREAM_INFO:
		err = tquic_get_stream(tq, out);
		break;
	case TQUIC_STREAM_CLASS:
		err = tq->stream ?
		      tquic_get_number(out, tq->stream->class) : -ENOTCONN;
		break;
	default:
		err = tquic_get_close(tq, out);
	}
	tquic_sess_unlock(sess);
	return err;
}

/* Of the connection, of those that will be made, or of the namespace. */
static int tquic_get_algo(struct tquic_sock *tq, bool sched,
			  struct tquic_opt_get *out)
{
	struct tquic_net *tn = tquic_net(sock_net(tquic_sock_sk(tq)));
	const struct tquic_conn_config *config;
	char name[TQUIC_NAME_MAX] = "";

	if (tq->conn) {
		tquic_sess_lock(tq->conn->sess);
		config = &tq->conn->sess->core->config;
		strscpy(name, sched ? config->sched_ops->name :
				      config->cc_ops->name);
		tquic_sess_unlock(tq->conn->sess);
	} else if (sched && tq->opts.scheduler) {
		strscpy(name, tq->opts.scheduler->name);
	} else if (sched) {
		tquic_net_sched_name(tn, name);
	} else if (tq->opts.congestion) {
		strscpy(name, tq->opts.congestion->name);
	} else {
		tquic_net_cc_name(tn, name);
	}
	return tquic_get_text(out, name);
}

static int tquic_get(struct tquic_sock *tq, int name,
		     struct tquic_opt_get *out)
{
	struct tquic_net *tn = tquic_net(sock_net(tquic_sock_sk(tq)));
	const struct tquic_sock_opts *opts = &tq->opts;

	switch (name) {
	case SO_TQUIC_SCHEDULER:
	case SO_TQUIC_CONGESTION:
		return tquic_get_algo(tq, name == SO_TQUIC_SCHEDULER, out);
	case TQUIC_INFO:
	case TQUIC_PATH_INFO:
	case TQUIC_STREAM_INFO:
	case TQUIC_STREAM_CLASS:
	case TQUIC_CLOSE_CODE:
		return tquic_get_live(tq, name, out);
	case TQUIC_IDLE_TIMEOUT:
		return tquic_get_number(out, opts->idle_timeout != U32_MAX ?
					opts->idle_timeout :
					READ_ONCE(tn->config.idle_timeout));
	case TQUIC_VERSION:
		return tquic_get_number(out, opts->version);
	case TQUIC_MULTIPATH:
		return tquic_get_number(out, opts->paths);
	case TQUIC_RETRY:
		return tquic_get_number(out, opts->retry);
	case TQUIC_DATAGRAM:
		return tquic_get_number(out, opts->dgrams);
	case TQUIC_DEFAULT_STREAM:
		return tquic_get_number(out, opts->default_stream);
	case TQUIC_STREAMS:
		return tquic_get_number(out, opts->streams);
	default:
		return tquic_get_cred(opts->cred, name, out);
	}
}

static int tquic_get_answer(const struct tquic_opt_get *out, int room,
			    char __user *optval, int __user *optlen)
{
	int len = out->len;

	if (len > room) {
		if (!out->cut)
			return -EINVAL;
		/* a program that is older than this kernel */
		len = room;
	}
	if (put_user(len, optlen) ||
	    (len && copy_to_user(optval, &out->number, len)))
		return -EFAULT;
	return 0;
}

static int tquic_get_option(struct sock *sk, int name, char __user *optval,
			    int __user *optlen)
{
	struct tquic_opt_get *out;
	int room, err;

	if (get_user(room, optlen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	out = kzalloc_obj(*out, GFP_KERNEL);
	if (!out)
		return -ENOMEM;
	err = 0;
	if (name == TQUIC_PATH_INFO) {
		if (room < sizeof(out->path.id))
			err = -EINVAL;
		else if (copy_from_user(&out->path.id, optval,
					sizeof(out->path.id)))
			err = -EFAULT;
	}
	if (!err) {
		lock_sock(sk);
		err = tquic_get(tquic_sk(sk), name, out);
		release_sock(sk);
	}
	if (!err)
		err = tquic_get_answer(out, room, optval, optlen);
	kfree(out);
	return err;
}

/* As TCP answers: what is asked for of old programs. */
static int tquic_get_tcp(struct sock *sk, int name, char __user *optval,
			 int __user *optlen)
{
	struct tquic_opt_get out = {};
	int room;

	if (get_user(room, optlen))
		return -EFAULT;
	switch (name) {
	case TCP_NODELAY:
	case TCP_QUICKACK:
		tquic_get_number(&out, 1);
		break;
	default:
		return -ENOPROTOOPT;
	}
	return tquic_get_answer(&out, room, optval, optlen);
}

/* proto.getsockopt */
int tquic_sock_getsockopt(struct sock *sk, int level, int optname,
			  char __user *optval, int __user *optlen)
{
	switch (level) {
	case SOL_TQUIC:
		return tquic_get_option(sk, optname, optval, optlen);
	case SOL_TCP:
		return tquic_get_tcp(sk, optname, optval, optlen);
	case SOL_IP:
		return ip_getsockopt(sk, level, optname, optval, optlen);
#if IS_ENABLED(CONFIG_IPV6)
	case SOL_IPV6:
		if (sk->sk_family == PF_INET6)
			return ipv6_getsockopt(sk, level, optname, optval,
					       optlen);
		return -ENOPROTOOPT;
#endif
	default:
		return -ENOPROTOOPT;
	}
}
