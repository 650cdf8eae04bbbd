/*
 * A private key behind the SERVICE link: the stack asks a host made here, which signs, refuses, lies, or says nothing.
 */
#include "tls_help.h"
#include "tls/parts.h"

#include <isthmus/link.h>
#include <isthmus/stack.h>

static struct ist_tls_trust *trust;
static const struct ist_tls_identity *keys[3];       /* with their keys: what the host signs with */
static const char *const names[] = { "ec", "ec384", "rsa" };

static struct {
    enum { SIGN, REFUSE, GARBAGE, LONG, EMPTY, WRONG_ID, BROKEN, SILENT, LATE, CLOSED, ABSENT } mode;
    uint64_t now;
    uint32_t n_signed, scheme, hash_len;
    uint8_t answer[1024], instance[16];
    uint32_t answer_len, after;                  /* LATE: exchanges until it comes */
    int nowait;
} far;

static uint32_t put_answer(uint8_t *at, const uint8_t *frame, uint32_t status, const uint8_t *signature, uint32_t len)
{
    uint32_t n = 5 + 1 + len;

    at[0] = at[1] = 0;
    at[2] = (uint8_t)(n >> 8);
    at[3] = (uint8_t)n;
    memcpy(at + 4, frame + 4, 5);
    if (far.mode == WRONG_ID)
        at[7] ^= 1;
    at[9] = (uint8_t)status;
    memcpy(at + 10, signature, len);
    return 4 + n;
}

/* The signer: one request to one answer. */
static void serve(const uint8_t *frame)
{
    uint32_t len = (uint32_t)frame[2] << 8 | frame[3], name_len = frame[11];
    const struct ist_tls_identity *key = NULL;
    uint8_t data[1024];
    int32_t reason;
    size_t n;

    for (int i = 0; i < 3; i++)
        if (strlen(names[i]) == name_len && memcmp(frame + 12, names[i], name_len) == 0)
            key = keys[i];
    far.n_signed++;
    far.scheme = (uint32_t)frame[9] << 8 | frame[10];
    far.hash_len = len - 5 - 3 - name_len;
    memcpy(data, frame + 12 + name_len, far.hash_len);
    n = key ? ist__sign(key, far.scheme >> 8, data, far.hash_len, sizeof data, &reason) : 0;
    if (far.mode == GARBAGE)
        memset(data, 0x30, n = 71);
    if (far.mode == LONG)
        n = 600;
    if (far.mode == EMPTY)
        n = 0;
    far.answer_len = put_answer(far.answer, frame, far.mode == REFUSE ? 2 : key ? 0 : 1, data, (uint32_t)n);
    if (far.mode == BROKEN)
        far.answer[0] = 0xff;
    far.after = far.mode == LATE ? 3 : 0;
}

static int32_t host(void *user, uint8_t *memory, uint64_t len, uint32_t at)
{
    struct ist_link *x = (struct ist_link *)(void *)(memory + at);
    static const char grant[] = "service=signer ec\nservice=signer ec384\nservice=signer rsa\n";
    int service = x->link == 1;
    const char *text = service && far.mode != ABSENT ? grant : "address=10.0.0.2/24\n";

    (void)user;
    (void)len;
    if (x->link > 1)
        return IST_LINK_NO_LINK;
    if (x->want & IST_LINK_ENTROPY)
        random_bytes(x->entropy, 32);
    memcpy(x->instance, far.instance, 16);
    if (x->want & IST_LINK_GRANT) {
        x->kind = service ? IST_LINK_KIND_SERVICE : IST_LINK_KIND_IP;
        x->mtu = service ? 1024 : 1500;
        x->frame_max = service ? 1029 : 1500;
        x->n_links = 2;
        x->text_len = (uint32_t)strlen(text);
        if (x->text_cap >= x->text_len)
            memcpy(memory + x->text, text, x->text_len);
    }
    x->tx_taken = x->tx_len;
    x->flags = IST_LINK_UP | (far.nowait ? IST_LINK_NOWAIT : 0);
    if (service && far.mode == CLOSED && x->tx_len)
        return IST_LINK_CLOSED;
    if (service && x->tx_len)
        serve(memory + x->tx);
    if (service && x->rx_cap && far.answer_len && far.mode != SILENT && (far.after == 0 || far.after-- == 1)) {
        memcpy(memory + x->rx, far.answer, far.answer_len);
        x->rx_len = far.answer_len;
        far.answer_len = 0;
    }
    if (x->rx_len == 0 && x->deadline > far.now && !far.nowait)
        far.now = far.mode == LATE || x->deadline == UINT64_MAX ? far.now + 1000000 : x->deadline;
    x->monotonic = ++far.now;
    x->realtime = now_ns();
    return 0;
}

static struct ist_tls_identity *signer(const char *chain, const char *name, int32_t expected)
{
    struct text pem = pki_read(chain);
    struct ist_tls_identity *id = NULL;
    struct ist_tls_detail why;
    int32_t r = ist_tls_identity_new_signer(&id, pem.at, pem.len, ist_tls_sign_by_host, NULL, name, &why);

    free(pem.at);
    if (why.reason != expected)
        printf("# %d: %s\n", r, why.text);
    return why.reason == expected ? (id ? id : (void *)(uintptr_t)1) : NULL;
}

static int is_refused(const char *chain, const char *name, int32_t reason)
{
    return signer(chain, name, reason) != NULL;
}

