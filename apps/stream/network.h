/* ONNX files, opened as options say. */
#ifndef OCELOT_STREAM_NETWORK_H
#define OCELOT_STREAM_NETWORK_H

#include "stream/opening.h"

/* Whether the file begins as ONNX files do, gunzipped. Fails only when out of memory: what cannot be opened is none, and another reader tells why. */
OCELOT_MUST_USE enum ocelot_status ocelot_network_recognise(const char *path, bool *out, struct ocelot_error *err);

OCELOT_MUST_USE enum ocelot_status ocelot_network_read(const char *path, const struct ocelot_opening_settings *settings, struct ocelot_model **out,
                                                       struct ocelot_error *err);

#endif
