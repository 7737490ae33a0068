/* cmocka wants these four before it. */
#ifndef OCELOT_TESTS_CMOCKA_INCLUDE_H
#define OCELOT_TESTS_CMOCKA_INCLUDE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
