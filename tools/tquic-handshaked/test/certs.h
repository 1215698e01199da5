/* SPDX-License-Identifier: GPL-2.0 */
/* Keys and certificates for the tests, as files of the working directory. */
#ifndef _TQUIC_HANDSHAKED_TEST_CERTS_H
#define _TQUIC_HANDSHAKED_TEST_CERTS_H

/*
 * ca.pem, other-ca.pem; NAME.pem and NAME.key for server, expired (since an
 * hour) and client, and NAME.pub for the raw public key of each
 */
void certs_make(void);

#endif /* _TQUIC_HANDSHAKED_TEST_CERTS_H */
