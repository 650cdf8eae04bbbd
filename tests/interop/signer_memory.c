/*
 * signer_memory FOLDER NAME [KEY] - two ends of TLS joined by memory, whose private key is behind the host's signer NAME, or in the file KEY
 *
 * FOLDER holds ca.pem, NAME.pem and, for KEY, NAME.key. Says "talked" when a handshake and a message went through, and ends without giving anything
 * back: whoever runs it looks through the memory.
 */
#include <isthmus/stack.h>
#include "../lib/engines.h"

int main(int argc, char **argv)
{
    struct ist_tls_identity *id = NULL;
    const struct ist_tls_identity *one;
    struct ist_tls_engine *client, *server;
    struct ist_tls_trust *trust;
    struct ist_tls_detail why;
    struct ist_tls_config c = { .size = sizeof c, .server_name = "host.test", .random_fn = ist_random }, s;
    uint32_t len, key_len;
    char *pem;
    int32_t r;

    if (argc < 3 || ist_start(NULL))
        return 2;
    pem = load(argv[1], "ca", "pem", &len);
    if (ist_tls_trust_new(&trust, pem, len, NULL, NULL))
        return 2;
    pem = load(argv[1], argv[2], "pem", &len);
    r = argc > 3 ? ist_tls_identity_new(&id, pem, len, load(argv[1], argv[2], "key", &key_len), 65536 < key_len ? 0 : key_len, &why)
                 : ist_tls_identity_new_signer(&id, pem, len, ist_tls_sign_by_host, NULL, argv[2], &why);
    if (r) {
        printf("%s\n", why.text);
        return 1;
    }
    one = id;
    c.realtime_ns = ist_realtime();
    c.trust = trust;
    s = c;
    s.role = IST_TLS_SERVER;
    s.identities = &one;
    s.n_identities = 1;
    if (ist_tls_engine_new(&client, &c, &why) || ist_tls_engine_new(&server, &s, &why))
        return 2;
    while (carry(client, server) + carry(server, client))
        ;
    if (!(ist_tls_engine_state(client) & IST_TLS_DATA_OUT)) {
        ist_tls_engine_detail(server, &why);
        printf("%s\n", why.text);
        return 1;
    }
    printf("talked\n");
    return 0;
}
