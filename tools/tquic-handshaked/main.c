// SPDX-License-Identifier: GPL-2.0
/*
 * tquic-handshaked: TLS handshakes for TQUIC connections of the kernel.
 */
#include <errno.h>
#include <getopt.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "conf.h"
#include "genl.h"
#include "log.h"
#include "replay.h"
#include "ticket.h"
#include "tls.h"
#include "worker.h"

/**
 * struct th_main - the options, and what they lead to
 * @config: file
 * @named: it was named on the command line
 * @check: look at the configuration, and leave
 * @foreground: do not become a daemon
 * @conf: what is in force
 * @genl: where handshakes come from
 */
struct th_main {
	const char *config;
	bool named;
	bool check;
	bool foreground;
	struct th_conf *conf;
	struct th_genl genl;
};

static void th_main_help(void)
{
	printf("usage: tquic-handshaked [OPTION]...\n"
	       "\n"
	       "Does the TLS handshakes of TQUIC connections for the kernel.\n"
	       "\n"
	       "  -c, --config FILE  instead of %s\n"
	       "  -f, --foreground   do not become a daemon\n"
	       "  -v, --verbose      tell about handshakes that succeed, too\n"
	       "  -C, --check        check the configuration and leave\n"
	       "  -h, --help         show this\n"
	       "\n"
	       "SIGHUP reads the configuration again. See tquic-handshaked(8).\n",
	       TH_CONF_FILE);
}

/* -1 to go on, else the exit status */
static int th_main_options(struct th_main *m, int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "check", no_argument, NULL, 'C' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:fvCh", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			m->config = optarg;
			m->named = true;
			break;
		case 'f':
			m->foreground = true;
			break;
		case 'v':
			th_log_verbose = true;
			break;
		case 'C':
			m->check = true;
			break;
		case 'h':
			th_main_help();
			return EXIT_SUCCESS;
		default:
			return 2;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "%s: '%s' is not expected, see --help\n", argv[0],
		argv[optind]);
	return 2;
}

/* A faulty file leaves everything as it was. */
static void th_main_reload(struct th_main *m)
{
	struct th_conf *conf;

	sd_notify(0, "RELOADING=1");
	conf = th_conf_load(m->config, m->named);
	if (conf) {
		th_conf_put(m->conf);
		m->conf = conf;
		/* whom they are with may not be trusted any more */
		th_ticket_flush();
		th_info("%s: read again", m->config);
	} else {
		th_error("%s: the old configuration stays in force", m->config);
	}
	sd_notify(0, "READY=1");
}

/* All that wait, as long as there is room. */
static void th_main_accept(struct th_main *m)
{
	struct th_request request;
	int err;

	while (th_worker_free()) {
		err = th_genl_accept(&m->genl, &request);
		if (err == -ENOENT)
			return;
		if (err) {
			th_error("HS_ACCEPT: %s", strerror(-err));
			return;
		}
		if (th_conf_stale(m->conf))
			th_main_reload(m);
		th_worker_give(m->conf, &request);
	}
}

static int th_main_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Until a signal ends it. */
static void th_main_loop(struct th_main *m, int signals)
{
	struct pollfd fds[] = {
		{ .fd = th_genl_fd(&m->genl), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	for (;;) {
		/* in this order, so that none is missed */
		th_genl_drain(&m->genl);
		th_main_accept(m);
		poll(fds, 2, th_worker_free() ? -1 : 10);
		if (read(signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGHUP)
			break;
		th_main_reload(m);
	}
	sd_notify(0, "STOPPING=1");
}

static bool th_main_listen(struct th_main *m)
{
	int err = th_genl_open(&m->genl);

	if (err == -ENOENT) {
		th_error("no netlink family \"tquic\": modprobe tquic");
		return false;
	}
	if (!err)
		err = th_genl_listen(&m->genl);
	if (err == -EPERM)
		th_error("to be the handshake agent takes CAP_NET_ADMIN");
	else if (err)
		th_error("netlink: %s", strerror(-err));
	return !err;
}

static int th_main_run(struct th_main *m)
{
	int signals = th_main_signals();
	bool ok;

	th_ticket_init(m->conf->state_dir);
	ok = signals >= 0 && th_replay_init() &&
	     th_worker_start(m->conf->workers) && th_main_listen(m);
	if (ok) {
		sd_notify(0, "READY=1");
		th_info("ready");
		th_main_loop(m, signals);
	}
	th_genl_close(&m->genl);
	th_worker_stop();
	th_ticket_exit();
	th_replay_exit();
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct th_main m = { .config = TH_CONF_FILE };
	int status = th_main_options(&m, argc, argv);

	if (status >= 0)
		return status;
	m.conf = th_conf_load(m.config, m.named);
	if (!m.conf)
		return EXIT_FAILURE;
	if (m.check) {
		th_conf_put(m.conf);
		return EXIT_SUCCESS;
	}
	/* GnuTLS looks for the name when it is first needed */
	if (m.conf->keylog)
		setenv("SSLKEYLOGFILE", m.conf->keylog, 1);
	if (!m.foreground && daemon(0, 1)) {
		th_error("daemon: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	status = th_main_run(&m);
	th_conf_put(m.conf);
	return status;
}
