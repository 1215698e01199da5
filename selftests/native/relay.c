// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "buf.h"
#include "log.h"
#include "relay.h"
#include "stop.h"

#define TN_RELAY_CLIENTS	32

/**
 * struct tn_relay_dgram - a datagram on its way
 * @next: the one after it
 * @at: when it arrives
 * @client: of which client
 * @down: it goes to the client
 * @ecn: mark
 * @buf: the datagram
 */
struct tn_relay_dgram {
	struct tn_relay_dgram *next;
	u64 at;
	unsigned int client;
	bool down;
	enum tquic_ecn_mark ecn;
	struct tn_buf *buf;
};

/**
 * struct tn_relay_client - an address that sends to us
 * @addr: address
 * @up: socket that its datagrams leave by
 * @count: datagrams seen
 */
struct tn_relay_client {
	struct tn_addr addr;
	struct tn_udp up;
	unsigned int count;
};

/**
 * struct tn_relay - the relay
 * @config: what it does
 * @udp: socket for clients
 * @client: clients
 * @nclients: how many
 * @queue: datagrams on their way, by arrival
 * @state: of the generator
 * @lost: datagrams lost
 * @passed: datagrams that were not
 */
struct tn_relay {
	struct tn_relay_config config;
	struct tn_udp udp;
	struct tn_relay_client client[TN_RELAY_CLIENTS];
	unsigned int nclients;
	struct tn_relay_dgram *queue;
	u64 state;
	u64 lost;
	u64 passed;
};

/* xorshift64*: Vigna, ACM TOMS 42(4), 2016 */
static u64 tn_relay_draw(struct tn_relay *relay)
{
	u64 x = relay->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	relay->state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

static bool tn_relay_chance(struct tn_relay *relay, unsigned int permille)
{
	return (tn_relay_draw(relay) >> 32) % 1000 < permille;
}

static void tn_relay_enqueue(struct tn_relay *relay, u64 at,
			     unsigned int client, bool down,
			     const struct tn_dgram *dgram)
{
	struct tn_relay_dgram *d = calloc(1, sizeof(*d));
	struct tn_relay_dgram **p = &relay->queue;
	u64 bit;

	if (!d)
		tn_die("out of memory");
	*d = (struct tn_relay_dgram){
		.at = at, .client = client, .down = down,
		.ecn = dgram->ecn, .buf = tn_buf_new(dgram->data, dgram->len),
	};
	if (dgram->len && tn_relay_chance(relay, relay->config.corrupt)) {
		bit = tn_relay_draw(relay) % (dgram->len * 8ULL);
		d->buf->data[bit / 8] ^= 1 << bit % 8;
	}
	while (*p && (*p)->at <= at)
		p = &(*p)->next;
	d->next = *p;
	*p = d;
}

/* One datagram enters the network. */
static void tn_relay_enter(struct tn_relay *relay, unsigned int client,
			   bool down, const struct tn_dgram *dgram, u64 now)
{
	const struct tn_relay_config *config = &relay->config;
	u64 at = now + config->delay;

	if (dgram->len > config->mtu ||
	    tn_relay_chance(relay, config->loss)) {
		relay->lost++;
		return;
	}
	if (tn_relay_chance(relay, config->reorder))
		at += config->late;
	tn_relay_enqueue(relay, at, client, down, dgram);
	if (tn_relay_chance(relay, config->duplicate))
		tn_relay_enqueue(relay, at + config->late / 2, client, down,
				 dgram);
}

static unsigned int tn_relay_client(struct tn_relay *relay,
				    const struct tn_addr *from)
{
	struct tn_addr any = relay->config.listen;
	struct tn_relay_client *client;
	unsigned int i;

	for (i = 0; i < relay->nclients; i++)
		if (!memcmp(&relay->client[i].addr, from, sizeof(*from)))
			return i;
	if (i == TN_RELAY_CLIENTS)
		tn_die("more than %d clients", TN_RELAY_CLIENTS);
	client = &relay->client[relay->nclients++];
	client->addr = *from;
	any.port = 0;
	tn_udp_open(&client->up, &any);
	return i;
}

static void tn_relay_receive(struct tn_relay *relay)
{
	struct tn_dgram dgram;
	u64 now = tn_now();
	unsigned int i;

	while (tn_udp_recv(&relay->udp, &dgram)) {
		i = tn_relay_client(relay, &dgram.from);
		if (relay->config.rebind &&
		    ++relay->client[i].count % relay->config.rebind == 0)
			tn_udp_reopen(&relay->client[i].up);
		tn_relay_enter(relay, i, false, &dgram, now);
	}
	for (i = 0; i < relay->nclients; i++)
		while (tn_udp_recv(&relay->client[i].up, &dgram))
			tn_relay_enter(relay, i, true, &dgram, now);
}

static void tn_relay_deliver(struct tn_relay *relay)
{
	u64 now = tn_now();

	while (relay->queue && relay->queue->at <= now) {
		struct tn_relay_dgram *d = relay->queue;
		struct tn_relay_client *client = &relay->client[d->client];

		relay->queue = d->next;
		tn_udp_send(d->down ? &relay->udp : &client->up,
			    d->down ? &client->addr : &relay->config.server,
			    d->ecn, d->buf->data, d->buf->len);
		relay->passed++;
		tn_buf_put(d->buf);
		free(d);
	}
}

static void tn_relay_wait(struct tn_relay *relay)
{
	struct pollfd fds[1 + TN_RELAY_CLIENTS];
	struct timespec wait = {};
	u64 now = tn_now();
	unsigned int i;

	fds[0] = (struct pollfd){ relay->udp.fd, POLLIN, 0 };
	for (i = 0; i < relay->nclients; i++)
		fds[i + 1] = (struct pollfd){
			relay->client[i].up.fd, POLLIN, 0
		};
	if (relay->queue && relay->queue->at > now) {
		wait.tv_sec = (relay->queue->at - now) / TQUIC_NS_PER_SEC;
		wait.tv_nsec = (relay->queue->at - now) % TQUIC_NS_PER_SEC;
	}
	tn_stop_poll(fds, relay->nclients + 1, relay->queue ? &wait : NULL);
}

/**
 * tn_relay_run - relay until a signal comes
 * @config: what to do
 *
 * Return: exit status.
 */
int tn_relay_run(const struct tn_relay_config *config)
{
	struct tn_relay relay = {
		.config = *config,
		/* never 0, which the generator would not leave */
		.state = config->seed * 2 + 1,
	};
	struct tn_relay_dgram *d;
	unsigned int i;

	tn_stop_init();
	tn_udp_open(&relay.udp, &config->listen);
	tn_say("ready");
	while (!tn_stop_asked()) {
		tn_relay_wait(&relay);
		tn_relay_receive(&relay);
		tn_relay_deliver(&relay);
	}
	tn_say("relay passed=%llu lost=%llu", relay.passed,
	       relay.lost);
	while ((d = relay.queue)) {
		relay.queue = d->next;
		tn_buf_put(d->buf);
		free(d);
	}
	for (i = 0; i < relay.nclients; i++)
		tn_udp_close(&relay.client[i].up);
	tn_udp_close(&relay.udp);
	return 0;
}
