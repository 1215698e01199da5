// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt(): what connections are made with, while the socket is fresh, and
 * what may be said to those that there are.
 */
#include <linux/ip.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "core/conn.h"
#include "core/version.h"
#include "registry.h"
#include "sess_info.h"
#include "sock.h"

/* more than any option takes */
#define TQUIC_OPT_MAX	256

/**
 * struct tquic_opt - an option as it was given
 * @len: bytes
 * @data: the value, with a 0 behind it
 */
struct tquic_opt {
	u32 len;
	u8 data[TQUIC_OPT_MAX + 1];
};

static int tquic_opt_u32(const struct tquic_opt *opt, u32 *value)
{
	if (opt->len < sizeof(*value))
		return -EINVAL;
	memcpy(value, opt->data, sizeof(*value));
	return 0;
}

static int tquic_opt_flag(const struct tquic_opt *opt, bool *value)
{
	u32 number;
	int err = tquic_opt_u32(opt, &number);

	if (!err)
		*value = number;
	return err;
}

/* A string, with or without a 0 behind it; at most @max bytes. */
static int tquic_opt_string(const struct tquic_opt *opt, char *to, u32 max)
{
	u32 len = strnlen(opt->data, opt->len);

	if (len > max)
		return -ENAMETOOLONG;
	memcpy(to, opt->data, len);
	to[len] = 0;
	return 0;
}

/* RFC 7301 section 3.1: names, none of them empty, that fill the list. */
static int tquic_opt_alpn(const struct tquic_opt *opt, struct tquic_cred *cred)
{
	u32 pos;

	if (opt->len > TQUIC_ALPN_MAX)
		return -EINVAL;
	for (pos = 0; pos < opt->len; pos += opt->data[pos] + 1)
		if (!opt->data[pos] || opt->data[pos] >= opt->len - pos)
			return -EINVAL;
	memcpy(cred->alpn, opt->data, opt->len);
	cred->alpn_len = opt->len;
	return 0;
}

static int tquic_opt_auth(const struct tquic_opt *opt, struct tquic_cred *cred)
{
	u32 value;
	int err = tquic_opt_u32(opt, &value);

	if (err)
		return err;
	if (value > TQUIC_AUTH_NONE)
		return -EINVAL;
	cred->auth = value;
	return 0;
}

static int tquic_opt_cipher(const struct tquic_opt *opt,
			    struct tquic_cred *cred)
{
	u32 value;
	int err = tquic_opt_u32(opt, &value);

	if (err)
		return err;
	/* TLS_AES_128_GCM_SHA256 to TLS_CHACHA20_POLY1305_SHA256: RFC 8446 */
	if (value && (value < 0x1301 || value > 0x1303))
		return -EINVAL;
	cred->cipher = value;
	return 0;
}

static int tquic_opt_cred_set(int name, const struct tquic_opt *opt,
			      struct tquic_cred *cred)
{
	switch (name) {
	case TQUIC_ALPN:
		return tquic_opt_alpn(opt, cred);
	case TQUIC_PEERNAME:
		return tquic_opt_string(opt, cred->peername,
					TQUIC_PEERNAME_MAX);
	case TQUIC_PSK_IDENTITY:
		return tquic_opt_string(opt, cred->identity,
					TQUIC_IDENTITY_MAX);
	case TQUIC_PROFILE:
		return tquic_opt_string(opt, cred->profile, TQUIC_PROFILE_MAX);
	case TQUIC_PSK_KEY:
		return tquic_opt_u32(opt, (u32 *)&cred->psk_key);
	case TQUIC_CERTIFICATE:
		return tquic_opt_u32(opt, (u32 *)&cred->certificate);
	case TQUIC_PRIVATE_KEY:
		return tquic_opt_u32(opt, (u32 *)&cred->private_key);
	case TQUIC_AUTH:
		return tquic_opt_auth(opt, cred);
	case TQUIC_CIPHER:
		return tquic_opt_cipher(opt, cred);
	case TQUIC_EARLY_DATA:
		return tquic_opt_flag(opt, &cred->early);
	default:
		return -ENOPROTOOPT;
	}
}

