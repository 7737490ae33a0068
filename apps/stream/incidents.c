#include "stream/incidents.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/svm.h"
#include "ocelot/truth.h"
#include "stream/incident.h"
#include "stream/lane.h"
#include "stream/rank.h"

enum { TEXT_TOP = 10 };

/* What did best on incidents whose culprits are known (docs/truth.md), of methods that do not have it, what does well for all. */
static const char level_method[] = "level", level_aggregation[] = "loudest", usual_aggregation[] = "max";

/* What begins a frame; the id follows, and of outliers the raw row and its relevance. */
struct head {
    size_t row, id_length;
    bool has_id, failed, outlier;
    struct ocelot_decision decision;
};

struct ocelot_incidents {
    const struct ocelot_stream_request *request;
    const struct ocelot_view *view;
    const struct ocelot_incident_format *format;
    const struct ocelot_aggregation *aggregation;
    size_t doubles;                                /* of `state` */
    double *state;                                 /* running aggregate of the open incident */
    double *relevance, *values, *share, *expected; /* [told] aggregated; of the peak; of those shown */
    double *row, *peak;                            /* [features] raw */
    size_t *order, *room;                          /* [told] */
    struct ocelot_text first_id, last_id, peak_id; /* terminated; empty memory = none */
    struct ocelot_incident incident;               /* numbers of the open one */
    bool open;
    size_t between, failed; /* rows since its last outlier, and those of them that failed */
    size_t count;
};

const char *ocelot_incidents_aggregation(size_t k)
{
    for (const struct ocelot_aggregation *const *a = ocelot_aggregations; *a; a++) {
        if ((*a)->add && k-- == 0) {
            return (*a)->name;
        }
    }
    return NULL;
}

const char *ocelot_incidents_method(const struct ocelot_stream_settings *settings, const struct ocelot_model *model)
{
    return settings->method || !settings->incidents.wanted ? settings->method : ocelot_svm_softens(model) ? level_method : NULL;
}

