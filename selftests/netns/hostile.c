// SPDX-License-Identifier: GPL-2.0
/*
 * What somebody hostile sends: floods of first packets from made-up addresses,
 * packets of no connection between addresses of one, and a session's packets
 * changed and sent again, as fast as it goes. IPv4.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM		2048
#define BATCH		64
#define RECORDS		4096
#define HEADERS		(sizeof(struct iphdr) + sizeof(struct udphdr))
#define INITIAL_LEN	1200

/**
 * struct packet - a packet, from its IP header on
 * @len: bytes
 * @data: the packet
 */
struct packet {
	__u16 len;
	unsigned char data[ROOM];
};

static struct packet batch[BATCH];
static unsigned int batched;
static unsigned long sent;
static int raw;

static struct packet records[RECORDS];
static unsigned int nr_records;

static atomic_bool stopped;

static __u64 state;

/* The same for the same seed, so that a run can be had again. */
static __u64 rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dULL;
}

static unsigned int below(unsigned int n)
{
	return (rnd() >> 32) % n;
}

static void rnd_bytes(unsigned char *to, unsigned int len)
{
	while (len--)
		*to++ = rnd() >> 56;
}

static void flush_batch(void)
{
	struct sockaddr_in to[BATCH] = {};
	struct mmsghdr msgs[BATCH] = {};
	struct iovec iov[BATCH];
	unsigned int i, done;
	int n;

	for (i = 0; i < batched; i++) {
		iov[i] = (struct iovec){ batch[i].data, batch[i].len };
		to[i].sin_family = AF_INET;
		memcpy(&to[i].sin_addr, batch[i].data + 16, 4);
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = &to[i];
		msgs[i].msg_hdr.msg_namelen = sizeof(to[i]);
	}
	for (done = 0; done < batched; done += n) {
		n = sendmmsg(raw, msgs + done, batched - done, 0);
		/* a full queue is no reason to stop, nor is a lost route */
		if (n < 0)
			n = 1;
		else
			sent += n;
	}
	batched = 0;
}

static void put(void)
{
	if (++batched == BATCH)
		flush_batch();
}

/* Headers around a payload; no checksum, which IPv4 allows. */
static void envelop(struct packet *p, __u32 from, __u16 from_port,
		    __u32 to, __u16 to_port, unsigned int payload)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.saddr = htonl(from),
		.daddr = htonl(to),
	};
	struct udphdr udp = {
		.source = htons(from_port),
		.dest = htons(to_port),
		.len = htons(sizeof(udp) + payload),
	};

	p->len = HEADERS + payload;
	ip.tot_len = htons(p->len);
	memcpy(p->data, &ip, sizeof(ip));
	memcpy(p->data + sizeof(ip), &udp, sizeof(udp));
}

static __u32 ipv4(const char *text)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		errx(2, "'%s' is no IPv4 address", text);
	return ntohl(a.s_addr);
}

/* A client's first packet, as far as can be seen without opening it. */
static void make_initial(unsigned char *p)
{
	static const unsigned char head[] = { 0xc3, 0, 0, 0, 1, 8 };
	unsigned char *begin = p;
	unsigned int left;

	rnd_bytes(p, INITIAL_LEN);
	memcpy(p, head, sizeof(head));
	p += sizeof(head) + 8;
	*p++ = 8;
	p += 8;
	*p++ = 0;
	left = INITIAL_LEN - (p + 2 - begin);
	*p++ = 0x40 | left >> 8;
	*p = left;
}

static void flood(char **argv)
{
	__u32 to = ipv4(argv[0]), net = ipv4(argv[3]);
	unsigned long count = strtoul(argv[2], NULL, 0);
	unsigned int port = atoi(argv[1]);

	printf("begins\n");
	fflush(stdout);
	while (count-- && !stopped) {
		struct packet *p = &batch[batched];

		make_initial(p->data + HEADERS);
		envelop(p, net | below(1 << 16), 1024 + below(60000), to, port,
			INITIAL_LEN);
		put();
	}
}

static void stray(char **argv)
{
	__u32 from = ipv4(argv[0]), to = ipv4(argv[2]);
	unsigned int from_port = atoi(argv[1]), to_port = atoi(argv[3]);
	unsigned long count = strtoul(argv[4], NULL, 0);

	while (count-- && !stopped) {
		struct packet *p = &batch[batched];
		unsigned int len = 40 + below(1100);

		rnd_bytes(p->data + HEADERS, len);
		p->data[HEADERS] = 0x40 | (p->data[HEADERS] & 0x3f);
		envelop(p, from, from_port, to, to_port, len);
		put();
	}
}

static void load(const char *name)
{
	FILE *f = fopen(name, "r");
	struct packet *p;

	if (!f)
		err(1, "%s", name);
	while (nr_records < RECORDS) {
		p = &records[nr_records];
		if (fread(&p->len, sizeof(p->len), 1, f) != 1)
			break;
		if (p->len > ROOM || fread(p->data, p->len, 1, f) != 1)
			errx(1, "%s is broken", name);
		nr_records++;
	}
	fclose(f);
	if (!nr_records)
		errx(1, "%s is empty", name);
}

static unsigned int flip(unsigned char *data, unsigned int len)
{
	unsigned int n = 1 + below(8);

	while (n--)
		data[below(len)] ^= 1 << below(8);
	return len;
}

static unsigned int truncate_(unsigned char *data, unsigned int len)
{
	(void)data;
	return 1 + below(len);
}

