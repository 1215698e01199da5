/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values as people write them, the same on command lines and in files.  All
 * return NULL, or a complaint that fits behind the value and a colon.
 */
#ifndef _TQUIC_LIB_PARSE_H
#define _TQUIC_LIB_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* of a tunnel, without the end */
#define TQ_NAME_MAX	15
#define TQ_IDENTITY_MAX	63

/* decimal, or hexadecimal behind 0x */
const char *tq_parse_number(const char *text, uint64_t max, uint64_t *val);
const char *tq_parse_port(const char *text, uint16_t *port);
/* FIRST-LAST */
const char *tq_parse_ports(const char *text, uint16_t *first, uint16_t *last);
/* as tc: bits with bit, kbit, mbit, gbit; bytes with bps, kbps, mbps, gbps;
 * to bytes a second
 */
const char *tq_parse_rate(const char *text, uint64_t *rate);
/* A.B.C.D, A.B.C.D:PORT, X::Y, [X::Y]:PORT; IPv4 as mapped, 0 for no port */
const char *tq_parse_address(const char *text, uint8_t addr[16],
			     uint16_t *port);
/* HOST:PORT with a name or address, [X::Y]:PORT; cuts the text in place */
const char *tq_parse_host(char *text, const char **host, uint16_t *port);
const char *tq_parse_protocol(const char *text, uint8_t *protocol);
const char *tq_parse_name(const char *text);
const char *tq_parse_identity(const char *text);
/* yes or no, on or off */
const char *tq_parse_bool(const char *text, bool *val);

#endif /* _TQUIC_LIB_PARSE_H */
