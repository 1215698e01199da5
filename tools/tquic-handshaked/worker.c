// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "genl.h"
#include "hs.h"
#include "log.h"
#include "worker.h"

#define TH_WORKER_EVENTS	64
/* descriptors for everything but handshakes */
#define TH_WORKER_SPARE		64

/**
 * struct th_worker - a thread
 * @thread: the thread
 * @epoll: handshakes that it waits for
 * @event: there are new ones
 * @genl: for HS_DONE
 * @lock: protects @incoming
 * @incoming: new handshakes, not begun
 * @all: the others
 */
struct th_worker {
	pthread_t thread;
	int epoll;
	int event;
	struct th_genl genl;
	pthread_mutex_t lock;
	struct th_hs *incoming;
	struct th_hs *all;
};

static struct th_worker *th_workers;
static unsigned int th_worker_count;
static unsigned int th_worker_next;
static rlim_t th_worker_max;
static atomic_uint th_worker_busy;
static atomic_bool th_worker_stopping;

static void th_worker_drop(struct th_hs *hs)
{
	*hs->prev = hs->next;
	if (hs->next)
		hs->next->prev = hs->prev;
	th_hs_free(hs);
	atomic_fetch_sub(&th_worker_busy, 1);
}

static void th_worker_begin(struct th_worker *worker, struct th_hs *hs)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.ptr = hs,
	};

	hs->next = worker->all;
	hs->prev = &worker->all;
	if (hs->next)
		hs->next->prev = &hs->next;
	worker->all = hs;
	if (!th_hs_start(hs) ||
	    epoll_ctl(worker->epoll, EPOLL_CTL_ADD, hs->fd, &event))
		th_worker_drop(hs);
}

static void th_worker_take(struct th_worker *worker)
{
	struct th_hs *hs, *next;
	eventfd_t count;

	eventfd_read(worker->event, &count);
	pthread_mutex_lock(&worker->lock);
	hs = worker->incoming;
	worker->incoming = NULL;
	pthread_mutex_unlock(&worker->lock);
	for (; hs; hs = next) {
		next = hs->next;
		th_worker_begin(worker, hs);
	}
}

/* Files that were kept for tickets which did not come. */
static void th_worker_expire(struct th_worker *worker)
{
	struct th_hs *hs, *next;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	for (hs = worker->all; hs; hs = next) {
		next = hs->next;
		if (hs->until && hs->until <= now.tv_sec)
			th_worker_drop(hs);
	}
}

static void *th_worker_run(void *arg)
{
	struct epoll_event events[TH_WORKER_EVENTS];
	struct th_worker *worker = arg;
	time_t swept = time(NULL);
	struct th_hs *hs;
	int i, n;

	while (!atomic_load(&th_worker_stopping)) {
		n = epoll_wait(worker->epoll, events, TH_WORKER_EVENTS, 1000);
		for (i = 0; i < n; i++) {
			hs = events[i].data.ptr;
			if (hs && !th_hs_readable(hs))
				th_worker_drop(hs);
		}
		/* may drop what an event is about: after all of them */
		th_worker_take(worker);
		if (time(NULL) != swept) {
			swept = time(NULL);
			th_worker_expire(worker);
		}
	}
	while (worker->all)
		th_worker_drop(worker->all);
	return NULL;
}

static bool th_worker_open(struct th_worker *worker)
{
	struct epoll_event event = { .events = EPOLLIN };
	int err;

	pthread_mutex_init(&worker->lock, NULL);
	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	worker->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = th_genl_open(&worker->genl);
	if (!err && (worker->epoll < 0 || worker->event < 0 ||
		     epoll_ctl(worker->epoll, EPOLL_CTL_ADD, worker->event,
			       &event)))
		err = -errno;
	if (!err)
		err = -pthread_create(&worker->thread, NULL, th_worker_run,
				      worker);
	if (err)
		th_error("cannot start a thread: %s", strerror(-err));
	return !err;
}

bool th_worker_start(unsigned int count)
{
	sigset_t all, before;
	struct rlimit limit;
	bool ok = true;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		th_worker_max = limit.rlim_cur;
	}
	th_worker_max = th_worker_max > 2 * TH_WORKER_SPARE ?
			th_worker_max - TH_WORKER_SPARE : TH_WORKER_SPARE;
	if (!count)
		count = sysconf(_SC_NPROCESSORS_ONLN);
	th_workers = calloc(count, sizeof(*th_workers));
	if (!th_workers)
		return false;
	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (ok && th_worker_count < count) {
		ok = th_worker_open(&th_workers[th_worker_count]);
		th_worker_count += ok;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

void th_worker_stop(void)
{
	unsigned int i;

	atomic_store(&th_worker_stopping, true);
	for (i = 0; i < th_worker_count; i++) {
		struct th_worker *worker = &th_workers[i];

		eventfd_write(worker->event, 1);
		pthread_join(worker->thread, NULL);
		th_genl_close(&worker->genl);
		close(worker->epoll);
		close(worker->event);
	}
	free(th_workers);
}

bool th_worker_free(void)
{
	return atomic_load(&th_worker_busy) < th_worker_max;
}

bool th_worker_give(struct th_conf *conf, const struct th_request *request)
{
	struct th_worker *worker;
	struct th_hs *hs;

	worker = &th_workers[th_worker_next++ % th_worker_count];
	hs = th_hs_new(conf, request, &worker->genl);
	if (!hs)
		return false;
	atomic_fetch_add(&th_worker_busy, 1);
	pthread_mutex_lock(&worker->lock);
	hs->next = worker->incoming;
	worker->incoming = hs;
	pthread_mutex_unlock(&worker->lock);
	eventfd_write(worker->event, 1);
	return true;
}
