/*
 * identity.c - a key and a certificate, always the same, so that a seed is the same bytes everywhere; a secret to nobody
 *
 * Made once with openssl: an authority whose key is gone, and a leaf for "sim.test", P-256, for a hundred years.
 */
#include "identity.h"

#include <string.h>

#include "flow.h"
#include "oracle.h"

static const char authority[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBijCCAS+gAwIBAgIUUv7XZjTn0lgLQj6AjwZONaeVtX4wCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGU2ltIENBMCAXDTI2MTEyNDAyMzg0NVoYDzIxMjYxMDMxMDIz\n"
    "ODQ1WjARMQ8wDQYDVQQDDAZTaW0gQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AATjLQ+R23Y5n/cjrjiC35Y95zyOxnE7g+mrfTy8Jd2FG9z2H7a1ugaPDqCGt/2d\n"
    "IFSQTMjZltjeoz/7h2/AIyqoo2MwYTAdBgNVHQ4EFgQUspgMQJGa3nlcAj96mTqk\n"
    "Bp49dDswHwYDVR0jBBgwFoAUspgMQJGa3nlcAj96mTqkBp49dDswDwYDVR0TAQH/\n"
    "BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAgQwCgYIKoZIzj0EAwIDSQAwRgIhAPG/pr1i\n"
    "4xxJwmmT+bPGWWCipKLK4RVXrwQuqsf6oSOPAiEAhVyJs4hkGWx4L0iKnzfhgH4j\n"
    "HkWTGkqYDHAqn9ES5sc=\n"
    "-----END CERTIFICATE-----\n";

static const char leaf[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBhTCCASugAwIBAgIUZqcFkfJmFxjnhFtW864FG2uGg4UwCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGU2ltIENBMCAXDTI2MTEyNDAyMzg0NVoYDzIxMjYxMDMxMDIz\n"
    "ODQ1WjAOMQwwCgYDVQQDDANzaW0wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQf\n"
    "ahhaykCp8DSomqx6X9j5GuCeZuMcaqpgieHFIlIG0PkzXrDUbEraCBRq+MwiHAGF\n"
    "fXzxNqRsFO5394hSPfn1o2IwYDAJBgNVHRMEAjAAMBMGA1UdEQQMMAqCCHNpbS50\n"
    "ZXN0MB0GA1UdDgQWBBSiAwDwzTcUkwvf3EizHAali3vLQzAfBgNVHSMEGDAWgBSy\n"
    "mAxAkZreeVwCP3qZOqQGnj10OzAKBggqhkjOPQQDAgNIADBFAiBekgCbrtkQGEfy\n"
    "hVe9ejF+G8J8JIjTMeIGaiZEd/cqAgIhAKNcgzJeZT1KZlYYSAKxgDGZ4qbjr4Qa\n"
    "N8SVTsxZ+LeA\n"
    "-----END CERTIFICATE-----\n";

static const char key[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIOFovGleJdiyyfdjwBbnbyjO+Vt/19/v2wbIBklXEz2FoAoGCCqGSM49\n"
    "AwEHoUQDQgAEH2oYWspAqfA0qJqsel/Y+RrgnmbjHGqqYInhxSJSBtD5M16w1GxK\n"
    "2ggUavjMIhwBhX188TakbBTud/eIUj359Q==\n"
    "-----END EC PRIVATE KEY-----\n";

static struct ist_tls_trust *trusts[STACKS_MAX];
static struct ist_tls_identity *identities[STACKS_MAX];

void identities_begin(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        struct stack *s = &world.stacks[i];
        int32_t r = IST_ENOMEM, tries = mercy.no_memory ? 100 : 1;
        for (int32_t n = 0; r == IST_ENOMEM && n < tries; n++)
            r = s->ist_tls_trust_new(&trusts[i], authority, sizeof authority - 1, NULL, NULL);
        if (r != 0)
            broken("stack %u: no trust: %d", i, r);
        r = IST_ENOMEM;
        for (int32_t n = 0; r == IST_ENOMEM && n < tries; n++)
            r = s->ist_tls_identity_new(&identities[i], leaf, sizeof leaf - 1, key, sizeof key - 1, NULL);
        if (r != 0)
            broken("stack %u: no identity: %d", i, r);
    }
}

void identities_end(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        world.stacks[i].ist_tls_trust_free(trusts[i]);
        world.stacks[i].ist_tls_identity_free(identities[i]);
        trusts[i] = NULL;
        identities[i] = NULL;
    }
}

ist_handle identity_open(struct stack *s, ist_handle stream, bool server)
{
    const struct ist_tls_identity *mine = identities[s->index];
    struct ist_tls_config c = { .size = sizeof c, .role = server ? IST_TLS_SERVER : IST_TLS_CLIENT };

    if (server) {
        c.identities = &mine;
        c.n_identities = 1;
    } else {
        c.trust = trusts[s->index];
        c.server_name = "sim.test";
    }
    return s->ist_tls_open(stream, &c, NULL);
}
