/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The expression "tquic" of nf_tables: see
 * Documentation/networking/tquic-nft.rst.
 */
#ifndef _UAPI_LINUX_NF_TABLES_TQUIC_H
#define _UAPI_LINUX_NF_TABLES_TQUIC_H

/* name of a tunnel, terminated; as long as a register of 16 bytes */
#define NFT_TQUIC_NAME_MAX	16

/**
 * enum nft_tquic_attributes - attributes of the expression
 * @NFTA_TQUIC_UNSPEC: not used
 * @NFTA_TQUIC_KEY: enum nft_tquic_keys: it is a key (NLA_U32)
 * @NFTA_TQUIC_DREG: key: destination register (NLA_U32)
 * @NFTA_TQUIC_ACTION: enum nft_tquic_actions: it is a statement (NLA_U32)
 * @NFTA_TQUIC_TUNNEL: statement: which tunnel, without it the first that
 *	there is (NLA_STRING)
 * @NFTA_TQUIC_CLASS: statement: enum nft_tquic_classes, without it the tunnel
 *	decides (NLA_U32)
 *
 * Numbers are in network byte order.  Either @NFTA_TQUIC_KEY or
 * @NFTA_TQUIC_ACTION has to be there.
 */
enum nft_tquic_attributes {
	NFTA_TQUIC_UNSPEC,
	NFTA_TQUIC_KEY,
	NFTA_TQUIC_DREG,
	NFTA_TQUIC_ACTION,
	NFTA_TQUIC_TUNNEL,
	NFTA_TQUIC_CLASS,
	/* private: */
	__NFTA_TQUIC_MAX
};

#define NFTA_TQUIC_MAX (__NFTA_TQUIC_MAX - 1)

/**
 * enum nft_tquic_keys - what is put into the register
 * @NFT_TQUIC_STATE: enum nft_tquic_states
 * @NFT_TQUIC_ROLE: enum nft_tquic_roles
 * @NFT_TQUIC_TUNNEL: name of the tunnel, 16 bytes, zero-padded
 * @NFT_TQUIC_CLASS: enum nft_tquic_classes
 * @NFT_TQUIC_PATH_ID: of an outer packet
 * @NFT_TQUIC_PATH_COUNT: paths of the connection that carry data
 *
 * All but the name are numbers of 4 bytes in network byte order.
 */
enum nft_tquic_keys {
	NFT_TQUIC_STATE,
	NFT_TQUIC_ROLE,
	NFT_TQUIC_TUNNEL,
	NFT_TQUIC_CLASS,
	NFT_TQUIC_PATH_ID,
	NFT_TQUIC_PATH_COUNT,
	/* private: */
	__NFT_TQUIC_KEY_MAX
};

#define NFT_TQUIC_KEY_MAX (__NFT_TQUIC_KEY_MAX - 1)

/**
 * enum nft_tquic_actions - what the statement does
 * @NFT_TQUIC_CAPTURE: lead the flow into a tunnel
 */
enum nft_tquic_actions {
	NFT_TQUIC_CAPTURE,
	/* private: */
	__NFT_TQUIC_ACTION_MAX
};

#define NFT_TQUIC_ACTION_MAX (__NFT_TQUIC_ACTION_MAX - 1)

/**
 * enum nft_tquic_states - an outer packet and its connection
 * @NFT_TQUIC_STATE_NEW: a client's first packet
 * @NFT_TQUIC_STATE_HANDSHAKE: long headers otherwise
 * @NFT_TQUIC_STATE_ESTABLISHED: short header of a known connection
 * @NFT_TQUIC_STATE_INVALID: not a packet of the version that it claims
 * @NFT_TQUIC_STATE_UNTRACKED: short header of an unknown connection
 */
enum nft_tquic_states {
	NFT_TQUIC_STATE_NEW,
	NFT_TQUIC_STATE_HANDSHAKE,
	NFT_TQUIC_STATE_ESTABLISHED,
	NFT_TQUIC_STATE_INVALID,
	NFT_TQUIC_STATE_UNTRACKED,
	/* private: */
	__NFT_TQUIC_STATE_MAX
};

/**
 * enum nft_tquic_roles - what a packet is to TQUIC
 * @NFT_TQUIC_ROLE_OUTER: it carries QUIC
 * @NFT_TQUIC_ROLE_INNER: it belongs to a flow that a tunnel carries
 */
enum nft_tquic_roles {
	NFT_TQUIC_ROLE_OUTER,
	NFT_TQUIC_ROLE_INNER,
	/* private: */
	__NFT_TQUIC_ROLE_MAX
};

/**
 * enum nft_tquic_classes - classes of traffic, as enum tquic_class
 * @NFT_TQUIC_CLASS_REALTIME: least delay
 * @NFT_TQUIC_CLASS_INTERACTIVE: low delay
 * @NFT_TQUIC_CLASS_BULK: most throughput
 * @NFT_TQUIC_CLASS_BACKGROUND: what the others leave
 */
enum nft_tquic_classes {
	NFT_TQUIC_CLASS_REALTIME,
	NFT_TQUIC_CLASS_INTERACTIVE,
	NFT_TQUIC_CLASS_BULK,
	NFT_TQUIC_CLASS_BACKGROUND,
	/* private: */
	__NFT_TQUIC_CLASS_MAX
};

#define NFT_TQUIC_CLASS_MAX (__NFT_TQUIC_CLASS_MAX - 1)

#endif /* _UAPI_LINUX_NF_TABLES_TQUIC_H */
