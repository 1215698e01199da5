/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * TQUIC sockets: see Documentation/networking/tquic-api.rst.
 */
#ifndef _UAPI_LINUX_TQUIC_H
#define _UAPI_LINUX_TQUIC_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* protocol of socket(2) */
#define IPPROTO_TQUIC		263
/*
 * What the protocol is registered as, since the kernel itself refuses numbers
 * from 263 on: for io_uring's socket() and for callers in the kernel, which
 * are not led from one to the other.
 */
#define IPPROTO_TQUIC_REAL	259

#define SOL_TQUIC		288

/* names of schedulers and congestion controls, terminated */
#define TQUIC_NAME_MAX		16
#define TQUIC_ALPN_MAX		255
#define TQUIC_ALPN_DEFAULT	"tquic"	/* of who names no other */
#define TQUIC_PEERNAME_MAX	255
#define TQUIC_IDENTITY_MAX	255
#define TQUIC_PROFILE_MAX	63

/* options, level SOL_TQUIC */
#define SO_TQUIC_SCHEDULER	1	/* string */
#define SO_TQUIC_CONGESTION	2	/* string */
#define TQUIC_MIGRATE		3	/* struct tquic_migrate or nothing */
#define TQUIC_ALPN		4	/* list as in TLS: length, name, ... */
#define TQUIC_PEERNAME		5	/* string: whom the certificate names */
#define TQUIC_PSK_IDENTITY	6	/* string */
#define TQUIC_PSK_KEY		7	/* serial of a key, __s32 */
#define TQUIC_CERTIFICATE	8	/* likewise */
#define TQUIC_PRIVATE_KEY	9	/* likewise */
#define TQUIC_PROFILE		10	/* string: section of agent's file */
#define TQUIC_AUTH		11	/* enum tquic_auth, __u32 */
#define TQUIC_INFO		12	/* struct tquic_info, get only */
#define TQUIC_PATH_INFO		13	/* struct tquic_path_info, in: id */
#define TQUIC_STREAM_INFO	14	/* struct tquic_stream_info, get only */
#define TQUIC_STREAM_CLASS	15	/* enum tquic_class, __u32 */
#define TQUIC_STREAM_RESET	16	/* code of RESET_STREAM, __u64 */
#define TQUIC_STREAM_STOP	17	/* code of STOP_SENDING, __u64 */
#define TQUIC_CLOSE_CODE	18	/* struct tquic_close_code */
#define TQUIC_IDLE_TIMEOUT	19	/* ms, __u32, 0 for none */
#define TQUIC_DATAGRAM		20	/* take datagrams, __u32 */
#define TQUIC_EARLY_DATA	21	/* allow 0-RTT, __u32 */
#define TQUIC_RETRY		22	/* listener: enum tquic_retry, __u32 */
#define TQUIC_VERSION		23	/* of the first packet, __u32 */
#define TQUIC_KEY_UPDATE	24	/* now, no value */
#define TQUIC_CIPHER		25	/* TLS code point, 0 for any, __u32 */
#define TQUIC_MULTIPATH		26	/* most paths, 0 or 1 for none, __u32 */
#define TQUIC_DEFAULT_STREAM	27	/* read and write on one, __u32 */
#define TQUIC_STREAMS		28	/* the peer may open at once, __u32 */
#define TQUIC_CLOSE		29	/* struct tquic_close_code or nothing */

/* control messages, level SOL_TQUIC */
#define TQUIC_CMSG_DATAGRAM	1	/* struct tquic_datagram */

/* streams of a connection */
/* the argument itself is TQUIC_STREAM_F_*, 0 for a bidirectional stream */
#define TQUIC_NEW_STREAM	_IOW('q', 1, __u32)
#define TQUIC_STREAM_F_UNI	1U
#define TQUIC_STREAM_F_CLOEXEC	2U
#define TQUIC_STREAM_F_NONBLOCK	4U

/* how a peer proves who it is */
enum tquic_auth {
	TQUIC_AUTH_DEFAULT,	/* PSK with an identity, else certificates */
	TQUIC_AUTH_PSK,
	TQUIC_AUTH_X509,
	TQUIC_AUTH_RAW_KEY,	/* RFC 7250 */
	TQUIC_AUTH_NONE,	/* not at all: for tests */
};

enum tquic_retry {
	TQUIC_RETRY_AUTO,	/* when many handshakes are half open */
	TQUIC_RETRY_ALWAYS,
	TQUIC_RETRY_NEVER,
};

/* as of the core's enum tquic_stream_class */
enum tquic_class {
	TQUIC_CLASS_REALTIME,
	TQUIC_CLASS_INTERACTIVE,
	TQUIC_CLASS_BULK,
	TQUIC_CLASS_BACKGROUND,
};

/**
 * struct tquic_datagram - with a datagram, both ways
 * @deadline_ms: sending: when it is of no use any more, 0 for never
 * @class: sending: enum tquic_class
 * @path_id: received: path that it came on
 * @flags: 0
 */
struct tquic_datagram {
	__u32 deadline_ms;
	__u32 class;
	__u32 path_id;
	__u32 flags;
};

/**
 * struct tquic_migrate - move a path
 * @path_id: which
 * @local_port: port to move to, host byte order, 0 for any
 * @dev: device to move to, 0 to stay
 * @addr: local address to move to, IPv6 or IPv4-mapped; all 0 to stay
 */
