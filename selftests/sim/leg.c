// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#define PORT		1000
/* a path that was given up is tried again after this time */
#define RETRY		SEC
/* likewise when it could not be opened */
#define SOON		(5 * MS)
#define ADDRESS		10

static void make_tuple(unsigned int who, unsigned int leg, u16 port,
		       struct tquic_tuple *tuple)
{
	*tuple = (struct tquic_tuple){};
	if (who == UP) {
		tuple->local[15] = ADDRESS + leg;
		tuple->local_port = PORT;
		tuple->remote[15] = 1;
		tuple->remote_port = 443;
		tuple->dev = leg + 1;
	} else {
		tuple->local[15] = 1;
		tuple->local_port = 443;
		tuple->remote[15] = ADDRESS + leg;
		tuple->remote_port = port;
	}
}

/* The addresses of a packet as its receiver sees them. */
void leg_tuple(const struct world *w, unsigned int who, const struct pkt *p,
	       struct tquic_tuple *tuple)
{
	(void)w;
	make_tuple(who, p->leg, p->port, tuple);
}

/* The addresses of the handshake. */
void leg_first_tuple(const struct world *w, unsigned int who,
		     struct tquic_tuple *tuple)
{
	int i;

	for (i = 0; !w->leg[i].up; i++)
		;
	make_tuple(who, i, w->leg[i].port, tuple);
}

struct leg *leg_of(struct world *w, unsigned int who,
		   const struct tquic_tuple *tuple)
{
	return &w->leg[who == UP ? tuple->dev - 1 :
		       tuple->remote[15] - ADDRESS];
}

/*
 * The NAT of the leg: a mapping that was idle for long is forgotten; the next
 * packet out makes another.
 */
static bool nat_passes(struct leg *leg, unsigned int who, struct pkt *p)
{
	u64 now = leg->w->q.now, idle = leg->conf.link[who].nat;
	bool forgotten = leg->link[who].live && idle &&
			 now - leg->busy > idle;

	if (who == UP) {
		leg->port += forgotten;
		p->port = leg->port;
	} else if (forgotten || p->port != leg->port) {
		return false;
	}
	leg->busy = now;
	return true;
}

/* From an end onto the leg. */
void leg_send(struct leg *leg, unsigned int who, struct pkt *p)
{
	p->leg = leg->id;
	p->dir = who;
	p->sink = &leg->sink[who];
	p->flow = leg->id;
	if (!nat_passes(leg, who, p)) {
		log_packet(leg->w, LOG_NAT, leg->link[who].id, p);
		pkt_put(p);
		return;
	}
	link_enter(&leg->link[who], p);
}

static void take(struct sink *sink, struct pkt *p)
{
	struct leg *leg;

	leg = p->dir == UP ? container_of(sink, struct leg, sink[UP]) :
			     container_of(sink, struct leg, sink[DOWN]);
	leg->w->carried[p->dir] += p->size;
	host_receive(&leg->w->host[!p->dir], p);
}

static struct tquic_path *path_of(const struct leg *leg)
{
	struct tquic_path *path;

	if (!leg->opened)
		return NULL;
	path = tquic_conn_path(leg->w->end[UP].conn, leg->path_id);
	return path && path->state != TQUIC_PATH_CLOSING ? path : NULL;
}

/* The client's path manager: every leg that is up has a path. */
static void open_path(struct leg *leg)
{
	struct end *end = &leg->w->end[UP];
	struct tquic_tuple tuple;
	int id;

	if (!leg->up || path_of(leg) || leg->retry.slot)
		return;
	make_tuple(UP, leg->id, 0, &tuple);
	id = tquic_conn_open_path(end->conn, &tuple, end_clock(end),
				  GFP_KERNEL);
	if (id < 0) {
		/* connection IDs for it are on their way */
		ev_set(&leg->w->q, &leg->retry, leg->w->q.now + SOON);
		return;
	}
	leg->path_id = id;
	leg->opened = true;
	log_note(leg->w, "open %s path %d", leg->conf.name, id);
	if (leg->conf.backup)
		tquic_conn_set_backup(end->conn, id, true);
	ev_set(&leg->w->q, &leg->retry, leg->w->q.now + RETRY);
}

