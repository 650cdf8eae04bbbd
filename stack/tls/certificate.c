/*
 * certificate.c - a certificate taken apart
 */
#include <string.h>
#include "tls/parts.h"

static const uint8_t oid_subject_alt_name[] = { 0x55, 0x1d, 0x11 };

/* The header of an element is what lies before its contents. */
static int take_name(struct ist__der *in, const uint8_t **name, uint32_t *len)
{
    const uint8_t *start = in->at;
    struct ist__der value;

    if (!ist__der_take(in, IST__DER_SEQUENCE, &value))
        return 0;
    *name = start;
    *len = (uint32_t)(in->at - start);
    return 1;
}

static int take_time(struct ist__der *in, int64_t *s)
{
    struct ist__der value;
    uint32_t tag;

    return ist__der_next(in, &tag, &value) && ist__der_time(tag, &value, s);
}

/* RFC 5280 4.2.1.6. An embedded NUL once made "bank.example\0.evil.example" pass for the first part: refuse the certificate. */
static int names_well_formed(struct ist__der names)
{
    struct ist__der value;
    uint32_t tag;

    while (names.at < names.end) {
        if (!ist__der_next(&names, &tag, &value))
            return 0;
        if (tag == 0x82) {
            if (value.at == value.end || *value.at == '.' || value.end - value.at > (ptrdiff_t)IST_NAME_MAX)
                return 0;
            for (const uint8_t *p = value.at; p < value.end; p++)
                if (*p <= ' ' || *p > '~')
                    return 0;
        }
        if (tag == 0x87 && value.end - value.at != 4 && value.end - value.at != 16)
            return 0;
    }
    return 1;
}

static int read_extensions(struct ist__der in, struct ist_certificate *out)
{
    struct ist__der list, extension, oid, value;

    if (!ist__der_take(&in, IST__DER_SEQUENCE, &list) || in.at != in.end)
        return 0;
    while (list.at < list.end) {
        if (!ist__der_take(&list, IST__DER_SEQUENCE, &extension) || !ist__der_take(&extension, IST__DER_OID, &oid))
            return 0;
        if (ist__der_take(&extension, IST__DER_BOOLEAN, &value) && value.end - value.at != 1)
            return 0;
        if (!ist__der_take(&extension, IST__DER_OCTETS, &value) || extension.at != extension.end)
            return 0;
        if ((size_t)(oid.end - oid.at) == sizeof oid_subject_alt_name &&
            memcmp(oid.at, oid_subject_alt_name, sizeof oid_subject_alt_name) == 0) {
            struct ist__der names;
            if (out->names || !ist__der_take(&value, IST__DER_SEQUENCE, &names) || value.at != value.end || !names_well_formed(names))
                return 0;
            out->names = names.at;
            out->names_len = (uint32_t)(names.end - names.at);
        }
    }
    return 1;
}

int32_t ist_certificate_read(const uint8_t *der, uint32_t len, struct ist_certificate *out)
{
    struct ist__der in = { der, der + len }, outer, tbs, value, validity;

    memset(out, 0, sizeof *out);
    out->version = 1;
    if (!ist__der_take(&in, IST__DER_SEQUENCE, &outer) || in.at != in.end || !ist__der_take(&outer, IST__DER_SEQUENCE, &tbs))
        return IST_EINVAL;
    if (ist__der_take(&tbs, 0xa0, &value)) {
        struct ist__der number;
        if (!ist__der_take(&value, IST__DER_INTEGER, &number) || number.end - number.at != 1 || *number.at > 2 || value.at != value.end)
            return IST_EINVAL;
        out->version = *number.at + 1u;
    }
    if (!ist__der_take(&tbs, IST__DER_INTEGER, &value) || !ist__der_take(&tbs, IST__DER_SEQUENCE, &value) ||
        !take_name(&tbs, &out->issuer, &out->issuer_len) || !ist__der_take(&tbs, IST__DER_SEQUENCE, &validity) ||
        !take_time(&validity, &out->not_before_s) || !take_time(&validity, &out->not_after_s) || validity.at != validity.end ||
        !take_name(&tbs, &out->subject, &out->subject_len) || !ist__der_take(&tbs, IST__DER_SEQUENCE, &value))
        return IST_EINVAL;
    ist__der_take(&tbs, 0x81, &value);      /* unique identifiers of version 2 */
    ist__der_take(&tbs, 0x82, &value);
    if (ist__der_take(&tbs, 0xa3, &value) && !read_extensions(value, out))
        return IST_EINVAL;
    if (tbs.at != tbs.end)
        return IST_EINVAL;
    /* signatureAlgorithm and signature, and nothing after them */
    if (!ist__der_take(&outer, IST__DER_SEQUENCE, &value) || !ist__der_take(&outer, 0x03, &value) || outer.at != outer.end)
        return IST_EINVAL;
    return IST_OK;
}

void ist_certificate_hash(const uint8_t *der, uint32_t len, uint8_t hash[32])
{
    br_sha256_context sha;

    br_sha256_init(&sha);
    br_sha256_update(&sha, der, len);
    br_sha256_out(&sha, hash);
}

int32_t ist_certificate_pem(const uint8_t *der, uint32_t len, char *text, uint32_t cap)
{
    size_t need = br_pem_encode(NULL, der, len, "CERTIFICATE", BR_PEM_LINE64);

    if (need < cap)
        br_pem_encode(text, der, len, "CERTIFICATE", BR_PEM_LINE64);
    return (int32_t)need;
}
