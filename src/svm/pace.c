#include "svm/pace.h"

static double within(const struct ocelot_pace *pace, double part)
{
    double inside = part > 0 ? (part < 1 ? part : 1) : 0; /* 0 also for NaN */
    return pace->now.from + inside * (pace->now.to - pace->now.from);
}

struct ocelot_stretch ocelot_pace_enter(struct ocelot_pace *pace, double from, double to)
{
    struct ocelot_stretch before = {0, 1};
    if (!pace)
        return before;
    before = pace->now;
    pace->now = (struct ocelot_stretch){within(pace, from), within(pace, to)};
    return before;
}

void ocelot_pace_leave(struct ocelot_pace *pace, struct ocelot_stretch before)
{
    if (pace)
        pace->now = before;
}

bool ocelot_pace_go(struct ocelot_pace *pace, double part)
{
    if (!pace || !pace->watch)
        return true;
    double share = within(pace, part);
    pace->told = share > pace->told ? share : pace->told;
    return pace->watch->tell(pace->watch->closure, pace->told);
}
