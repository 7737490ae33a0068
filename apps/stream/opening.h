/* Opening a model file, with what files of other programs leave out given by options. */
#ifndef OCELOT_STREAM_OPENING_H
#define OCELOT_STREAM_OPENING_H

#include "ocelot/model.h"
#include "ocelot/option.h"

struct ocelot_opening_settings {
    const char *range, *support_rows, *kernel;
    double gamma, power, coef0;
    size_t degree;
};
extern const struct ocelot_option ocelot_opening_option_table[];

OCELOT_MUST_USE enum ocelot_status ocelot_opening_read(const char *path, const struct ocelot_opening_settings *settings, struct ocelot_model **out,
                                                       struct ocelot_error *err);

#endif