static enum ocelot_status choose(struct ocelot_incidents *incidents, struct ocelot_error *err)
{
    const struct ocelot_stream_request *request = incidents->request;
    const char *name = request->settings->incidents.aggregate, *method = ocelot_incidents_method(request->settings, request->model);
    struct ocelot_model_info info;
    ocelot_model_describe(request->model, &info);
    if (strcmp(info.explains, "outlier_score") != 0) {
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "--incidents: a model of type %s has no outliers", info.type ? info.type : "unknown");
    }
    incidents->format = ocelot_incident_format_find(request->format);
    if (!incidents->format) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--incidents writes jsonl, csv or text, not %s", request->format->name);
    }
    if (!name) {
        name = method && strcmp(method, level_method) == 0 ? level_aggregation : usual_aggregation;
    }
    incidents->aggregation = ocelot_aggregation_find(name);
    if (!incidents->aggregation || !incidents->aggregation->add) {
        struct ocelot_text names = {0};
        for (size_t k = 0; ocelot_incidents_aggregation(k); k++) {
            ocelot_text_string(&names, k ? ", " : "");
            ocelot_text_string(&names, ocelot_incidents_aggregation(k));
        }
        enum ocelot_status status =
            ocelot_fail(err, OCELOT_E_ARGUMENT, "--aggregate: found %s, expected one of %s", name, names.failed ? "the known ones" : names.bytes);
        ocelot_text_free(&names);
        return status;
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_incidents_open(const struct ocelot_stream_request *request, struct ocelot_incidents **out, struct ocelot_error *err)
{
    struct ocelot_incidents *incidents = ocelot_allocate(1, sizeof *incidents);
    if (!incidents) {
        return ocelot_fail_memory(err, "incidents");
    }
    incidents->request = request;
    enum ocelot_status status = choose(incidents, err);
    if (status) {
        free(incidents);
        return status;
    }
    *out = incidents;
    return OCELOT_OK;
}

static void release(struct ocelot_incidents *incidents)
{
    free(incidents->state);
    free(incidents->relevance);
    free(incidents->values);
    free(incidents->share);
    free(incidents->expected);
    free(incidents->row);
    free(incidents->peak);
    free(incidents->order);
    free(incidents->room);
}

enum ocelot_status ocelot_incidents_ready(struct ocelot_incidents *incidents, const struct ocelot_view *view, struct ocelot_error *err)
{
    size_t told = view->context.features, d = view->info.features;
    release(incidents);
    incidents->view = view;
    incidents->doubles = ocelot_aggregation_doubles(incidents->aggregation, told);
    incidents->state = ocelot_allocate(incidents->doubles, sizeof *incidents->state);
    incidents->relevance = ocelot_allocate(told, sizeof *incidents->relevance);
    incidents->values = ocelot_allocate(d, sizeof *incidents->values);
    incidents->share = ocelot_allocate(told, sizeof *incidents->share);
    incidents->expected = ocelot_allocate(told, sizeof *incidents->expected);
    incidents->row = ocelot_allocate(d, sizeof *incidents->row);
    incidents->peak = ocelot_allocate(d, sizeof *incidents->peak);
    incidents->order = ocelot_allocate(told, sizeof *incidents->order);
    incidents->room = ocelot_allocate(d, sizeof *incidents->room);
    bool all = incidents->doubles && incidents->state && incidents->relevance && incidents->values && incidents->share && incidents->expected &&
               incidents->row && incidents->peak && incidents->order && incidents->room;
    return all ? OCELOT_OK : ocelot_fail_memory(err, "an incident");
}

void ocelot_incidents_close(struct ocelot_incidents *incidents)
{
    if (incidents) {
        release(incidents);
        ocelot_text_free(&incidents->first_id);
        ocelot_text_free(&incidents->last_id);
        ocelot_text_free(&incidents->peak_id);
        free(incidents);
    }
}

size_t ocelot_incidents_count(const struct ocelot_incidents *incidents)
{
    return incidents->count;
}

void ocelot_incidents_begin(const struct ocelot_incidents *incidents, struct ocelot_text *out)
{
    if (incidents->format->begin) {
        incidents->format->begin(&incidents->view->context, out);
    }
}

/* --- frames ---------------------------------------------------------------------------------------------------------------------- */

enum ocelot_status ocelot_incidents_frame(const struct ocelot_view *view, const struct ocelot_record *record, const double *relevance,
                                          struct ocelot_text *out, struct ocelot_error *err)
{
    bool outlier = !record->error && record->decision.is_outlier;
    struct head head;
    memset(&head, 0, sizeof head); /* also what lies between its members */
    head.row = record->row;
    head.failed = record->error != NULL;
    head.outlier = outlier;
    head.has_id = outlier && record->id;
    head.id_length = head.has_id ? strlen(record->id) : 0;
    head.decision = record->decision;
    ocelot_text_append(out, (const char *)&head, sizeof head);
    if (outlier) {
        ocelot_text_append(out, record->id ? record->id : "", head.id_length);
        ocelot_text_append(out, (const char *)record->values, view->info.features * sizeof(double));
        ocelot_text_append(out, (const char *)relevance, view->context.features * sizeof(double));
    }
    return out->failed ? ocelot_fail_memory(err, "the outliers of a batch") : OCELOT_OK;
}

static bool keep_id(struct ocelot_text *id, const struct head *head, const char *bytes)
{
    ocelot_text_clear(id);
    if (head->has_id) {
        ocelot_text_append(id, bytes, head->id_length);
        ocelot_text_append(id, "", 1);
    }
    return !id->failed;
}

/* --- one incident ---------------------------------------------------------------------------------------------------------------- */

static enum ocelot_status add_outlier(struct ocelot_incidents *incidents, const struct head *head, const char *id, struct ocelot_error *err)
{
    struct ocelot_incident *incident = &incidents->incident;
    bool kept = true;
    if (!incidents->open) {
        memset(incidents->state, 0, incidents->doubles * sizeof *incidents->state);
        *incident = (struct ocelot_incident){.number = incidents->count, .first_row = head->row};
        kept = keep_id(&incidents->first_id, head, id);
        incidents->open = true;
    } else {
        incident->failed += incidents->failed;
    }
    struct ocelot_incident_row row = {.relevance = incidents->relevance, .score = head->decision.outlier_score, .before = incident->rows};
    incidents->aggregation->add(incidents->state, &row, incidents->view->context.features);
    if (incident->rows == 0 || head->decision.outlier_score > incident->peak.outlier_score) {
        incident->peak = head->decision;
        incident->peak_row = head->row;
        memcpy(incidents->peak, incidents->row, incidents->view->info.features * sizeof *incidents->peak);
        kept = kept && keep_id(&incidents->peak_id, head, id);
    }
    kept = kept && keep_id(&incidents->last_id, head, id);
    incident->last_row = head->row;
    incident->rows++;
    incidents->between = 0;
    incidents->failed = 0;
    return kept ? OCELOT_OK : ocelot_fail_memory(err, "the ids of an incident");
}

/* Which features are shown, in which order, with which shares of the sum of sizes. */
static void choose_features(struct ocelot_incidents *incidents)
{
    const struct ocelot_view *view = incidents->view;
    struct ocelot_incident *incident = &incidents->incident;
    size_t told = view->context.features, count = 0, top = incidents->request->settings->top;
    double whole = 0;
    for (size_t i = 0; i < told; i++) {
        whole += fabs(incidents->relevance[i]);
        if (ocelot_view_always(view, i) || incidents->relevance[i] != 0) {
            incidents->order[count++] = i;
        }
    }
    if (top == 0) {
        top = incidents->request->format == &ocelot_format_text || (view->info.input_rank >= 2 && !view->groups.count) ? TEXT_TOP : count;
    }
    incident->shown = top < count ? top : count;
    incident->told = count;
    ocelot_rank(incidents->relevance, incidents->order, count, incident->shown);
    for (size_t k = 0; k < incident->shown; k++) {
        double part = incidents->relevance[incidents->order[k]];
        incidents->share[k] = part == 0 ? 0 : part / whole;
    }
}

static const char *id_text(const struct ocelot_text *id)
{
    return id->length ? id->bytes : NULL;
}

static enum ocelot_status end_incident(struct ocelot_incidents *incidents, struct ocelot_workspace *workspace, struct ocelot_text *out,
                                       struct ocelot_error *err)
{
    const struct ocelot_view *view = incidents->view;
    struct ocelot_incident *incident = &incidents->incident;
    incidents->aggregation->finish(incidents->state, incident->rows, view->context.features, incidents->relevance);
    choose_features(incidents);
    enum ocelot_status status = OCELOT_OK;
    if (ocelot_lane_tells(incidents->request->format)) {
        status = ocelot_view_expected(view, workspace, incidents->peak, NULL, incidents->order, incident->shown, incidents->room, incidents->expected,
                                      err);
    }
    if (status) {
        return status;
    }
    if (view->groups.count) {
        ocelot_groups_pick(&view->groups, incidents->peak, incidents->values);
    }
    incident->first_id = id_text(&incidents->first_id);
    incident->last_id = id_text(&incidents->last_id);
    incident->peak_id = id_text(&incidents->peak_id);
    incident->aggregate = incidents->aggregation->name;
    incident->values = view->groups.count ? incidents->values : incidents->peak;
    incident->relevance = incidents->relevance;
    incident->order = incidents->order;
    incident->expected = incidents->expected;
    incident->share = incidents->share;
    incidents->format->record(&view->context, incident, out);
    incidents->open = false;
    incidents->count++;
    return out->failed ? ocelot_fail_memory(err, "the record of an incident") : OCELOT_OK;
}

enum ocelot_status ocelot_incidents_take(struct ocelot_incidents *incidents, const struct ocelot_text *frames, struct ocelot_workspace *workspace,
                                         struct ocelot_text *out, struct ocelot_error *err)
{
    size_t told = incidents->view->context.features * sizeof(double), raw = incidents->view->info.features * sizeof(double);
    enum ocelot_status status = OCELOT_OK;
    for (size_t at = 0; at < frames->length && !status;) {
        struct head head;
        memcpy(&head, frames->bytes + at, sizeof head);
        const char *id = frames->bytes + at + sizeof head;
        at += sizeof head;
        if (head.outlier) {
            memcpy(incidents->row, id + head.id_length, raw);
            memcpy(incidents->relevance, id + head.id_length + raw, told);
            status = add_outlier(incidents, &head, id, err);
            at += head.id_length + raw + told;
        } else if (incidents->open) {
            incidents->failed += head.failed;
            if (++incidents->between > incidents->request->settings->incidents.gap) {
                status = end_incident(incidents, workspace, out, err);
            }
        }
    }
    return status;
}

enum ocelot_status ocelot_incidents_finish(struct ocelot_incidents *incidents, struct ocelot_workspace *workspace, struct ocelot_text *out,
                                           struct ocelot_error *err)
{
    return incidents->open ? end_incident(incidents, workspace, out, err) : OCELOT_OK;
}
