/* Sockets and a file. */
#include <fcntl.h>
#include <sys/socket.h>

int main(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) + open("file", O_RDONLY);
}
