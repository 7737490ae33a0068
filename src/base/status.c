#include "ocelot/status.h"

#include <stddef.h>

#include "ocelot/version.h"

static const char *const status_names[] = {
    [OCELOT_OK] = "done",
    [OCELOT_E_MEMORY] = "out of memory",
    [OCELOT_E_IO] = "input or output failed",
    [OCELOT_E_FORMAT] = "malformed file",
    [OCELOT_E_ARGUMENT] = "argument out of range",
    [OCELOT_E_SHAPE] = "sizes do not fit",
    [OCELOT_E_VALUE] = "missing or non-finite number",
    [OCELOT_E_UNSUPPORTED] = "not supported by this model",
    [OCELOT_E_LIMIT] = "beyond the memory bound",
    [OCELOT_E_STOPPED] = "stopped by its caller",
};

const char *ocelot_status_name(enum ocelot_status status)
{
    size_t k = (size_t)status;
    return k < sizeof status_names / sizeof *status_names ? status_names[k] : "unknown status";
}

const char *ocelot_version(void)
{
    return OCELOT_VERSION_TEXT;
}