static unsigned int extend(unsigned char *data, unsigned int len)
{
	unsigned int more = below(1472 - len + 1);

	rnd_bytes(data + len, more);
	return len + more;
}

static unsigned int number(unsigned char *data, unsigned int len)
{
	static const __u64 odd[] = {
		0, 1, 0x3f, 0x40, 0x3fff, 0x4000, 0x7fffffff, 0x80000000,
		0xffffffff, 0x3fffffffffffffff, 0xffffffffffffffff,
	};
	__u64 n = htobe64(odd[below(sizeof(odd) / sizeof(*odd))]);
	unsigned int size = 1 << below(4), at;

	if (len < size)
		return len;
	at = below(len - size + 1);
	memcpy(data + at, (unsigned char *)&n + 8 - size, size);
	return len;
}

/* The beginning is of one packet, the end of another. */
static unsigned int splice_(unsigned char *data, unsigned int len)
{
	const struct packet *other = &records[below(nr_records)];
	unsigned int n = other->len - HEADERS, at = below(len);

	if (at >= n)
		return len;
	memcpy(data + at, other->data + HEADERS + at, n - at);
	return n;
}

/* Of the header, where most decisions are made. */
static unsigned int head(unsigned char *data, unsigned int len)
{
	data[below(len < 32 ? len : 32)] = rnd() >> 56;
	return len;
}

static unsigned int as_it_is(unsigned char *data, unsigned int len)
{
	(void)data;
	return len;
}

static unsigned int (*const changes[])(unsigned char *data,
				       unsigned int len) = {
	as_it_is, flip, truncate_, extend, number, splice_, head, head,
};

static void replay(char **argv)
{
	unsigned long count = strtoul(argv[1], NULL, 0);

	state ^= strtoul(argv[2], NULL, 0) << 20;
	load(argv[0]);
	while (count-- && !stopped) {
		const struct packet *from = &records[below(nr_records)];
		struct packet *p = &batch[batched];
		unsigned int i, len = from->len - HEADERS;
		__u32 source, to;
		__u16 port[2];

		memcpy(p->data, from->data, from->len);
		for (i = below(4); i; i--)
			len = changes[below(sizeof(changes) /
					    sizeof(*changes))]
					(p->data + HEADERS, len);
		memcpy(&source, from->data + 12, 4);
		memcpy(&to, from->data + 16, 4);
		memcpy(port, from->data + 20, 4);
		/* now and then from somewhere else: migrations, new clients */
		if (!below(8))
			source = htonl(ntohl(source) ^ below(256));
		if (!below(8))
			port[0] = rnd() >> 48;
		envelop(p, ntohl(source), ntohs(port[0]), ntohl(to),
			ntohs(port[1]), len);
		put();
	}
}

/* What goes to a port, until a signal comes or there is no room. */
static void record(char **argv)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
	FILE *f = fopen(argv[0], "w");
	unsigned int port = atoi(argv[1]), n = 0;
	struct packet p;
	ssize_t len;

	if (fd < 0 || !f)
		err(1, "%s", argv[0]);
	printf("ready\n");
	fflush(stdout);
	while (!stopped && n < RECORDS) {
		struct sockaddr_ll from;
		socklen_t size = sizeof(from);

		len = recvfrom(fd, p.data, sizeof(p.data), MSG_TRUNC,
			       (struct sockaddr *)&from, &size);
		if (len <= (ssize_t)HEADERS || len > 1500 ||
		    ntohs(from.sll_protocol) != ETH_P_IP ||
		    p.data[0] != 0x45 || p.data[9] != IPPROTO_UDP ||
		    (p.data[22] << 8 | p.data[23]) != (int)port)
			continue;
		p.len = len;
		fwrite(&p, sizeof(p.len) + len, 1, f);
		n++;
	}
	fclose(f);
	printf("%u packets\n", n);
}

static void stop(int sig)
{
	(void)sig;
	stopped = true;
}

static const struct command {
	const char *name;
	int args;
	void (*run)(char **argv);
	const char *usage;
} commands[] = {
	{ "record", 2, record, "FILE PORT: what is sent to a port" },
	{ "replay", 3, replay, "FILE COUNT SEED: changed, again" },
	{ "flood", 4, flood, "ADDRESS PORT COUNT NET: Initials from NET/16" },
	{ "stray", 5, stray,
	  "FROM PORT TO PORT COUNT: short headers of no connection" },
};

static void open_raw(void)
{
	int size = 8 << 20;

	raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (raw < 0)
		err(1, "a raw socket");
	setsockopt(raw, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = stop };
	struct timespec a, b;
	size_t i;

	/* without SA_RESTART, so that recvfrom() ends, too */
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	state = 0x9e3779b97f4a7c15ULL;
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (argc < 2 || strcmp(argv[1], commands[i].name) ||
		    argc - 2 != commands[i].args)
			continue;
		open_raw();
		clock_gettime(CLOCK_MONOTONIC, &a);
		commands[i].run(argv + 2);
		flush_batch();
		clock_gettime(CLOCK_MONOTONIC, &b);
		if (commands[i].run != record)
			printf("%lu packets in %ld ms\n", sent,
			       (b.tv_sec - a.tv_sec) * 1000 +
			       (b.tv_nsec - a.tv_nsec) / 1000000);
		return 0;
	}
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(stderr, "usage: hostile %s %s\n", commands[i].name,
			commands[i].usage);
	return 2;
}
