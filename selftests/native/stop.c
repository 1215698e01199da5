// SPDX-License-Identifier: GPL-2.0
#include <signal.h>

#include <linux/compiler.h>

#include "stop.h"

static sig_atomic_t asked;

static void tn_stop_handler(int signal)
{
	(void)signal;
	WRITE_ONCE(asked, 1);
}

void tn_stop_init(void)
{
	struct sigaction action = { .sa_handler = tn_stop_handler };
	sigset_t block;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, NULL);
}

int tn_stop_poll(struct pollfd *fds, unsigned int count,
		 const struct timespec *wait)
{
	sigset_t none;

	sigemptyset(&none);
	return ppoll(fds, count, wait, &none);
}

bool tn_stop_asked(void)
{
	return READ_ONCE(asked);
}
