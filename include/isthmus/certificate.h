/*
 * certificate.h - reading X.509 certificates
 *
 * Nothing here trusts anything: these calls say what a certificate (DER) states. Whether it may be believed is what the TLS
 * engine found out (tls_engine.h). Reading is strict: lengths that are not minimal, indefinite or past the end are IST_EINVAL.
 */
#ifndef ISTHMUS_CERTIFICATE_H
#define ISTHMUS_CERTIFICATE_H

#include <isthmus/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IST_NAME_MAX 255u            /* bytes of a server name */

/* All pointers point into the certificate that was read. */
struct ist_certificate {
    const uint8_t *subject, *issuer; /* X.501 names, DER with header */
    uint32_t subject_len, issuer_len;
    const uint8_t *names;            /* what the SEQUENCE of subjectAltName holds; NULL when there is none */
    uint32_t names_len;
    uint32_t version;                /* 1, 2, 3 */
    int64_t  not_before_s, not_after_s;   /* seconds since 1970, UTC */
};

/**
 * ist_certificate_read() - take a certificate apart
 * @der:      in; uint8_t[@len]
 * @len:      bytes; the certificate and nothing after it
 * @out:      out
 *
 * Returns: IST_OK
 * Errors:  IST_EINVAL   no well-formed certificate; or a subjectAltName with a name no host can have (an embedded NUL, say)
 * Waits:   never
 * Owner:   @out points into @der, which stays the caller's
 * Source:  RFC 5280 4.1, 4.2.1.6; X.690 10.1
 */
int32_t ist_certificate_read(const uint8_t *der, uint32_t len, struct ist_certificate *out);

/**
 * ist_certificate_matches() - whether a certificate is for a host
 * @certificate: in; as ist_certificate_read() gave it
 * @host:     in; a DNS name, or an IPv4 or IPv6 address as text
 *
 * DNS names are compared with the dNSName entries: without regard to case; `*.` stands for one whole label, the first, and two
 * more must follow. Addresses are compared with the iPAddress entries. The common name is not looked at.
 *
 * Returns: 1, or 0
 * Errors:  IST_EINVAL   @host is empty, longer than IST_NAME_MAX, or holds what no host name holds
 * Waits:   never
 * Owner:   the caller keeps both
 * Source:  RFC 9525 6.3, 6.5
 */
int32_t ist_certificate_matches(const struct ist_certificate *certificate, const char *host);

/**
 * ist_certificate_name_text() - an X.501 name as text
 * @name:     in; uint8_t[@len], DER with header
 * @len:      bytes
 * @text:     out; char[@cap], NUL-terminated, cut to @cap
 * @cap:      bytes
 *
 * `/C=DE/O=Example/CN=host`; attributes without a short name by their number (`/1.2.3=x`); bytes outside printable ASCII as `\xNN`.
 *
 * Returns: length of the whole text without the NUL, which may be over @cap
 * Errors:  IST_EINVAL   not a well-formed name
 * Waits:   never
 * Owner:   the caller keeps both
 * Source:  RFC 5280 4.1.2.4
 */
int32_t ist_certificate_name_text(const uint8_t *name, uint32_t len, char *text, uint32_t cap);

/**
 * ist_certificate_hash() - SHA-256 of a certificate
 * @der:      in; uint8_t[@len]
 * @len:      bytes
 * @hash:     out
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   the caller keeps both
 * Source:  FIPS 180-4
 */
void ist_certificate_hash(const uint8_t *der, uint32_t len, uint8_t hash[32]);

/**
 * ist_certificate_pem() - a certificate as PEM
 * @der:      in; uint8_t[@len]
 * @len:      bytes
 * @text:     out; char[@cap], NUL-terminated; untouched when @cap is too small; may be NULL with @cap 0
 * @cap:      bytes
 *
 * Returns: length without the NUL; @cap must be larger
 * Errors:  none
 * Waits:   never
 * Owner:   the caller keeps both
 * Source:  RFC 7468 5.1
 */
int32_t ist_certificate_pem(const uint8_t *der, uint32_t len, char *text, uint32_t cap);

#ifdef __cplusplus
}
#endif

#endif
