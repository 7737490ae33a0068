#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <zlib.h>

#include "base/error.h"
#include "base/size.h"

enum { CHUNK = 1 << 18 };

struct ocelot_source {
    char *name;
    int file;           /* -1: memory */
    bool owned;         /* the file is closed with the source */
    bool regular;       /* a plain file: never waits, can be read at any place */
    bool raw_end;       /* the file or memory gave its last byte */
    double size;        /* of the file or memory; NaN = unknown */
    uint64_t origin;    /* where standard input stood when it was given to us */
    double passed;      /* bytes that were read from it */
    const char *memory; /* memory source */
    size_t memory_size, memory_at;

    unsigned char *raw; /* bytes as read, before inflating; only used when gzip */
    size_t raw_at, raw_length;
    bool gzip, between; /* between: a gzip member has ended and no other has begun */
    z_stream stream;

    char *buffer; /* what peek shows: [at, at + length) */
    size_t at, length, capacity;
    bool end;
};

bool ocelot_source_waits(const struct ocelot_source *source)
{
    struct pollfd query = {.fd = source->file, .events = POLLIN};
    return source->file >= 0 && !source->regular && !source->raw_end && poll(&query, 1, 0) == 0;
}

/* Puts up to `room` raw bytes at `to`. *got = 0 with *starved unset is the end. */
static enum ocelot_status read_raw(struct ocelot_source *source, void *to, size_t room, bool patient, size_t *got, bool *starved,
                                   struct ocelot_error *err)
{
    *got = 0;
    *starved = false;
    if (source->raw_end)
        return OCELOT_OK;
    if (source->file < 0) {
        size_t left = source->memory_size - source->memory_at;
        *got = left < room ? left : room;
        if (*got > 0)
            memcpy(to, source->memory + source->memory_at, *got);
        source->memory_at += *got;
    }
    while (source->file >= 0) {
        if (!patient && ocelot_source_waits(source)) {
            *starved = true;
            return OCELOT_OK;
        }
        ssize_t n = read(source->file, to, room);
        if (n >= 0) {
            *got = (size_t)n;
            break;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) { /* a descriptor somebody made non-blocking */
            if (!patient) {
                *starved = true;
                return OCELOT_OK;
            }
            struct pollfd query = {.fd = source->file, .events = POLLIN};
            (void)poll(&query, 1, -1);
        } else if (errno != EINTR) {
            return ocelot_fail(err, OCELOT_E_IO, "%s: cannot be read: %s", source->name, strerror(errno));
        }
    }
    source->raw_end = *got == 0;
    source->passed += (double)*got;
    return OCELOT_OK;
}

static enum ocelot_status refill(struct ocelot_source *source, bool patient, bool *starved, struct ocelot_error *err)
{
    source->raw_at = 0;
    source->raw_length = 0;
    return read_raw(source, source->raw, CHUNK, patient, &source->raw_length, starved, err);
}

/* After a member: another one, the end, or padding with zeros. Anything else is not ours to guess. */
static enum ocelot_status next_member(struct ocelot_source *source, bool *end, struct ocelot_error *err)
{
    *end = source->raw_length == source->raw_at;
    if (*end)
        return OCELOT_OK;
    if (source->raw[source->raw_at] == 0) {
        source->raw_at++;
        return OCELOT_OK;
    }
    if (source->raw[source->raw_at] != 0x1f)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: other bytes follow the gzip data", source->name);
    if (inflateReset(&source->stream) != Z_OK)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: the gzip data cannot be read on", source->name);
    source->between = false;
    return OCELOT_OK;
}

