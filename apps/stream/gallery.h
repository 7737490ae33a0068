/* Pictures as data: how they are prepared for a model, as options say. */
#ifndef OCELOT_STREAM_GALLERY_H
#define OCELOT_STREAM_GALLERY_H

#include "base/text.h"
#include "io/image_rows.h"
#include "ocelot/model.h"
#include "ocelot/option.h"

struct ocelot_reader_settings;

/* As its option table fills it. */
struct ocelot_gallery_settings {
    const char *preprocess;
    struct ocelot_preprocess_texts texts;
};
extern const struct ocelot_option ocelot_gallery_option_table[]; /* offsets are those of struct ocelot_reader_settings */

/* Whether any of the options was given. */
bool ocelot_gallery_given(const struct ocelot_gallery_settings *settings);

/* What the options say, over --preprocess or, without that, over what the model's file says (NULL: no model). *given is false when neither says
 * anything: *out then takes pixels as they are. */
OCELOT_MUST_USE enum ocelot_status ocelot_gallery_preprocess(const struct ocelot_gallery_settings *settings, const struct ocelot_model *model,
                                                             struct ocelot_preprocess *out, bool *given, struct ocelot_error *err);

/* One operand may be any data; several must be pictures, folders or lists. Fails with OCELOT_E_ARGUMENT. */
OCELOT_MUST_USE enum ocelot_status ocelot_gallery_check(const char *const *operands, size_t count, struct ocelot_error *err);

/* The shape [channels][height][width] that pictures must have for a model; zeros where it has none of its own (NULL: none). */
void ocelot_gallery_shape(const struct ocelot_model *model, size_t shape[3]);

/* "28x28": the height and width that an image's rows have, both at least 1. False for other texts. */
bool ocelot_gallery_extent(const char *text, size_t *height, size_t *width);

/* "LOW,HIGH;LOW,HIGH;...": what black and white become, channel by channel, as the box rule takes it. */
void ocelot_gallery_box(const struct ocelot_preprocess *preprocess, size_t channels, struct ocelot_text *out);

/* Opens the pictures of `list` as rows. */
OCELOT_MUST_USE enum ocelot_status ocelot_gallery_open(const struct ocelot_image_list *list, const struct ocelot_gallery_settings *settings,
                                                       const struct ocelot_model *model, struct ocelot_rows **out, struct ocelot_error *err);

/* A row of bytes 0..255, [height][width] or [height][width][3] as IDX files hold pictures, prepared into out [features of the model]. */
OCELOT_MUST_USE enum ocelot_status ocelot_gallery_prepare(const struct ocelot_preprocess *preprocess, const double *row, const size_t *extents,
                                                          size_t rank, const size_t shape[3], double *out, struct ocelot_error *err);

#endif
