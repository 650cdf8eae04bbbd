/* Sockets with read() and poll(): standard input may be meant, so the host must be asked about it. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    char buf[64];
    struct pollfd p = { .fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN };

    poll(&p, 1, 1000);
    return read(p.fd, buf, sizeof buf) < 0;
}
