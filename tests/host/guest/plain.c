/* plain.c - a program of preview1 that has never heard of a network */
#include <stdio.h>

int main(void)
{
    int n = 0;
    while (getchar() != EOF) n++;
    printf("%d characters\n", n);
    return 0;
}
