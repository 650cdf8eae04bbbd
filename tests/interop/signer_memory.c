/*
 * signer_memory FOLDER NAME [KEY] - two ends of TLS joined by memory, whose private key is behind the host's signer NAME, or in the file KEY
 *
 * FOLDER holds ca.pem, NAME.pem and, for KEY, NAME.key. Says "talked" when a handshake and a message went through, and ends without giving anything
 * back: whoever runs it looks through the memory.
 */
#include <isthmus/stack.h>
#include <isthmus/tls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *load(const char *folder, const char *name, const char *suffix, uint32_t *len)
{
    static char path[512];
    char *text = malloc(65536);
    FILE *f;

    snprintf(path, sizeof path, "%s/%s.%s", folder, name, suffix);
    f = fopen(path, "rb");
    if (!f || !text) {
        perror(path);
        exit(1);
    }
    *len = (uint32_t)fread(text, 1, 65536, f);
    fclose(f);
    return text;
}

static uint32_t carry(struct ist_tls_engine *from, struct ist_tls_engine *to)
{
    uint32_t n, room, total = 0;
    const uint8_t *out;
    uint8_t *in;

    while ((out = ist_tls_engine_record_out_buf(from, &n)) != NULL && (in = ist_tls_engine_record_in_buf(to, &room)) != NULL) {
        n = n < room ? n : room;
        memcpy(in, out, n);
        ist_tls_engine_record_in_ack(to, n);
        ist_tls_engine_record_out_ack(from, n);
        total += n;
    }
    return total;
}

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
