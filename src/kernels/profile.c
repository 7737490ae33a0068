#include "kernels/profile.h"

#include <math.h>
#include <string.h>

static double rbf_phi(struct ocelot_profile_parameters p, double squared)
{
    return p.gamma * squared;
}

static double rbf_squared(struct ocelot_profile_parameters p, double value)
{
    return value / p.gamma;
}

static double rbf_slope(struct ocelot_profile_parameters p, double squared)
{
    (void)squared;
    return p.gamma;
}

static double laplace_phi(struct ocelot_profile_parameters p, double squared)
{
    return p.gamma * sqrt(squared);
}

static double laplace_squared(struct ocelot_profile_parameters p, double value)
{
    double distance = value / p.gamma;
    return distance * distance;
}

static double laplace_slope(struct ocelot_profile_parameters p, double squared)
{
    return squared > 0 ? p.gamma / (2 * sqrt(squared)) : 0;
}

static double gaussian_phi(struct ocelot_profile_parameters p, double squared)
{
    return p.gamma * pow(squared, p.power / 2);
}

static double gaussian_squared(struct ocelot_profile_parameters p, double value)
{
    return pow(value / p.gamma, 2 / p.power);
}

static double gaussian_slope(struct ocelot_profile_parameters p, double squared)
{
    double half = p.power / 2;
    if (squared > 0)
        return p.gamma * half * pow(squared, half - 1);
    return half < 1 ? 0 : p.gamma;
}

static double student_phi(struct ocelot_profile_parameters p, double squared)
{
    return log1p(p.gamma * squared);
}

static double student_squared(struct ocelot_profile_parameters p, double value)
{
    return expm1(value) / p.gamma;
}

static double student_slope(struct ocelot_profile_parameters p, double squared)
{
    return p.gamma / (1 + p.gamma * squared);
}

const struct ocelot_profile ocelot_profile_rbf = {
    .name = "rbf",
    .formula = "exp(-gamma d^2)",
    .phi = rbf_phi,
    .squared = rbf_squared,
    .slope = rbf_slope,
};

const struct ocelot_profile ocelot_profile_laplace = {
    .name = "laplace",
    .formula = "exp(-gamma d)",
    .phi = laplace_phi,
    .squared = laplace_squared,
    .slope = laplace_slope,
};

const struct ocelot_profile ocelot_profile_generalised_gaussian = {
    .name = "generalised-gaussian",
    .formula = "exp(-gamma d^power)",
    .phi = gaussian_phi,
    .squared = gaussian_squared,
    .slope = gaussian_slope,
};

const struct ocelot_profile ocelot_profile_student = {
    .name = "student",
    .formula = "1 / (1 + gamma d^2)",
    .phi = student_phi,
    .squared = student_squared,
    .slope = student_slope,
};

const struct ocelot_profile *const ocelot_profiles[] = {
    &ocelot_profile_rbf, &ocelot_profile_laplace, &ocelot_profile_generalised_gaussian, &ocelot_profile_student, NULL,
};

const struct ocelot_profile *ocelot_profile_find(const char *name)
{
    for (size_t k = 0; ocelot_profiles[k]; k++)
        if (strcmp(ocelot_profiles[k]->name, name) == 0)
            return ocelot_profiles[k];
    return NULL;
}
