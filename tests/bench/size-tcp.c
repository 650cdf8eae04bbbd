/* size-tcp.c - the least program that needs TCP (both roles), UDP and names: how large is it? */
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct addrinfo *to;
    char buf[512];
    struct pollfd p = { .fd = socket(AF_INET, SOCK_DGRAM, 0), .events = POLLIN };
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    if (argc < 3 || getaddrinfo(argv[1], argv[2], 0, &to))
        return 1;
    if (bind(fd, to->ai_addr, to->ai_addrlen) == 0 && listen(fd, 5) == 0)
        fd = accept(fd, 0, 0);
    else if (connect(fd, to->ai_addr, to->ai_addrlen) < 0)
        return 1;
    sendto(p.fd, buf, sizeof buf, 0, to->ai_addr, to->ai_addrlen);
    poll(&p, 1, 1000);
    return write(fd, buf, (size_t)read(fd, buf, sizeof buf)) < 0;
}