/* Credentials do not change: a socket that wants others makes others. */
static int tquic_opt_cred(struct tquic_sock *tq, int name,
			  const struct tquic_opt *opt)
{
	struct tquic_cred *cred;
	int err;

	if (tq->opts.cred)
		cred = tquic_cred_copy(tq->opts.cred, GFP_KERNEL);
	else
		cred = tquic_cred_new(GFP_KERNEL);
	if (!cred)
		return -ENOMEM;
	err = tquic_opt_cred_set(name, opt, cred);
	if (err) {
		tquic_cred_put(cred);
		return err;
	}
	tquic_cred_put(tq->opts.cred);
	tq->opts.cred = cred;
	return 0;
}

static int tquic_opt_scheduler(struct tquic_sock *tq,
			       const struct tquic_opt *opt)
{
	const struct tquic_sched_ops *ops;
	char name[TQUIC_NAME_MAX];
	int err = tquic_opt_string(opt, name, sizeof(name) - 1);

	if (err)
		return err;
	ops = tquic_sched_find(name);
	if (!ops)
		return -ENOENT;
	if (tq->kind >= TQUIC_SOCK_CONN) {
		tquic_sess_lock(tq->conn->sess);
		err = tquic_sess_set_sched(tq->conn->sess, ops);
		tquic_sess_unlock(tq->conn->sess);
	} else {
		swap(tq->opts.scheduler, ops);
	}
	tquic_sched_put(ops);
	return err;
}

static int tquic_opt_congestion(struct tquic_sock *tq,
				const struct tquic_opt *opt)
{
	const struct tquic_cc_ops *ops;
	char name[TQUIC_NAME_MAX];
	int err = tquic_opt_string(opt, name, sizeof(name) - 1);

	if (err)
		return err;
	ops = tquic_cc_find(name);
	if (!ops)
		return -ENOENT;
	if (tq->kind >= TQUIC_SOCK_CONN) {
		tquic_sess_lock(tq->conn->sess);
		err = tquic_sess_set_cc(tq->conn->sess, ops);
		tquic_sess_unlock(tq->conn->sess);
	} else {
		swap(tq->opts.congestion, ops);
	}
	tquic_cc_put(ops);
	return err;
}

static int tquic_opt_number(struct tquic_sock *tq, int name,
			    const struct tquic_opt *opt)
{
	u32 value;
	int err = tquic_opt_u32(opt, &value);

	if (err)
		return err;
	switch (name) {
	case TQUIC_IDLE_TIMEOUT:
		/* U32_MAX stands for what was not said */
		tq->opts.idle_timeout = min(value, U32_MAX - 1);
		return 0;
	case TQUIC_VERSION:
		if (value && value != TQUIC_VERSION_1 &&
		    value != TQUIC_VERSION_2)
			return -EINVAL;
		tq->opts.version = value;
		return 0;
	case TQUIC_MULTIPATH:
		if (value > TQUIC_CONN_PATHS_MAX)
			return -EINVAL;
		tq->opts.paths = value;
		return 0;
	case TQUIC_RETRY:
		if (value > TQUIC_RETRY_NEVER)
			return -EINVAL;
		tq->opts.retry = value;
		return 0;
	case TQUIC_DATAGRAM:
		tq->opts.dgrams = value;
		return 0;
	case TQUIC_STREAMS:
		tq->opts.streams = min(value, TQUIC_SOCK_BACKLOG_MAX);
		return 0;
	default:
		tq->opts.default_stream = value;
		return 0;
	}
}