static void signs(void)
{
    static const uint32_t schemes[] = { 0x0403, 0x0403, 0x0401 };

    for (int i = 0; i < 3; i++) {
        char chain[16];
        struct ist_tls_identity *id;
        const struct ist_tls_identity *one;
        struct ist_tls_config c, s;
        struct pair p;

        snprintf(chain, sizeof chain, "%s.pem", names[i]);
        one = id = signer(chain, names[i], IST_TLS_OK);
        ok(id != NULL && far.n_signed > 0, "%s: the key belongs to the certificate", names[i]);
        far.n_signed = 0;
        c = client_config(trust, "host.test");
        s = server_config(&one);
        p = pair_new(&c, &s);
        pump(&p);
        ok(echoes(&p, "signed outside") && far.n_signed == 1 && far.scheme == schemes[i] && far.hash_len == 32, "%s: a server's handshake, one signature", names[i]);
        pair_free(&p);
        far.n_signed = 0;
        c.identities = &one;
        c.n_identities = 1;
        s = server_config(&keys[0]);
        s.trust = trust;
        s.flags = IST_TLS_VERIFY_PEER;
        p = pair_new(&c, &s);
        pump(&p);
        ok(echoes(&p, "signed outside") && far.n_signed == 1, "%s: a client's certificate", names[i]);
        pair_free(&p);
        far.mode = LATE;
        s = server_config(&one);
        c.n_identities = 0;
        p = pair_new(&c, &s);
        pump(&p);
        ok(echoes(&p, "late"), "%s: a host that needs time is waited for", names[i]);
        pair_free(&p);
        far.mode = SIGN;
        ist_tls_identity_free(id);
    }
}

static void refuses(void)
{
    static const struct { unsigned mode; int32_t reason; const char *what; } cases[] = {
        { REFUSE, IST_TLS_SIGNER_REFUSED, "a signer that refuses" },
        { GARBAGE, IST_TLS_SIGNER_FAILED, "one that answers with garbage" },
        { LONG, IST_TLS_SIGNER_FAILED, "one that answers with too much" },
        { EMPTY, IST_TLS_SIGNER_FAILED, "one that answers with nothing" },
        { WRONG_ID, IST_TLS_SIGNER_FAILED, "one that answers another request" },
        { BROKEN, IST_TLS_SIGNER_FAILED, "a host whose batch is broken" },
        { SILENT, IST_TLS_SIGNER_FAILED, "one that says nothing" },
        { CLOSED, IST_TLS_SIGNER_UNKNOWN, "a link that closes" },
        { ABSENT, IST_TLS_SIGNER_UNKNOWN, "a host that grants none" } };
    struct ist_tls_identity *id = signer("ec.pem", "ec", IST_TLS_OK), *again;
    const struct ist_tls_identity *one = id;
    uint8_t hash[65] = { 0 }, out[512];
    uint64_t began;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&one);
        struct pair p;

        far.mode = cases[i].mode;
        began = far.now;
        ok(is_refused("ec.pem", "ec", cases[i].reason), "%s: no identity", cases[i].what);
        p = pair_new(&c, &s);
        pump(&p);
        ok(failed_for(p.server, cases[i].reason) && got_alert(p.client, 80), "%s: the handshake fails, and the client is told", cases[i].what);
        pair_free(&p);
        if (far.mode == SILENT)
            ok(far.now - began < UINT64_C(25000000000), "after ten seconds each");
        far.answer_len = 0;
    }
    far.mode = SIGN;
    far.nowait = 1;
    again = signer("ec.pem", "ec", IST_TLS_OK);
    ok(again != NULL, "a host that cannot wait may answer at once");
    ist_tls_identity_free(again);
    far.mode = LATE;
    ok(is_refused("ec.pem", "ec", IST_TLS_SIGNER_FAILED), "not later");
    far.answer_len = 0;
    far.nowait = 0;
    far.mode = SIGN;
    ok(is_refused("ec.pem", "rsa", IST_TLS_SIGNER_FAILED) && is_refused("ec.pem", "ec384", IST_TLS_KEY_MISMATCH), "the key of another certificate is found at once");
    ok(is_refused("ec.pem", "nobody", IST_TLS_SIGNER_UNKNOWN) && is_refused("ec.pem", "", IST_TLS_SIGNER_UNKNOWN), "an unknown name, no name");
    ok(is_refused("ec.key", "ec", IST_TLS_NO_CERTIFICATE), "no certificate");
    ok(ist_tls_sign_by_host(NULL, "ec", 0x0403, hash, 65, out, sizeof out) == IST_EINVAL, "what is no hash");
    ok(ist_tls_sign_by_host(NULL, "ec", 0x0403, hash, 32, out, 10) == IST_EPROTO, "no room for the signature");
    ist_tls_identity_free(id);
    ist_stop();
    ok(ist_tls_sign_by_host(NULL, "ec", 0x0403, hash, 32, out, sizeof out) == IST_ESTATE, "without the stack there is no signer");
}

int main(void)
{
    pki_make("root ca ec; leaf ec ec ca DNS:host.test; leaf ec384 ec384 ca DNS:host.test; leaf rsa rsa2048 ca DNS:host.test");
    trust = trust_of("ca.pem");
    keys[0] = identity_of("ec.pem", "ec.key");
    keys[1] = identity_of("ec384.pem", "ec384.key");
    keys[2] = identity_of("rsa.pem", "rsa.key");
    far.instance[0] = 1;
    ist_link_host(host, NULL);
    if (ist_start(NULL) != 0)
        abort();
    signs();
    refuses();
    return tap_done();
}
