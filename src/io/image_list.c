#include "io/image_list.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/size.h"
#include "base/text.h"
#include "io/image.h"
#include "io/source.h"

enum { LINE_MOST = 4096, LIST_BYTES = 1 << 28 };

static bool has_ending(const char *name, size_t length)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".pnm", ".pbm", ".pgm", ".ppm"};
    for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++) {
        size_t n = strlen(endings[k]), same = 0;
        while (length > n && same < n && tolower((unsigned char)name[length - n + same]) == endings[k][same])
            same++;
        if (same == n)
            return true;
    }
    return false;
}

/* The next line that holds anything, without blanks at its ends; false at the end. */
static bool next_line(const char **at, const char *end, const char **line, size_t *length)
{
    while (*at < end) {
        const char *from = *at, *stop = memchr(from, '\n', (size_t)(end - from));
        stop = stop != NULL ? stop : end;
        *at = stop < end ? stop + 1 : end;
        while (from < stop && isspace((unsigned char)*from))
            from++;
        while (stop > from && isspace((unsigned char)stop[-1]))
            stop--;
        if (stop > from && *from != '#') {
            *line = from;
            *length = (size_t)(stop - from);
            return true;
        }
    }
    return false;
}

static bool names_pictures(const struct ocelot_window *window)
{
    const char *at = window->bytes, *line = NULL;
    size_t length = 0;
    return memchr(window->bytes, '\0', window->length) == NULL && next_line(&at, at + window->length, &line, &length) && has_ending(line, length) &&
           memchr(line, ',', length) == NULL;
}

/* What an operand is. */
enum kind { NOTHING, PICTURE, FOLDER, TEXT };

static enum ocelot_status look(const char *path, enum kind *kind, struct ocelot_error *err)
{
    struct stat about;
    struct ocelot_source *source = NULL;
    struct ocelot_window window;
    *kind = NOTHING;
    if (strcmp(path, "-") == 0 || stat(path, &about) != 0)
        return OCELOT_OK;
    if (S_ISDIR(about.st_mode))
        *kind = FOLDER;
    if (!S_ISREG(about.st_mode))
        return OCELOT_OK;
    enum ocelot_status status = ocelot_source_open(path, &source, NULL);
    if (status == OCELOT_OK)
        status = ocelot_source_peek(source, LINE_MOST, true, &window, NULL);
    if (status == OCELOT_OK && window.length > 0)
        *kind = ocelot_image_recognise(window.bytes, window.length) ? PICTURE : names_pictures(&window) ? TEXT : NOTHING;
    ocelot_source_close(source);
    return status == OCELOT_E_MEMORY ? ocelot_fail_memory(err, "input") : OCELOT_OK;
}

enum ocelot_status ocelot_image_list_recognise(const char *path, bool *out, struct ocelot_error *err)
{
    enum kind kind = NOTHING;
    enum ocelot_status status = look(path, &kind, err);
    *out = kind != NOTHING || has_ending(path, strlen(path));
    return status;
}

/* Adds folder/name, or name alone where there is no folder or name is absolute. */
static enum ocelot_status add(struct ocelot_image_list *list, const char *folder, size_t folder_length, const char *name, size_t length,
                              struct ocelot_error *err)
{
    struct ocelot_text path = {0};
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
        char **more = ocelot_reallocate(list->path, capacity, sizeof *more);
        if (more == NULL)
            return ocelot_fail_memory(err, "the list of pictures");
        list->path = more;
        list->capacity = capacity;
    }
    if (folder_length > 0 && name[0] != '/') {
        ocelot_text_append(&path, folder, folder_length);
        if (folder[folder_length - 1] != '/')
            ocelot_text_append(&path, "/", 1);
    }
    ocelot_text_append(&path, name, length);
    if (path.failed) {
        ocelot_text_free(&path);
        return ocelot_fail_memory(err, "the list of pictures");
    }
    list->path[list->count++] = path.bytes;
    return OCELOT_OK;
}

