// SPDX-License-Identifier: GPL-2.0
/*
 * Messages as JSON: what "-j" prints, and what the text is made from.  The
 * names are those of the specification, with underscores; what is called status
 * there is a state, as that of everything else.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "attr.h"

enum tq_attr_kind {
	NUMBER,
	HEX,
	TEXT,
	FLAG,
	NAME,		/* of @names, by value */
	NAMES,		/* of @names, by bit */
	DEVICE,
	ADDRESS,
	PROTOCOL,
	ERRNO,
};

/**
 * struct tq_attr_field - an attribute
 * @attr: its number
 * @key: its name
 * @kind: what it is
 * @names: see enum tq_attr_kind; ends with NULL
 */
struct tq_attr_field {
	uint16_t attr;
	const char *key;
	enum tq_attr_kind kind;
	const char *const *names;
};

static const char *const tq_attr_conn_states[] = {
	"handshake", "established", "closing", "draining", "closed", NULL
};

static const char *const tq_attr_conn_flags[] = {
	"server", "multipath", "resumed", "early", "retried", "confirmed", NULL
};

static const char *const tq_attr_path_states[] = {
	"opening", "active", "closing", NULL
};

static const char *const tq_attr_path_flags[] = {
	"validated", "backup", "peer-backup", "suspect", "failed", "down",
	"metered", NULL
};

static const char *const tq_attr_whys[] = {
	"none", "local", "remote", "idle", "handshake", "reset", "numbers",
	"path", "version", NULL
};

static const char *const tq_attr_roles[] = {
	"client", "server", NULL
};

static const char *const tq_attr_auths[] = {
	"default", "psk", "x509", "raw-key", "none", NULL
};

static const char *const tq_attr_statuses[] = {
	"down", "connecting", "up", NULL
};

static const char *const tq_attr_classes[] = {
	"realtime", "interactive", "bulk", "background", NULL
};

static const struct tq_attr_field tq_attr_conn_fields[] = {
	{ TQUIC_A_CONN_ID, "conn_id", NUMBER, NULL },
	{ TQUIC_A_CONN_STATE, "state", NAME, tq_attr_conn_states },
	{ TQUIC_A_CONN_FLAGS, "flags", NAMES, tq_attr_conn_flags },
	{ TQUIC_A_CONN_VERSION, "version", HEX, NULL },
	{ TQUIC_A_CONN_CIPHER, "cipher", HEX, NULL },
	{ TQUIC_A_CONN_PATHS, "nr_paths", NUMBER, NULL },
	{ TQUIC_A_CONN_PATHS_USABLE, "paths_usable", NUMBER, NULL },
	{ TQUIC_A_CONN_STREAMS, "streams", NUMBER, NULL },
	{ TQUIC_A_CONN_SRTT, "srtt_us", NUMBER, NULL },
	{ TQUIC_A_CONN_SENT_BYTES, "sent_bytes", NUMBER, NULL },
	{ TQUIC_A_CONN_RECEIVED_BYTES, "received_bytes", NUMBER, NULL },
	{ TQUIC_A_CONN_SENT_PACKETS, "sent_packets", NUMBER, NULL },
	{ TQUIC_A_CONN_RECEIVED_PACKETS, "received_packets", NUMBER, NULL },
	{ TQUIC_A_CONN_LOST_PACKETS, "lost_packets", NUMBER, NULL },
	{ TQUIC_A_CONN_DELIVERED_BYTES, "delivered_bytes", NUMBER, NULL },
	{ TQUIC_A_CONN_ALPN, "alpn", TEXT, NULL },
	{ TQUIC_A_CONN_IDENTITY, "identity", TEXT, NULL },
	{ TQUIC_A_CONN_SCHEDULER, "scheduler", TEXT, NULL },
	{ TQUIC_A_CONN_CONGESTION, "congestion", TEXT, NULL },
	{ TQUIC_A_CONN_ALERT, "alert", NUMBER, NULL },
	{ TQUIC_A_CONN_ERROR, "error", TEXT, NULL },
	{ TQUIC_A_CONN_WHY, "why", NAME, tq_attr_whys },
	{ TQUIC_A_CONN_CLOSE_CODE, "close_code", NUMBER, NULL },
	{ TQUIC_A_CONN_CLOSE_APP, "close_app", FLAG, NULL },
	{ TQUIC_A_CONN_CLOSE_REASON, "close_reason", TEXT, NULL },
	{ }
};

