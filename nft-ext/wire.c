// SPDX-License-Identifier: GPL-2.0
/* Netlink messages of nf_tables: see wire.h. */
#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_tquic.h>
#include <string.h>

#include "wire.h"

static const char pad[NLA_ALIGNTO];

static const struct nlattr *first_attr(const void *data, size_t len)
{
	const struct nlattr *nla = data;

	if (len < sizeof(*nla) || nla->nla_len < sizeof(*nla) ||
	    nla->nla_len > len)
		return NULL;
	return nla;
}

static const struct nlattr *next_attr(const struct nlattr *nla,
				      const void *end)
{
	const char *p = (const char *)nla + NLA_ALIGN(nla->nla_len);

	return p < (const char *)end ?
	       first_attr(p, (const char *)end - p) : NULL;
}

static const void *attr_data(const struct nlattr *nla)
{
	return (const char *)nla + NLA_HDRLEN;
}

static size_t attr_len(const struct nlattr *nla)
{
	return nla->nla_len - NLA_HDRLEN;
}

static const void *attr_end(const struct nlattr *nla)
{
	return (const char *)nla + nla->nla_len;
}

static unsigned int attr_type(const struct nlattr *nla)
{
	return nla->nla_type & NLA_TYPE_MASK;
}

static const struct nlattr *find_attr(const struct nlattr *nest,
				      unsigned int type)
{
	const struct nlattr *nla;

	if (!nest)
		return NULL;
	for (nla = first_attr(attr_data(nest), attr_len(nest)); nla;
	     nla = next_attr(nla, attr_end(nest)))
		if (attr_type(nla) == type)
			return nla;
	return NULL;
}

static bool attr_u32(const struct nlattr *nla, uint32_t *value)
{
	if (!nla || attr_len(nla) != sizeof(*value))
		return false;
	memcpy(value, attr_data(nla), sizeof(*value));
	*value = ntohl(*value);
	return true;
}

static bool attr_is(const struct nlattr *nla, const char *text)
{
	size_t len = strlen(text);

	return nla && attr_len(nla) >= len &&
	       strnlen(attr_data(nla), attr_len(nla)) == len &&
	       !memcmp(attr_data(nla), text, len);
}

static void put(struct nt_buf *out, unsigned int type, const void *data,
		size_t len)
{
	struct nlattr nla = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	nt_buf_add(out, &nla, sizeof(nla));
	nt_buf_add(out, data, len);
	nt_buf_add(out, pad, NLA_ALIGN(len) - len);
}

static void put_u32(struct nt_buf *out, unsigned int type, uint32_t value)
{
	value = htonl(value);
	put(out, type, &value, sizeof(value));
}

static void put_string(struct nt_buf *out, unsigned int type, const char *text)
{
	put(out, type, text, strlen(text) + 1);
}

static size_t nest_begin(struct nt_buf *out, unsigned int type)
{
	size_t at = out->len;

	put(out, type | NLA_F_NESTED, NULL, 0);
	return at;
}

static void nest_end(struct nt_buf *out, size_t at)
{
	((struct nlattr *)(out->data + at))->nla_len = out->len - at;
}

/* payload load 4b @ inner header + ... => reg */
static bool key_in(struct nt_buf *out, const struct nlattr *data)
{
	uint32_t base, offset, len, dreg;
	size_t nest;
	int key;

	if (!attr_u32(find_attr(data, NFTA_PAYLOAD_BASE), &base) ||
	    !attr_u32(find_attr(data, NFTA_PAYLOAD_OFFSET), &offset) ||
	    !attr_u32(find_attr(data, NFTA_PAYLOAD_LEN), &len) ||
	    !attr_u32(find_attr(data, NFTA_PAYLOAD_DREG), &dreg) ||
	    base != NFT_PAYLOAD_INNER_HEADER)
		return false;
	key = nt_key_of_offset(8 * (uint64_t)offset);
	if (key < 0 || 8 * len != nt_keys[key].bits)
		return false;
	put_string(out, NFTA_EXPR_NAME, "tquic");
	nest = nest_begin(out, NFTA_EXPR_DATA);
	put_u32(out, NFTA_TQUIC_KEY, key);
	put_u32(out, NFTA_TQUIC_DREG, dreg);
	nest_end(out, nest);
	return true;
}

static bool stmt_in(struct nt_buf *out, const struct nlattr *data)
{
	const struct nlattr *prefix = find_attr(data, NFTA_LOG_PREFIX);
	char name[NT_NAME_MAX];
	size_t nest;
	int class;

	if (!prefix || !nt_stmt_parse(attr_data(prefix),
				      strnlen(attr_data(prefix),
					      attr_len(prefix)), name, &class))
		return false;
	put_string(out, NFTA_EXPR_NAME, "tquic");
	nest = nest_begin(out, NFTA_EXPR_DATA);
	put_u32(out, NFTA_TQUIC_ACTION, NFT_TQUIC_CAPTURE);
	if (*name)
		put_string(out, NFTA_TQUIC_TUNNEL, name);
	if (class >= 0)
		put_u32(out, NFTA_TQUIC_CLASS, class);
	nest_end(out, nest);
	return true;
}