struct tquic_migrate {
	__u32 path_id;
	__u32 local_port;
	__u32 dev;
	__u8 addr[16];
};

/**
 * struct tquic_close_code - how a connection is closed, or was
 * @code: error code
 * @app: it is the application's, else the transport's
 * @remote: get: the peer closed
 * @reason: phrase, terminated
 */
struct tquic_close_code {
	__u64 code;
	__u32 app;
	__u32 remote;
	char reason[64];
};

/**
 * struct tquic_info - a connection
 * @conn_id: number of the connection, as in netlink
 * @state: enum tquic_info_state
 * @version: of QUIC
 * @cipher: TLS code point
 * @paths: how many there are
 * @paths_usable: how many of them carry data
 * @streams: how many are open
 * @flags: TQUIC_INFO_F_*
 * @alert: TLS alert that ended the handshake, 0 for none
 * @srtt_us: of the best path
 * @sent_bytes: of payload of UDP, all paths
 * @received_bytes: likewise
 * @sent_packets: all paths
 * @received_packets: all paths
 * @lost_packets: all paths
 * @delivered_bytes: of streams, acknowledged
 * @alpn: chosen protocol, terminated
 * @identity: who the peer proved to be, terminated
 * @error: why the handshake failed, text, terminated
 * @scheduler: terminated
 * @congestion: terminated
 */
struct tquic_info {
	__u32 conn_id;
	__u32 state;
	__u32 version;
	__u32 cipher;
	__u32 paths;
	__u32 paths_usable;
	__u32 streams;
	__u32 flags;
	__u32 alert;
	__u32 srtt_us;
	__u64 sent_bytes;
	__u64 received_bytes;
	__u64 sent_packets;
	__u64 received_packets;
	__u64 lost_packets;
	__u64 delivered_bytes;
	char alpn[32];
	char identity[256];
	char error[128];
	char scheduler[TQUIC_NAME_MAX];
	char congestion[TQUIC_NAME_MAX];
};

enum tquic_info_state {
	TQUIC_STATE_HANDSHAKE,
	TQUIC_STATE_ESTABLISHED,
	TQUIC_STATE_CLOSING,
	TQUIC_STATE_DRAINING,
	TQUIC_STATE_CLOSED,
};

#define TQUIC_INFO_F_SERVER	1U
#define TQUIC_INFO_F_MULTIPATH	2U
#define TQUIC_INFO_F_RESUMED	4U
#define TQUIC_INFO_F_EARLY	8U	/* early data was accepted */
#define TQUIC_INFO_F_RETRIED	16U
#define TQUIC_INFO_F_CONFIRMED	32U

/**
 * struct tquic_path_info - a path
 * @id: in: which, out: the same
 * @state: enum tquic_path_info_state
 * @flags: TQUIC_PATH_F_*
 * @dev: device that it is bound to, 0 for none
 * @local: IPv6 or IPv4-mapped
 * @remote: likewise
 * @local_port: host byte order
 * @remote_port: likewise
 * @mtu: bytes of a full datagram
 * @srtt_us: smoothed RTT
 * @min_rtt_us: least
 * @rttvar_us: variation
 * @cwnd: bytes
 * @in_flight: bytes
 * @pacing_rate: bytes per second
 * @delivery_rate: bytes per second
 * @sent_bytes: so far
 * @received_bytes: so far
 * @lost_packets: so far
 */
struct tquic_path_info {
	__u32 id;
	__u32 state;
	__u32 flags;
	__u32 dev;
	__u8 local[16];
	__u8 remote[16];
	__u16 local_port;
	__u16 remote_port;
	__u32 mtu;
	__u32 srtt_us;
	__u32 min_rtt_us;
	__u32 rttvar_us;
	__u64 cwnd;
	__u64 in_flight;
	__u64 pacing_rate;
	__u64 delivery_rate;
	__u64 sent_bytes;
	__u64 received_bytes;
	__u64 lost_packets;
};

enum tquic_path_info_state {
	TQUIC_PATH_STATE_OPENING,
	TQUIC_PATH_STATE_ACTIVE,
	TQUIC_PATH_STATE_CLOSING,
};

#define TQUIC_PATH_F_VALIDATED	1U
#define TQUIC_PATH_F_BACKUP	2U
#define TQUIC_PATH_F_PEER_BACKUP 4U
#define TQUIC_PATH_F_SUSPECT	8U
#define TQUIC_PATH_F_FAILED	16U
#define TQUIC_PATH_F_DOWN	32U
#define TQUIC_PATH_F_METERED	64U

/**
 * struct tquic_stream_info - a stream
 * @id: stream ID
 * @flags: TQUIC_STREAM_I_*
 * @pad: 0
 * @reset_code: of the peer's RESET_STREAM
 * @stop_code: of the peer's STOP_SENDING
 */
struct tquic_stream_info {
	__u64 id;
	__u32 flags;
	__u32 pad;
	__u64 reset_code;
	__u64 stop_code;
};

#define TQUIC_STREAM_I_UNI	1U
#define TQUIC_STREAM_I_LOCAL	2U	/* opened here */
#define TQUIC_STREAM_I_RESET	4U	/* the peer sent RESET_STREAM */
#define TQUIC_STREAM_I_STOPPED	8U	/* the peer sent STOP_SENDING */

#endif /* _UAPI_LINUX_TQUIC_H */
