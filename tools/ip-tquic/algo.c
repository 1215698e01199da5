// SPDX-License-Identifier: GPL-2.0
/* ip-tquic scheduler, congestion. */
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "ip-tquic.h"

static void show(const struct nlmsghdr *nlh, void *arg)
{
	json_t *algo = tq_attr_algo(nlh);

	(void)arg;
	if (opt.json) {
		out_json(algo);
		return;
	}
	out_colored(COLOR_NAME, json_string_value(json_object_get(algo,
								  "name")));
	printf(" available %s\n",
	       json_string_value(json_object_get(algo, "available")));
	json_decref(algo);
}

static int command(struct args *args, uint8_t get, uint8_t set)
{
	const char *name = NULL;
	struct nlmsghdr *nlh;
	uint32_t conn_id;
	bool which;

	if (arg_is(args, "set"))
		name = arg_next(args, "name");
	else if (args->n && !arg_is(args, "get") && !arg_is(args, "show"))
		die(EXIT_USAGE, "'%s' is not get or set", args->v[0]);
	which = arg_conn_id(args, &conn_id);
	arg_end(args);
	nlh = genl_start(name ? set : get, false);
	if (which)
		mnl_attr_put_u32(nlh, TQUIC_A_ALGO_CONN_ID, conn_id);
	if (name && strlen(name) > 15)
		die(EXIT_USAGE, "a name has 15 bytes at most");
	if (name)
		mnl_attr_put_strz(nlh, TQUIC_A_ALGO_NAME, name);
	genl_ask(nlh, name ? NULL : show, NULL);
	return 0;
}

int cmd_scheduler(struct args *args)
{
	return command(args, TQUIC_CMD_SCHED_GET, TQUIC_CMD_SCHED_SET);
}

int cmd_congestion(struct args *args)
{
	return command(args, TQUIC_CMD_CONG_GET, TQUIC_CMD_CONG_SET);
}
