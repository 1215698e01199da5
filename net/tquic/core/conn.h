/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection: what it is told, what it answers.
 *
 * The caller owns the lock, the clock, the sockets and the keys.  It hands in
 * packets that were opened (tquic_conn_recv()), handshake bytes and facts from
 * TLS, and asks for events, for plans of what to send (tquic_conn_plan()) and
 * for the time of the next call (tquic_conn_deadline()).
 *
 *   HANDSHAKE -> ESTABLISHED -> CLOSING ---+
 *       |             |                    +--> CLOSED
 *       +-------------+-------> DRAINING --+
 */
#ifndef _TQUIC_CORE_CONN_H
#define _TQUIC_CORE_CONN_H

#include "dgramq.h"
#include "path.h"
#include "plan.h"
#include "sched.h"
#include "streams.h"
#include "token.h"
#include "tparam.h"

#define TQUIC_CONN_PATHS_MAX	TQUIC_SCHED_PATHS_MAX
/* paths that may be opened at once, and how soon one more after that, ns */
#define TQUIC_CONN_OPENS	TQUIC_CONN_PATHS_MAX
#define TQUIC_CONN_OPEN_INTERVAL	TQUIC_NS_PER_SEC
/* handshake bytes out of order that are kept, RFC 9000 section 7.5 */
#define TQUIC_CONN_CRYPTO_MAX	65536
/* unpredictable bytes of a client's first destination: RFC 9000 section 7.2 */
#define TQUIC_CONN_ODCID_MIN	8
#define TQUIC_CONN_ENTROPY	128
#define TQUIC_CONN_DGRAM_TX	(4 * 1024 * 1024)
#define TQUIC_CONN_DGRAM_RX	(1024 * 1024)
/* us; timers are not made for less */
#define TQUIC_CONN_MIN_ACK_DELAY	1000

enum tquic_conn_state {
	TQUIC_CONN_HANDSHAKE,
	TQUIC_CONN_ESTABLISHED,
	TQUIC_CONN_CLOSING,
	TQUIC_CONN_DRAINING,
	TQUIC_CONN_CLOSED,
};

/**
 * enum tquic_early - what becomes of early data
 * @TQUIC_EARLY_NONE: there is none
 * @TQUIC_EARLY_OFFERED: client: the server has not answered
 * @TQUIC_EARLY_ACCEPTED: it is taken
 * @TQUIC_EARLY_REJECTED: it is not
 */
enum tquic_early {
	TQUIC_EARLY_NONE,
	TQUIC_EARLY_OFFERED,
	TQUIC_EARLY_ACCEPTED,
	TQUIC_EARLY_REJECTED,
};

/**
 * enum tquic_conn_why - how a connection ended
 * @TQUIC_CONN_WHY_NONE: it did not
 * @TQUIC_CONN_WHY_LOCAL: we closed it, see @close
 * @TQUIC_CONN_WHY_REMOTE: the peer closed it, see @remote_close
 * @TQUIC_CONN_WHY_IDLE: nothing was heard for too long
 * @TQUIC_CONN_WHY_HANDSHAKE: the handshake took too long
 * @TQUIC_CONN_WHY_RESET: the peer has forgotten the connection
 * @TQUIC_CONN_WHY_NUMBERS: packet numbers ran out
 * @TQUIC_CONN_WHY_PATH: the last address of the peer could not be validated
 * @TQUIC_CONN_WHY_VERSION: Version Negotiation, see @vn_version
 */
enum tquic_conn_why {
	TQUIC_CONN_WHY_NONE,
	TQUIC_CONN_WHY_LOCAL,
	TQUIC_CONN_WHY_REMOTE,
	TQUIC_CONN_WHY_IDLE,
	TQUIC_CONN_WHY_HANDSHAKE,
	TQUIC_CONN_WHY_RESET,
	TQUIC_CONN_WHY_NUMBERS,
	TQUIC_CONN_WHY_PATH,
	TQUIC_CONN_WHY_VERSION,
};

/* bytes kept of the peer's reason phrase */
#define TQUIC_CONN_REASON	64

