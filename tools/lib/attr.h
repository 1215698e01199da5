/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of the kernel module as JSON objects. */
#ifndef _TQUIC_LIB_ATTR_H
#define _TQUIC_LIB_ATTR_H

#include <jansson.h>
#include <libmnl/libmnl.h>
#include <linux/tquic_genl.h>

json_t *tq_attr_conn(const struct nlmsghdr *nlh);
json_t *tq_attr_path(const struct nlmsghdr *nlh);
json_t *tq_attr_algo(const struct nlmsghdr *nlh);
json_t *tq_attr_tunnel(const struct nlmsghdr *nlh);
json_t *tq_attr_client(const struct nlmsghdr *nlh);

/* callbacks of dumps: @list is an array */
void tq_attr_conns(const struct nlmsghdr *nlh, void *list);
void tq_attr_paths(const struct nlmsghdr *nlh, void *list);
void tq_attr_tunnels(const struct nlmsghdr *nlh, void *list);
void tq_attr_clients(const struct nlmsghdr *nlh, void *list);
void tq_attr_forwards(const struct nlmsghdr *nlh, void *list);
void tq_attr_flows(const struct nlmsghdr *nlh, void *list);

#endif /* _TQUIC_LIB_ATTR_H */
