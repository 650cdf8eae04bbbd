/*
 * reason.c - why TLS failed: BearSSL's numbers as our reasons, their sentences, and the alerts that tell the peer
 */
#include "tls/parts.h"

int32_t ist__tls_reason(int foreign)
{
    if (foreign >= BR_ERR_SEND_FATAL_ALERT)          /* BearSSL itself sent this alert: a server that finds nothing in common */
        return foreign == BR_ERR_SEND_FATAL_ALERT + 120 ? IST_TLS_NO_PROTOCOL
             : foreign == BR_ERR_SEND_FATAL_ALERT + 70 ? IST_TLS_VERSION
                                                       : IST_TLS_NOTHING_IN_COMMON;
    if (foreign >= BR_ERR_RECV_FATAL_ALERT)
        return IST_TLS_PEER_ALERT;
    switch (foreign) {
    case BR_ERR_OK:
        return IST_TLS_OK;
    case BR_ERR_UNSUPPORTED_VERSION:
    case BR_ERR_BAD_VERSION:
        return IST_TLS_VERSION;
    case BR_ERR_BAD_LENGTH:
    case BR_ERR_TOO_LARGE:
    case BR_ERR_UNKNOWN_TYPE:
    case BR_ERR_BAD_ALERT:
        return IST_TLS_BAD_RECORD;
    case BR_ERR_BAD_MAC:
        return IST_TLS_BAD_MAC;
    case BR_ERR_NO_RANDOM:
        return IST_TLS_NO_ENTROPY;
    case BR_ERR_UNEXPECTED:
    case BR_ERR_BAD_CCS:
    case BR_ERR_BAD_HANDSHAKE:
    case BR_ERR_OVERSIZED_ID:
    case BR_ERR_BAD_COMPRESSION:
    case BR_ERR_BAD_FRAGLEN:
    case BR_ERR_BAD_SECRENEG:
    case BR_ERR_EXTRA_EXTENSION:
    case BR_ERR_BAD_SNI:
    case BR_ERR_BAD_HELLO_DONE:
    case BR_ERR_BAD_FINISHED:
    case BR_ERR_RESUME_MISMATCH:
        return IST_TLS_BAD_HANDSHAKE;
    case BR_ERR_BAD_CIPHER_SUITE:
    case BR_ERR_INVALID_ALGORITHM:
        return IST_TLS_NOTHING_IN_COMMON;
    case BR_ERR_BAD_SIGNATURE:
    case BR_ERR_X509_BAD_SIGNATURE:
        return IST_TLS_BAD_SIGNATURE;
    case BR_ERR_WRONG_KEY_USAGE:
    case BR_ERR_X509_FORBIDDEN_KEY_USAGE:
    case BR_ERR_X509_WRONG_KEY_TYPE:
        return IST_TLS_KEY_USAGE;
    case BR_ERR_NO_CLIENT_AUTH:
    case BR_ERR_X509_EMPTY_CHAIN:
        return IST_TLS_NO_PEER_CERTIFICATE;
    case BR_ERR_X509_UNSUPPORTED:
    case BR_ERR_X509_LIMIT_EXCEEDED:
    case BR_ERR_X509_CRITICAL_EXTENSION:
        return IST_TLS_UNSUPPORTED_CERTIFICATE;
    case BR_ERR_X509_TIME_UNKNOWN:
        return IST_TLS_CLOCK_UNKNOWN;
    case BR_ERR_X509_EXPIRED:
        return IST_TLS_EXPIRED;
    case BR_ERR_X509_DN_MISMATCH:
    case BR_ERR_X509_NOT_TRUSTED:
        return IST_TLS_NOT_TRUSTED;
    case BR_ERR_X509_BAD_SERVER_NAME:
        return IST_TLS_NAME_MISMATCH;
    case BR_ERR_X509_NOT_CA:
        return IST_TLS_NOT_CA;
    case BR_ERR_X509_WEAK_PUBLIC_KEY:
        return IST_TLS_WEAK_KEY;
    case BR_ERR_BAD_PARAM:
    case BR_ERR_BAD_STATE:
    case BR_ERR_LIMIT_EXCEEDED:
        return IST_TLS_INTERNAL;
    default:
        return foreign >= BR_ERR_X509_INVALID_VALUE && foreign <= BR_ERR_X509_BAD_TIME ? IST_TLS_BAD_CERTIFICATE : IST_TLS_INTERNAL;
    }
}

