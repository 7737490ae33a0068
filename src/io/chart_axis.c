#include <math.h>

#include "io/chart.h"
#include "io/markup.h"

struct ocelot_axis ocelot_axis_over(double low, double high)
{
    struct ocelot_axis axis = {isfinite(low) ? low : 0, isfinite(high) ? high : 0};
    double least = 1e-9 * fmax(fabs(axis.low), fabs(axis.high));
    if (!(axis.high - axis.low > least) || !isfinite(axis.high - axis.low)) {
        axis.high = axis.low + fmax(1, fabs(axis.low));
    }
    return axis;
}

double ocelot_axis_place(const struct ocelot_axis *axis, double value)
{
    double place = 100 * ((value - axis->low) / (axis->high - axis->low));
    return isfinite(place) ? fmin(fmax(place, 0), 100) : 0;
}

double ocelot_axis_step(const struct ocelot_axis *axis, int wanted)
{
    double rough = (axis->high - axis->low) / wanted, power = pow(10, floor(log10(rough))), lead = rough / power;
    double step = power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
    return isfinite(step) && step > 0 ? step : 1;
}

/* Labels at the very ends grow inwards, so that nothing sticks out. */
static const char *anchor(double place)
{
    return place < 4 ? "start" : place > 96 ? "end" : "middle";
}

void ocelot_axis_draw(struct ocelot_text *text, const struct ocelot_axis *axis, int wanted, double height, bool labels)
{
    double step = ocelot_axis_step(axis, wanted), first = ceil(axis->low / step - 1e-9);
    for (int k = 0; k <= 4 * wanted; k++) {
        double value = (first + k) * step;
        if (!(value <= axis->high + 1e-9 * step)) {
            break;
        }
        double place = ocelot_axis_place(axis, value);
        ocelot_text_string(text, fabs(value) < 1e-9 * step ? "<line class=\"zero\" x1=\"" : "<line class=\"grid\" x1=\"");
        ocelot_markup_coordinate(text, place);
        ocelot_text_string(text, "%\" x2=\"");
        ocelot_markup_coordinate(text, place);
        ocelot_text_string(text, "%\" y1=\"0\" y2=\"");
        ocelot_markup_coordinate(text, height);
        ocelot_text_string(text, "\"/>");
        if (labels) {
            ocelot_text_string(text, "<text class=\"tick\" x=\"");
            ocelot_markup_coordinate(text, place);
            ocelot_text_string(text, "%\" y=\"");
            ocelot_markup_coordinate(text, height + 15);
            ocelot_text_format(text, "\" text-anchor=\"%s\">", anchor(place));
            ocelot_markup_number(text, fabs(value) < 1e-9 * step ? 0 : value, 4);
            ocelot_text_string(text, "</text>");
        }
    }
}
