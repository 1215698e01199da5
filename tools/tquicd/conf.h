/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /etc/tquic.d/?*.conf: what there is to be.  Read as a whole, then immutable;
 * a reload makes another one and compares the kernel with it.  All problems of
 * all files are told, each with its file and line.
 */
#ifndef _TQUICD_CONF_H
#define _TQUICD_CONF_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse.h"

#define TQD_CONF_DIR		"/etc/tquic.d"
/* the tunnel that a server's clients come to */
#define TQD_CONF_SERVER		"server"
#define TQD_CONF_FILE_MAX	1048576
#define TQD_CONF_FILES_MAX	1024
#define TQD_CONF_CLIENTS_MAX	4096
#define TQD_CONF_TUNNELS_MAX	63
#define TQD_CONF_DEVICES_MAX	8
#define TQD_CONF_FORWARDS_MAX	1024
#define TQD_CONF_PREFIXES_MAX	256
/* as the handshake agent takes them */
#define TQD_CONF_PSK_MIN	16
#define TQD_CONF_PSK_MAX	64

/**
 * struct tqd_place - where something stands
 * @file: name of the file; lives as long as the configuration
 * @line: number, 0 for the file as a whole
 */
struct tqd_place {
	const char *file;
	unsigned int line;
};

/**
 * struct tqd_psk - a key
 * @len: bytes
 * @key: the key
 */
struct tqd_psk {
	unsigned int len;
	uint8_t key[TQD_CONF_PSK_MAX];
};

/**
 * struct tqd_forward - a port that leads into a client's LAN
 * @next: of the client
 * @place: where it stands
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @port: of the server
 * @to: LAN host, IPv4 mapped
 * @to_port: its port
 */
struct tqd_forward {
	struct tqd_forward *next;
	struct tqd_place place;
	uint8_t protocol;
	uint16_t port;
	uint8_t to[16];
	uint16_t to_port;
};

/**
 * struct tqd_client - [client.NAME]
 * @next: client
 * @place: where it begins
 * @identity: NAME
 * @psk: key
 * @ports: where its range stands
 * @port_first: of the range, 0 for none
 * @port_last: of the range
 * @rate: bytes a second, 0 for no limit
 * @inside: it may reach private addresses
 * @forwards: ports that lead into its LAN
 * @nr_forwards: how many
 * @seen: settings that were there, by number
 */
struct tqd_client {
	struct tqd_client *next;
	struct tqd_place place;
	char identity[TQ_IDENTITY_MAX + 1];
	struct tqd_psk psk;
	struct tqd_place ports;
	uint16_t port_first;
	uint16_t port_last;
	uint64_t rate;
	bool inside;
	struct tqd_forward *forwards;
	unsigned int nr_forwards;
	unsigned int seen;
};

/**
 * struct tqd_devices - a list of devices
 * @nr: how many
 * @name: of each
 */
struct tqd_devices {
	unsigned int nr;
	char name[TQD_CONF_DEVICES_MAX][IFNAMSIZ];
};

/**
 * struct tqd_prefix - destinations
 * @next: of the tunnel
 * @v6: family
 * @addr: address, 0 behind @bits
 * @bits: of the address that count
 */
struct tqd_prefix {
	struct tqd_prefix *next;
	bool v6;
	uint8_t addr[16];
	unsigned int bits;
};

/**
 * struct tqd_tunnel - [tunnel.NAME]
 * @next: tunnel
 * @place: where it begins
 * @name: NAME
 * @server: where @host stands
 * @host: name or address of the server
 * @port: of the server
 * @identity: of this gateway
 * @psk: key
 * @paths: uplinks, none for what the kernel finds
 * @path_list: where they stand
 * @capture: devices whose traffic it takes
 * @class: of that, or empty
 * @bypass: destinations that it does not take
 * @nr_bypass: how many
 * @drop: while it is down, what it would take is dropped, not routed
 * @scheduler: name, or empty
 * @congestion: likewise
 * @seen: settings that were there, by number
 */
struct tqd_tunnel {
	struct tqd_tunnel *next;
	struct tqd_place place;
	char name[TQ_NAME_MAX + 1];
	struct tqd_place server;
	char host[254];
	uint16_t port;
	char identity[TQ_IDENTITY_MAX + 1];
	struct tqd_psk psk;
	struct tqd_devices paths;
	struct tqd_place path_list;
	struct tqd_devices capture;
	char class[16];
	struct tqd_prefix *bypass;
	unsigned int nr_bypass;
	bool drop;
	char scheduler[16];
	char congestion[16];
	unsigned int seen;
};

/**
 * struct tqd_conf - all files
 * @files: their names
 * @nr_files: how many
 * @exposed: others than its owner have access to the file that is being read
 * @global: where [global] begins, no file if it does not
 * @listen: where @listen_port stands, likewise
 * @listen_port: of a server
 * @session_ttl: seconds that a server keeps a session
 * @metrics: where @metrics_port stands
 * @metrics_port: for Prometheus, 0 for none
 * @dashboard: where @dashboard_port stands
 * @dashboard_port: web page, 0 for none
 * @clients: in the order of the files
 * @nr_clients: how many
 * @tunnels: likewise
 * @nr_tunnels: how many
 * @errors: how many there were
 * @seen: settings of [global] that were there, by number
 */
struct tqd_conf {
	char **files;
	unsigned int nr_files;
	bool exposed;
	struct tqd_place global;
	struct tqd_place listen;
	uint16_t listen_port;
	unsigned int session_ttl;
	struct tqd_place metrics;
	uint16_t metrics_port;
	struct tqd_place dashboard;
	uint16_t dashboard_port;
	struct tqd_client *clients;
	unsigned int nr_clients;
	struct tqd_tunnel *tunnels;
	unsigned int nr_tunnels;
	unsigned int errors;
	unsigned int seen;
};

/* NULL with every error logged */
struct tqd_conf *tqd_conf_load(const char *dir);
void tqd_conf_free(struct tqd_conf *conf);
static inline bool tqd_conf_is_server(const struct tqd_conf *conf)
{
	return conf->listen_port;
}

/* conf_read.c: one file; errors are counted */
struct tqd_conf *tqd_conf_new(void);
const char *tqd_conf_add_file(struct tqd_conf *conf, const char *path);
void tqd_conf_parse(struct tqd_conf *conf, const char *path, const char *text,
		    size_t len);

/* conf_keys.c: a setting; a complaint or NULL */
struct tqd_section;
const char *tqd_conf_set(struct tqd_conf *conf, struct tqd_section *section,
			 const struct tqd_place *place, const char *name,
			 const char *value);

/* conf_check.c: what does not go together, and what is missing */
void tqd_conf_check(struct tqd_conf *conf);

/**
 * struct tqd_section - the one that is being read
 * @kind: what it is
 * @client: with TQD_SECTION_CLIENT
 * @tunnel: with TQD_SECTION_TUNNEL
 */
struct tqd_section {
	enum {
		TQD_SECTION_NONE,	/* before the first */
		TQD_SECTION_BAD,	/* complained about */
		TQD_SECTION_GLOBAL,
		TQD_SECTION_CLIENT,
		TQD_SECTION_TUNNEL,
	} kind;
	struct tqd_client *client;
	struct tqd_tunnel *tunnel;
};

#endif /* _TQUICD_CONF_H */