/* RFC 5246 7.2.2, RFC 7301 3.2 */
uint8_t ist__tls_alert(int32_t reason)
{
    switch (reason) {
    case IST_TLS_NOT_TRUSTED:
    case IST_TLS_NOT_CA:
    case IST_TLS_CHAIN_TOO_LARGE:
        return 48;                     /* unknown_ca */
    case IST_TLS_NAME_MISMATCH:
    case IST_TLS_CONSTRAINED:
    case IST_TLS_BAD_CERTIFICATE:
        return 42;                     /* bad_certificate */
    case IST_TLS_EXPIRED:
    case IST_TLS_NOT_YET_VALID:
        return 45;                     /* certificate_expired */
    case IST_TLS_CLOCK_UNKNOWN:
        return 46;                     /* certificate_unknown */
    case IST_TLS_UNSUPPORTED_CERTIFICATE:
    case IST_TLS_KEY_USAGE:
        return 43;                     /* unsupported_certificate */
    case IST_TLS_BAD_SIGNATURE:
        return 51;                     /* decrypt_error */
    case IST_TLS_WEAK_KEY:
        return 71;                     /* insufficient_security */
    case IST_TLS_BAD_RECORD:
        return 22;                     /* record_overflow */
    case IST_TLS_IDLE:
        return 10;                     /* unexpected_message */
    case IST_TLS_DOWNGRADE:
        return 47;                     /* illegal_parameter */
    case IST_TLS_BAD_MAC:
        return 20;                     /* bad_record_mac */
    case IST_TLS_BAD_HANDSHAKE:
        return 50;                     /* decode_error */
    case IST_TLS_VERSION:
        return 70;                     /* protocol_version */
    case IST_TLS_NO_PEER_CERTIFICATE:
    case IST_TLS_NOTHING_IN_COMMON:
        return 40;                     /* handshake_failure */
    case IST_TLS_NO_PROTOCOL:
        return 120;                    /* no_application_protocol */
    default:
        return 80;                     /* internal_error */
    }
}

/* What the alerts mean for whoever receives them. */
static const char *alert_text(int alert)
{
    switch (alert) {
    case 10: return "the peer's alert: unexpected message";
    case 20: return "the peer's alert: a record was altered on its way";
    case 22: return "the peer's alert: a record is too large";
    case 40: return "the peer's alert: handshake failure, so nothing in common, or a certificate is missing";
    case 42: return "the peer's alert: our certificate is bad";
    case 43: return "the peer's alert: our certificate is of an unsupported kind";
    case 44: return "the peer's alert: our certificate was revoked";
    case 45: return "the peer's alert: our certificate has expired or is not yet valid";
    case 46: return "the peer's alert: our certificate is not accepted";
    case 47: return "the peer's alert: illegal parameter";
    case 48: return "the peer's alert: our certificate is not trusted there";
    case 49: return "the peer's alert: access denied";
    case 50: return "the peer's alert: a message could not be decoded";
    case 51: return "the peer's alert: a signature or check value is wrong";
    case 70: return "the peer's alert: it does not speak TLS 1.2";
    case 71: return "the peer's alert: it wants stronger security";
    case 80: return "the peer's alert: internal error";
    case 90: return "the peer's alert: the user cancelled";
    case 100: return "the peer's alert: no renegotiation";
    case 112: return "the peer's alert: it serves no host of that name";
    case 116: return "the peer's alert: a client certificate is required";
    case 120: return "the peer's alert: no application protocol in common";
    default: return "the peer ended the connection with an alert";
    }
}

void ist__tls_detail(struct ist_tls_detail *out, int32_t reason, int32_t foreign)
{
    if (!out)
        return;
    out->reason = reason;
    out->foreign = foreign;
    out->alert = -1;
    if (reason == IST_TLS_PEER_ALERT) {
        out->alert = (foreign - BR_ERR_RECV_FATAL_ALERT) & 255;
        out->text = alert_text(out->alert);
        return;
    }
    switch (reason) {
#define X(name, value, sentence) case name: out->text = sentence; break;
    IST_TLS_REASONS(X)
#undef X
    default: out->text = "no error"; break;
    }
}
