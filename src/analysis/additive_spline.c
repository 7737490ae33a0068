/* The splines of an additive model, and its terms. */
#include <stdlib.h>

#include "analysis/additive.h"

enum { ORDER = 4 }; /* cubic */

gsl_bspline_workspace *ocelot_additive_basis(size_t pieces)
{
    gsl_bspline_workspace *basis = gsl_bspline_alloc(ORDER, pieces + 1);
    if (basis)
        gsl_bspline_knots_uniform(0, 1, basis);
    return basis;
}

size_t ocelot_additive_splines(gsl_bspline_workspace *basis, double t, double value[4])
{
    gsl_vector_view four = gsl_vector_view_array(value, ORDER);
    double inside = t < 0 ? 0 : t > 1 ? 1 : t;
    /* at an end only the outermost function is 1, and the slope is 3 (c_1 - c_0) / piece */
    double beyond = (ORDER - 1) * (t - inside) * (double)(gsl_bspline_nbreak(basis) - 1);
    size_t first, last;
    gsl_bspline_eval_nonzero(inside, &four.vector, &first, &last, basis);
    if (t < 0) {
        value[0] -= beyond;
        value[1] += beyond;
    } else if (t > 1) {
        value[ORDER - 1] += beyond;
        value[ORDER - 2] -= beyond;
    }
    return first;
}

double ocelot_additive_term(const struct ocelot_additive *additive, gsl_bspline_workspace *basis, size_t k, size_t i, double x)
{
    size_t at = k * additive->features + i;
    const double *c = additive->coefficients + at * additive->terms;
    double value[ORDER], sum = 0;
    if (!(additive->width[i] > 0))
        return 0;
    size_t first = ocelot_additive_splines(basis, (x - additive->low[i]) / additive->width[i], value);
    for (size_t n = 0; n < ORDER; n++)
        sum += value[n] * c[first + n];
    return sum - additive->center[at];
}

void ocelot_additive_free(struct ocelot_additive *additive)
{
    if (!additive)
        return;
    free(additive->low);
    free(additive->width);
    free(additive->coefficients);
    free(additive->center);
    free(additive->intercept);
    free(additive);
}
