/*
 * filesystem.c - wasi:filesystem, passed on to the host's
 *
 * The interface names streams and errors of wasi:io, which are ours, so its resources must be ours too: each holds the host's handle.
 * Lists come in by cm32p2_realloc and are freed once the host has read them; those that the host returns were made in the same
 * way, go out as they are, and are freed in _post.
 */
#include <stdlib.h>
#include <string.h>
#include "../component.h"

#define TYPES    "wasi:filesystem/types@0.2"
#define PREOPENS "wasi:filesystem/preopens@0.2"

struct descriptor { int32_t host; };
struct entries { int32_t host; };
RESOURCE(TYPES, "descriptor", descriptor, descriptor_new)
RESOURCE(TYPES, "directory-entry-stream", entries, entries_new)
IMPORT(TYPES, "descriptor_drop") void host_descriptor_drop(int32_t descriptor);
IMPORT(TYPES, "directory-entry-stream_drop") void host_entries_drop(int32_t entries);

static int32_t descriptor_make(int32_t host)
{
    struct descriptor *d = take(sizeof *d);

    d->host = host;
    return descriptor_new(d);
}

EXPORT(TYPES, "descriptor_dtor") void descriptor_dtor(struct descriptor *self)
{
    host_descriptor_drop(self->host);
    free(self);
}

EXPORT(TYPES, "directory-entry-stream_dtor") void entries_dtor(struct entries *self)
{
    host_entries_drop(self->host);
    free(self);
}

/* The handle in result<own<T>, error-code>, if there is one. */
static bool owned(int32_t *handle)
{
    memcpy(handle, out + 4, sizeof *handle);
    return out[0] == 0;
}

static void own_input(void)
{
    int32_t h;

    if (owned(&h))
        out32(4, (uint32_t)input_make((struct stream){ .host = h }));
}

static void own_output(void)
{
    int32_t h;

    if (owned(&h))
        out32(4, (uint32_t)output_make((struct stream){ .host = h }));
}

static void own_descriptor(void)
{
    int32_t h;

    if (owned(&h))
        out32(4, (uint32_t)descriptor_make(h));
}

static void own_entries(void)
{
    int32_t h;

    if (owned(&h)) {
        struct entries *e = take(sizeof *e);
        e->host = h;
        out32(4, (uint32_t)entries_new(e));
    }
}

/* Methods of descriptor that take what the host's take; `after` is done with the result. PASS has no parameters but self. */
#define LIST(...) __VA_ARGS__
#define PASS(name, function, after) \
    IMPORT(TYPES, "[method]descriptor." name) void host_##function(int32_t self, void *result); \
    EXPORT(TYPES, "[method]descriptor." name) void *descriptor_##function(struct descriptor *self); \
    void *descriptor_##function(struct descriptor *self) \
    { \
        host_##function(self->host, out); \
        after; \
        return out; \
    }
#define PASS_WITH(name, function, parameters, arguments, after) \
    IMPORT(TYPES, "[method]descriptor." name) void host_##function(int32_t self, LIST parameters, void *result); \
    EXPORT(TYPES, "[method]descriptor." name) void *descriptor_##function(struct descriptor *self, LIST parameters); \
    void *descriptor_##function(struct descriptor *self, LIST parameters) \
    { \
        host_##function(self->host, LIST arguments, out); \
        after; \
        return out; \
    }

PASS_WITH("read-via-stream", read_via_stream, (uint64_t offset),
          (offset), own_input())
PASS_WITH("write-via-stream", write_via_stream, (uint64_t offset),
          (offset), own_output())
PASS("append-via-stream", append_via_stream, own_output())
PASS_WITH("advise", advise, (uint64_t offset, uint64_t len, int32_t advice),
          (offset, len, advice), (void)0)
PASS("sync-data", sync_data, (void)0)
PASS("get-flags", get_flags, (void)0)
PASS("get-type", get_type, (void)0)
PASS_WITH("set-size", set_size, (uint64_t size),
          (size), (void)0)
PASS_WITH("set-times", set_times, (int32_t a, uint64_t a_s, int32_t a_ns, int32_t m, uint64_t m_s, int32_t m_ns),
          (a, a_s, a_ns, m, m_s, m_ns), (void)0)
PASS_WITH("read", read_file, (uint64_t len, uint64_t offset),
          (len, offset), (void)0)
PASS_WITH("write", write_file, (uint8_t *from, uint32_t len, uint64_t offset),
          (from, len, offset), give(from, len))
PASS("read-directory", read_directory, own_entries())
PASS("sync", sync_file, (void)0)
PASS_WITH("create-directory-at", create_directory_at, (char *path, uint32_t len),
          (path, len), give(path, len))
PASS("stat", stat_file, (void)0)
PASS_WITH("stat-at", stat_at, (int32_t how, char *path, uint32_t len),
          (how, path, len), give(path, len))
PASS_WITH("set-times-at", set_times_at, (int32_t how, char *path, uint32_t len, int32_t a, uint64_t a_s, int32_t a_ns, int32_t m, uint64_t m_s, int32_t m_ns),
          (how, path, len, a, a_s, a_ns, m, m_s, m_ns), give(path, len))