static void close_path(struct leg *leg)
{
	struct end *end = &leg->w->end[UP];

	if (!path_of(leg))
		return;
	/* the last path stays: it ends with the connection */
	tquic_conn_abandon_path(end->conn, leg->path_id,
				TQUIC_APPLICATION_ABANDON_PATH,
				end_clock(end), GFP_KERNEL);
}

static void retry(struct ev *ev)
{
	open_path(container_of(ev, struct leg, retry));
	end_kick(&container_of(ev, struct leg, retry)->w->end[UP]);
}

static bool validated(const struct end *end, u32 id)
{
	const struct tquic_path *path = tquic_conn_path(end->conn, id);

	return path && path->validated && path->has_dcid;
}

/* Something is new about paths: called at either end. */
void legs_review(struct world *w, struct end *end)
{
	int i;

	if (end->who != UP || !end->conn->confirmed)
		return;
	for (i = 0; i < w->sc->nlegs; i++) {
		open_path(&w->leg[i]);
		if (w->leg[i].removed)
			close_path(&w->leg[i]);
	}
}

bool legs_ready(const struct world *w)
{
	const struct leg *leg;
	int i;

	for (i = 0; i < w->sc->nlegs; i++) {
		leg = &w->leg[i];
		if (leg->up &&
		    (!leg->opened || !validated(&w->end[UP], leg->path_id) ||
		     !validated(&w->end[DOWN], leg->path_id)))
			return false;
	}
	return true;
}

struct shared *shared_named(struct world *w, const char *name)
{
	int i;

	for (i = 0; strcmp(w->sc->shared[i].name, name); i++)
		;
	return &w->shared[i];
}

/* Made when it is first named. */
static struct medium *medium_named(struct world *w, const char *name)
{
	struct medium *m;
	int i;

	for (i = 0; i < w->nmedia; i++)
		if (!strcmp(w->medium[i].name, name))
			return &w->medium[i];
	m = &w->medium[w->nmedia++];
	strscpy(m->name, name, sizeof(m->name));
	INIT_LIST_HEAD(&m->turn);
	return m;
}

/* Delay of both directions of the legs behind a bottleneck: the longest. */
static u64 shared_base(const struct scene *sc, const char *name)
{
	const struct link_conf *c;
	u64 base = 0;
	int i;

	for (i = 0; i < sc->nlegs; i++) {
		c = sc->legs[i].link;
		if (!strcmp(c[UP].via, name) || !strcmp(c[DOWN].via, name))
			base = max(base, c[UP].delay + c[DOWN].delay);
	}
	return base;
}

/* Is there a leg that could carry something both ways? */
bool legs_work(const struct world *w)
{
	const struct leg *leg;
	int i;

	for (i = 0; i < w->sc->nlegs; i++) {
		leg = &w->leg[i];
		if (leg->up && !leg->link[UP].silent &&
		    !leg->link[DOWN].silent)
			return true;
	}
	return false;
}

/* The configuration was changed while it runs. */
void leg_changed(struct leg *leg)
{
	struct link_conf *c = leg->conf.link;
	struct world *w = leg->w;
	struct link *link;
	int i;

	for (i = 0; i < 2; i++) {
		link = &leg->link[i];
		link->conf = &c[i];
		link->server = NULL;
		link->via = NULL;
		if (*c[i].via)
			link->via = &shared_named(w, c[i].via)->server[i];
		/* a queue that is not empty cannot go away */
		if (!c[i].rate && !leg->server[i].count)
			continue;
		CHECK(c[i].rate);
		link->server = &leg->server[i];
		server_configure(link->server, &c[i],
				 c[UP].delay + c[DOWN].delay,
				 *c[i].air ? medium_named(w, c[i].air) : NULL);
	}
}