static bool key_out(struct nt_buf *out, const struct nlattr *data, uint32_t key)
{
	uint32_t dreg;
	size_t nest;

	if (key >= (uint32_t)nt_nkeys ||
	    !attr_u32(find_attr(data, NFTA_TQUIC_DREG), &dreg))
		return false;
	put_string(out, NFTA_EXPR_NAME, "payload");
	nest = nest_begin(out, NFTA_EXPR_DATA);
	put_u32(out, NFTA_PAYLOAD_DREG, dreg);
	put_u32(out, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_INNER_HEADER);
	put_u32(out, NFTA_PAYLOAD_OFFSET, nt_key_offset(key) / 8);
	put_u32(out, NFTA_PAYLOAD_LEN, nt_keys[key].bits / 8);
	nest_end(out, nest);
	return true;
}

static bool stmt_out(struct nt_buf *out, const struct nlattr *data)
{
	const struct nlattr *tunnel = find_attr(data, NFTA_TQUIC_TUNNEL);
	char name[NT_NAME_MAX] = "", prefix[128];
	int class = NT_NO_CLASS;
	uint32_t value;
	size_t nest;

	if (tunnel && attr_len(tunnel) <= sizeof(name))
		memcpy(name, attr_data(tunnel), attr_len(tunnel));
	name[sizeof(name) - 1] = '\0';
	if (attr_u32(find_attr(data, NFTA_TQUIC_CLASS), &value) && value < 4)
		class = value;
	nt_stmt_prefix(name, class, prefix);
	put_string(out, NFTA_EXPR_NAME, "log");
	nest = nest_begin(out, NFTA_EXPR_DATA);
	put_string(out, NFTA_LOG_PREFIX, prefix);
	nest_end(out, nest);
	return true;
}

/* The content of a list element, exchanged; false if it is not ours. */
static bool exchange(struct nt_buf *out, const struct nlattr *elem,
		     enum nt_dir dir)
{
	const struct nlattr *name = find_attr(elem, NFTA_EXPR_NAME);
	const struct nlattr *data = find_attr(elem, NFTA_EXPR_DATA);
	uint32_t value;

	if (!data)
		return false;
	if (dir == NT_IN) {
		if (attr_is(name, "payload"))
			return key_in(out, data);
		return attr_is(name, "log") && stmt_in(out, data);
	}
	if (!attr_is(name, "tquic"))
		return false;
	if (attr_u32(find_attr(data, NFTA_TQUIC_KEY), &value))
		return key_out(out, data, value);
	if (attr_u32(find_attr(data, NFTA_TQUIC_ACTION), &value) &&
	    value == NFT_TQUIC_CAPTURE)
		return stmt_out(out, data);
	return false;
}

static void mark(struct nt_wire_map *map, uint32_t from, uint32_t to,
		 bool native)
{
	if (!map || map->n == NT_WIRE_MARKS)
		return;
	map->from[map->n] = from;
	map->to[map->n] = to;
	map->native[map->n++] = native;
}

static bool expressions(struct nt_buf *out, const struct nlattr *list,
			enum nt_dir dir, const char *msg, size_t msg_at,
			struct nt_wire_map *map)
{
	size_t nest = out->len, elem;
	const struct nlattr *nla;
	bool changed = false, native;

	put(out, list->nla_type, NULL, 0);
	for (nla = first_attr(attr_data(list), attr_len(list)); nla;
	     nla = next_attr(nla, attr_end(list))) {
		elem = out->len;
		put(out, nla->nla_type, NULL, 0);
		native = exchange(out, nla, dir);
		if (!native)
			nt_buf_add(out, attr_data(nla),
				   NLA_ALIGN(attr_len(nla)));
		nest_end(out, elem);
		changed |= native;
		mark(map, (const char *)nla - msg, elem - msg_at, native);
	}
	nest_end(out, nest);
	return changed;
}

static bool is_rule(const struct nlmsghdr *nlh)
{
	/* a rule that is deleted comes in full to those who watch */
	return (nlh->nlmsg_type ==
		(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE) ||
		nlh->nlmsg_type ==
		(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELRULE)) &&
	       nlh->nlmsg_len >= NLMSG_HDRLEN + sizeof(struct nfgenmsg);
}

bool nt_wire_message(struct nt_buf *out, const struct nlmsghdr *nlh,
		     enum nt_dir dir, struct nt_wire_map *map)
{
	const char *msg = (const char *)nlh, *end = msg + nlh->nlmsg_len;
	size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));
	size_t at = out->len;
	const struct nlattr *nla;
	bool changed = false;

	if (!is_rule(nlh) || nlh->nlmsg_len < head) {
		nt_buf_add(out, nlh, nlh->nlmsg_len);
		nt_buf_add(out, pad, NLMSG_ALIGN(nlh->nlmsg_len) -
			   nlh->nlmsg_len);
		return false;
	}
	nt_buf_add(out, nlh, head);
	for (nla = first_attr(msg + head, end - msg - head); nla;
	     nla = next_attr(nla, end)) {
		if (attr_type(nla) == NFTA_RULE_EXPRESSIONS) {
			changed |= expressions(out, nla, dir, msg, at, map);
			continue;
		}
		mark(map, (const char *)nla - msg, out->len - at, false);
		nt_buf_add(out, nla, nla->nla_len);
		nt_buf_add(out, pad, NLA_ALIGN(nla->nla_len) - nla->nla_len);
	}
	((struct nlmsghdr *)(out->data + at))->nlmsg_len = out->len - at;
	return changed;
}
