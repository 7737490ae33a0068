/* The header of a NumPy .npy file: a Python dictionary with descr, fortran_order and shape. */
#ifndef OCELOT_IO_NPY_HEADER_H
#define OCELOT_IO_NPY_HEADER_H

#include "io/elements.h"

/* Reads the dictionary in [text, text + length) into element, swapped, rank and shape of `array`, and *fortran.
 * Fails with OCELOT_E_FORMAT or, for number kinds that are not read, OCELOT_E_UNSUPPORTED; messages begin with `name`. */
OCELOT_MUST_USE enum ocelot_status ocelot_npy_header(const char *text, size_t length, const char *name, struct ocelot_array *array, bool *fortran,
                                                     struct ocelot_error *err);

#endif