void shared_init(struct world *w)
{
	const struct shared_conf *conf;
	struct server *s;
	int i, d;

	for (i = 0; i < w->sc->nshared; i++)
		for (d = 0; d < 2; d++) {
			conf = &w->sc->shared[i];
			s = &w->shared[i].server[d];
			server_init(s, w, mix(w->seed) ^ hash_text(conf->name),
				    NULL);
			server_configure(s, &conf->link[d],
					 shared_base(w->sc, conf->name), NULL);
		}
}

static void leg_init(struct world *w, int i, bool used)
{
	struct leg *leg = &w->leg[i];
	u64 key = mix(w->seed) ^ hash_text(w->sc->legs[i].name);
	int d;

	*leg = (struct leg){
		.w = w, .id = i, .conf = w->sc->legs[i], .used = used,
		.port = PORT, .retry.fn = retry,
	};
	for (d = 0; d < 2; d++) {
		link_init(&leg->link[d], w, leg->conf.name, 2 * i + d, d, key);
		server_init(&leg->server[d], w, mix(key + 2), &leg->link[d]);
		leg->sink[d].take = take;
	}
	leg_changed(leg);
}

/* @alone: only that leg, whatever the scenario says of it; -1 for all. */
void legs_init(struct world *w, int alone)
{
	bool first = true;
	int i;

	for (i = 0; i < w->sc->nlegs; i++) {
		leg_init(w, i, alone < 0 || alone == i);
		w->leg[i].up = alone < 0 ? !w->sc->legs[i].absent : alone == i;
		if (!w->leg[i].up)
			continue;
		/* path 0 */
		w->leg[i].opened = first;
		first = false;
	}
}

void legs_live(struct world *w)
{
	int i;

	for (i = 0; i < 2 * w->sc->nlegs; i++) {
		link_live(&w->leg[i / 2].link[i % 2]);
		w->leg[i / 2].server[i % 2].live = true;
	}
	for (i = 0; i < 2 * w->sc->nshared; i++)
		w->shared[i / 2].server[i % 2].live = true;
}

/* Carrier lost, and the client sees that. */
void leg_down(struct leg *leg)
{
	struct end *end = &leg->w->end[UP];
	int i;

	leg->up = false;
	for (i = 0; i < 2; i++) {
		leg->link[i].down = true;
		server_purge(&leg->server[i]);
	}
	ev_cancel(&leg->w->q, &leg->retry);
	if (path_of(leg))
		tquic_conn_path_down(end->conn, leg->path_id, end_clock(end));
	end_kick(end);
}

void leg_up(struct leg *leg)
{
	struct end *end = &leg->w->end[UP];

	leg->up = true;
	leg->link[UP].down = false;
	leg->link[DOWN].down = false;
	leg->removed = false;
	if (path_of(leg))
		tquic_conn_path_up(end->conn, leg->path_id, end_clock(end));
	else
		open_path(leg);
	end_kick(end);
}

/* Taken out of use while it still works. */
void leg_remove(struct leg *leg)
{
	leg->up = false;
	leg->removed = true;
	ev_cancel(&leg->w->q, &leg->retry);
	close_path(leg);
	end_kick(&leg->w->end[UP]);
}

void legs_free(struct world *w)
{
	int i;

	for (i = 0; i < 2 * w->sc->nlegs; i++)
		link_audit(&w->leg[i / 2].link[i % 2]);
	for (i = 0; i < 2 * w->sc->nlegs; i++)
		server_free(&w->leg[i / 2].server[i % 2]);
	for (i = 0; i < 2 * w->sc->nshared; i++)
		server_free(&w->shared[i / 2].server[i % 2]);
	for (i = 0; i < 2 * w->sc->nlegs; i++) {
		link_free(&w->leg[i / 2].link[i % 2]);
		ev_cancel(&w->q, &w->leg[i / 2].retry);
	}
}
