/* Which pictures are meant: operands of a command line that are picture files, folders of them, or texts that list them. */
#ifndef OCELOT_IO_IMAGE_LIST_H
#define OCELOT_IO_IMAGE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "ocelot/status.h"

/* Start it zeroed; free also after failure. */
struct ocelot_image_list {
    size_t count, capacity;
    char **path;
    const char **id; /* what rows are called: the path behind its last slash, or all of it where that would not be unique */
};

/* Whether `path` is a picture file or is called like one (.png, .jpg, .jpeg, .pnm, .pbm, .pgm, .ppm), a folder, or a text whose first line names a
 * picture. Fails only when out of memory: what cannot be opened is none, and another reader tells why. */
OCELOT_MUST_USE enum ocelot_status ocelot_image_list_recognise(const char *path, bool *out, struct ocelot_error *err);

/* Expands the operands in their order: a folder gives its picture files (by ending) sorted by name, a text one path a line, relative to the text's
 * own folder; blank lines and lines that begin with # are skipped. Fails with OCELOT_E_IO for what cannot be opened, OCELOT_E_FORMAT for an operand
 * that is none of these or gives no picture. */
OCELOT_MUST_USE enum ocelot_status ocelot_image_list_make(struct ocelot_image_list *list, const char *const *operands, size_t count,
                                                          struct ocelot_error *err);
void ocelot_image_list_free(struct ocelot_image_list *list);

#endif
