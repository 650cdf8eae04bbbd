/*
 * sealed.c - the profile without wasi:io of the host: nothing of it is imported, and no file can be opened
 *
 * The names of host.h are defined here; no handle of the host exists, so that the calls on handles never happen.
 */
#include "../host.h"

#define TYPES "wasi:filesystem/types@0.2"

int32_t host_stdin(void) { return 0; }
int32_t host_stdout(void) { return 0; }
int32_t host_stderr(void) { return 0; }

void host_error_text(int32_t error, void *result) { (void)error; (void)result; trap(); }
void host_error_drop(int32_t error) { (void)error; trap(); }
int32_t host_pollable_ready(int32_t pollable) { (void)pollable; trap(); }
void host_pollable_drop(int32_t pollable) { (void)pollable; trap(); }
void host_input_read(int32_t stream, uint64_t len, void *result) { (void)stream; (void)len; (void)result; trap(); }
void host_input_blocking_read(int32_t stream, uint64_t len, void *result) { (void)stream; (void)len; (void)result; trap(); }
int32_t host_input_subscribe(int32_t stream) { (void)stream; trap(); }
void host_input_drop(int32_t stream) { (void)stream; trap(); }
void host_output_check_write(int32_t stream, void *result) { (void)stream; (void)result; trap(); }
void host_output_write(int32_t stream, const uint8_t *from, uint32_t len, void *result) { (void)stream; (void)from; (void)len; (void)result; trap(); }
void host_output_blocking_write_and_flush(int32_t stream, const uint8_t *from, uint32_t len, void *result) { (void)stream; (void)from; (void)len; (void)result; trap(); }
void host_output_flush(int32_t stream, void *result) { (void)stream; (void)result; trap(); }
void host_output_blocking_flush(int32_t stream, void *result) { (void)stream; (void)result; trap(); }
void host_output_write_zeroes(int32_t stream, uint64_t len, void *result) { (void)stream; (void)len; (void)result; trap(); }
void host_output_blocking_write_zeroes_and_flush(int32_t stream, uint64_t len, void *result) { (void)stream; (void)len; (void)result; trap(); }
int32_t host_output_subscribe(int32_t stream) { (void)stream; trap(); }
void host_output_drop(int32_t stream) { (void)stream; trap(); }

/* No folder is granted, so no descriptor exists on which a method could be called. */
EXPORT("wasi:filesystem/preopens@0.2", "get-directories") void *get_directories(void)
{
    out32(0, 4);
    out32(4, 0);
    return out;
}

EXPORT(TYPES, "filesystem-error-code") void *filesystem_error_code(const struct error *error)
{
    (void)error;
    out8(0, 0);
    return out;
}

#define DENY(name, function, ...) \
    EXPORT(TYPES, name) int32_t deny_##function(__VA_ARGS__); \
    int32_t deny_##function(__VA_ARGS__) { trap(); }

#define I int32_t
#define L int64_t

DENY("[method]descriptor.read-via-stream", read_via_stream, I a, L b)
DENY("[method]descriptor.write-via-stream", write_via_stream, I a, L b)
DENY("[method]descriptor.append-via-stream", append_via_stream, I a)
DENY("[method]descriptor.advise", advise, I a, L b, L c, I d)
DENY("[method]descriptor.sync-data", sync_data, I a)
DENY("[method]descriptor.get-flags", get_flags, I a)
DENY("[method]descriptor.get-type", get_type, I a)
DENY("[method]descriptor.set-size", set_size, I a, L b)
DENY("[method]descriptor.set-times", set_times, I a, I b, L c, I d, I e, L f, I g)
DENY("[method]descriptor.read", read, I a, L b, L c)
DENY("[method]descriptor.write", write, I a, I b, I c, L d)
DENY("[method]descriptor.read-directory", read_directory, I a)
DENY("[method]descriptor.sync", sync, I a)
DENY("[method]descriptor.create-directory-at", create_directory_at, I a, I b, I c)
DENY("[method]descriptor.stat", stat, I a)
DENY("[method]descriptor.stat-at", stat_at, I a, I b, I c, I d)
DENY("[method]descriptor.set-times-at", set_times_at, I a, I b, I c, I d, I e, L f, I g, I h, L i, I j)
DENY("[method]descriptor.open-at", open_at, I a, I b, I c, I d, I e, I f)
DENY("[method]descriptor.readlink-at", readlink_at, I a, I b, I c)
DENY("[method]descriptor.remove-directory-at", remove_directory_at, I a, I b, I c)
DENY("[method]descriptor.symlink-at", symlink_at, I a, I b, I c, I d, I e)
DENY("[method]descriptor.unlink-file-at", unlink_file_at, I a, I b, I c)
DENY("[method]descriptor.metadata-hash", metadata_hash, I a)
DENY("[method]descriptor.metadata-hash-at", metadata_hash_at, I a, I b, I c, I d)
DENY("[method]descriptor.link-at", link_at, I a, I b, I c, I d, I e, I f, I g)
DENY("[method]descriptor.rename-at", rename_at, I a, I b, I c, I d, I e, I f)
DENY("[method]descriptor.is-same-object", is_same_object, I a, I b)
DENY("[method]directory-entry-stream.read-directory-entry", read_directory_entry, I a)

EXPORT(TYPES, "descriptor_dtor") void descriptor_dtor(int32_t self) { (void)self; trap(); }
EXPORT(TYPES, "directory-entry-stream_dtor") void entries_dtor(int32_t self) { (void)self; trap(); }
