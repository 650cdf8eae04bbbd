/* stray.c - imports what nobody provides */
__attribute__((import_module("env"), import_name("teleport"))) void teleport(void);

int main(void)
{
    teleport();
    return 0;
}