/* struct tquic_conn events; the caller clears what it has dealt with */
#define TQUIC_CONN_E_CRYPTO	BIT(0)	/* handshake bytes can be read */
#define TQUIC_CONN_E_KEYS	BIT(1)	/* keys were discarded */
#define TQUIC_CONN_E_CONFIRMED	BIT(2)	/* the handshake is confirmed */
#define TQUIC_CONN_E_PATHS	BIT(3)	/* a path came, went or changed */
#define TQUIC_CONN_E_CIDS	BIT(4)	/* IDs to be issued or reaped */
#define TQUIC_CONN_E_PHASE	BIT(5)	/* other generations of keys count */
#define TQUIC_CONN_E_ENTROPY	BIT(6)	/* random bytes are running out */
#define TQUIC_CONN_E_CLOSED	BIT(7)	/* see @close and @remote_close */
#define TQUIC_CONN_E_DGRAM	BIT(8)	/* datagrams can be read */
#define TQUIC_CONN_E_FATES	BIT(9)	/* of datagrams sent: news, or room */
#define TQUIC_CONN_E_INITIAL	BIT(10)	/* Initial keys have to be derived */
#define TQUIC_CONN_E_TOKEN	BIT(11)	/* a token can be taken */
#define TQUIC_CONN_E_REJECTED	BIT(12)	/* early data was rejected */
#define TQUIC_CONN_E_STREAMS	BIT(13)	/* the peer allows more streams */

/* struct tquic_conn control: frames to be written, one of each at most */
#define TQUIC_CONN_C_DONE		BIT(0)	/* HANDSHAKE_DONE */
#define TQUIC_CONN_C_MAX_DATA		BIT(1)
#define TQUIC_CONN_C_MAX_STREAMS_BIDI	BIT(2)
#define TQUIC_CONN_C_MAX_STREAMS_UNI	BIT(3)
#define TQUIC_CONN_C_BLOCKED		BIT(4)	/* DATA_BLOCKED */
#define TQUIC_CONN_C_BLOCKED_BIDI	BIT(5)	/* STREAMS_BLOCKED */
#define TQUIC_CONN_C_BLOCKED_UNI	BIT(6)
#define TQUIC_CONN_C_MAX_PATH_ID	BIT(7)
#define TQUIC_CONN_C_PATHS_BLOCKED	BIT(8)
#define TQUIC_CONN_C_TOKEN		BIT(9)	/* NEW_TOKEN */
#define TQUIC_CONN_C_CIDS_BLOCKED	BIT(10)	/* PATH_CIDS_BLOCKED */

/* NEW_TOKEN frames on their way, or tokens that wait to be taken */
#define TQUIC_CONN_TOKENS	4

/**
 * struct tquic_conn_token - a token of a NEW_TOKEN frame
 * @serial: which it is
 * @waits: it is to be sent
 * @len: bytes of it
 * @data: token
 */
struct tquic_conn_token {
	u64 serial;
	bool waits;
	u16 len;
	u8 data[];
};

/**
 * struct tquic_crypto - handshake bytes of one level
 * @tx: to the peer
 * @rx: from the peer
 * @complete: TLS reads at a higher level, so @rx must not grow
 */
struct tquic_crypto {
	struct tquic_sendq tx;
	struct tquic_reasm rx;
	bool complete;
};

/*
 * Limits of AEAD_AES_128_GCM and AEAD_AES_256_GCM: RFC 9001 section 6.6.
 * AEAD_CHACHA20_POLY1305 has 2^36 for the second, and needs none for the first.
 */
#define TQUIC_KEYS_SEAL_MAX	BIT_ULL(23)
#define TQUIC_KEYS_OPEN_MAX	BIT_ULL(52)
/* packets kept back for saying goodbye when the first limit is reached */
#define TQUIC_KEYS_RESERVE	256

/**
 * struct tquic_keys - which 1-RTT keys are used: RFC 9001 section 6
 * @tx: generation of the keys that we seal with, 0 for those from TLS; the key
 *	phase is its lowest bit
 * @rx: highest generation that a packet was opened with
 * @oldest: lowest generation that is still accepted
 * @acked: a packet sealed with @tx was acknowledged
 * @answered: we acknowledged something in a packet sealed with @tx
 * @again_at: no update of ours before that
 * @forget_at: when @oldest becomes @rx
 * @sealed: packets sealed with @tx, on all paths
 * @seal_max: how many there may be
 * @unopened: packets that could not be opened, with any keys
 * @open_max: how many there may be
 */
