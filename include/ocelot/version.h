/* The version, in one place; CMake reads it from here. */
#ifndef OCELOT_VERSION_H
#define OCELOT_VERSION_H

#define OCELOT_VERSION_TEXT "0.1.0"

#endif
