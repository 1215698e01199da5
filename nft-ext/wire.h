/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink messages of nf_tables: carriers become the native expression on
 * their way to the kernel, and it a carrier on the way back.
 */
#ifndef NT_WIRE_H
#define NT_WIRE_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "util.h"
#include "words.h"

#define NT_WIRE_MARKS	64	/* expressions of a rule, about */

/**
 * struct nt_wire_map - where attributes of a message have gone
 * @seq: of the message
 * @n: how many pairs
 * @from: offset in libnftables' message
 * @to: offset in what the kernel was sent
 * @native: it is the native expression
 */
struct nt_wire_map {
	uint32_t seq;
	int n;
	uint32_t from[NT_WIRE_MARKS];
	uint32_t to[NT_WIRE_MARKS];
	bool native[NT_WIRE_MARKS];
};

/*
 * Append a message to out, with its expressions exchanged.  The map is filled
 * on the way in, unless it is NULL.  False if nothing had to be changed: the
 * message is appended as it is.
 */
bool nt_wire_message(struct nt_buf *out, const struct nlmsghdr *nlh,
		     enum nt_dir dir, struct nt_wire_map *map);

#endif /* NT_WIRE_H */
