#include "support/close.h"

#include <math.h>

#include "support/cmocka_include.h"

bool close_absolute(double a, double b, double bound)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b) && bound >= 0;
    if (isinf(a) || isinf(b))
        return a == b && bound >= 0;
    return fabs(a - b) <= bound;
}

bool close_relative(double a, double b, double bound)
{
    return close_absolute(a, b, isfinite(a) && isfinite(b) ? bound * fmax(fabs(a), fabs(b)) : bound);
}

void assert_close_all(const double *a, const double *b, size_t n, double bound, double scale, const char *what)
{
    bool largest = scale == 0;
    for (size_t i = 0; largest && i < n; i++)
        if (isfinite(b[i]))
            scale = fmax(scale, fabs(b[i]));
    for (size_t i = 0; i < n; i++)
        if (!close_absolute(a[i], b[i], bound * scale))
            fail_msg("%s: [%zu] is %.17g, expected %.17g within %g", what, i, a[i], b[i], bound * scale);
}

void assert_close(double a, double b, double bound, const char *what)
{
    if (!close_absolute(a, b, bound))
        fail_msg("%s: %.17g, expected %.17g within %g", what, a, b, bound);
}