struct tquic_keys {
	u32 tx;
	u32 rx;
	u32 oldest;
	bool acked;
	bool answered;
	tquic_time_t again_at;
	tquic_time_t forget_at;
	u64 sealed;
	u64 seal_max;
	u64 unopened;
	u64 open_max;
};

/**
 * struct tquic_conn_ask - how soon the peer is to acknowledge
 * @asked: longest wait that we last asked for, ns
 * @granted: that of the newest request that is known to have arrived, ns; at
 *	first the peer's max_ack_delay
 * @reorder: reordering that we asked it to tell at once
 * @seq: sequence number of the newest request, plus 1; 0 for none
 * @due: it is to be sent
 * @at: when it was made
 * @limits: what the peer asked us for
 * @heard: sequence number of its newest request, plus 1; 0 for none
 */
struct tquic_conn_ask {
	u64 asked;
	u64 granted;
	u32 reorder;
	u64 seq;
	bool due;
	tquic_time_t at;
	struct tquic_ackfreq_limits limits;
	u64 heard;
};

/**
 * struct tquic_conn_config - what a connection starts from
 * @server: which end this is
 * @version: QUIC version of the client's first flight
 * @vn_reacted: client: @version was picked from Version Negotiation
 * @tparams: what we announce; connection IDs are filled in from below, and so
 *	is the chosen version.  The available versions are those that we speak,
 *	best first; without them it is @version alone.
 * @odcid: client: destination of the first Initial, at random, of at least
 *	TQUIC_CONN_ODCID_MIN bytes; server: the same, as the
 *	client chose it, which after a Retry only the token tells
 * @retry_scid: server: what the Retry before gave as connection ID, or NULL
 * @scid: our first connection ID
 * @preferred_scid: server: connection ID of the preferred address in @tparams,
 *	or NULL when there is none
 * @dcid: server: the client's first connection ID
 * @token: client: from NEW_TOKEN of an earlier connection, or NULL
 * @token_len: bytes of it
 * @tuple: addresses of path 0
 * @validated: server: the client's address was proven by a token
 * @buf_ops: references to payload
 * @cc_ops: congestion control
 * @sched_ops: scheduler
 * @handshake_timeout: how long the handshake may take, ns, 0 for as long as
 *	the idle timeout lets it
 * @initial_rtt: ns
 * @mds: bytes of a full datagram to begin with, at least 1200
 * @mds_max: most that is searched for; 0 to stay with @mds
 * @window_max: bound of the auto-tuned receive window of the connection
 * @stream_window_max: likewise of a stream
 * @ecn: use ECN where the path lets it through
 * @probe: how paths that are idle are probed
 * @failover_timeout: ns without an answer after which a path is declared
 *	failed, 0 for never; long before, it is not used any more
 * @spin: let observers measure the RTT by the spin bit
 * @grease: clear the QUIC bit at random if the peer bears it: RFC 9287
 * @dgram_tx_max: bytes of memory for datagrams that wait to be sent, 0 for
 *	TQUIC_CONN_DGRAM_TX
 * @dgram_rx_max: likewise for those that wait to be read, 0 for
 *	TQUIC_CONN_DGRAM_RX
 * @seed: random bits for draws that need not be secret
 */
struct tquic_conn_config {
	bool server;
	u32 version;
	bool vn_reacted;
	const struct tquic_tparams *tparams;
	const struct tquic_cid *odcid;
	const struct tquic_cid *retry_scid;
	struct tquic_cid_local *scid;
	struct tquic_cid_local *preferred_scid;
	const struct tquic_cid *dcid;
	const u8 *token;
	u32 token_len;
	const struct tquic_tuple *tuple;
	bool validated;
	const struct tquic_buf_ops *buf_ops;
	const struct tquic_cc_ops *cc_ops;
	const struct tquic_sched_ops *sched_ops;
	u64 handshake_timeout;
	u64 initial_rtt;
	u32 mds;
	u32 mds_max;
	u64 window_max;
	u64 stream_window_max;
	bool ecn;
	bool spin;
	bool grease;
	struct tquic_probe_config probe;
	u64 failover_timeout;
	u64 dgram_tx_max;
	u64 dgram_rx_max;
	u64 seed;
};

