/* What is no terminal, and what only changes a struct termios. */
#include <fcntl.h>
#include <termios.h>
#include "tap.h"

int main(void)
{
    struct termios t;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&t, 0, sizeof t);
    fails(tcgetattr(s, &t), ENOTTY, "a socket is no terminal: tcgetattr");
    fails(tcsetattr(s, TCSANOW, &t), ENOTTY, "tcsetattr");
    fails(tcsetattr(s, 77, &t), EINVAL, "tcsetattr, when it shall not be");
    fails(tcflush(s, TCIOFLUSH), ENOTTY, "tcflush");
    fails(tcdrain(s), ENOTTY, "tcdrain");
    fails(tcflow(s, TCOON), ENOTTY, "tcflow");
    fails(tcsendbreak(s, 0), ENOTTY, "tcsendbreak");
    fails(tcgetattr(STDOUT_FILENO, &t), ENOTTY, "nor is a file");
    close(s);
    fails(tcgetattr(s, &t), EBADF, "a closed descriptor");
    fails(tcgetattr(-1, &t), EBADF, "and none");
    t.c_lflag = ICANON | ECHO | TOSTOP;
    t.c_iflag = ICRNL | IUTF8;
    t.c_oflag = OPOST;
    t.c_cflag = CS7 | PARENB | CREAD;
    cfmakeraw(&t);
    ok(t.c_lflag == TOSTOP && t.c_iflag == IUTF8 && t.c_oflag == 0 && t.c_cflag == (CS8 | CREAD) && t.c_cc[VMIN] == 1, "cfmakeraw");
    ok(cfsetospeed(&t, B9600) == 0 && cfgetospeed(&t) == B9600 && t.c_cflag == (CS8 | CREAD | B9600), "a speed");
    fails(cfsetospeed(&t, 12345), EINVAL, "a speed that is none");
    return done();
}
