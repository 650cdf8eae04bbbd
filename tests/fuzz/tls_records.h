/*
 * tls_records.h - what a TLS peer sends: the body of tls_client.c and tls_server.c (ROLE: whose side is tried)
 *
 * Input: a byte of options, then
 *   - the peer's bytes, as they are; the randomness is the same each time, so that a recorded connection runs through, or
 *   - with option LIVE: places where what a real peer sends is damaged. u16: bytes before it, u8: how, u8: a value.
 * Keys and certificates are new in every process; the seeds fit them.
 */
#include "../unit/tls_help.h"
#include "fuzz.h"

#define LIVE   1u
#define MUTUAL 2u
#define RSA    4u
#define GCM    8u
#define CURVES 16u
#define ALPN   32u

static struct ist_tls_trust *trust;
static const struct ist_tls_identity *ec_host, *rsa_host, *client_self;
static uint64_t random_state;
static struct seed *record_into;         /* what the peer sends is kept here */
static int was_done;                     /* the last connection stood */

static int32_t fixed_bytes(void *buf, uint32_t len)
{
    uint8_t *p = buf;

    for (uint32_t i = 0; i < len; i++) {
        random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        p[i] = (uint8_t)(random_state >> 40);
    }
    return 0;
}

static void prepare(void)
{
    if (trust)
        return;
    pki_make("root ca ec; leaf host ec ca DNS:host.test; leaf rsa rsa2048 ca DNS:host.test; leaf me ec ca DNS:me.test");
    trust = trust_of("ca.pem");
    ec_host = identity_of("host.pem", "host.key");
    rsa_host = identity_of("rsa.pem", "rsa.key");
    client_self = identity_of("me.pem", "me.key");
}

static struct ist_tls_engine *engine(uint32_t role, uint32_t options)
{
    const struct ist_tls_identity *const *own = role == IST_TLS_CLIENT ? &client_self : options & RSA ? &rsa_host : &ec_host;
    struct ist_tls_config c = role == IST_TLS_CLIENT ? client_config(trust, "host.test") : server_config(own);
    struct ist_tls_engine *e;

    c.random_fn = fixed_bytes;
    c.ciphers = options & GCM ? IST_TLS_AES_128_GCM : IST_TLS_CHACHA20_POLY1305;
    c.curves = options & CURVES ? IST_TLS_P256 | IST_TLS_P384 : 0;
    c.protocols = options & ALPN ? "h2,http/1.1" : NULL;
    if (options & MUTUAL) {
        c.trust = trust;
        c.flags |= role == IST_TLS_SERVER ? IST_TLS_VERIFY_PEER : 0;
        c.identities = own;
        c.n_identities = 1;
    }
    random_state = role == IST_TLS_CLIENT ? 1 : 2;
    if (ist_tls_engine_new(&e, &c, NULL))
        abort();
    return e;
}

/* What an application does: it reads what there is, and writes a little. */
static void use(struct ist_tls_engine *e)
{
    char buf[512];
    struct ist_tls_info info;

    while (get_data(e, buf, sizeof buf))
        ;
    was_done |= is_done(e);
    if (is_done(e))
        put_data(e, "data", 4);
    ist_tls_engine_info(e, &info);
    must(!(ist_tls_engine_state(e) & IST_TLS_FAILED) == (detail_of(e).reason == 0));
}

static void drain(struct ist_tls_engine *e)
{
    uint32_t n;

    while (ist_tls_engine_record_out_buf(e, &n))
        ist_tls_engine_record_out_ack(e, n);
}

static void raw(struct input in, uint32_t options)
{
    struct ist_tls_engine *e = engine(ROLE, options);

    while (in.left) {
        uint32_t room, n;
        uint8_t *to;
        drain(e);
        to = ist_tls_engine_record_in_buf(e, &room);
        if (!to || !room)
            break;
        memcpy(to, in.at, n = in.left < room ? (uint32_t)in.left : room);
        in.at += n;
        in.left -= n;
        ist_tls_engine_record_in_ack(e, n);
        use(e);
    }
    ist_tls_engine_record_end(e);
    use(e);
    ist_tls_engine_free(e);
}