static enum ocelot_status inflate_some(struct ocelot_source *source, char *to, size_t room, bool patient, size_t *got, bool *starved,
                                       struct ocelot_error *err)
{
    *got = 0;
    *starved = false;
    while (*got == 0) {
        enum ocelot_status status = OCELOT_OK;
        if (source->raw_at == source->raw_length)
            status = refill(source, patient, starved, err);
        if (status != OCELOT_OK || *starved)
            return status;
        bool end = false;
        if (source->between) {
            status = next_member(source, &end, err);
            if (status != OCELOT_OK || end)
                return status;
            continue;
        }
        if (source->raw_at == source->raw_length)
            return ocelot_fail(err, OCELOT_E_FORMAT, "%s: the gzip data is cut off", source->name);
        source->stream.next_in = source->raw + source->raw_at;
        source->stream.avail_in = (uInt)(source->raw_length - source->raw_at);
        source->stream.next_out = (Bytef *)to;
        source->stream.avail_out = (uInt)(room < CHUNK ? room : CHUNK);
        uInt offered = source->stream.avail_out;
        int code = inflate(&source->stream, Z_NO_FLUSH);
        source->raw_at = source->raw_length - source->stream.avail_in;
        *got = offered - source->stream.avail_out;
        if (code == Z_MEM_ERROR)
            return ocelot_fail_memory(err, "gzip data");
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return ocelot_fail(err, OCELOT_E_FORMAT, "%s: the gzip data is damaged (%s)", source->name,
                               source->stream.msg != NULL ? source->stream.msg : "unknown reason");
        source->between = code == Z_STREAM_END;
    }
    return OCELOT_OK;
}

/* Makes room for `want` bytes from `at` on and one read. */
static enum ocelot_status reserve(struct ocelot_source *source, size_t want, struct ocelot_error *err)
{
    if (source->at > 0 && source->capacity - source->at - source->length < CHUNK) {
        memmove(source->buffer, source->buffer + source->at, source->length);
        source->at = 0;
    }
    size_t least;
    if (!ocelot_size_add(want, CHUNK, &least))
        return ocelot_fail_memory(err, "input");
    if (source->capacity >= least)
        return OCELOT_OK;
    size_t grown = source->capacity < SIZE_MAX / 2 && source->capacity * 2 > least ? source->capacity * 2 : least;
    char *buffer = ocelot_reallocate(source->buffer, grown, 1);
    if (buffer == NULL)
        return ocelot_fail_memory(err, "input");
    source->buffer = buffer;
    source->capacity = grown;
    return OCELOT_OK;
}

enum ocelot_status ocelot_source_peek(struct ocelot_source *source, size_t want, bool patient, struct ocelot_window *out, struct ocelot_error *err)
{
    bool starved = false;
    if (source->file < 0 && !source->gzip) { /* it all is there already */
        *out = (struct ocelot_window){.bytes = source->memory + source->memory_at, .length = source->memory_size - source->memory_at, .end = true};
        return OCELOT_OK;
    }
    while (source->length < want && !source->end && !starved) {
        /* No more than doubles: a header may promise what never comes. */
        enum ocelot_status status = reserve(source, want < source->length * 2 ? want : source->length * 2, err);
        if (status != OCELOT_OK)
            return status;
        char *to = source->buffer + source->at + source->length;
        size_t room = source->capacity - source->at - source->length;
        size_t got = 0;
        if (source->gzip)
            status = inflate_some(source, to, room, patient, &got, &starved, err);
        else
            status = read_raw(source, to, room < CHUNK ? room : CHUNK, patient, &got, &starved, err);
        if (status != OCELOT_OK)
            return status;
        source->length += got;
        source->end = got == 0 && !starved;
    }
    *out = (struct ocelot_window){.bytes = source->buffer + source->at, .length = source->length, .end = source->end, .starved = starved};
    return OCELOT_OK;
}

void ocelot_source_take(struct ocelot_source *source, size_t count)
{
    if (source->file < 0 && !source->gzip) {
        source->memory_at += count;
        source->passed += (double)count;
        return;
    }
    source->at += count;
    source->length -= count;
    if (source->length == 0)
        source->at = 0;
}

bool ocelot_source_seekable(const struct ocelot_source *source)
{
    return !source->gzip && (source->file < 0 || source->regular);
}

