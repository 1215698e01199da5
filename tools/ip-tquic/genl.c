// SPDX-License-Identifier: GPL-2.0
/* What is said to the kernel; what it refuses ends the program. */
#include <errno.h>
#include <stdio.h>

#include "genl.h"
#include "ip-tquic.h"

static struct tq_genl genl;

/* Not before the command line has been understood. */
static void genl_open(void)
{
	if (!genl.nl && tq_genl_open(&genl))
		die(EXIT_KERNEL, "%s", genl.error);
}

struct nlmsghdr *genl_start(uint8_t cmd, bool dump)
{
	return tq_genl_start(&genl, cmd, dump);
}

void genl_ask(struct nlmsghdr *nlh,
	      void (*cb)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	genl_open();
	if (tq_genl_ask(&genl, nlh, cb, arg))
		die(EXIT_KERNEL, "%s", genl.error);
}

void genl_listen(void (*cb)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	int err;

	genl_open();
	err = tq_genl_join(&genl, false);
	while (!err) {
		err = tq_genl_events(&genl, cb, arg);
		if (err != -ENOBUFS)
			continue;
		fputs("ip-tquic: events were lost\n", stderr);
		err = 0;
	}
	die(EXIT_KERNEL, "events: %s", genl.error);
}
