#include "gateway/policy/decision.h"
