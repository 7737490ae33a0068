/* Whole files: read into memory, and written so that no reader ever sees half of one. */
#ifndef OCELOT_SVM_FILE_H
#define OCELOT_SVM_FILE_H

#include <stddef.h>

#include "base/error.h"

/* Reads the whole file into *bytes (free() it) and *size. Files beyond `limit` bytes (0 = 8 GiB) are OCELOT_E_LIMIT. */
OCELOT_MUST_USE enum ocelot_status ocelot_file_read(const char *path, size_t limit, char **bytes, size_t *size, struct ocelot_error *err);

/* Writes the file under a temporary name beside `path` and renames it. What is not a regular file (a pipe, a device) is written directly. */
OCELOT_MUST_USE enum ocelot_status ocelot_file_write(const char *path, const char *bytes, size_t size, struct ocelot_error *err);

#endif
