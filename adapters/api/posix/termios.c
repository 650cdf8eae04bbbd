/*
 * termios.c - terminals belong to the host: every call says that there is none; what only changes a struct works
 */
#include <termios.h>
#include <unistd.h>
#include "posix.h"

static int no_terminal(int fd)
{
    if (fd < 0)
        return ist__result(-EBADF);                   /* node: EINVAL */
    return isatty(fd) ? ist__result(-ENOTTY) : -1;    /* isatty() has said why: ENOTTY or EBADF */
}

int tcgetattr(int fd, struct termios *out)
{
    (void)out;
    return no_terminal(fd);
}

int tcsetattr(int fd, int when, const struct termios *set)
{
    (void)set;
    return when < TCSANOW || when > TCSAFLUSH ? ist__result(-EINVAL) : no_terminal(fd);
}

int tcdrain(int fd)
{
    return no_terminal(fd);
}

int tcflush(int fd, int queue)
{
    (void)queue;
    return no_terminal(fd);
}

int tcflow(int fd, int action)
{
    (void)action;
    return no_terminal(fd);
}

int tcsendbreak(int fd, int duration)
{
    (void)duration;
    return no_terminal(fd);
}

void cfmakeraw(struct termios *t)
{
    t->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    t->c_oflag &= ~(tcflag_t)OPOST;
    t->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    t->c_cflag = (t->c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    t->c_cc[VMIN] = 1;
    t->c_cc[VTIME] = 0;
}

speed_t cfgetospeed(const struct termios *t)
{
    return t->c_cflag & CBAUD;
}

/* One speed for both directions. */
speed_t cfgetispeed(const struct termios *t)
{
    return cfgetospeed(t);
}

int cfsetospeed(struct termios *t, speed_t speed)
{
    if (speed & ~(speed_t)CBAUD)
        return ist__result(-EINVAL);
    t->c_cflag = (t->c_cflag & ~(tcflag_t)CBAUD) | speed;
    return 0;
}

int cfsetispeed(struct termios *t, speed_t speed)
{
    return speed == B0 ? 0 : cfsetospeed(t, speed);    /* POSIX: 0 says "as for output" */
}
