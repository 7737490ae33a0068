/* The card: one line `#ocelot {...}` behind a LIBSVM model file, with what that format has no room for. LIBSVM never reads it. */
#ifndef OCELOT_SVM_CARD_H
#define OCELOT_SVM_CARD_H

#include <stdint.h>

#include "base/text.h"
#include "svm/machine.h"
#include "svm/scan.h"

/* Version of the card's layout; a reader refuses any other. */
enum { OCELOT_CARD_FORMAT = 1 };

/* Appends the card line, its end included. `path` is where the file will be, `crc` the CRC-32 of every byte before the line. */
void ocelot_card_write(const struct ocelot_machine *machine, const char *path, uint32_t crc, struct ocelot_text *out);

/* Reads the card on the current line of `scan` (the word #ocelot is taken already) into a machine that has type, but no width yet: sets kernel,
 * parameters, first, width and card. `crc` is that of the bytes before the line. */
OCELOT_MUST_USE enum ocelot_status ocelot_card_read(const struct ocelot_scan *scan, uint32_t crc, struct ocelot_machine *machine);

/* Appends the whole model file, card included, to an empty text. `path` is where the file will be. */
void ocelot_machine_write(const struct ocelot_machine *machine, const char *path, struct ocelot_text *out);

/* CRC-32 (zlib's) of any number of bytes; _more: of what `crc` is of, and these behind it (0 = nothing yet). */
uint32_t ocelot_card_crc(const char *bytes, size_t size);
uint32_t ocelot_card_crc_more(uint32_t crc, const char *bytes, size_t size);

#endif
