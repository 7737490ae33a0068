#include "svm/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/size.h"

enum { DEFAULT_LIMIT_GIB = 8, FIRST_READ = 1 << 16, ATTEMPTS = 100 };

/* The message of errno in the caller's buffer: strerror is not safe between threads. */
static const char *reason(int code, char *text, size_t room)
{
    return strerror_r(code, text, room) == 0 ? text : "unknown error";
}

static enum ocelot_status fail_io(struct ocelot_error *err, const char *path, const char *what, int code)
{
    char text[128];
    return ocelot_fail(err, OCELOT_E_IO, "%s: cannot %s: %s", path, what, reason(code, text, sizeof text));
}

enum ocelot_status ocelot_file_read(const char *path, size_t limit, char **bytes, size_t *size, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    char *block = NULL;
    size_t used = 0, capacity = 0;
    ssize_t got = 1;
    struct stat about;
    if (limit == 0)
        limit = (size_t)DEFAULT_LIMIT_GIB << 30;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fail_io(err, path, "open it", errno);
    bool plain = fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= FIRST_READ && (uintmax_t)about.st_size <= limit;
    size_t first = plain ? (size_t)about.st_size + 1 : FIRST_READ; /* one more, so that the end is seen */
    while (status == OCELOT_OK && got > 0) {
        if (used == capacity) {
            char *larger = ocelot_reallocate(block, capacity ? 2 * capacity : first, 1);
            if (!larger) {
                status = ocelot_fail_memory(err, path);
                break;
            }
            block = larger;
            capacity = capacity ? 2 * capacity : first;
            ocelot_prefer_large_pages(block, capacity);
        }
        got = read(file, block + used, capacity - used);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got < 0)
            status = fail_io(err, path, "read it", errno);
        else
            used += (size_t)got;
        if (status == OCELOT_OK && used > limit)
            status = ocelot_fail(err, OCELOT_E_LIMIT, "%s: found more than %zu MiB, expected at most that", path, limit >> 20);
    }
    close(file);
    if (status != OCELOT_OK) {
        free(block);
        return status;
    }
    *bytes = block;
    *size = used;
    return OCELOT_OK;
}

static enum ocelot_status write_all(int file, const char *path, const char *bytes, size_t size, struct ocelot_error *err)
{
    while (size > 0) {
        ssize_t done = write(file, bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail_io(err, path, "write it", errno);
        bytes += done;
        size -= (size_t)done;
    }
    return OCELOT_OK;
}

static enum ocelot_status write_directly(const char *path, const char *bytes, size_t size, struct ocelot_error *err)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return fail_io(err, path, "open it for writing", errno);
    enum ocelot_status status = write_all(file, path, bytes, size, err);
    if (close(file) != 0 && status == OCELOT_OK)
        status = fail_io(err, path, "write it", errno);
    return status;
}

enum ocelot_status ocelot_file_write(const char *path, const char *bytes, size_t size, struct ocelot_error *err)
{
    struct stat what;
    if (stat(path, &what) == 0 && !S_ISREG(what.st_mode))
        return write_directly(path, bytes, size, err);
    size_t room = strlen(path) + 48;
    char *name = ocelot_allocate(room, 1);
    if (!name)
        return ocelot_fail_memory(err, path);
    int file = -1;
    for (int k = 0; file < 0 && k < ATTEMPTS; k++) {
        snprintf(name, room, "%s.new-%ld-%d", path, (long)getpid(), k);
        file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST)
            break;
    }
    if (file < 0) {
        enum ocelot_status status = fail_io(err, path, "create a file beside it", errno);
        free(name);
        return status;
    }
    enum ocelot_status status = write_all(file, path, bytes, size, err);
    if (close(file) != 0 && status == OCELOT_OK)
        status = fail_io(err, path, "write it", errno);
    if (status == OCELOT_OK && rename(name, path) != 0)
        status = fail_io(err, path, "put the new file in its place", errno);
    if (status != OCELOT_OK)
        unlink(name);
    free(name);
    return status;
}