static int tquic_opt_class(struct tquic_sess *sess, struct tquic_stream *s,
			   const struct tquic_opt *opt)
{
	u32 class;
	int err = tquic_opt_u32(opt, &class);

	if (err)
		return err;
	if (class > TQUIC_CLASS_BACKGROUND)
		return -EINVAL;
	if (!s)
		return -ENOTCONN;
	tquic_streams_set_class(&sess->core->streams, s, class);
	return 0;
}

/* Codes of RESET_STREAM, and of STOP_SENDING. */
static int tquic_opt_end(struct tquic_sess *sess, struct tquic_stream *s,
			 int name, const struct tquic_opt *opt)
{
	u64 code;

	if (opt->len < sizeof(code))
		return -EINVAL;
	memcpy(&code, opt->data, sizeof(code));
	if (code > TQUIC_VARINT_MAX)
		return -EINVAL;
	if (!s)
		return -ENOTCONN;
	if (name == TQUIC_STREAM_RESET)
		tquic_conn_reset(sess->core, s, code);
	else
		tquic_conn_stop(sess->core, s, code, ktime_get_ns());
	return 0;
}

static int tquic_opt_close_code(struct tquic_sock *tq,
				const struct tquic_opt *opt)
{
	struct tquic_close_code close = {};

	if (opt->len < offsetof(struct tquic_close_code, remote))
		return -EINVAL;
	memcpy(&close, opt->data, offsetof(struct tquic_close_code, remote));
	if (close.code > TQUIC_VARINT_MAX || close.app > 1)
		return -EINVAL;
	tq->conn->close = close;
	return 0;
}

/*
 * The connection ends now, whatever its streams have to say; without an
 * argument with the code that was set before.
 */
static int tquic_opt_close(struct tquic_sock *tq, const struct tquic_opt *opt)
{
	const struct tquic_close_code *close = &tq->conn->close;
	struct tquic_conn *core = tq->conn->sess->core;
	int err = opt->len ? tquic_opt_close_code(tq, opt) : 0;

	if (err)
		return err;
	if (core->state > TQUIC_CONN_ESTABLISHED)
		return -ENOTCONN;
	tquic_conn_close(core, close->code, close->app, NULL, ktime_get_ns());
	return 0;
}

/* Without an argument path 0 moves to another port, and so to other IDs. */
static int tquic_opt_migrate(struct tquic_sess *sess,
			     const struct tquic_opt *opt)
{
	static const u8 stay[16];
	struct tquic_migrate m = {};
	struct tquic_tuple tuple;
	struct tquic_path *path;

	if (opt->len && opt->len < sizeof(m))
		return -EINVAL;
	memcpy(&m, opt->data, min_t(u32, opt->len, sizeof(m)));
	if (m.local_port > U16_MAX)
		return -EINVAL;
	path = tquic_conn_path(sess->core, m.path_id);
	if (!path)
		return -ENOENT;
	tuple = path->tuple;
	tuple.local_port = m.local_port;
	if (m.dev)
		tuple.dev = m.dev;
	if (memcmp(m.addr, stay, sizeof(stay)))
		memcpy(tuple.local, m.addr, sizeof(tuple.local));
	else if (m.dev)
		memset(tuple.local, 0, sizeof(tuple.local));
	return tquic_sess_migrate(sess, m.path_id, &tuple);
}

/* What is said to a connection that there is. */
static int tquic_opt_live(struct tquic_sock *tq, int name,
			  const struct tquic_opt *opt)
{
	struct tquic_sess *sess;
	int err;

	if (tq->kind < TQUIC_SOCK_CONN)
		return -ENOTCONN;
	sess = tq->conn->sess;
	tquic_sess_lock(sess);
	switch (name) {
	case TQUIC_STREAM_CLASS:
		err = tquic_opt_class(sess, tq->stream, opt);
		break;
	case TQUIC_STREAM_RESET:
	case TQUIC_STREAM_STOP:
		err = tquic_opt_end(sess, tq->stream, name, opt);
		break;
	case TQUIC_CLOSE_CODE:
		err = tquic_opt_close_code(tq, opt);
		break;
	case TQUIC_CLOSE:
		err = tquic_opt_close(tq, opt);
		break;
	case TQUIC_KEY_UPDATE:
		err = tquic_conn_key_update(sess->core, ktime_get_ns());
		break;
	default:
		err = tquic_opt_migrate(sess, opt);
	}
	tquic_sock_publish(tq);
	tquic_sess_unlock(sess);
	return err;
}