static const struct tq_attr_field tq_attr_path_fields[] = {
	{ TQUIC_A_PATH_CONN_ID, "conn_id", NUMBER, NULL },
	{ TQUIC_A_PATH_ID, "path_id", NUMBER, NULL },
	{ TQUIC_A_PATH_STATE, "state", NAME, tq_attr_path_states },
	{ TQUIC_A_PATH_FLAGS, "flags", NAMES, tq_attr_path_flags },
	{ TQUIC_A_PATH_DEV, "dev", DEVICE, NULL },
	{ TQUIC_A_PATH_LOCAL, "local", ADDRESS, NULL },
	{ TQUIC_A_PATH_LOCAL_PORT, "local_port", NUMBER, NULL },
	{ TQUIC_A_PATH_REMOTE, "remote", ADDRESS, NULL },
	{ TQUIC_A_PATH_REMOTE_PORT, "remote_port", NUMBER, NULL },
	{ TQUIC_A_PATH_MTU, "mtu", NUMBER, NULL },
	{ TQUIC_A_PATH_SRTT, "srtt_us", NUMBER, NULL },
	{ TQUIC_A_PATH_MIN_RTT, "min_rtt_us", NUMBER, NULL },
	{ TQUIC_A_PATH_RTTVAR, "rttvar_us", NUMBER, NULL },
	{ TQUIC_A_PATH_CWND, "cwnd", NUMBER, NULL },
	{ TQUIC_A_PATH_IN_FLIGHT, "in_flight", NUMBER, NULL },
	{ TQUIC_A_PATH_PACING_RATE, "pacing_rate", NUMBER, NULL },
	{ TQUIC_A_PATH_DELIVERY_RATE, "delivery_rate", NUMBER, NULL },
	{ TQUIC_A_PATH_SENT_BYTES, "sent_bytes", NUMBER, NULL },
	{ TQUIC_A_PATH_RECEIVED_BYTES, "received_bytes", NUMBER, NULL },
	{ TQUIC_A_PATH_LOST_PACKETS, "lost_packets", NUMBER, NULL },
	{ }
};

static const struct tq_attr_field tq_attr_algo_fields[] = {
	{ TQUIC_A_ALGO_CONN_ID, "conn_id", NUMBER, NULL },
	{ TQUIC_A_ALGO_NAME, "name", TEXT, NULL },
	{ TQUIC_A_ALGO_AVAILABLE, "available", TEXT, NULL },
	{ }
};

static const struct tq_attr_field tq_attr_tunnel_fields[] = {
	{ TQUIC_A_TUNNEL_ID, "tunnel_id", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_NAME, "name", TEXT, NULL },
	{ TQUIC_A_TUNNEL_ROLE, "role", NAME, tq_attr_roles },
	{ TQUIC_A_TUNNEL_LOCAL, "local", ADDRESS, NULL },
	{ TQUIC_A_TUNNEL_LOCAL_PORT, "local_port", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_REMOTE, "remote", ADDRESS, NULL },
	{ TQUIC_A_TUNNEL_REMOTE_PORT, "remote_port", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_DEV, "dev", DEVICE, NULL },
	{ TQUIC_A_TUNNEL_AUTH, "auth", NAME, tq_attr_auths },
	{ TQUIC_A_TUNNEL_IDENTITY, "identity", TEXT, NULL },
	{ TQUIC_A_TUNNEL_PSK_KEY, "psk_key", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_PEERNAME, "peername", TEXT, NULL },
	{ TQUIC_A_TUNNEL_PROFILE, "profile", TEXT, NULL },
	{ TQUIC_A_TUNNEL_CIPHER, "cipher", HEX, NULL },
	{ TQUIC_A_TUNNEL_SCHEDULER, "scheduler", TEXT, NULL },
	{ TQUIC_A_TUNNEL_CONGESTION, "congestion", TEXT, NULL },
	{ TQUIC_A_TUNNEL_PATHS_MAX, "paths_max", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_SESSION_TTL, "session_ttl_ms", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_FLOWS_MAX, "flows_max", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_STATUS, "state", NAME, tq_attr_statuses },
	{ TQUIC_A_TUNNEL_CONN_ID, "conn_id", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_UP_MS, "up_ms", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_RETRY_MS, "retry_ms", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_ERROR, "error", ERRNO, NULL },
	{ TQUIC_A_TUNNEL_TCP_FLOWS, "tcp_flows", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_UDP_FLOWS, "udp_flows", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_REFUSED, "refused", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_SENT_BYTES, "sent_bytes", NUMBER, NULL },
	{ TQUIC_A_TUNNEL_RECEIVED_BYTES, "received_bytes", NUMBER, NULL },
	{ }
};