enum ocelot_status ocelot_source_at(struct ocelot_source *source, uint64_t offset, void *bytes, size_t size, struct ocelot_error *err)
{
    size_t done = 0;
    if (source->file < 0 && offset <= source->memory_size && size <= source->memory_size - (size_t)offset) {
        if (size > 0)
            memcpy(bytes, source->memory + (size_t)offset, size);
        done = size;
    }
    while (source->file >= 0 && done < size && offset <= INT64_MAX / 2 && size <= INT64_MAX / 4) {
        ssize_t n = pread(source->file, (char *)bytes + done, size - done, (off_t)(source->origin + offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ocelot_fail(err, OCELOT_E_IO, "%s: cannot be read: %s", source->name, strerror(errno));
        if (n == 0)
            break;
        done += (size_t)n;
    }
    if (done < size)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: the file is cut off", source->name);
    return OCELOT_OK;
}

double ocelot_source_progress(const struct ocelot_source *source)
{
    if (isnan(source->size))
        return source->size;
    return source->size > 0 && source->passed < source->size ? source->passed / source->size : 1.0;
}

const char *ocelot_source_name(const struct ocelot_source *source)
{
    return source->name;
}

void ocelot_source_close(struct ocelot_source *source)
{
    if (source == NULL)
        return;
    if (source->gzip)
        (void)inflateEnd(&source->stream);
    if (source->owned)
        (void)close(source->file);
    free(source->raw);
    free(source->buffer);
    free(source->name);
    free(source);
}

/* Looks at the first two bytes and, when they are gzip's, passes everything through inflate from here on. */
static enum ocelot_status detect_gzip(struct ocelot_source *source, struct ocelot_error *err)
{
    struct ocelot_window window;
    enum ocelot_status status = ocelot_source_peek(source, 2, true, &window, err);
    if (status != OCELOT_OK || window.length < 2 || memcmp(window.bytes, "\x1f\x8b", 2) != 0)
        return status;
    source->raw = ocelot_allocate(2, CHUNK);
    if (source->raw == NULL || inflateInit2(&source->stream, 15 + 16) != Z_OK)
        return ocelot_fail_memory(err, "gzip data");
    if (source->file >= 0) {
        memcpy(source->raw, window.bytes, window.length); /* two reads at most, and two only when the first gave one byte */
        source->raw_length = window.length;
        ocelot_source_take(source, window.length);
    }
    source->gzip = true;
    source->end = false;
    return OCELOT_OK;
}

/* Reads the file's kind and size, and its first bytes. */
static enum ocelot_status begin(struct ocelot_source *source, struct ocelot_error *err)
{
    struct stat about;
    source->size = (double)source->memory_size;
    if (source->file >= 0) {
        if (fstat(source->file, &about) != 0)
            return ocelot_fail(err, OCELOT_E_IO, "%s: cannot be read: %s", source->name, strerror(errno));
        if (S_ISDIR(about.st_mode))
            return ocelot_fail(err, OCELOT_E_IO, "%s: is a directory", source->name);
        source->regular = S_ISREG(about.st_mode);
        source->size = source->regular ? (double)about.st_size : (double)NAN;
        off_t origin = source->regular ? lseek(source->file, 0, SEEK_CUR) : 0;
        source->origin = origin > 0 ? (uint64_t)origin : 0;
    }
    return detect_gzip(source, err);
}

/* NULL when out of memory. */
static struct ocelot_source *create(const char *name)
{
    struct ocelot_source *source = ocelot_allocate(1, sizeof *source);
    if (source == NULL)
        return NULL;
    source->name = ocelot_copy_text(name, strlen(name));
    source->file = -1;
    if (source->name != NULL)
        return source;
    free(source);
    return NULL;
}

/* Hands out the source if what was done so far went well, else closes it. */
static enum ocelot_status deliver(struct ocelot_source *source, enum ocelot_status status, struct ocelot_source **out, struct ocelot_error *err)
{
    if (status == OCELOT_OK)
        status = begin(source, err);
    if (status != OCELOT_OK)
        ocelot_source_close(source);
    else
        *out = source;
    return status;
}

enum ocelot_status ocelot_source_open(const char *path, struct ocelot_source **out, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    bool standard = strcmp(path, "-") == 0;
    struct ocelot_source *source = create(standard ? "(standard input)" : path);
    if (source == NULL)
        return ocelot_fail_memory(err, "input");
    source->file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    source->owned = !standard && source->file >= 0;
    if (source->file < 0)
        status = ocelot_fail(err, OCELOT_E_IO, "%s: cannot be opened: %s", path, strerror(errno));
    return deliver(source, status, out, err);
}

enum ocelot_status ocelot_source_open_memory(const void *bytes, size_t size, const char *name, struct ocelot_source **out, struct ocelot_error *err)
{
    struct ocelot_source *source = create(name);
    if (source == NULL)
        return ocelot_fail_memory(err, "input");
    source->memory = size > 0 ? bytes : "";
    source->memory_size = size;
    return deliver(source, OCELOT_OK, out, err);
}
