/* Ocelot: why is this anomalous? Includes the whole public interface. */
#ifndef OCELOT_OCELOT_H
#define OCELOT_OCELOT_H

#include "ocelot/explain.h"
#include "ocelot/explainer.h"
#include "ocelot/model.h"
#include "ocelot/onnx.h"
#include "ocelot/option.h"
#include "ocelot/rule.h"
#include "ocelot/status.h"
#include "ocelot/svm.h"
#include "ocelot/version.h"

#endif