/**
 * struct tquic_conn_blocked - a connection ID that was missing
 * @told: there was one, and the peer was told or is to be told
 * @path_id: its path ID
 * @seq: its sequence number
 */
struct tquic_conn_blocked {
	bool told;
	u64 path_id;
	u64 seq;
};

/**
 * struct tquic_conn_totals - what was counted on paths
 * @sent_bytes: payload of UDP
 * @recv_bytes: likewise
 * @sent_packets: packets
 * @recv_packets: those that could be opened
 * @lost_packets: those declared lost
 */
struct tquic_conn_totals {
	u64 sent_bytes;
	u64 recv_bytes;
	u64 sent_packets;
	u64 recv_packets;
	u64 lost_packets;
};

/**
 * struct tquic_choice - a question to the scheduler, asked until it is of use
 * @req: what waits
 * @grant: the answer
 * @room: paths that there is room for: all that the connection has
 * @count: paths that could send now or soon
 * @paths: the paths
 * @views: what the scheduler sees of them
 */
struct tquic_choice {
	struct tquic_sched_req req;
	struct tquic_sched_grant grant;
	unsigned int room;
	unsigned int count;
	struct tquic_path *paths[TQUIC_SCHED_PATHS_MAX];
	struct tquic_sched_view views[] __counted_by(room);
};

/**
 * struct tquic_conn - a connection
 * @state: enum tquic_conn_state
 * @server: which end this is
 * @version: in use, for all but 0-RTT packets
 * @first_version: of the client's first flight, and of 0-RTT packets
 * @version_known: client: the server has settled on @version
 * @vn_version: client: version to try next, 0 for none
 * @why: enum tquic_conn_why, valid once the state is beyond ESTABLISHED
 * @heard: client: some packet of the server was processed
 * @retried: client: after a Retry
 * @config: as created; its pointers to operations stay valid
 * @ours: transport parameters announced
 * @theirs: the peer's; unless @have_theirs, the defaults or what a client with
 *	early data remembers
 * @have_theirs: TLS delivered them
 * @early_data: enum tquic_early
 * @early_until: server: when 0-RTT keys are discarded
 * @remembered: client: parameters that early data goes by
 * @multipath: both sides announced initial_max_path_id
 * @times: both sides announced receive_times
 * @confirmed: the handshake is confirmed (RFC 9001 section 4.1.2)
 * @tls_done: TLS has finished
 * @tx_keys: bit per enum tquic_pkt_type: packets can be sealed
 * @dropped_keys: bit per type: keys to be discarded, for the caller
 * @early: two spaces, of the Initial and Handshake packets, on path 0; once
 *	neither is live, two that all connections share and nobody writes to
 * @crypto: handshake bytes: Initial, Handshake, 1-RTT
 * @paths: struct tquic_path by rising ID
 * @npaths: how many
 * @gone: counted on paths that are there no more
 * @first_remote: the peer's address during the handshake
 * @opens_until: when so many paths as were opened would have been opened one
 *	after the other
 * @blocked: what PATH_CIDS_BLOCKED is about
 * @cids: connection IDs of both sides
 * @odcid: see the config; the client's first destination
 * @initial_dcid: what Initial keys are made of; a client's destination until
 *	the server chose its own
 * @retry_scid: client: connection ID from the Retry, valid with @retried
 * @peer_scid: of the peer's handshake packets; client: valid with @heard
 * @token: client: for its Initial packets
 * @token_len: bytes of it
 * @tokens: of NEW_TOKEN frames: server: to be sent; client: to be taken
 * @token_serial: serial number of the next
 * @streams: streams
 * @tx: connection's credit at the peer
 * @written: counter: bytes that the application wrote to streams
 * @in_order: counter: bytes of streams that the peer has without a gap
 * @copied: counter: bytes that were sent again by a path with nothing to do
 * @rx: credit that we granted
 * @dgrams: datagrams to be sent
 * @dgram_rx: datagrams received
 * @sched: private state of the scheduler
 * @sched_wake: when the scheduler wants to be asked again
 * @realtime: leg that real time went on last
 * @dgram_lead: bytes that datagrams have sent more than streams, of late
 * @waiting: when bytes of streams began to wait, see struct tquic_sched_req
 * @planned: when nothing more could be sent
 * @choice: scratch: what it is being asked
 * @clock: origin of one-way delays
 * @keys: generations of the 1-RTT keys
 * @ask: how soon to acknowledge
 * @news: scratch: a packet brought bytes that were not there before
 * @told: scratch: what RECEIVE_TIME said, U32_MAX for nothing
 * @told_path: scratch: path ID that it is about
 * @events: TQUIC_CONN_E_*
 * @control: TQUIC_CONN_C_*
 * @idle: idle timeout agreed on, ns, 0 for none
 * @idle_at: when it strikes
 * @handshake_at: when the handshake has taken too long
 * @idle_armed: an ack-eliciting packet was sent since the last was received
 * @close: why we close
 * @close_app: @close is the application's
 * @remote_close: why the peer closed, valid with state DRAINING
 * @remote_app: it was the peer's application
 * @remote_reason: what it said, not terminated, maybe not text
 * @remote_reason_len: bytes of it
 * @close_due: CONNECTION_CLOSE is to be sent
 * @close_at: when closing or draining ends
 * @close_rx: packets received while closing
 * @close_path: path of the one that is answered
 * @entropy: unpredictable bytes, used once each
 * @entropy_left: how many are left
 * @draws: state for draws that need not be secret
 */
