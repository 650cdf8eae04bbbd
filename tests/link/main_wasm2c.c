/*
 * main_wasm2c.c - the guest turned into C by wasm2c, on the host in C
 */
#include "checks.wasm.h"

#include "../../adapters/host/c/wasm2c.h"
#include "far_side.h"

int main(void)
{
    struct isthmus_host *host = far_side_init();
    Z_checks_instance_t guest;
    struct Z_isthmus_instance_t isthmus = { .host = host };

    wasm_rt_init();
    Z_checks_init_module();
    Z_checks_instantiate(&guest, &isthmus);
    isthmus.memory = Z_checksZ_memory(&guest);
    Z_checksZ_run(&guest);
    Z_checks_free(&guest);
    wasm_rt_free();
    far_side_release();
    return 0;
}
