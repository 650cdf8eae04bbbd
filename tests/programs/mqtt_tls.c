/*
 * mqtt_tls HOST PORT CA TOPIC MESSAGE [CERT KEY] - publishes one message, to be kept, by MQTT 3.1.1 over TLS
 *
 * The broker must show a certificate of CA for HOST; we show CERT, if there is one. Says what the broker answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tls.h>

enum { CONNECT = 0x10, CONNACK = 0x20, PUBLISH_KEPT_QUALITY_1 = 0x33, PUBACK = 0x40, DISCONNECT = 0xe0 };

static struct tls *tls;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why ? why : "no reason given");
    exit(1);
}

static void send_all(const unsigned char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = tls_write(tls, data, len);
        if (n == TLS_WANT_POLLIN || n == TLS_WANT_POLLOUT) continue;    /* the descriptor blocks: at once again */
        if (n < 0) die("write", tls_error(tls));
        data += n;
        len -= (size_t)n;
    }
}

static void read_all(unsigned char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = tls_read(tls, data, len);
        if (n == TLS_WANT_POLLIN || n == TLS_WANT_POLLOUT) continue;
        if (n < 0) die("read", tls_error(tls));
        if (n == 0) die("read", "the broker has ended the connection");
        data += n;
        len -= (size_t)n;
    }
}

/* A string with its length before it; its size then. */
static size_t put(unsigned char *at, const char *text)
{
    size_t len = strlen(text);
    at[0] = (unsigned char)(len >> 8);
    at[1] = (unsigned char)len;
    memcpy(at + 2, text, len);
    return len + 2;
}

/* The head of a packet, with the length in groups of seven bits, then its body. */
static void send_packet(int type, const unsigned char *body, size_t len)
{
    unsigned char head[5];
    size_t n = 0, rest = len;

    head[n++] = (unsigned char)type;
    do {
        head[n] = (unsigned char)(rest & 127);
        rest >>= 7;
        if (rest) head[n] |= 128;
        n++;
    } while (rest);
    send_all(head, n);
    send_all(body, len);
}

/* Both answers that we wait for are of two bytes. */
static void expect(int type, unsigned char answer[2], const char *what)
{
    unsigned char head[2];

    read_all(head, 2);
    if (head[0] != type || head[1] != 2) die(what, "another answer than that");
    read_all(answer, 2);
}

static void publish(const char *topic, const char *message)
{
    static const unsigned char hello[] = { 0, 4, 'M', 'Q', 'T', 'T', 4, 2 /* a clean session */, 0, 60, 0, 8, 'm', 'q', 't', 't', '_', 't', 'l', 's' };
    static unsigned char body[4096];
    unsigned char answer[2];
    size_t len;

    if (strlen(topic) + strlen(message) + 4 > sizeof body) die("message", "too long");
    send_packet(CONNECT, hello, sizeof hello);
    expect(CONNACK, answer, "connect");
    if (answer[1] != 0) die("connect", "the broker refuses us");
    len = put(body, topic);
    body[len++] = 0;
    body[len++] = 1;    /* the packet's number */
    memcpy(body + len, message, strlen(message));
    send_packet(PUBLISH_KEPT_QUALITY_1, body, len + strlen(message));
    expect(PUBACK, answer, "publish");
    send_packet(DISCONNECT, body, 0);
}

int main(int argc, char **argv)
{
    struct tls_config *config = tls_config_new();

    if (argc != 6 && argc != 8) die("usage", "mqtt_tls HOST PORT CA TOPIC MESSAGE [CERT KEY]");
    if (!config || !(tls = tls_client())) die("memory", "none left");
    if (tls_config_set_ca_file(config, argv[3])) die(argv[3], tls_config_error(config));
    if (argc == 8 && tls_config_set_keypair_file(config, argv[6], argv[7])) die(argv[6], tls_config_error(config));
    if (tls_configure(tls, config)) die("configure", tls_error(tls));
    if (tls_connect(tls, argv[1], argv[2])) die("connect", tls_error(tls));
    if (tls_handshake(tls)) die("handshake", tls_error(tls));
    publish(argv[4], argv[5]);
    printf("published over %s\n", tls_conn_version(tls));
    tls_close(tls);
    tls_free(tls);
    tls_config_free(config);
    return 0;
}
