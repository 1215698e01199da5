/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tunnel: flows of a LAN over one connection to an aggregation server.
 *
 *   gateway (client)                            server
 *   LAN host -- TCP -- socket                   socket -- TCP -- destination
 *                        \-- stream ==== stream --/
 *   LAN host -- UDP -- flow  -- DATAGRAM frames --  mapping -- UDP -- anybody
 *
 * A tunnel is a user of the engine: it sees sessions (sess.h) and the core's
 * streams and flows of datagrams, and nothing of sockets of applications.
 * What follows is what management asks; who else the tunnel serves is
 * tquic_nf.ko, through nf.h.  Wire format:
 * Documentation/networking/tquic-tunnel.rst.
 *
 * All of it runs in process context and may sleep.
 */
#ifndef _TQUIC_TUNNEL_H
#define _TQUIC_TUNNEL_H

#include <linux/in6.h>
#include <linux/types.h>

struct net;
struct netlink_ext_ack;
struct tquic_cred;

#define TQUIC_TUNNEL_NAME_MAX	16
#define TQUIC_TUNNEL_IDENTITY_MAX	64
#define TQUIC_TUNNEL_ALPN	"tquic-tunnel/1"

/* in a namespace, and clients of a server */
#define TQUIC_TUNNEL_MAX	64
#define TQUIC_TUNNEL_CLIENTS_MAX	4096

/**
 * enum tquic_tunnel_state - how a client's session is
 * @TQUIC_TUNNEL_DOWN: there is none, and the next attempt waits
 * @TQUIC_TUNNEL_CONNECTING: handshake
 * @TQUIC_TUNNEL_UP: it carries data, or will when an uplink is back
 */
enum tquic_tunnel_state {
	TQUIC_TUNNEL_DOWN,
	TQUIC_TUNNEL_CONNECTING,
	TQUIC_TUNNEL_UP,
};

/**
 * struct tquic_tunnel_config - what a tunnel is made of
 * @name: unique in the namespace; letters, digits, '-', '_' and '.'
 * @server: it takes clients
 * @local: client: source of the first path, all 0 for what routing says;
 *	server: where it listens, all 0 for anywhere; IPv6 or IPv4-mapped
 * @local_port: host byte order; client: 0 for any
 * @remote: client: the server
 * @remote_port: likewise
 * @dev: client: device of the first path, 0 for what routing says
 * @cred: identity, PSK, names; ALPN is filled in; a reference is taken
 * @scheduler: name, empty for the namespace's
 * @congestion: name, empty for poise
 * @paths: at most
 * @session_ttl: server: ms that a session lives without a sign of its client
 * @flows: most flows at a time; server: of each client
 */
struct tquic_tunnel_config {
	char name[TQUIC_TUNNEL_NAME_MAX];
	bool server;
	struct in6_addr local;
	u16 local_port;
	struct in6_addr remote;
	u16 remote_port;
	u32 dev;
	struct tquic_cred *cred;
	char scheduler[16];
	char congestion[16];
	u8 paths;
	u32 session_ttl;
	u32 flows;
};

/**
 * struct tquic_tunnel_client - what a client of a server may do
 * @identity: its PSK identity
 * @port_first: lowest port that its flows leave from
 * @port_last: highest one; 0 for any port of the system's
 * @rate: bytes a second, each way, 0 for no limit
 * @inside: it may reach private addresses, too, though never the server's own
 */
struct tquic_tunnel_client {
	char identity[TQUIC_TUNNEL_IDENTITY_MAX];
	u16 port_first;
	u16 port_last;
	u64 rate;
	bool inside;
};

/**
 * struct tquic_tunnel_forward - a port of a client's that leads into its LAN
 * @identity: the client
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @port: of the server
 * @to: LAN host, IPv6 or IPv4-mapped
 * @to_port: its port
 */
struct tquic_tunnel_forward {
	char identity[TQUIC_TUNNEL_IDENTITY_MAX];
	u8 protocol;
	u16 port;
	struct in6_addr to;
	u16 to_port;
};

