/* Sockets by send, recv and poll, and nothing else: the link alone (and proc_exit, which the C start-up always has). */
#include <netdb.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>

int main(void)
{
    struct addrinfo *to;
    char buf[64];
    struct pollfd p = { .fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN };
    int one = 1;

    if (getaddrinfo("localhost", "80", 0, &to))
        return 1;
    setsockopt(p.fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    if (connect(p.fd, to->ai_addr, to->ai_addrlen) || poll(&p, 1, 1000) < 0 || select(0, 0, 0, 0, 0) < 0)
        return 2;
    return send(p.fd, buf, (size_t)recv(p.fd, buf, sizeof buf, 0), 0) < 0;
}
