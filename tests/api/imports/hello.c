/* stdio alone: what plain wasi-libc imports, and no stack. */
#include <stdio.h>

int main(void)
{
    return puts("hello") < 0;
}
