/* Sockets with close() and fcntl(). */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    fcntl(fd, F_SETFL, O_NONBLOCK);
    return close(fd);
}
