/* Rows of normal data, --background: what methods that compare with other rows draw from. And what counts as one feature, --groups. */
#ifndef OCELOT_STREAM_BACKGROUND_H
#define OCELOT_STREAM_BACKGROUND_H

#include "stream/feed.h"

/* As its option table fills it. */
struct ocelot_comparison_settings {
    const char *groups; /* for ocelot_groups_make */
    const char *background, *background_label;
    size_t background_rows, background_seed;
};
extern const struct ocelot_option ocelot_comparison_option_table[]; /* offsets are those of the struct above */

struct ocelot_background_rows {
    double *values; /* [count][width], all finite; NULL where no background was asked for */
    size_t count, width;
    long first_index, last_index; /* LIBSVM data: indices of the first and last value, which may lie beyond the model's */
};

/* Reads the settings' file as rows of `model`, as DATA is read, and keeps at most background_rows (0 = all) of them, drawn without replacement and
 * in their order. Rows with missing values are left out. Does nothing without a file. Fails with OCELOT_E_VALUE when no row can be used. Start
 * zeroed; free also after failure. `program` says on standard error how many rows were left out; NULL = nobody does. */
OCELOT_MUST_USE enum ocelot_status ocelot_background_read(struct ocelot_background_rows *background,
                                                          const struct ocelot_comparison_settings *settings,
                                                          const struct ocelot_reader_settings *reader, const struct ocelot_model *model,
                                                          const struct ocelot_program *program, struct ocelot_error *err);
void ocelot_background_free(struct ocelot_background_rows *background);

#endif
