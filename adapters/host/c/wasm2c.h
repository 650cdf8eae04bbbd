/*
 * wasm2c.h - the import for a module that wasm2c (wabt 1.0.32) has turned into C
 *
 * To be included in one file of the embedder, after the generated header. Fill one struct Z_isthmus_instance_t with the
 * host and the module's memory (Z_<module>Z_isthmus_memory(), or Z_<module>Z_memory()), and hand it to
 * Z_<module>_instantiate(). The generated code has no SIMD: the module is linked from the libraries without it.
 */
#ifndef ISTHMUS_WASM2C_H
#define ISTHMUS_WASM2C_H

#include <wasm-rt.h>

#include "host.h"

struct Z_isthmus_instance_t {
    struct isthmus_host *host;
    wasm_rt_memory_t *memory;   /* NULL until the instance is there: a call before is a LAYOUT error */
};

uint32_t Z_isthmusZ_exchange(struct Z_isthmus_instance_t *instance, uint32_t x);
uint32_t Z_isthmusZ_exchange(struct Z_isthmus_instance_t *instance, uint32_t x)
{
    wasm_rt_memory_t *memory = instance->memory;

    return (uint32_t)(memory ? isthmus_host_exchange(instance->host, memory->data, memory->size, x)
                             : isthmus_host_exchange(instance->host, NULL, 0, x));
}

#endif