PASS_WITH("open-at", open_at, (int32_t how, char *path, uint32_t len, int32_t open, int32_t flags),
          (how, path, len, open, flags), give(path, len); own_descriptor())
PASS_WITH("readlink-at", readlink_at, (char *path, uint32_t len),
          (path, len), give(path, len))
PASS_WITH("remove-directory-at", remove_directory_at, (char *path, uint32_t len),
          (path, len), give(path, len))
PASS_WITH("symlink-at", symlink_at, (char *path, uint32_t len, char *to, uint32_t to_len),
          (path, len, to, to_len), give(path, len); give(to, to_len))
PASS_WITH("unlink-file-at", unlink_file_at, (char *path, uint32_t len),
          (path, len), give(path, len))
PASS("metadata-hash", metadata_hash, (void)0)
PASS_WITH("metadata-hash-at", metadata_hash_at, (int32_t how, char *path, uint32_t len),
          (how, path, len), give(path, len))

/* Two descriptors */
IMPORT(TYPES, "[method]descriptor.link-at")
void host_link_at(int32_t self, int32_t how, const char *path, uint32_t len, int32_t other, const char *to, uint32_t to_len, void *result);
EXPORT(TYPES, "[method]descriptor.link-at")
void *descriptor_link_at(struct descriptor *self, int32_t how, char *path, uint32_t len, struct descriptor *other, char *to, uint32_t to_len)
{
    host_link_at(self->host, how, path, len, other->host, to, to_len, out);
    give(path, len);
    give(to, to_len);
    return out;
}

IMPORT(TYPES, "[method]descriptor.rename-at")
void host_rename_at(int32_t self, const char *path, uint32_t len, int32_t other, const char *to, uint32_t to_len, void *result);
EXPORT(TYPES, "[method]descriptor.rename-at")
void *descriptor_rename_at(struct descriptor *self, char *path, uint32_t len, struct descriptor *other, char *to, uint32_t to_len)
{
    host_rename_at(self->host, path, len, other->host, to, to_len, out);
    give(path, len);
    give(to, to_len);
    return out;
}

IMPORT(TYPES, "[method]descriptor.is-same-object") int32_t host_is_same_object(int32_t self, int32_t other);
EXPORT(TYPES, "[method]descriptor.is-same-object")
int32_t descriptor_is_same_object(struct descriptor *self, struct descriptor *other)
{
    return host_is_same_object(self->host, other->host);
}

/* ---------------------------------------------------------------- results that hold lists, and the rest */

/* The list at @at of a result whose tag says that there is one. */
static void free_at(const uint8_t *result, uint32_t at)
{
    uint32_t list[2];

    memcpy(list, result + at, sizeof list);
    give((void *)(uintptr_t)list[0], list[1]);
}

EXPORT(TYPES, "[method]descriptor.read_post") void descriptor_read_post(const uint8_t *result)
{
    if (result[0] == 0)
        free_at(result, 4);
}

EXPORT(TYPES, "[method]descriptor.readlink-at_post") void descriptor_readlink_at_post(const uint8_t *result)
{
    if (result[0] == 0)
        free_at(result, 4);
}

IMPORT(TYPES, "[method]directory-entry-stream.read-directory-entry") void host_read_directory_entry(int32_t self, void *result);
EXPORT(TYPES, "[method]directory-entry-stream.read-directory-entry") void *entries_read(struct entries *self)
{
    host_read_directory_entry(self->host, out);
    return out;
}

EXPORT(TYPES, "[method]directory-entry-stream.read-directory-entry_post") void entries_read_post(const uint8_t *result)
{
    if (result[0] == 0 && result[4] == 1)
        free_at(result, 12);
}

IMPORT(TYPES, "filesystem-error-code") void host_filesystem_error_code(int32_t error, void *result);
EXPORT(TYPES, "filesystem-error-code") void *filesystem_error_code(const struct error *error)
{
    out8(0, 0);
    if (error->host)
        host_filesystem_error_code(error->host, out);
    return out;
}

/* list<tuple<descriptor, string>> */
struct preopen {
    int32_t descriptor;
    char *name;
    uint32_t len;
};

IMPORT(PREOPENS, "get-directories") void host_get_directories(void *result);
EXPORT(PREOPENS, "get-directories") void *get_directories(void)
{
    struct preopen *list;
    uint32_t n;

    host_get_directories(out);
    memcpy(&list, out, sizeof list);
    memcpy(&n, out + 4, sizeof n);
    for (uint32_t i = 0; i < n; i++)
        list[i].descriptor = descriptor_make(list[i].descriptor);
    return out;
}

EXPORT(PREOPENS, "get-directories_post") void get_directories_post(const uint8_t *result)
{
    struct preopen *list;
    uint32_t n;

    memcpy(&list, result, sizeof list);
    memcpy(&n, result + 4, sizeof n);
    for (uint32_t i = 0; i < n; i++)
        give(list[i].name, list[i].len);
    give(list, n);
}