/**
 * struct tquic_tunnel_info - how a tunnel is, or a client of one
 * @id: number of the tunnel
 * @name: of the tunnel
 * @server: role
 * @identity: server: of the client; client: of the server, if it has one
 * @state: enum tquic_tunnel_state
 * @sess_id: number of the connection, 0 for none
 * @up_since: when it came up, ktime_get_ns(), 0 while it is not up
 * @retry_at: client: next attempt to connect, ktime_get_ns(), 0 for none
 * @err: why the last connection ended, -errno, 0 for none did
 * @tcp_flows: TCP flows
 * @udp_flows: UDP flows
 * @refused: flows that were not taken, for want of room or by policy
 * @tx_bytes: payload to the peer
 * @rx_bytes: payload from the peer
 * @config: of the tunnel, NULL for a client's entry and in events; as
 *	@client, it is good until the callback returns
 * @client: for a client's entry: what it may do, else NULL
 */
struct tquic_tunnel_info {
	u32 id;
	char name[TQUIC_TUNNEL_NAME_MAX];
	bool server;
	char identity[TQUIC_TUNNEL_IDENTITY_MAX];
	u8 state;
	u32 sess_id;
	u64 up_since;
	u64 retry_at;
	int err;
	u32 tcp_flows;
	u32 udp_flows;
	u64 refused;
	u64 tx_bytes;
	u64 rx_bytes;
	const struct tquic_tunnel_config *config;
	const struct tquic_tunnel_client *client;
};

/**
 * struct tquic_tunnel_flow - how a flow is
 * @tunnel: number of its tunnel
 * @sess_id: number of its connection
 * @id: of its stream, or of the flow of datagrams
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @class: enum nft_tquic_classes
 * @src: LAN host, IPv6 or IPv4-mapped
 * @sport: its port, host byte order
 * @dst: what it is talking to
 * @dport: likewise
 * @out_port: server: port that it leaves from, 0 if not known
 * @tx_bytes: towards the peer of the tunnel
 * @rx_bytes: from it
 */
struct tquic_tunnel_flow {
	u32 tunnel;
	u32 sess_id;
	u64 id;
	u8 protocol;
	u8 class;
	struct in6_addr src;
	u16 sport;
	struct in6_addr dst;
	u16 dport;
	u16 out_port;
	u64 tx_bytes;
	u64 rx_bytes;
};

int __init tquic_tunnel_init(void);
void tquic_tunnel_exit(void);

int tquic_tunnel_add(struct net *net, const struct tquic_tunnel_config *config,
		     struct netlink_ext_ack *extack);
/* its flows end */
int tquic_tunnel_del(struct net *net, const char *name,
		     struct netlink_ext_ack *extack);
/* down: its flows end and it stays down; up: it connects, at once */
int tquic_tunnel_set(struct net *net, const char *name, bool up,
		     struct netlink_ext_ack *extack);

/* of a server tunnel; setting one anew leaves its flows alone */
int tquic_tunnel_set_client(struct net *net, const char *name,
			    const struct tquic_tunnel_client *client,
			    struct netlink_ext_ack *extack);
int tquic_tunnel_del_client(struct net *net, const char *name,
			    const char *identity,
			    struct netlink_ext_ack *extack);
int tquic_tunnel_add_forward(struct net *net, const char *name,
			     const struct tquic_tunnel_forward *fwd,
			     struct netlink_ext_ack *extack);
int tquic_tunnel_del_forward(struct net *net, const char *name,
			     const struct tquic_tunnel_forward *fwd,
			     struct netlink_ext_ack *extack);

/*
 * Dumps: the tunnels, and behind a server's its clients; forwarded ports, and
 * flows, of the tunnel @name or, if it is NULL, of all.  @fn says -errno to
 * stop, which is returned, -ENOENT that there is no tunnel @name; @skip entries
 * are left out, so that a dump can go on where it stopped.  @fn must not sleep.
 */
int tquic_tunnel_each(struct net *net, u32 skip,
		      int (*fn)(const struct tquic_tunnel_info *info,
				void *arg), void *arg);
int tquic_tunnel_each_forward(struct net *net, const char *name, u32 skip,
			      int (*fn)(const char *name,
					const struct tquic_tunnel_forward *fwd,
					void *arg), void *arg);
int tquic_tunnel_each_flow(struct net *net, const char *name, u32 skip,
			   int (*fn)(const struct tquic_tunnel_flow *flow,
				     void *arg), void *arg);

/*
 * Events, for netlink: set once before there is any tunnel; called in process
 * context with no lock but the tunnel's; must not call back.
 */
extern void (*tquic_tunnel_event)(struct net *net,
				  const struct tquic_tunnel_info *info);

#endif /* _TQUIC_TUNNEL_H */
