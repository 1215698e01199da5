/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_NATIVE_CERT_H
#define _TQUIC_NATIVE_CERT_H

/* a self-signed certificate for localhost, and its key, into two files */
void tn_cert_make(const char *cert, const char *key);

#endif /* _TQUIC_NATIVE_CERT_H */
