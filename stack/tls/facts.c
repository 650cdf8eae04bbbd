/*
 * facts.c - what a certificate says about itself and about what it may issue, read before anything is believed
 *
 * RFC 5280 section 4: what breaks a rule by itself gives a reason here; what depends on the place in a chain becomes bits and numbers
 * that path.c judges there.
 */
#include <string.h>
#include "tls/parts.h"

#define EXTENSIONS_MAX 64u             /* to find duplicates, each is compared with each */
#define SERIAL_MAX     20

enum known {                           /* the last byte of 2.5.29.n */
    ID_SUBJECT_KEY = 14, ID_KEY_USAGE = 15, ID_NAMES = 17, ID_BASIC = 19, ID_CONSTRAINTS = 30, ID_POLICIES = 32, ID_AUTHORITY_KEY = 35,
    ID_PURPOSES = 37
};

static size_t length(const struct ist__der *e)
{
    return (size_t)(e->end - e->at);
}

static int same(const struct ist__der *a, const struct ist__der *b)
{
    return length(a) == length(b) && memcmp(a->at, b->at, length(a)) == 0;
}

/* BasicConstraints: cA, pathLenConstraint */
static int read_basic(struct ist__der in, struct ist__rules *r)
{
    struct ist__der basic, value;

    if (!ist__der_take(&in, IST__DER_SEQUENCE, &basic) || in.at != in.end)
        return 0;
    if (ist__der_take(&basic, IST__DER_BOOLEAN, &value)) {
        if (length(&value) != 1 || *value.at != 0xff)
            return 0;
        r->bits |= IST__AUTHORITY;
    }
    if (ist__der_take(&basic, IST__DER_INTEGER, &value)) {
        if (length(&value) == 0 || *value.at & 0x80)
            return 0;
        r->path_len = length(&value) == 1 ? *value.at : 255;     /* no chain is as long as the others mean */
    }
    return basic.at == basic.end;
}

static int read_key_usage(struct ist__der in, struct ist__rules *r)
{
    struct ist__der bits;

    if (!ist__der_take(&in, 0x03, &bits) || in.at != in.end || length(&bits) < 2 || length(&bits) > 3 || bits.at[0] > 7)
        return 0;
    if (!(bits.at[1] & 0x04))
        r->bits &= ~IST__MAY_ISSUE;
    else
        r->bits |= IST__SAYS_ISSUES;
    return 1;
}

/* ExtKeyUsageSyntax, 1 to MAX of them */
static int read_purposes(struct ist__der in, struct ist__rules *r)
{
    static const uint8_t any[] = { 0x55, 0x1d, 0x25, 0 }, kp[] = { 0x2b, 6, 1, 5, 5, 7, 3 };
    struct ist__der list, oid;

    r->bits &= ~(IST__FOR_SERVERS | IST__FOR_CLIENTS);
    if (!ist__der_take(&in, IST__DER_SEQUENCE, &list) || in.at != in.end || list.at == list.end)
        return 0;
    while (list.at < list.end) {
        if (!ist__der_take(&list, IST__DER_OID, &oid))
            return 0;
        if (length(&oid) == sizeof any && memcmp(oid.at, any, sizeof any) == 0)
            r->bits |= IST__FOR_SERVERS | IST__FOR_CLIENTS;
        if (length(&oid) == sizeof kp + 1 && memcmp(oid.at, kp, sizeof kp) == 0)
            r->bits |= oid.end[-1] == 1 ? IST__FOR_SERVERS : oid.end[-1] == 2 ? IST__FOR_CLIENTS : 0;
    }
    return 1;
}

/* What of 2.5.29 may be critical because somebody looks at it: we, or nobody needs to. RFC 5280 forbids it for the two key identifiers. */
static int may_be_critical(uint32_t id)
{
    return id == ID_KEY_USAGE || id == ID_NAMES || id == ID_BASIC || id == ID_CONSTRAINTS || id == ID_POLICIES || id == ID_PURPOSES ||
           id == 9 || id == 18 || id == 31 || id == 46;        /* attributes of the subject, names of the issuer, two lists of revoked ones */
}

