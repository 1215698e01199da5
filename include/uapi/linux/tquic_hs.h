/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The handshake file: what tquic-handshaked and the kernel say to each other.
 *
 * The kernel announces a handshake (HS_READY on the netlink family "tquic"),
 * the agent takes it (HS_ACCEPT) and gets a file.  Over the file run handshake
 * bytes, secrets and transport parameters, as messages: read(2) gives one
 * whole message, write(2) takes any number of whole ones, which are acted on
 * in order before it returns.  HS_DONE ends it.
 */
#ifndef _UAPI_LINUX_TQUIC_HS_H
#define _UAPI_LINUX_TQUIC_HS_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define TQUIC_HS_MSG_MAX	65536	/* header included */
#define TQUIC_HS_SECRET_MAX	48

/**
 * struct tquic_hs_msg - head of a message
 * @type: enum tquic_hs_type
 * @level: enum tquic_hs_level
 * @flags: 0
 * @len: bytes that follow
 */
struct tquic_hs_msg {
	__u8 type;
	__u8 level;
	__u16 flags;
	__u32 len;
};

enum tquic_hs_level {
	TQUIC_HS_INITIAL,
	TQUIC_HS_EARLY,
	TQUIC_HS_HANDSHAKE,
	TQUIC_HS_APPLICATION,
};

enum tquic_hs_type {
	/* both ways: bytes of CRYPTO frames */
	TQUIC_HS_CRYPTO = 1,
	/* to the kernel: struct tquic_hs_secret */
	TQUIC_HS_SECRET,
	/* to the kernel: the peer's transport parameters, as in TLS */
	TQUIC_HS_TPARAMS,
	/*
	 * to the kernel, client, before the early secret: parameters of the
	 * session that is resumed
	 */
	TQUIC_HS_REMEMBERED,
	/* to the kernel: early data was accepted, one byte: 1 or 0 */
	TQUIC_HS_EARLY_RESULT,
	/* to the kernel: a TLS alert: one byte, then text for the log */
	TQUIC_HS_ALERT,
	/* to the kernel: chosen ALPN protocol */
	TQUIC_HS_ALPN,
	/* to the kernel: TLS has finished; only CRYPTO follows */
	TQUIC_HS_FINISHED,
	/* to the agent, server: tokens and tickets may go out: confirmed */
	TQUIC_HS_CONFIRMED,
	/* to the kernel, before FINISHED: who the peer proved to be, text */
	TQUIC_HS_IDENTITY,
	/* to the kernel, likewise: an earlier session was resumed */
	TQUIC_HS_RESUMED,
};

enum tquic_hs_dir {
	TQUIC_HS_RX,
	TQUIC_HS_TX,
};

/**
 * struct tquic_hs_secret - a traffic secret
 * @suite: TLS code point of the cipher suite
 * @dir: enum tquic_hs_dir
 * @len: bytes used of @secret
 * @secret: the secret
 */
struct tquic_hs_secret {
	__u16 suite;
	__u8 dir;
	__u8 len;
	__u8 secret[TQUIC_HS_SECRET_MAX];
};

/**
 * struct tquic_hs_tparams - our transport parameters
 * @buf: in: user's memory
 * @len: in: room there; out: bytes
 * @pad: 0
 *
 * A server's depend on the client's: tell those first.
 */
struct tquic_hs_tparams {
	__u64 buf;
	__u32 len;
	__u32 pad;
};

#define TQUIC_HS_GET_TPARAMS	_IOWR('q', 16, struct tquic_hs_tparams)

#endif /* _UAPI_LINUX_TQUIC_HS_H */