/* The next piece of what the peer has sent, damaged where the input says; *clean: bytes until then. */
static uint32_t piece(struct input *in, uint32_t *clean, const uint8_t *from, uint32_t n, uint8_t *to, uint32_t room, uint32_t *made)
{
    uint32_t how, value;

    if (*clean == 0 && in->left) {
        how = take8(in);
        value = take8(in);
        *clean = take16(in) + 1;
        if (how % 4 == 1)                       /* lost */
            return *made = 0, value + 1 < n ? value + 1 : n;
        if (how % 4 == 2)                       /* put in */
            return to[0] = (uint8_t)value, *made = 1, 0;
        to[0] = (uint8_t)(how % 4 == 3 ? value : from[0] ^ (value ? value : 1));
        return *made = 1;
    }
    n = n < room ? n : room;
    if (in->left && *clean < n)
        n = *clean;
    *clean -= in->left ? n : 0;
    memcpy(to, from, n);
    return *made = n;
}

static void live(struct input in, uint32_t options)
{
    struct ist_tls_engine *e = engine(ROLE, options), *peer = engine(!ROLE, options);
    uint32_t clean = take16(&in), idle = 0, n, room, made;

    for (uint32_t step = 0; idle < 3 && step < 2000; step++) {
        uint32_t moved = carry(e, peer, 0);
        const uint8_t *out = ist_tls_engine_record_out_buf(peer, &n);
        uint8_t *to = ist_tls_engine_record_in_buf(e, &room);
        if (out && to && n && room) {
            n = piece(&in, &clean, out, n, to, room, &made);
            if (record_into && record_into->len + made < sizeof record_into->at)
                add(record_into, to, made);
            ist_tls_engine_record_out_ack(peer, n);
            if (made)
                ist_tls_engine_record_in_ack(e, made);
            moved += n + made;
        }
        use(e);
        if (step < 30)
            use(peer);
        if (step == 30)
            ist_tls_engine_close(peer);
        idle = moved ? 0 : idle + 1;
    }
    ist_tls_engine_record_end(e);
    ist_tls_engine_free(e);
    ist_tls_engine_free(peer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = { data, len };
    uint32_t options = take8(&in);

    prepare();
    (options & LIVE ? live : raw)(in, options);
    return 0;
}

const uint32_t fuzz_rounds = 20;      /* each is a handshake */
static struct seed s;

/* A whole connection as the peer's bytes. */
static void emit_recorded(seed_fn seed, const char *name, uint32_t options)
{
    s.len = 0;
    add8(&s, options);
    record_into = &s;
    live((struct input){ NULL, 0 }, options | LIVE);
    record_into = NULL;
    was_done = 0;
    raw((struct input){ s.at + 1, s.len - 1 }, options);
    must(was_done);                      /* so the target can be taken through a whole handshake by bytes alone */
    seed(name, s.at, s.len);
}

static void emit_live(seed_fn seed, const char *name, uint32_t options, const char *hex)
{
    s.len = 0;
    add8(&s, options | LIVE);
    add_hex(&s, hex);
    seed(name, s.at, s.len);
}

void fuzz_seeds(seed_fn seed)
{
    prepare();
    emit_recorded(seed, "a connection", 0);
    emit_recorded(seed, "a connection with both certificates, p-256 and gcm", MUTUAL | GCM | CURVES);
    emit_recorded(seed, "a connection with rsa and protocols", RSA | ALPN);
    emit_live(seed, "nothing damaged", MUTUAL, "");
    emit_live(seed, "the second record altered", 0, "0060 00 01 0000");
    emit_live(seed, "bytes lost and put in", ALPN, "0020 01 05 0100 02 16 0040");
    emit_live(seed, "the data altered", GCM, "0500 03 00 0000");
    s.len = 0;
    add8(&s, 0);
    add_hex(&s, "15 0303 0002 02 28");
    seed("an alert at once", s.at, s.len);
}
