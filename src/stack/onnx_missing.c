/* Stands in until src/onnx is linked; weak, so that it gives way. */
#include "base/error.h"
#include "ocelot/onnx.h"

__attribute__((weak)) enum ocelot_status ocelot_onnx_read(const char *path, const struct ocelot_onnx_options *options, struct ocelot_model **out,
                                                          struct ocelot_error *err)
{
    (void)options;
    (void)out;
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s: ONNX files cannot be read yet", path);
}