struct tquic_conn {
	enum tquic_conn_state state;
	bool server;
	u32 version;
	u32 first_version;
	bool version_known;
	u32 vn_version;
	enum tquic_conn_why why;
	bool heard;
	bool retried;
	struct tquic_conn_config config;

	struct tquic_tparams ours;
	struct tquic_tparams theirs;
	bool have_theirs;
	enum tquic_early early_data;
	tquic_time_t early_until;
	struct tquic_tparams remembered;
	bool multipath;
	bool times;
	bool confirmed;
	bool tls_done;
	u8 tx_keys;
	u8 dropped_keys;
	struct tquic_space *early;
	struct tquic_crypto crypto[3];

	struct list_head paths;
	u32 npaths;
	struct tquic_conn_totals gone;
	u8 first_remote[16];
	tquic_time_t opens_until;
	struct tquic_conn_blocked blocked;
	struct tquic_cids cids;
	struct tquic_cid odcid;
	struct tquic_cid initial_dcid;
	struct tquic_cid retry_scid;
	struct tquic_cid peer_scid;
	u8 *token;
	u32 token_len;
	struct tquic_conn_token *tokens[TQUIC_CONN_TOKENS];
	u64 token_serial;

	struct tquic_streams streams;
	struct tquic_flow_tx tx;
	u64 written;
	u64 in_order;
	u64 copied;
	struct tquic_flow_rx rx;
	struct tquic_dgramq dgrams;
	struct tquic_dgram_rx dgram_rx;
	void *sched;
	tquic_time_t sched_wake;
	u8 realtime;
	s32 dgram_lead;
	tquic_time_t waiting;
	tquic_time_t planned;
	struct tquic_choice *choice;
	struct tquic_owd_clock clock;
	struct tquic_conn_ask ask;

	struct tquic_keys keys;

	bool news;
	u32 told;
	u32 told_path;
	u32 events;
	u32 control;

	u64 idle;
	tquic_time_t idle_at;
	tquic_time_t handshake_at;
	bool idle_armed;

	struct tquic_close close;
	bool close_app;
	struct tquic_close remote_close;
	bool remote_app;
	u8 remote_reason[TQUIC_CONN_REASON];
	u8 remote_reason_len;
	bool close_due;
	tquic_time_t close_at;
	u32 close_rx;
	u32 close_path;

	u8 entropy[TQUIC_CONN_ENTROPY];
	u8 entropy_left;
	u64 draws;
};

/**
 * struct tquic_rx - a packet that was opened
 * @now: when the datagram arrived
 * @path_id: from the destination connection ID
 * @via: the connection ID that it was addressed by, NULL when it was the
 *	client's random first one
 * @type: packet type
 * @pn: packet number
 * @version: of a long header
 * @gen: generation of the keys that opened it, 1-RTT only
 * @spin: spin bit of a short header
 * @scid: source connection ID of a long header
 * @tuple: addresses of the datagram
 * @ecn: mark in its IP header
 * @dgram_len: bytes of the datagram, accounted with its first packet; 0 for
 *	the others
 * @payload: decrypted payload, linear
 * @len: bytes of it
 * @handle: buffer that holds it
 * @pos: where in the buffer @payload begins
 */