static const struct tq_attr_field tq_attr_client_fields[] = {
	{ TQUIC_A_CLIENT_TUNNEL, "tunnel", TEXT, NULL },
	{ TQUIC_A_CLIENT_IDENTITY, "identity", TEXT, NULL },
	{ TQUIC_A_CLIENT_PORT_FIRST, "port_first", NUMBER, NULL },
	{ TQUIC_A_CLIENT_PORT_LAST, "port_last", NUMBER, NULL },
	{ TQUIC_A_CLIENT_RATE, "rate", NUMBER, NULL },
	{ TQUIC_A_CLIENT_INSIDE, "inside", NUMBER, NULL },
	{ TQUIC_A_CLIENT_STATUS, "state", NAME, tq_attr_statuses },
	{ TQUIC_A_CLIENT_CONN_ID, "conn_id", NUMBER, NULL },
	{ TQUIC_A_CLIENT_UP_MS, "up_ms", NUMBER, NULL },
	{ TQUIC_A_CLIENT_ERROR, "error", ERRNO, NULL },
	{ TQUIC_A_CLIENT_TCP_FLOWS, "tcp_flows", NUMBER, NULL },
	{ TQUIC_A_CLIENT_UDP_FLOWS, "udp_flows", NUMBER, NULL },
	{ TQUIC_A_CLIENT_REFUSED, "refused", NUMBER, NULL },
	{ TQUIC_A_CLIENT_SENT_BYTES, "sent_bytes", NUMBER, NULL },
	{ TQUIC_A_CLIENT_RECEIVED_BYTES, "received_bytes", NUMBER, NULL },
	{ }
};

static const struct tq_attr_field tq_attr_forward_fields[] = {
	{ TQUIC_A_FORWARD_TUNNEL, "tunnel", TEXT, NULL },
	{ TQUIC_A_FORWARD_IDENTITY, "identity", TEXT, NULL },
	{ TQUIC_A_FORWARD_PROTOCOL, "protocol", PROTOCOL, NULL },
	{ TQUIC_A_FORWARD_PORT, "port", NUMBER, NULL },
	{ TQUIC_A_FORWARD_TO, "to", ADDRESS, NULL },
	{ TQUIC_A_FORWARD_TO_PORT, "to_port", NUMBER, NULL },
	{ }
};

static const struct tq_attr_field tq_attr_flow_fields[] = {
	{ TQUIC_A_FLOW_TUNNEL_ID, "tunnel_id", NUMBER, NULL },
	{ TQUIC_A_FLOW_CONN_ID, "conn_id", NUMBER, NULL },
	{ TQUIC_A_FLOW_ID, "flow_id", NUMBER, NULL },
	{ TQUIC_A_FLOW_PROTOCOL, "protocol", PROTOCOL, NULL },
	{ TQUIC_A_FLOW_CLASS, "class", NAME, tq_attr_classes },
	{ TQUIC_A_FLOW_SRC, "src", ADDRESS, NULL },
	{ TQUIC_A_FLOW_SPORT, "sport", NUMBER, NULL },
	{ TQUIC_A_FLOW_DST, "dst", ADDRESS, NULL },
	{ TQUIC_A_FLOW_DPORT, "dport", NUMBER, NULL },
	{ TQUIC_A_FLOW_OUT_PORT, "out_port", NUMBER, NULL },
	{ TQUIC_A_FLOW_SENT_BYTES, "sent_bytes", NUMBER, NULL },
	{ TQUIC_A_FLOW_RECEIVED_BYTES, "received_bytes", NUMBER, NULL },
	{ }
};

/* u8, u16, u32, or "uint", which has 4 bytes or 8 */
static uint64_t tq_attr_number(const struct nlattr *attr)
{
	const void *data = mnl_attr_get_payload(attr);
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (mnl_attr_get_payload_len(attr)) {
	case sizeof(u64):
		memcpy(&u64, data, sizeof(u64));
		return u64;
	case sizeof(u32):
		memcpy(&u32, data, sizeof(u32));
		return u32;
	case sizeof(u16):
		memcpy(&u16, data, sizeof(u16));
		return u16;
	default:
		return *(const uint8_t *)data;
	}
}

static json_t *tq_attr_name_of(uint64_t val, const char *const *names)
{
	uint64_t i;

	for (i = 0; names[i]; i++)
		if (i == val)
			return json_string(names[i]);
	return json_integer(val);
}

