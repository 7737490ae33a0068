/* Gauss-Legendre quadrature. The core library carries no GSL, and this is the one rule it needs. */
#include <math.h>

#include "explain/explainer.h"

void ocelot_quadrature(size_t n, double *nodes, double *weights)
{
    const double pi = 3.14159265358979323846;
    for (size_t k = 0; k < n; k++) {
        /* Newton on the Legendre polynomial P_n from Tricomi's estimate; a few steps reach the last bit. */
        double x = cos(pi * ((double)k + 0.75) / ((double)n + 0.5)), slope = 1;
        for (int step = 0; step < 20; step++) {
            double previous = 1, current = x;
            for (size_t degree = 2; degree <= n; degree++) {
                double next = ((2 * (double)degree - 1) * x * current - ((double)degree - 1) * previous) / (double)degree;
                previous = current;
                current = next;
            }
            slope = (double)n * (x * current - previous) / (x * x - 1);
            double change = current / slope;
            x -= change;
            if (fabs(change) < 1e-16)
                break;
        }
        nodes[k] = (1 - x) / 2;
        weights[k] = 1 / ((1 - x * x) * slope * slope);
    }
}
