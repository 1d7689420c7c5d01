#include "gateway/policy/verdict.h"
