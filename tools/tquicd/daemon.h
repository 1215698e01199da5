/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration and the kernel, brought together: at the start, when the
 * configuration is read again, and when something happens to a tunnel.
 */
#ifndef _TQUICD_DAEMON_H
#define _TQUICD_DAEMON_H

#include <jansson.h>
#include <time.h>

#include "conf.h"
#include "genl.h"

#define TQD_DAEMON_RUN	"/run/tquicd"

/**
 * struct tqd_watch - a tunnel that is down, or all when something was refused
 * @name: its name, empty for none
 * @again: when it is tried again, CLOCK_MONOTONIC seconds
 * @wait: how long that was waited for
 */
struct tqd_watch {
	char name[TQ_NAME_MAX + 1];
	time_t again;
	unsigned int wait;
};

/**
 * struct tqd_daemon - all of it
 * @dir: with the configuration
 * @run: directory for what outlives this program, but not the kernel
 * @nft: program that takes policies
 * @conf: what is in force
 * @genl: for requests
 * @events: for events
 * @owned: tunnels that came from a configuration: name to server's name
 * @incomplete: something was refused, or is not there yet
 * @whole: with @incomplete
 * @watch: by place in the configuration
 */
struct tqd_daemon {
	const char *dir;
	const char *run;
	const char *nft;
	struct tqd_conf *conf;
	struct tq_genl genl;
	struct tq_genl events;
	json_t *owned;
	bool incomplete;
	struct tqd_watch whole;
	struct tqd_watch watch[TQD_CONF_TUNNELS_MAX];
};

/* false when there is no kernel module, which is logged */
bool tqd_daemon_open(struct tqd_daemon *d);
void tqd_daemon_close(struct tqd_daemon *d);
/* everything as in @conf; what is refused is logged */
void tqd_daemon_apply(struct tqd_daemon *d);
/* look after what is down or incomplete; the ms until the next time */
int tqd_daemon_tend(struct tqd_daemon *d);
/* what the kernel tells; whether it is of interest */
bool tqd_daemon_hear(struct tqd_daemon *d);

#endif /* _TQUICD_DAEMON_H */