static json_t *tq_attr_names_of(uint64_t bits, const char *const *names)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; names[i]; i++)
		if (bits >> i & 1)
			json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *tq_attr_address(const struct nlattr *attr)
{
	const struct in6_addr *addr = mnl_attr_get_payload(attr);
	char text[INET6_ADDRSTRLEN] = "?";

	if (mnl_attr_get_payload_len(attr) == sizeof(*addr)) {
		if (IN6_IS_ADDR_V4MAPPED(addr))
			inet_ntop(AF_INET, &addr->s6_addr[12], text,
				  sizeof(text));
		else
			inet_ntop(AF_INET6, addr, text, sizeof(text));
	}
	return json_string(text);
}

static json_t *tq_attr_device(uint32_t dev)
{
	char name[IF_NAMESIZE];

	if (!dev)
		return NULL;
	return if_indextoname(dev, name) ? json_string(name) :
					   json_integer(dev);
}

static json_t *tq_attr_protocol(unsigned int protocol)
{
	if (protocol == IPPROTO_TCP)
		return json_string("tcp");
	if (protocol == IPPROTO_ICMP)
		return json_string("icmp");
	if (protocol == IPPROTO_ICMPV6)
		return json_string("icmpv6");
	return protocol == IPPROTO_UDP ? json_string("udp") :
					 json_integer(protocol);
}

static json_t *tq_attr_value(const struct nlattr *attr,
			     const struct tq_attr_field *field)
{
	char text[32];

	switch (field->kind) {
	case NUMBER:
		return json_integer(tq_attr_number(attr));
	case HEX:
		snprintf(text, sizeof(text), "0x%llx",
			 (unsigned long long)tq_attr_number(attr));
		return json_string(text);
	case TEXT:
		return json_stringn_nocheck(mnl_attr_get_str(attr),
				strnlen(mnl_attr_get_str(attr),
					mnl_attr_get_payload_len(attr)));
	case FLAG:
		return json_true();
	case NAME:
		return tq_attr_name_of(tq_attr_number(attr), field->names);
	case NAMES:
		return tq_attr_names_of(tq_attr_number(attr), field->names);
	case DEVICE:
		return tq_attr_device(tq_attr_number(attr));
	case ADDRESS:
		return tq_attr_address(attr);
	case PROTOCOL:
		return tq_attr_protocol(tq_attr_number(attr));
	case ERRNO:
		return json_string(strerror(tq_attr_number(attr)));
	}
	return NULL;
}

static json_t *tq_attr_decode(const struct nlmsghdr *nlh,
			      const struct tq_attr_field *fields)
{
	json_t *object = json_object();
	const struct tq_attr_field *field;
	const struct nlattr *attr;
	json_t *val;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		for (field = fields; field->key; field++) {
			if (field->attr != mnl_attr_get_type(attr))
				continue;
			val = tq_attr_value(attr, field);
			if (val)
				json_object_set_new(object, field->key, val);
		}
	return object;
}

json_t *tq_attr_conn(const struct nlmsghdr *nlh)
{
	return tq_attr_decode(nlh, tq_attr_conn_fields);
}

json_t *tq_attr_path(const struct nlmsghdr *nlh)
{
	return tq_attr_decode(nlh, tq_attr_path_fields);
}

json_t *tq_attr_algo(const struct nlmsghdr *nlh)
{
	return tq_attr_decode(nlh, tq_attr_algo_fields);
}

json_t *tq_attr_tunnel(const struct nlmsghdr *nlh)
{
	return tq_attr_decode(nlh, tq_attr_tunnel_fields);
}

json_t *tq_attr_client(const struct nlmsghdr *nlh)
{
	return tq_attr_decode(nlh, tq_attr_client_fields);
}

void tq_attr_conns(const struct nlmsghdr *nlh, void *list)
{
	json_array_append_new(list, tq_attr_conn(nlh));
}

void tq_attr_paths(const struct nlmsghdr *nlh, void *list)
{
	json_array_append_new(list, tq_attr_path(nlh));
}

void tq_attr_tunnels(const struct nlmsghdr *nlh, void *list)
{
	json_array_append_new(list, tq_attr_tunnel(nlh));
}

void tq_attr_clients(const struct nlmsghdr *nlh, void *list)
{
	json_array_append_new(list, tq_attr_client(nlh));
}

void tq_attr_forwards(const struct nlmsghdr *nlh, void *list)
{
	json_array_append_new(list, tq_attr_decode(nlh,
						   tq_attr_forward_fields));
}

void tq_attr_flows(const struct nlmsghdr *nlh, void *list)
{
	json_array_append_new(list, tq_attr_decode(nlh, tq_attr_flow_fields));
}
