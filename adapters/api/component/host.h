/*
 * host.h - the host's own wasi:io, in the profile `full`; in `sealed` the same names are ours, and none of them is ever called
 */
#ifndef ISTHMUS_COMPONENT_HOST_H
#define ISTHMUS_COMPONENT_HOST_H

#include "component.h"

/* Results go to @result, laid out as the interface says. */
IMPORT(ERROR, "[method]error.to-debug-string") void host_error_text(int32_t error, void *result);
IMPORT(ERROR, "error_drop") void host_error_drop(int32_t error);
IMPORT(POLL, "[method]pollable.ready") int32_t host_pollable_ready(int32_t pollable);
IMPORT(POLL, "pollable_drop") void host_pollable_drop(int32_t pollable);
IMPORT(STREAMS, "[method]input-stream.read") void host_input_read(int32_t stream, uint64_t len, void *result);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void host_input_blocking_read(int32_t stream, uint64_t len, void *result);
IMPORT(STREAMS, "[method]input-stream.subscribe") int32_t host_input_subscribe(int32_t stream);
IMPORT(STREAMS, "input-stream_drop") void host_input_drop(int32_t stream);
IMPORT(STREAMS, "[method]output-stream.check-write") void host_output_check_write(int32_t stream, void *result);
IMPORT(STREAMS, "[method]output-stream.write") void host_output_write(int32_t stream, const uint8_t *from, uint32_t len, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void host_output_blocking_write_and_flush(int32_t stream, const uint8_t *from, uint32_t len, void *result);
IMPORT(STREAMS, "[method]output-stream.flush") void host_output_flush(int32_t stream, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-flush") void host_output_blocking_flush(int32_t stream, void *result);
IMPORT(STREAMS, "[method]output-stream.write-zeroes") void host_output_write_zeroes(int32_t stream, uint64_t len, void *result);
IMPORT(STREAMS, "[method]output-stream.blocking-write-zeroes-and-flush")
void host_output_blocking_write_zeroes_and_flush(int32_t stream, uint64_t len, void *result);
IMPORT(STREAMS, "[method]output-stream.subscribe") int32_t host_output_subscribe(int32_t stream);
IMPORT(STREAMS, "output-stream_drop") void host_output_drop(int32_t stream);

/* Standard streams: the host's handles, or 0 in `sealed`. */
IMPORT("wasi:cli/stdin@0.2", "get-stdin") int32_t host_stdin(void);
IMPORT("wasi:cli/stdout@0.2", "get-stdout") int32_t host_stdout(void);
IMPORT("wasi:cli/stderr@0.2", "get-stderr") int32_t host_stderr(void);

#endif
