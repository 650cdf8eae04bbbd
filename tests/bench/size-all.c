/* size-all.c - the least program that needs TCP, UDP, names and TLS as client and as server: how large is it? */
#include <tls.h>

#define main size_tcp
#include "size-tcp.c"
#undef main

int main(int argc, char **argv)
{
    struct tls_config *config = tls_config_new();
    struct tls *client = tls_client(), *server = tls_server(), *peer;
    char buf[512];

    if (size_tcp(argc, argv) || tls_config_set_keypair_file(config, argv[1], argv[2]) || tls_configure(server, config) ||
        tls_configure(client, config))
        return 1;
    if (tls_accept_socket(server, &peer, 0) || tls_connect(client, argv[1], argv[2]))
        return 1;
    return tls_write(peer, buf, (size_t)tls_read(client, buf, sizeof buf)) < 0;
}
