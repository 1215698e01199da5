/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel: what it has, and what is to be changed about it.  Whatever is as
 * it should be is not touched.
 */
#ifndef _TQUICD_KERNEL_H
#define _TQUICD_KERNEL_H

#include <jansson.h>

#include "conf.h"
#include "genl.h"
#include "resolve.h"

/**
 * struct tqd_state - what the kernel has
 * @tunnels: as "ip-tquic -j tunnel" shows them
 * @clients: of the server, likewise
 * @forwards: likewise
 */
struct tqd_state {
	json_t *tunnels;
	json_t *clients;
	json_t *forwards;
};

/* false with an error logged */
bool tqd_kernel_load(struct tq_genl *genl, struct tqd_state *state);
void tqd_kernel_free(struct tqd_state *state);
json_t *tqd_kernel_tunnel(const struct tqd_state *state, const char *name);
const char *tqd_kernel_str(const json_t *object, const char *key);
long long tqd_kernel_num(const json_t *object, const char *key);
/* ask, and log the refusal: "WHAT: text" */
bool tqd_kernel_ask(struct tq_genl *genl, struct nlmsghdr *nlh,
		    const struct tqd_place *place, const char *what);
bool tqd_kernel_del(struct tq_genl *genl, const char *name);

/* server.c */
bool tqd_server_apply(struct tq_genl *genl, const struct tqd_conf *conf,
		      const struct tqd_state *state);

/* gateway.c */
bool tqd_gateway_apply(struct tq_genl *genl, const struct tqd_tunnel *tunnel,
		       const struct tqd_state *state, const char *host);
/* after it has been down for some time: another address, another uplink */
bool tqd_gateway_retry(struct tq_genl *genl, const struct tqd_tunnel *tunnel,
		       const struct tqd_state *state);

/* paths.c: as many paths as there are uplinks listed */
bool tqd_paths_ensure(struct tq_genl *genl, const struct tqd_tunnel *tunnel,
		      const json_t *now);
bool tqd_paths_manager(const struct tqd_conf *conf);
bool tqd_paths_works(const char *device);

#endif /* _TQUICD_KERNEL_H */
