/* Nothing at all: no network, no stack. */
int main(void)
{
    return 0;
}
