/* Heat maps of a run: a file a picture, and a sheet of all. */
#ifndef OCELOT_STREAM_PLATES_H
#define OCELOT_STREAM_PLATES_H

#include "io/record.h"
#include "stream/stream.h"

struct ocelot_plates;

/* Writes no records: only heat maps are wanted. */
extern const struct ocelot_format ocelot_format_png;

/* Heat maps into `folder` (made where it is not there; NULL = only the sheet that the settings ask for). Pictures under them are rows undone by the
 * reader's preprocessing. The maps of --scale shared wait in an unnamed temporary file until the scale is known. */
OCELOT_MUST_USE enum ocelot_status ocelot_plates_open(const struct ocelot_plate_settings *settings, const struct ocelot_reader_settings *reader,
                                                      const struct ocelot_model *model, const char *folder, struct ocelot_plates **out,
                                                      struct ocelot_error *err);

/* Says what shape rows have, where the model does not. Before the first frame. */
void ocelot_plates_shape(struct ocelot_plates *plates, const size_t *shape, size_t rank, size_t features);

/* Appends what is drawn of a record, in any thread. */
OCELOT_MUST_USE enum ocelot_status ocelot_plates_frame(const struct ocelot_plates *plates, const struct ocelot_record *record,
                                                       struct ocelot_text *out, struct ocelot_error *err);

/* Takes frames in the order of the rows. */
OCELOT_MUST_USE enum ocelot_status ocelot_plates_take(struct ocelot_plates *plates, const struct ocelot_text *frames, struct ocelot_error *err);

/* Draws what waits, and the sheet. *left_out receives how many pictures found no room on the sheet. */
OCELOT_MUST_USE enum ocelot_status ocelot_plates_finish(struct ocelot_plates *plates, size_t *left_out, struct ocelot_error *err);
double ocelot_plates_scale(const struct ocelot_plates *plates); /* the shared scale, NaN when each has its own */
void ocelot_plates_close(struct ocelot_plates *plates);

#endif