static int tquic_opt_set(struct tquic_sock *tq, int name,
			 const struct tquic_opt *opt)
{
	switch (name) {
	case SO_TQUIC_SCHEDULER:
	case SO_TQUIC_CONGESTION:
		if (tq->kind == TQUIC_SOCK_LISTENER)
			return -EISCONN;
		return name == SO_TQUIC_SCHEDULER ?
		       tquic_opt_scheduler(tq, opt) :
		       tquic_opt_congestion(tq, opt);
	case TQUIC_MIGRATE:
	case TQUIC_STREAM_CLASS:
	case TQUIC_STREAM_RESET:
	case TQUIC_STREAM_STOP:
	case TQUIC_CLOSE_CODE:
	case TQUIC_CLOSE:
	case TQUIC_KEY_UPDATE:
		return tquic_opt_live(tq, name, opt);
	case TQUIC_INFO:
	case TQUIC_PATH_INFO:
	case TQUIC_STREAM_INFO:
		return -ENOPROTOOPT;
	default:
		break;
	}
	if (name > TQUIC_STREAMS)
		return -ENOPROTOOPT;
	/* connections under way were made with what was said before */
	if (tq->kind != TQUIC_SOCK_FRESH)
		return -EISCONN;
	switch (name) {
	case TQUIC_IDLE_TIMEOUT:
	case TQUIC_VERSION:
	case TQUIC_MULTIPATH:
	case TQUIC_RETRY:
	case TQUIC_DATAGRAM:
	case TQUIC_DEFAULT_STREAM:
	case TQUIC_STREAMS:
		return tquic_opt_number(tq, name, opt);
	default:
		return tquic_opt_cred(tq, name, opt);
	}
}

/* TCP has an algorithm to be switched off that there is none of here. */
static int tquic_opt_tcp(int name, unsigned int len)
{
	if (name != TCP_NODELAY && name != TCP_QUICKACK)
		return -ENOPROTOOPT;
	return len < sizeof(int) ? -EINVAL : 0;
}

static int tquic_opt_copy(struct sock *sk, int name, sockptr_t optval,
			  unsigned int len)
{
	struct tquic_opt *opt;
	int err;

	if (len > TQUIC_OPT_MAX)
		return -EINVAL;
	opt = kzalloc_obj(*opt, GFP_KERNEL);
	if (!opt)
		return -ENOMEM;
	opt->len = len;
	err = -EFAULT;
	if (!len || !copy_from_sockptr(opt->data, optval, len)) {
		lock_sock(sk);
		err = tquic_opt_set(tquic_sk(sk), name, opt);
		release_sock(sk);
	}
	kfree_sensitive(opt);
	return err;
}

/* proto.setsockopt */
int tquic_sock_setsockopt(struct sock *sk, int level, int optname,
			  sockptr_t optval, unsigned int optlen)
{
	switch (level) {
	case SOL_TQUIC:
		return tquic_opt_copy(sk, optname, optval, optlen);
	case SOL_TCP:
		return tquic_opt_tcp(optname, optlen);
	case SOL_IP:
		return ip_setsockopt(sk, level, optname, optval, optlen);
#if IS_ENABLED(CONFIG_IPV6)
	case SOL_IPV6:
		if (sk->sk_family == PF_INET6)
			return ipv6_setsockopt(sk, level, optname, optval,
					       optlen);
		return -ENOPROTOOPT;
#endif
	default:
		return -ENOPROTOOPT;
	}
}