static int by_text(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static enum ocelot_status add_folder(struct ocelot_image_list *list, const char *path, struct ocelot_error *err)
{
    DIR *folder = opendir(path);
    const struct dirent *entry = NULL;
    size_t first = list->count;
    enum ocelot_status status = OCELOT_OK;
    if (folder == NULL)
        return ocelot_fail(err, OCELOT_E_IO, "%s: cannot be opened: %s", path, strerror(errno));
    while (status == OCELOT_OK && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.' && has_ending(entry->d_name, strlen(entry->d_name)))
            status = add(list, path, strlen(path), entry->d_name, strlen(entry->d_name), err);
    closedir(folder);
    if (status == OCELOT_OK && list->count == first)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: holds no file that ends in .png, .jpg, .jpeg, .pnm, .pbm, .pgm or .ppm", path);
    if (status == OCELOT_OK)
        qsort(list->path + first, list->count - first, sizeof *list->path, by_text);
    return status;
}

static enum ocelot_status add_text(struct ocelot_image_list *list, const char *path, struct ocelot_error *err)
{
    struct ocelot_source *source = NULL;
    struct ocelot_window window = {0};
    const char *slash = strrchr(path, '/');
    enum ocelot_status status = ocelot_source_open(path, &source, err);
    for (size_t want = LINE_MOST; status == OCELOT_OK && !window.end; want = 2 * window.length)
        status = window.length > LIST_BYTES ? ocelot_fail(err, OCELOT_E_LIMIT, "%s: a list of more than %d bytes", path, LIST_BYTES)
                                            : ocelot_source_peek(source, want, true, &window, err);
    const char *at = window.bytes, *line = NULL;
    size_t length = 0;
    while (status == OCELOT_OK && next_line(&at, window.bytes + window.length, &line, &length))
        status = add(list, path, slash != NULL ? (size_t)(slash - path) + 1 : 0, line, length, err);
    ocelot_source_close(source);
    return status;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Short ids where they are unique, else paths. */
static enum ocelot_status name_rows(struct ocelot_image_list *list, struct ocelot_error *err)
{
    bool unique = true;
    list->id = ocelot_allocate(list->count, sizeof *list->id);
    if (list->id == NULL)
        return ocelot_fail_memory(err, "the list of pictures");
    for (size_t k = 0; k < list->count; k++)
        list->id[k] = last_part(list->path[k]);
    qsort(list->id, list->count, sizeof *list->id, by_text);
    for (size_t k = 1; k < list->count; k++)
        unique = unique && strcmp(list->id[k - 1], list->id[k]) != 0;
    for (size_t k = 0; k < list->count; k++)
        list->id[k] = unique ? last_part(list->path[k]) : list->path[k];
    return OCELOT_OK;
}

enum ocelot_status ocelot_image_list_make(struct ocelot_image_list *list, const char *const *operands, size_t count, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < count && status == OCELOT_OK; k++) {
        const char *path = operands[k];
        enum kind kind = NOTHING;
        status = look(path, &kind, err);
        if (status != OCELOT_OK)
            return status;
        if (kind == FOLDER)
            status = add_folder(list, path, err);
        else if (kind == TEXT)
            status = add_text(list, path, err);
        else if (kind != PICTURE && access(path, R_OK) != 0)
            status = ocelot_fail(err, OCELOT_E_IO, "%s: cannot be opened: %s", path, strerror(errno));
        else if (kind == PICTURE || has_ending(path, strlen(path))) /* a broken picture is a row with an error */
            status = add(list, NULL, 0, path, strlen(path), err);
        else
            status =
                ocelot_fail(err, OCELOT_E_FORMAT, "%s: is no picture that can be read (PNG, JPEG or PNM), no folder and no list of pictures", path);
    }
    if (status == OCELOT_OK && list->count == 0)
        status = ocelot_fail(err, OCELOT_E_FORMAT, "no picture is named");
    return status == OCELOT_OK ? name_rows(list, err) : status;
}

void ocelot_image_list_free(struct ocelot_image_list *list)
{
    for (size_t k = 0; k < list->count; k++)
        free(list->path[k]);
    free(list->path);
    free(list->id);
    *list = (struct ocelot_image_list){0};
}
