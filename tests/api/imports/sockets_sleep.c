/* Sockets and sleeping. */
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    sleep(1);
    return fd < 0;
}