struct tquic_rx {
	tquic_time_t now;
	u32 path_id;
	struct tquic_cid_local *via;
	enum tquic_pkt_type type;
	u64 pn;
	u32 version;
	u32 gen;
	bool spin;
	const struct tquic_cid *scid;
	const struct tquic_tuple *tuple;
	enum tquic_ecn_mark ecn;
	u32 dgram_len;
	const u8 *payload;
	u32 len;
	void *handle;
	u32 pos;
};

/* life */
struct tquic_conn *tquic_conn_new(const struct tquic_conn_config *config,
				  tquic_time_t now, gfp_t gfp);
void tquic_conn_end(struct tquic_conn *conn);
void tquic_conn_free(struct tquic_conn *conn);
void tquic_conn_add_entropy(struct tquic_conn *conn, const u8 *bytes,
			    unsigned int len);

/* TLS */
int tquic_conn_crypto_write(struct tquic_conn *conn, enum tquic_pkt_type type,
			    void *handle, u32 pos, u32 len, gfp_t gfp);
struct tquic_reasm *tquic_conn_crypto_in(struct tquic_conn *conn,
					 enum tquic_pkt_type type);
void tquic_conn_keys(struct tquic_conn *conn, enum tquic_pkt_type type);
int tquic_conn_read_level(struct tquic_conn *conn, enum tquic_pkt_type type,
			  tquic_time_t now);
int tquic_conn_peer_tparams(struct tquic_conn *conn, const void *buf,
			    size_t len, tquic_time_t now, gfp_t gfp);
void tquic_conn_tls_done(struct tquic_conn *conn, tquic_time_t now);

/* before the server answers */
enum tquic_drop tquic_conn_retry_check(const struct tquic_conn *conn,
				       const struct tquic_pkt *pkt);
enum tquic_drop tquic_conn_retry(struct tquic_conn *conn,
				 const struct tquic_pkt *pkt, tquic_time_t now,
				 gfp_t gfp);
enum tquic_drop tquic_conn_recv_vn(struct tquic_conn *conn,
				   const struct tquic_pkt *pkt);

/* tokens */
int tquic_conn_send_token(struct tquic_conn *conn, const u8 *token, u32 len,
			  gfp_t gfp);
u32 tquic_conn_take_token(struct tquic_conn *conn, u8 *buf);

/* early data */
int tquic_conn_early_start(struct tquic_conn *conn,
			   const struct tquic_tparams *remembered);
bool tquic_conn_early_fits(const struct tquic_conn *conn,
			   const struct tquic_tparams *remembered);
void tquic_conn_early_result(struct tquic_conn *conn, bool accepted);

/* keys */
void tquic_conn_aead_limits(struct tquic_conn *conn, u64 seal_max,
			    u64 open_max);
int tquic_conn_key_update(struct tquic_conn *conn, tquic_time_t now);
u32 tquic_conn_rx_gen(const struct tquic_conn *conn, u32 path_id, u64 pn,
		      bool key_phase);

/* packets */
enum tquic_drop tquic_conn_recv(struct tquic_conn *conn,
				const struct tquic_rx *rx, gfp_t gfp);
bool tquic_conn_recv_reset(struct tquic_conn *conn, const u8 *token,
			   tquic_time_t now);
void tquic_conn_unopened(struct tquic_conn *conn, const struct tquic_rx *rx,
			 bool forged);
bool tquic_conn_plan(struct tquic_conn *conn, tquic_time_t now,
		     struct tquic_plan *plan, gfp_t gfp);
void tquic_conn_failed(struct tquic_conn *conn, u32 path_id,
		       enum tquic_pkt_type type, u64 pn);
tquic_time_t tquic_conn_deadline(const struct tquic_conn *conn,
				 tquic_time_t now);
void tquic_conn_timeout(struct tquic_conn *conn, tquic_time_t now, gfp_t gfp);