static int32_t read_one(const struct ist__der *oid, int critical, struct ist__der value, struct ist__facts *f)
{
    struct ist__rules *r = &f->rules;
    uint32_t id = length(oid) == 3 && oid->at[0] == 0x55 && oid->at[1] == 0x1d ? oid->at[2] : 0;
    int good = 1;

    if (critical && !may_be_critical(id))
        return id == ID_SUBJECT_KEY || id == ID_AUTHORITY_KEY ? IST_TLS_BAD_CERTIFICATE : IST_TLS_UNSUPPORTED_CERTIFICATE;
    if (id == ID_BASIC)
        good = read_basic(value, r);
    else if (id == ID_KEY_USAGE)
        good = read_key_usage(value, r);
    else if (id == ID_PURPOSES)
        good = read_purposes(value, r);
    else if (id == ID_AUTHORITY_KEY)
        r->bits |= IST__NAMES_ISSUER_KEY;
    else if (id == ID_NAMES && critical)
        r->bits |= IST__NAMES_CRITICAL;
    else if (id == ID_CONSTRAINTS) {
        r->constraints = value.at;
        r->constraints_len = (uint32_t)length(&value);
        good = ist__constraints_valid(r);
    }
    return good ? 0 : IST_TLS_BAD_CERTIFICATE;
}

/* The form was checked by ist_certificate_read(). */
static int32_t read_extensions(struct ist__der list, struct ist__facts *f)
{
    struct ist__der seen[EXTENSIONS_MAX], extension, value;
    uint32_t n = 0;
    int32_t reason;

    while (ist__der_take(&list, IST__DER_SEQUENCE, &extension)) {
        int critical = 0;
        if (n == EXTENSIONS_MAX)
            return IST_TLS_UNSUPPORTED_CERTIFICATE;
        ist__der_take(&extension, IST__DER_OID, &seen[n]);
        for (uint32_t i = 0; i < n; i++)
            if (same(&seen[i], &seen[n]))
                return IST_TLS_BAD_CERTIFICATE;
        if (ist__der_take(&extension, IST__DER_BOOLEAN, &value))
            critical = *value.at != 0;
        ist__der_take(&extension, IST__DER_OCTETS, &value);
        reason = read_one(&seen[n++], critical, value, f);
        if (reason)
            return reason;
    }
    return n ? 0 : IST_TLS_BAD_CERTIFICATE;
}

/* What stands around the extensions: serial number, the algorithm named twice, names that must not be empty. */
static int32_t read_fields(const uint8_t *der, uint32_t len, struct ist__facts *f)
{
    struct ist__der in = { der, der + len }, outer, tbs, value, serial, inside, outside;

    ist__der_take(&in, IST__DER_SEQUENCE, &outer);
    ist__der_take(&outer, IST__DER_SEQUENCE, &tbs);
    ist__der_take(&tbs, 0xa0, &value);
    ist__der_take(&tbs, IST__DER_INTEGER, &serial);
    ist__der_take(&tbs, IST__DER_SEQUENCE, &inside);
    ist__der_take(&outer, IST__DER_SEQUENCE, &outside);
    for (uint32_t i = 0; i < 4; i++)                          /* issuer, validity, subject, key */
        ist__der_take(&tbs, IST__DER_SEQUENCE, &value);
    if (ist__der_take(&tbs, 0x81, &value) | ist__der_take(&tbs, 0x82, &value) && f->c.version == 1)
        return IST_TLS_BAD_CERTIFICATE;
    if (!same(&inside, &outside) || length(&serial) == 0 || *serial.at & 0x80 || f->c.issuer_len <= 2)
        return IST_TLS_BAD_CERTIFICATE;
    if (length(&serial) <= SERIAL_MAX && (length(&serial) > 1 || *serial.at != 0))
        f->rules.bits |= IST__SERIAL_PROPER;
    if (!ist__der_take(&tbs, 0xa3, &value))
        return 0;
    if (f->c.version < 3)
        return IST_TLS_BAD_CERTIFICATE;
    ist__der_take(&value, IST__DER_SEQUENCE, &in);
    return read_extensions(in, f);
}

int ist__facts_read(const uint8_t *der, uint32_t len, struct ist__facts *f)
{
    struct ist__rules *r = &f->rules;

    memset(f, 0, sizeof *f);
    if (ist_certificate_read(der, len, &f->c))
        return 0;
    r->bits = IST__MAY_ISSUE | IST__FOR_SERVERS | IST__FOR_CLIENTS;
    r->path_len = 255;
    r->not_before_s = f->c.not_before_s;
    r->not_after_s = f->c.not_after_s;
    if (f->c.version == 3)
        r->bits |= IST__VERSION_3;
    if (f->c.subject_len == f->c.issuer_len && memcmp(f->c.subject, f->c.issuer, f->c.subject_len) == 0)
        r->bits |= IST__SELF_ISSUED;
    r->reason = read_fields(der, len, f);
    if (!r->reason && f->c.subject_len <= 2 &&
        (r->bits & IST__AUTHORITY || (f->c.names && !(r->bits & IST__NAMES_CRITICAL))))
        r->reason = IST_TLS_BAD_CERTIFICATE;                  /* an authority without a name; a name that only a non-critical extension has */
    return 1;
}
