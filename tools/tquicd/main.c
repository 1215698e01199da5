// SPDX-License-Identifier: GPL-2.0
/*
 * tquicd: tunnels, clients and policies as files say.  What carries traffic is
 * in the kernel: this program may come and go.
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon.h"
#include "log.h"
#include "policy.h"

/**
 * enum tqd_main_what - what is asked for
 * @TQD_MAIN_RUN: be the daemon
 * @TQD_MAIN_CHECK: complain about the configuration
 * @TQD_MAIN_POLICY: show the rules
 */
enum tqd_main_what {
	TQD_MAIN_RUN,
	TQD_MAIN_CHECK,
	TQD_MAIN_POLICY,
};

static void tqd_main_help(void)
{
	printf("usage: tquicd [OPTION]...\n"
	       "\n"
	       "Makes tunnels, clients and policies as files say.\n"
	       "\n"
	       "  -c, --config DIR   instead of %s\n"
	       "  -r, --run DIR      instead of %s\n"
	       "  -N, --nft PROGRAM  instead of nft-tquic\n"
	       "  -v, --verbose      tell about what is left alone, too\n"
	       "  -C, --check        check the configuration and leave\n"
	       "  -P, --policy       show the rules that it comes to and leave\n"
	       "  -h, --help         show this\n"
	       "\n"
	       "SIGHUP reads the configuration again. See tquicd(8).\n",
	       TQD_CONF_DIR, TQD_DAEMON_RUN);
}

/* -1 to go on, else the exit status */
static int tqd_main_options(struct tqd_daemon *d, enum tqd_main_what *what,
			    int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "run", required_argument, NULL, 'r' },
		{ "nft", required_argument, NULL, 'N' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "check", no_argument, NULL, 'C' },
		{ "policy", no_argument, NULL, 'P' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:r:N:vCPh", options,
				NULL)) != -1) {
		if (c == 'c')
			d->dir = optarg;
		else if (c == 'r')
			d->run = optarg;
		else if (c == 'N')
			d->nft = optarg;
		else if (c == 'v')
			tqd_log_verbose = true;
		else if (c == 'C')
			*what = TQD_MAIN_CHECK;
		else if (c == 'P')
			*what = TQD_MAIN_POLICY;
		else if (c == 'h')
			return tqd_main_help(), EXIT_SUCCESS;
		else
			return 2;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "%s: '%s' is not expected, see --help\n", argv[0],
		argv[optind]);
	return 2;
}

/* What can be said already, and does nothing yet. */
static void tqd_main_notices(const struct tqd_conf *conf)
{
	if (conf->metrics_port)
		tqd_warning(&conf->metrics,
			    "metrics_port: this version serves no metrics; nobody listens on port %u",
			    conf->metrics_port);
	if (conf->dashboard_port)
		tqd_warning(&conf->dashboard,
			    "dashboard_port: this version has no dashboard; nobody listens on port %u",
			    conf->dashboard_port);
	if (!tqd_conf_is_server(conf) && !conf->tunnels)
		tqd_warning(NULL, "nothing is configured: no [tunnel.NAME], and no listen_port in [global]");
}

static void tqd_main_apply(struct tqd_daemon *d)
{
	tqd_main_notices(d->conf);
	tqd_daemon_apply(d);
	sd_notifyf(0, "STATUS=%u tunnels, %u clients%s", d->conf->nr_tunnels,
		   d->conf->nr_clients,
		   d->incomplete ? "; not all could be done, see the log" : "");
}

/* A faulty file leaves everything as it was. */
static void tqd_main_reload(struct tqd_daemon *d)
{
	struct tqd_conf *conf;

	sd_notify(0, "RELOADING=1");
	conf = tqd_conf_load(d->dir);
	if (conf) {
		tqd_conf_free(d->conf);
		d->conf = conf;
		tqd_main_apply(d);
		tqd_info("%s: read again", d->dir);
	} else {
		tqd_error(NULL, "%s: the old configuration stays in force",
			  d->dir);
	}
	sd_notify(0, "READY=1");
}

static int tqd_main_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Until a signal ends it; everything stays as it is then. */
static void tqd_main_loop(struct tqd_daemon *d, int signals)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = tq_genl_fd(&d->events), .events = POLLIN },
	};
	struct signalfd_siginfo info;
	int wait = tqd_daemon_tend(d);

	for (;;) {
		if (poll(fds, 2, wait) <= 0) {
			wait = tqd_daemon_tend(d);
			continue;
		}
		if (fds[1].revents && tqd_daemon_hear(d))
			wait = tqd_daemon_tend(d);
		if (read(signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGHUP)
			break;
		tqd_main_reload(d);
		wait = tqd_daemon_tend(d);
	}
	sd_notify(0, "STOPPING=1");
}

static int tqd_main_run(struct tqd_daemon *d)
{
	int signals = tqd_main_signals();

	if (signals < 0 || !tqd_daemon_open(d))
		return EXIT_FAILURE;
	tqd_main_apply(d);
	sd_notify(0, "READY=1");
	tqd_info("ready");
	tqd_main_loop(d, signals);
	tqd_daemon_close(d);
	close(signals);
	return EXIT_SUCCESS;
}

static int tqd_main_policy(const struct tqd_conf *conf)
{
	struct tqd_text text;

	tqd_text_init(&text);
	tqd_policy_text(conf, &text);
	if (text.at && *text.at)
		printf("table inet %s {\n%s}\n", TQD_POLICY_TABLE, text.at);
	tqd_text_free(&text);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct tqd_daemon d = {
		.dir = TQD_CONF_DIR,
		.run = TQD_DAEMON_RUN,
		.nft = "nft-tquic",
	};
	enum tqd_main_what what = TQD_MAIN_RUN;
	int status = tqd_main_options(&d, &what, argc, argv);

	if (status >= 0)
		return status;
	d.conf = tqd_conf_load(d.dir);
	if (!d.conf)
		return EXIT_FAILURE;
	if (what == TQD_MAIN_RUN)
		status = tqd_main_run(&d);
	else if (what == TQD_MAIN_POLICY)
		status = tqd_main_policy(d.conf);
	else
		status = EXIT_SUCCESS;
	if (what == TQD_MAIN_CHECK)
		tqd_main_notices(d.conf);
	tqd_conf_free(d.conf);
	return status;
}
