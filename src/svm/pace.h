/* How far training is, as the one who watches it sees: every part of the work counts from 0 to 1 and is given a stretch of the whole. */
#ifndef OCELOT_SVM_PACE_H
#define OCELOT_SVM_PACE_H

#include "ocelot/svm.h"

struct ocelot_stretch {
    double from, to;
};

struct ocelot_pace {
    const struct ocelot_watch *watch; /* NULL = nobody */
    struct ocelot_stretch now;
    double told;
};

/* Whoever comes next counts from `from` to `to` of the present stretch, which is returned for ocelot_pace_leave. `pace` may be NULL in all of
 * these: nobody watches. */
struct ocelot_stretch ocelot_pace_enter(struct ocelot_pace *pace, double from, double to);

void ocelot_pace_leave(struct ocelot_pace *pace, struct ocelot_stretch before);

/* Tells that `part` (0 to 1, or what is nearest to it) of the present stretch is done, or what was told before where that is more. False = end the
 * work. */
bool ocelot_pace_go(struct ocelot_pace *pace, double part);

#endif
