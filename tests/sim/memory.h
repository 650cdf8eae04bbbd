/*
 * memory.h - what the simulator's copies of the stack say about their memory
 */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stdint.h>

#define SIM_EXPORT __attribute__((visibility("default")))

/* From now on: of the requests, counted from 1, those from @first on, @n of them, get nothing. @n 0: all are served. */
SIM_EXPORT void sim_memory_refuse(uint64_t first, uint64_t n);

/* Requests since then. */
SIM_EXPORT uint64_t sim_memory_asked(void);

/* Blocks that are held now. */
SIM_EXPORT uint64_t sim_memory_held(void);

#endif