/* application */
struct tquic_stream *tquic_conn_open(struct tquic_conn *conn, bool uni,
				     tquic_time_t now, gfp_t gfp);
void tquic_conn_greet(struct tquic_conn *conn, struct tquic_stream *s);
void tquic_conn_allow(struct tquic_conn *conn, bool uni, u64 count);
int tquic_conn_write(struct tquic_conn *conn, struct tquic_stream *s,
		     void *handle, u32 pos, u32 len, bool fin, gfp_t gfp);
void tquic_conn_read(struct tquic_conn *conn, struct tquic_stream *s, u64 len,
		     tquic_time_t now);
void tquic_conn_stop(struct tquic_conn *conn, struct tquic_stream *s, u64 code,
		     tquic_time_t now);
void tquic_conn_reset(struct tquic_conn *conn, struct tquic_stream *s,
		      u64 code);
void tquic_conn_release(struct tquic_conn *conn, struct tquic_stream *s,
			tquic_time_t now, gfp_t gfp);
void tquic_conn_close(struct tquic_conn *conn, u64 code, bool app,
		      const char *reason, tquic_time_t now);

/* credit */
void tquic_conn_set_credit(struct tquic_tparams *tp, u64 budget);

/* datagrams */
u32 tquic_conn_dgram_max_on(const struct tquic_conn *conn,
			    const struct tquic_path *path);
u32 tquic_conn_dgram_max(const struct tquic_conn *conn);
int tquic_conn_dgram_send(struct tquic_conn *conn,
			  struct tquic_dgram_flow *flow,
			  enum tquic_stream_class class,
			  const struct tquic_dgram_req *req, tquic_time_t now,
			  gfp_t gfp);
int tquic_conn_dgram_send_on(struct tquic_conn *conn, u32 path_id,
			     enum tquic_stream_class class,
			     const struct tquic_dgram_req *req,
			     tquic_time_t now, gfp_t gfp);
bool tquic_conn_dgram_next(struct tquic_conn *conn, struct tquic_dgram_in *in);
bool tquic_conn_dgram_fate(struct tquic_conn *conn, u64 *cookie,
			   unsigned int *flags);
void tquic_conn_dgram_own(struct tquic_conn *conn,
			  const struct tquic_dgram_ops *ops, void *owner);

/* paths */
struct tquic_path *tquic_conn_path(const struct tquic_conn *conn, u32 id);
int tquic_conn_open_path(struct tquic_conn *conn,
			 const struct tquic_tuple *tuple, tquic_time_t now,
			 gfp_t gfp);
int tquic_conn_migrate(struct tquic_conn *conn, u32 id,
		       const struct tquic_tuple *tuple, tquic_time_t now);
bool tquic_conn_preferred(const struct tquic_conn *conn,
			  struct tquic_tuple *tuple);
int tquic_conn_abandon_path(struct tquic_conn *conn, u32 id, u64 code,
			    tquic_time_t now, gfp_t gfp);
int tquic_conn_set_backup(struct tquic_conn *conn, u32 id, bool backup);
int tquic_conn_set_metered(struct tquic_conn *conn, u32 id, bool metered);
int tquic_conn_path_down(struct tquic_conn *conn, u32 id, tquic_time_t now);
int tquic_conn_path_up(struct tquic_conn *conn, u32 id, tquic_time_t now);
int tquic_conn_path_mtu(struct tquic_conn *conn, u32 id, u32 mtu);
int tquic_conn_path_ptb(struct tquic_conn *conn, u32 id, u32 mtu);
void tquic_conn_owd(const struct tquic_conn *conn,
		    const struct tquic_path *path, tquic_time_t now,
		    struct tquic_owd_est *est);

/* management */
void tquic_conn_add_totals(struct tquic_conn_totals *t,
			   const struct tquic_path *path);
void tquic_conn_totals(const struct tquic_conn *conn,
		       struct tquic_conn_totals *t);
int tquic_conn_set_sched(struct tquic_conn *conn,
			 const struct tquic_sched_ops *ops, gfp_t gfp);
int tquic_conn_set_cc(struct tquic_conn *conn, const struct tquic_cc_ops *ops,
		      tquic_time_t now, gfp_t gfp);

#endif /* _TQUIC_CORE_CONN_H */
