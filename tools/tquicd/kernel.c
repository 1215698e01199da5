// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "attr.h"
#include "kernel.h"
#include "log.h"

const char *tqd_kernel_str(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

long long tqd_kernel_num(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool tqd_kernel_ask(struct tq_genl *genl, struct nlmsghdr *nlh,
		    const struct tqd_place *place, const char *what)
{
	if (!tq_genl_ask(genl, nlh, NULL, NULL))
		return true;
	tqd_error(place, "%s: %s", what, genl->error);
	return false;
}

static json_t *tqd_kernel_dump(struct tq_genl *genl, uint8_t cmd,
			       tq_genl_cb collect)
{
	json_t *list = json_array();

	if (!tq_genl_ask(genl, tq_genl_start(genl, cmd, true), collect, list))
		return list;
	tqd_error(NULL, "%s", genl->error);
	json_decref(list);
	return NULL;
}

bool tqd_kernel_load(struct tq_genl *genl, struct tqd_state *state)
{
	*state = (struct tqd_state){};
	state->tunnels = tqd_kernel_dump(genl, TQUIC_CMD_TUNNEL_GET,
					 tq_attr_tunnels);
	if (state->tunnels)
		state->clients = tqd_kernel_dump(genl, TQUIC_CMD_CLIENT_GET,
						 tq_attr_clients);
	if (state->clients)
		state->forwards = tqd_kernel_dump(genl, TQUIC_CMD_FORWARD_GET,
						  tq_attr_forwards);
	if (state->forwards)
		return true;
	tqd_kernel_free(state);
	return false;
}

void tqd_kernel_free(struct tqd_state *state)
{
	json_decref(state->tunnels);
	json_decref(state->clients);
	json_decref(state->forwards);
	*state = (struct tqd_state){};
}

json_t *tqd_kernel_tunnel(const struct tqd_state *state, const char *name)
{
	json_t *tunnel;
	size_t i;

	json_array_foreach(state->tunnels, i, tunnel)
		if (!strcmp(tqd_kernel_str(tunnel, "name"), name))
			return tunnel;
	return NULL;
}

bool tqd_kernel_del(struct tq_genl *genl, const char *name)
{
	struct nlmsghdr *nlh = tq_genl_start(genl, TQUIC_CMD_TUNNEL_DEL, false);

	mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_NAME, name);
	if (!tqd_kernel_ask(genl, nlh, NULL, name))
		return false;
	tqd_info("tunnel %s: removed", name);
	return true;
}
