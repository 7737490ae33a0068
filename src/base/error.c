#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

enum ocelot_status ocelot_fail(struct ocelot_error *err, enum ocelot_status status, const char *format, ...)
{
    if (err && err->status == OCELOT_OK) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(err->message, sizeof err->message, format, arguments);
        va_end(arguments);
        err->status = status;
    }
    return status;
}

enum ocelot_status ocelot_fail_memory(struct ocelot_error *err, const char *what)
{
    return ocelot_fail(err, OCELOT_E_MEMORY, "out of memory for %s", what);
}
